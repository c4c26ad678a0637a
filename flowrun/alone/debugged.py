"""Debugged: a task class at whose failure a person can look around."""

from __future__ import annotations

import inspect
import pdb
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..task import Task


def debugged(variant: type[Task]) -> type[Task]:
    """The same class; where its `run` raises, the debugger opens on the terminal before the hooks go on."""
    run = _coroutine(variant) if inspect.iscoroutinefunction(variant.run) else _plain(variant)
    names = {"run": run, "__module__": variant.__module__, "__qualname__": variant.__qualname__}
    return type(variant.__name__, (variant,), names)


def _plain(variant: type[Task]) -> Any:
    def run(self: Task) -> Any:
        with _looking_around():
            return variant.run(self)

    return run


def _coroutine(variant: type[Task]) -> Any:
    async def run(self: Task) -> Any:
        with _looking_around():
            return await variant.run(self)

    return run


@contextmanager
def _looking_around() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        with open("/dev/tty") as keyboard, open("/dev/tty", "w") as screen:  # what tasks print goes to their log
            print(f"{type(error).__name__}: {error}", file=screen)
            debugger = pdb.Pdb(stdin=keyboard, stdout=screen)
            debugger.reset()
            debugger.interaction(None, _of_the_user(error))
        raise


def _of_the_user(error: Exception) -> Any:
    """The traceback without the frames of this module."""
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None and tb.tb_frame.f_code.co_filename == __file__:
        tb = tb.tb_next
    return tb

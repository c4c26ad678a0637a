"""The executor of a task that names none."""

from __future__ import annotations

from typing import Any

_IS_COROUTINE = 0x80
"""The flag of a function that was written with `async def`; the module that names it is slow to import."""


def default_executor(cls: type[Any] | None) -> str:
    """`async` for a class whose `run` is `async def`, else `process`."""
    code = getattr(getattr(cls, "run", None), "__code__", None)
    return "async" if code is not None and code.co_flags & _IS_COROUTINE else "process"

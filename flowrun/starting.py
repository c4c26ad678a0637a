"""Starting: the starter as a new interpreter, for programs that have threads (`executors/new_starter.py`)."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from runpy import run_path
from types import ModuleType
from typing import Any

from .discovery import Discovery, discover, find
from .executors.executor import Workplace
from .executors.perform import needs_event_loop
from .executors.starter import Starter
from .functions.function import DECLARED, Function
from .task import KnownVariants, Task, tasks


def main() -> None:
    """Find the classes of the job again, then start attempts until the program is gone."""
    commands, told, runner = map(int, sys.argv[1:])
    with open(told, "rb") as stream:
        needs = json.load(stream)
    sys.path[:] = needs["path"]
    workplace = workplace_of(needs)
    os.set_inheritable(commands, False)
    for descriptor in workplace.private_descriptors:
        os.set_inheritable(descriptor, False)
    signal.set_wakeup_fd(-1)
    variants: Mapping[str, type[Task]] = workplace.variants
    if any(map(needs_event_loop, variants.values())):
        import asyncio  # noqa: F401  once here, and not in every attempt
    Starter(socket.socket(fileno=commands), workplace, "fork", runner).work()


def workplace_of(needs: Mapping[str, Any]) -> Workplace:
    """Find the classes of a job; `needs` says where."""
    found = Discovery(Path(needs["root"]))
    if needs["discovery"] is not None:
        found = discover(found.root, **needs["discovery"])
    return Workplace(
        root=found.root,
        variants=KnownVariants(
            (name, variant_at(*address) if address[0] else _variant_called(name, found))
            for name, address in needs["variants"].items()
        ),
        max_result_bytes=needs["max_result_bytes"],
        private_descriptors=tuple(needs["private_descriptors"]),
        hands_on=needs.get("is_remote", False),
        is_remote=needs.get("is_remote", False),
    )


def variant_at(module: str, name: str) -> type[Any]:
    """The task class that has this address (`executors.new_starter.address_of`)."""
    found: Any = _main_file(module) if os.path.isabs(module) else import_module(module)
    for step in name.split("."):
        found = getattr(found, step)
    if isinstance(found, type):
        return found
    declared = getattr(found, DECLARED, None)
    function = declared if isinstance(declared, Function) else Function(found, Task)
    return function.variant


def _variant_called(name: str, found: Discovery) -> type[Any]:
    """The task class of this name in a project that stands elsewhere. Raises LookupError with the reason."""
    entries = find(tasks, name, found)
    if not entries:
        broken = "; ".join(f"{found.shown(one.file)}: {one.error}" for one in found.broken)
        raise LookupError(f"no task is called `{name}`" + (f", perhaps because of {broken}" if broken else ""))
    made: type[Any] = entries[0].cls
    return made


def _main_file(named: str) -> ModuleType:
    """The main file of the program, which does not start the program again."""
    known = sys.modules.get("__mp_main__")
    if known is None:
        known = ModuleType("__mp_main__")
        known.__dict__.update(run_path(named, run_name="__mp_main__"))
        sys.modules["__main__"] = sys.modules["__mp_main__"] = known  # values name their classes by either
    return known


if __name__ == "__main__":
    main()

"""GNU make, which starts the program `true` for each task."""

from __future__ import annotations

from pathlib import Path

from ..command import Command
from ..workload import Workload


def command(directory: Path, name: str, workload: Workload, at_once: int) -> Command:
    """What runs a workload with make."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.mk"
    rules = [f"{task}: {' '.join(dependencies)}\n\t@true" for task, dependencies in workload.items()]
    names = " ".join(workload)
    path.write_text("\n".join([f"all: {names}", f".PHONY: all {names}", *rules]) + "\n")
    return Command(("make", "-s", "-f", path, f"-j{at_once}"), directory)

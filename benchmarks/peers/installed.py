"""Installed: a peer in a virtual environment of its own, made when it is first asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_WHERE = Path(__file__).parents[1] / ".peers"


def python_with(requirement: str) -> Path:
    """The interpreter of the environment that has `NAME==VERSION`; needs the package index the first time."""
    directory = _WHERE / requirement.replace("==", "-")
    python = directory / "bin" / "python"
    if not (directory / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", directory], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
        subprocess.run(pip, check=True)
        (directory / "ready").touch()
    return python

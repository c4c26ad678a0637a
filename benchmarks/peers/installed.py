"""Installed: a peer in a virtual environment of its own, made when it is first asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_WHERE = Path(__file__).parents[1] / ".peers"


def python_with(requirement: str, *beside: str) -> Path:
    """The interpreter of the environment that has `NAME==VERSION`; needs the package index the first time.

    `beside` are requirements that stand above those of the package itself.
    """
    directory = _WHERE / re.sub(r"\[.*\]", "", requirement).replace("==", "-")
    python = directory / "bin" / "python"
    if not (directory / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", directory], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
        subprocess.run(pip, check=True)
        for further in beside:
            subprocess.run([*pip[:-1], further], check=True, capture_output=True)  # it says what does not go together
        (directory / "ready").touch()
    return python

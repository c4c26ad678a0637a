"""Served: `flowrun serve` of a project, as a program that is measured asks it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .project import Project


@contextmanager
def served(project: Project, *arguments: str) -> Iterator[str]:
    """The address of a server that runs as long as it is needed."""
    command = project.flowrun("serve", "--port", "0", *arguments)
    process = subprocess.Popen(
        [str(part) for part in command.argv],
        cwd=command.directory,
        env={**os.environ, **command.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    found = next(filter(None, (re.search(r"at (http://\S+)/ ", line) for line in process.stderr)))
    try:
        yield found[1]
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()

"""Served: `flowrun serve` of a project, as a program that is measured asks it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .project import Project


@contextmanager
def served(project: Project, *arguments: str) -> Iterator[str]:
    """The address of a server that runs as long as it is needed."""
    process = project.flowrun("serve", "--port", "0", *arguments).start(stderr=subprocess.PIPE)
    assert process.stderr is not None
    found = next(filter(None, (re.search(rb"at (http://\S+)/ ", line) for line in process.stderr)))
    try:
        yield found[1].decode()
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()

"""Hand a value on through forked children, each of which reads it whole from a pipe: FILE COUNT BYTES [DIRECTORY].

FILE names the modules that are imported first, as for `warm_fork`. With a DIRECTORY each child also keeps the value
in a file there, on the disk.
"""

import contextlib
import gc
import importlib
import os
import sys
import time
from pathlib import Path


def main(modules: list[str], count: int, size: int, directory: Path | None) -> None:
    """Import, freeze, then fork a child for each hop and reap the one before."""
    for name in modules:
        with contextlib.suppress(ImportError):  # the user's tasks, and what has no file of its own
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    begin = time.perf_counter()
    source = -1
    children = []
    for number in range(count):
        pid, after = hop(source, size, directory and directory / str(number))
        children.append(pid)
        if source >= 0:
            os.close(source)
            os.waitpid(children.pop(0), 0)
        source = after
    assert len(everything(source)) == size
    os.waitpid(children.pop(), 0)
    print(time.perf_counter() - begin)


def hop(source: int, size: int, file: Path | None) -> tuple[int, int]:
    """A child that reads the value, or makes it if it is the first, and the pipe into which it writes it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        value = everything(source) if source >= 0 else b"x" * size
        if file is not None:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            write_all(descriptor, value)
            os.fsync(descriptor)
        write_all(writing, value)
        os._exit(0)
    os.close(writing)
    return pid, reading


def write_all(descriptor: int, value: bytes) -> None:
    """Write the whole value."""
    rest = memoryview(value)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def everything(source: int) -> bytes:
    """What comes out of a pipe until its other side is closed."""
    parts = []
    while part := os.read(source, 1 << 20):
        parts.append(part)
    return b"".join(parts)


main(
    Path(sys.argv[1]).read_text().split(),
    int(sys.argv[2]),
    int(sys.argv[3]),
    Path(sys.argv[4]) if len(sys.argv) > 4 else None,
)

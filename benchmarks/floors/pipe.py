"""Copy what a child prints from a pipe to a file: FILE LINES line|block."""

import os
import subprocess
import sys
import time
from pathlib import Path

_CHILD = """
import io, sys
out = io.TextIOWrapper(open(1, "wb"), encoding="utf-8", line_buffering=sys.argv[2] == "line")
for number in range(int(sys.argv[1])):
    print("line", number, "of a task that has much to say", file=out)
out.flush()
"""


def main(path: Path, lines: int, buffering: str) -> None:
    """Start the child and copy until it ends."""
    begin = time.perf_counter()
    argv = [sys.executable, "-c", _CHILD, str(lines), buffering]
    with path.open("wb") as file, subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        while data := os.read(child.stdout.fileno(), 1 << 16):
            file.write(data)
    print(time.perf_counter() - begin)


main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

"""Fork empty children from an interpreter that has imported what it is told to: FILE COUNT AT_ONCE."""

import contextlib
import gc
import importlib
import os
import sys
import time
from pathlib import Path


def main(modules: list[str], count: int, at_once: int) -> None:
    """Import, freeze, fork and reap."""
    for name in modules:
        with contextlib.suppress(ImportError):  # the user's tasks, and what has no file of its own
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    begin = time.perf_counter()
    alive = 0
    for _ in range(count):
        if alive == at_once:
            os.waitpid(-1, 0)
            alive -= 1
        if os.fork() == 0:
            os._exit(0)
        alive += 1
    for _ in range(alive):
        os.waitpid(-1, 0)
    print(time.perf_counter() - begin)


main(Path(sys.argv[1]).read_text().split(), int(sys.argv[2]), int(sys.argv[3]))

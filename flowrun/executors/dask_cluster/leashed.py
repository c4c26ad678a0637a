"""Leashed: a module that is run as a program and dies with the process that started it.

python -m flowrun.executors.dask_cluster.leashed PARENT MODULE ARGUMENT...
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from runpy import run_module

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Put on the leash, then run the module."""
    parent, module = int(sys.argv[1]), sys.argv[2]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        return
    sys.argv[:] = [module, *sys.argv[3:]]
    run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

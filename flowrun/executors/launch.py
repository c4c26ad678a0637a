"""Launch: the fork of the starter, before there is a second thread or an event loop in the runner."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading

from .executor import Workplace


def launch(workplace: Workplace, start_method: str) -> tuple[int, socket.socket]:
    """Fork the starter. Gives its process id and the socket for commands. Call it while there is one thread only.

    A job that runs inside of a program cannot choose the moment: if there are more, a new interpreter is started.
    """
    if workplace.hands_live and start_method == "fork" and threading.active_count() > 1:
        from .new_starter import launch_anew

        if (launched := launch_anew(workplace)) is not None:
            return launched
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):  # closed or broken: nothing is left in it to print twice
                stream.flush()
    runner = os.getpid()
    pid = os.fork()
    if pid:
        theirs.close()
        ours.setblocking(False)
        return pid, ours
    try:
        ours.close()
        signal.set_wakeup_fd(-1)  # that of an event loop that runs in the caller
        from .starter import (
            Starter,  # not before the fork: meanwhile the runner loads what it needs itself
        )

        Starter(theirs, workplace, start_method, runner).work()
    finally:
        os._exit(70)

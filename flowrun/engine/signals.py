"""Signals: the first INT, TERM or HUP stops the job, the second kills its tasks."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopping_on_signals(stop: Callable[[int], None]) -> Iterator[None]:
    """Have `stop` called with each signal that arrives; afterwards everything is as it was.

    A signal that is ignored stays ignored (`nohup`). Outside the main thread nothing can be, and is, installed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _STOPPING}
    mine = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in mine:
        loop.add_signal_handler(number, stop, int(number))
    try:
        yield
    finally:
        for number in mine:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])

"""Work that may block, on a thread of its own that nobody has to wait for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable


async def in_own_thread(work: Callable[[], None]) -> None:
    """Wait until `work` is done; raises what it raises.

    The thread is a daemon: unlike one of a pool it keeps nobody from leaving when it hangs.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def perform() -> None:
        error: BaseException | None = None
        try:
            work()
        except Exception as e:
            error = e
        with contextlib.suppress(RuntimeError):  # nobody waits any more: the loop is closed
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=perform, name="flowrun notification", daemon=True).start()
    await done

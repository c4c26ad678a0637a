"""What waits for one who watches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from flowrun.web.viewer import Viewer, message


def run(test: Callable[[], Awaitable[None]]) -> None:
    """In an event loop."""
    asyncio.run(test())  # type: ignore[arg-type]  # a coroutine function


def test_messages_leave_together_and_in_order() -> None:
    """What has gathered is sent in one piece."""

    async def test() -> None:
        viewer = Viewer(None)
        viewer.put(b"a")
        viewer.put(b"b")
        assert await viewer.next() == b"ab"
        viewer.say_goodbye()
        assert await viewer.next() == b"event: end\ndata: {}\n\n"
        assert await viewer.next() is None

    run(test)


def test_who_does_not_keep_up_is_cut_off() -> None:
    """The first message may be of any size; nothing piles up behind it."""

    async def test() -> None:
        viewer = Viewer("run")
        viewer.put(b"x" * (9 << 20))
        assert not viewer.is_cut_off
        viewer.put(b"y")
        assert viewer.is_cut_off
        assert await viewer.next() is None
        viewer.put(b"z")
        assert await viewer.next() is None

    run(test)


def test_many_small_messages_are_too_many_too() -> None:
    """Some hundreds that nobody takes are enough."""
    viewer = Viewer("run")
    for _ in range(1000):
        viewer.put(b"x")
    assert viewer.is_cut_off


def test_a_message_is_one_event() -> None:
    """Line ends in the data cannot end it."""
    assert (
        message("run", {"a": "b\n\nc\u2028"}, "r:1") == 'id: r:1\nevent: run\ndata: {"a":"b\\n\\nc\u2028"}\n\n'.encode()
    )

"""What is heard of an attempt that is elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from flowrun.attempt import Attempt
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.log import LogLinesEvent, LogWriteEvent
from flowrun.executors.redis_attempt import RedisAttempt
from flowrun.frq.message import LogMessage, ProgressMessage, StartedMessage, TaskMessage

ID = "R/load/1"


def _heard(story: Callable[[RedisAttempt], None]) -> list[tuple[str, str]]:
    """Severity and text of everything that the attempt said."""
    events: list[SerializableEvent] = []

    async def live() -> None:
        attempt = Attempt(run_id="R", job_name="job", task="load", variant="Load")
        message = TaskMessage(id=ID, handler="Load", client="R", max_deliveries=3)
        story(RedisAttempt(attempt, events.append, message))

    asyncio.run(live())
    said = []
    for event in events:
        assert isinstance(event, LogLinesEvent | LogWriteEvent)
        text = event.lines if isinstance(event, LogLinesEvent) else event.message
        said.append((event.severity.value, text))
    return said


def _lines(delivery: int, first: int, *texts: str, stream: str = "stdout", level: str = "") -> LogMessage:
    return LogMessage(ID, 1, delivery, stream, first, tuple((0, level, text) for text in texts))


def test_streams_have_their_severity() -> None:
    """Standard output is INFO, the error stream ERROR, messages of the logger what they say, in any language."""

    def story(one: RedisAttempt) -> None:
        one.hear(StartedMessage(ID, 1, 1, "w", 0))
        one.hear(_lines(1, 1, "a", "b"))
        one.hear(_lines(1, 1, "c", stream="stderr"))
        one.hear(_lines(1, 1, "d\ne", stream="log", level="WARN"))
        one.hear(ProgressMessage(ID, 1, 1, 3, 10, "files"))

    assert _heard(story) == [("INFO", "a\nb"), ("ERROR", "c"), ("WARNING", "d\ne"), ("INFO", "3/10 files")]


def test_nothing_is_told_twice() -> None:
    """Lines that come again, because the stream was read from its beginning, are passed over by their numbers."""

    def story(one: RedisAttempt) -> None:
        one.hear(_lines(1, 1, "a", "b"))
        one.hear(_lines(1, 1, "a", "b"))
        one.hear(_lines(1, 2, "b", "c"))

    assert _heard(story) == [("INFO", "a\nb"), ("INFO", "c")]


def test_a_lost_worker_is_not_listened_to() -> None:
    """When another worker has begun, what the first still says is not told, and the change is mentioned."""

    def story(one: RedisAttempt) -> None:
        one.hear(StartedMessage(ID, 1, 1, "w1", 0))
        one.hear(_lines(1, 1, "from w1"))
        one.hear(StartedMessage(ID, 1, 2, "w2", 0))
        one.hear(_lines(1, 2, "late"))
        one.hear(_lines(2, 1, "from w2"))

    assert _heard(story) == [
        ("INFO", "from w1"),
        ("WARNING", "flowrun: the worker w1 was lost; begun again by w2 (delivery 2)"),
        ("INFO", "from w2"),
    ]


def test_redis_may_lose_it_as_often_as_workers_may() -> None:
    """Each time counts as a delivery, and the next message allows fewer."""

    def story(one: RedisAttempt) -> None:
        assert one.may_be_submitted_again()
        assert one.message.max_deliveries == 2
        one.hear(StartedMessage(ID, 1, 1, "w", 0))
        assert one.may_be_submitted_again()
        assert not one.may_be_submitted_again()

    _heard(story)

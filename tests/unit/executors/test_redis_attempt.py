"""What is heard of an attempt that is elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from flowrun.attempt import Attempt, Outcome
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.execution import AttemptBegun
from flowrun.eventbus.log import LogLinesEvent, LogWriteEvent
from flowrun.eventbus.progress import Progress, ProgressEvent
from flowrun.executors.redis_attempt import RedisAttempt
from flowrun.frq.message import LogMessage, ProgressMessage, ResultMessage, StartedMessage, TaskMessage
from flowrun.frq.status import Status

ID = "R/load/1"


def _events(story: Callable[[RedisAttempt], None]) -> list[SerializableEvent]:
    """All that was told of an attempt."""
    events: list[SerializableEvent] = []

    async def live() -> None:
        attempt = Attempt(run_id="R", job_name="job", task="load", variant="Load")
        message = TaskMessage(id=ID, handler="Load", client="R", max_deliveries=3)
        story(RedisAttempt(attempt, events.append, message))

    asyncio.run(live())
    return events


def _heard(story: Callable[[RedisAttempt], None]) -> list[tuple[str, str]]:
    """Severity and text of everything that the attempt said."""
    said = []
    for event in _events(story):
        if isinstance(event, AttemptBegun):
            continue
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

    assert _heard(story) == [("INFO", "a\nb"), ("ERROR", "c"), ("WARNING", "d\ne")]


def test_progress_is_an_event_of_its_own() -> None:
    """That of a lost worker is not told, nor what cannot be."""

    def story(one: RedisAttempt) -> None:
        one.hear(ProgressMessage(ID, 1, 2, 3, 10, "files"))
        one.hear(ProgressMessage(ID, 1, 1, 4, 10, "files"))
        one.hear(ProgressMessage(ID, 1, 2, -1, 10, "files"))
        one.hear(ProgressMessage(ID, 1, 2, 5))

    events = _events(story)

    told = [(event.name, event.progress) for event in events if isinstance(event, ProgressEvent)]
    assert told == [("load", Progress(3, 10, "files")), ("load", Progress(5))]
    others = [event for event in events if not isinstance(event, ProgressEvent | AttemptBegun)]
    assert len(others) == 1  # that another worker was lost


def test_it_is_told_who_begins_it_and_when() -> None:
    """PARITY X-CF-20: once, and again when another worker does, or when its name is heard after its first words."""

    def story(one: RedisAttempt) -> None:
        one.hear(_lines(1, 1, "a"))
        one.hear(StartedMessage(ID, 1, 1, "w1", 0))
        one.hear(StartedMessage(ID, 1, 1, "w1", 0))
        one.hear(ResultMessage(ID, 1, 2, "w2", 0, Status.OK))

    events = _events(story)

    told = [(event.name, event.attempt, event.worker) for event in events if isinstance(event, AttemptBegun)]
    assert told == [("load", 1, ""), ("load", 1, "w1"), ("load", 1, "w2")]


def test_a_lost_worker_is_not_named_for_the_one_after_it() -> None:
    """What came before a restart is heard again then, and not in the order in which it happened."""

    def story(one: RedisAttempt) -> None:
        one.hear(_lines(2, 1, "again"))
        one.hear(StartedMessage(ID, 1, 1, "lost", 0))
        one.hear(StartedMessage(ID, 1, 2, "other", 0))

    events = _events(story)

    assert [event.worker for event in events if isinstance(event, AttemptBegun)] == ["", "other"]


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


def test_a_result_says_that_another_worker_has_begun() -> None:
    """Of an attempt that ends at once no start is told; of one that nobody could perform nobody says that it began."""

    def story(last: Status) -> Callable[[RedisAttempt], None]:
        def tell(one: RedisAttempt) -> None:
            one.hear(StartedMessage(ID, 1, 1, "w1", 0))
            one.hear(ResultMessage(ID, 1, 2, "w2", 0, last))

        return tell

    begun = ("WARNING", "flowrun: the worker w1 was lost; begun again by w2 (delivery 2)")
    assert _heard(story(Status.OK)) == [begun]
    assert _heard(story(Status.LOST)) == []


def test_a_worker_that_was_lost_before_it_told_of_its_start_is_mentioned() -> None:
    """The number of the delivery says so."""

    def story(one: RedisAttempt) -> None:
        one.hear(StartedMessage(ID, 1, 2, "w2", 0))

    assert _heard(story) == [("WARNING", "flowrun: a worker was lost; begun again by w2 (delivery 2)")]


def test_what_is_settled_here_ends_the_wait() -> None:
    """The first outcome counts, and the task that carries the attempt goes on at once."""

    async def main() -> None:
        carried: list[RedisAttempt] = []

        async def carry() -> None:
            attempt = Attempt(run_id="R", job_name="job", task="load", variant="Load")
            carried.append(RedisAttempt(attempt, lambda _event: None, TaskMessage(id=ID, handler="Load", client="R")))
            await asyncio.sleep(3600)

        task = asyncio.create_task(carry())
        await asyncio.sleep(0)
        (one,) = carried
        one.settle(Outcome.aborted("first"))
        one.settle(Outcome.aborted("second"))
        await asyncio.wait([task])

        assert task.cancelled()
        assert one.is_over
        assert one.settled == Outcome.aborted("first")

    asyncio.run(main())


def test_what_a_worker_has_reported_is_not_settled_here() -> None:
    """Its result stands, while the task that carries the attempt is taking it over."""

    def story(one: RedisAttempt) -> None:
        one.hear(ResultMessage(ID, 1, 1, "w", 0, Status.OK, b""))
        one.settle(Outcome.aborted("nobody is left"))
        assert one.settled is None
        assert one.result.result().status is Status.OK

    _heard(story)


def test_redis_may_lose_it_as_often_as_workers_may() -> None:
    """Each time counts as a delivery, and the next message allows fewer."""

    def story(one: RedisAttempt) -> None:
        assert one.may_be_submitted_again()
        assert one.message.max_deliveries == 2
        one.hear(StartedMessage(ID, 1, 1, "w", 0))
        assert one.may_be_submitted_again()
        assert not one.may_be_submitted_again()

    _heard(story)

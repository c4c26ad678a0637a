"""Voice: what an attempt says leaves in batches, in order, and no more of it than may be said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from flowrun.eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from flowrun.eventbus.progress import ProgressEvent
from flowrun.frq.message import LogMessage, ProgressMessage
from flowrun.worker.backlog import MOST_BYTES as MOST_WAITING
from flowrun.worker.backlog import Backlog
from flowrun.worker.voice import MOST_BYTES, Voice, Wire


class Ear:
    """Hears what a voice sends; it may be told to hold back."""

    def __init__(self) -> None:
        self.messages: list[LogMessage] = []
        self.progress: list[float] = []
        self.is_listening = asyncio.Event()
        self.is_listening.set()

    async def hear(self, messages: Sequence[LogMessage | ProgressMessage]) -> str:
        await self.is_listening.wait()
        self.messages += [message for message in messages if isinstance(message, LogMessage)]
        self.progress += [message.done for message in messages if isinstance(message, ProgressMessage)]
        return f"{len(self.messages) + len(self.progress)}-0"

    @property
    def said(self) -> list[tuple[str, str, str]]:
        """Stream, level and text of each line."""
        return [(message.stream, level, text) for message in self.messages for _at, level, text in message.lines]


def saying(say: Callable[[Voice, Ear, Backlog], Awaitable[None] | None]) -> tuple[Ear, str]:
    """What is heard of a voice that is closed afterwards, and the id of the last entry."""

    async def all_of_it() -> tuple[Ear, str]:
        ear, backlog = Ear(), Backlog()
        voice = Voice(Wire("run/task/1", 1, 2, ear.hear), backlog, lambda: 1000)
        if (going_on := say(voice, ear, backlog)) is not None:
            await going_on
        return ear, await voice.close()

    return asyncio.run(all_of_it())


def lines(text: str, severity: Severity = Severity.INFO) -> LogLinesEvent:
    return LogLinesEvent(name="task", severity=severity, lines=text)


def test_lines_keep_their_order_across_streams() -> None:
    """Output, errors and messages come as they were said, each with its level, numbered from 1."""

    def say(voice: Voice, _ear: Ear, _backlog: Backlog) -> None:
        voice.hear(lines("a\nb"))
        voice.hear(lines("c", Severity.ERROR))
        voice.hear(LogWriteEvent(name="task", severity=Severity.WARNING, message="d\ne"))
        voice.hear(lines("f"))

    ear, last = saying(say)

    assert ear.said == [
        ("stdout", "INFO", "a"),
        ("stdout", "INFO", "b"),
        ("stderr", "ERROR", "c"),
        ("log", "WARNING", "d\ne"),
        ("stdout", "INFO", "f"),
    ]
    assert [message.first_line for message in ear.messages] == [1, 3, 4, 5]
    assert {(message.id, message.attempt, message.delivery) for message in ear.messages} == {("run/task/1", 1, 2)}
    assert last == "4-0"


def test_a_batch_is_full_with_256_lines_or_64_kib() -> None:
    """Neither many short lines nor a few long ones wait for the end."""
    ear, _last = saying(lambda voice, _ear, _backlog: voice.hear(lines("\n".join(["x"] * 600))))
    assert [len(message.lines) for message in ear.messages] == [256, 256, 88]

    ear, _last = saying(lambda voice, _ear, _backlog: voice.hear(lines("\n".join(["y" * 30_000] * 4))))
    assert [len(message.lines) for message in ear.messages] == [3, 1]


def test_a_batch_does_not_wait_for_the_end() -> None:
    """What was said leaves although the attempt goes on and says nothing more."""

    async def say(voice: Voice, ear: Ear, _backlog: Backlog) -> None:
        voice.hear(lines("early"))
        async with asyncio.timeout(30):
            while not ear.messages:  # noqa: ASYNC110  a timer of the voice makes it true
                await asyncio.sleep(0)

    ear, _last = saying(say)

    assert ear.said == [("stdout", "INFO", "early")]


def test_an_attempt_may_say_10_mib() -> None:
    """Then comes one line that says so, and silence; what is left out is counted."""
    dropped = []

    def say(voice: Voice, _ear: Ear, _backlog: Backlog) -> None:
        voice.hear(lines("\n".join(["z" * 1023] * (MOST_BYTES // 1024 + 5))))
        voice.hear(lines("more"))
        dropped.append(voice.dropped)

    ear, _last = saying(say)

    assert len(ear.said) == MOST_BYTES // 1024 + 2
    assert ear.said[-1] == ("log", "WARNING", "truncated: an attempt may say 10 MiB")
    assert dropped == [5]


def test_a_long_line_is_cut_between_characters() -> None:
    """At most 32 KiB of a line are sent."""
    ear, _last = saying(lambda voice, _ear, _backlog: voice.hear(lines("ü" * 30_000)))

    [(_stream, _level, text)] = ear.said
    assert text == "ü" * 16_384 + "…"


def test_silence_says_nothing_and_leaves_no_id() -> None:
    """An attempt that said nothing has no last entry."""
    assert saying(lambda _voice, _ear, _backlog: None)[1] == ""


def test_what_is_not_heard_fills_the_backlog() -> None:
    """While Redis is away attempts are to pause; afterwards, or when nobody wants to hear any more, there is room."""
    full = []

    async def say(voice: Voice, ear: Ear, backlog: Backlog) -> None:
        ear.is_listening.clear()
        backlog.add(MOST_WAITING)
        voice.hear(lines("early"))
        voice.hear(lines("later", Severity.ERROR))
        full.append(backlog.is_full)
        voice.fall_silent()
        backlog.add(-MOST_WAITING)
        await backlog.wait_for_room()
        full.append(backlog.is_full)
        ear.is_listening.set()

    ear, _last = saying(say)

    assert full == [True, False]
    assert ear.said == []


def test_of_progress_that_has_to_wait_the_latest_is_sent() -> None:
    """While Redis is away; what is said meanwhile is sent too, and the result comes after all of it."""

    async def say(voice: Voice, ear: Ear, _backlog: Backlog) -> None:
        ear.is_listening.clear()
        voice.hear(ProgressEvent(name="task", done=1))
        await asyncio.sleep(0)
        for done in range(2, 100):
            voice.hear(ProgressEvent(name="task", done=done))
        voice.hear(lines("a"))
        ear.is_listening.set()

    ear, last = saying(say)

    assert ear.progress == [1, 99]
    assert ear.said == [("stdout", "INFO", "a")]
    assert last == "3-0"


def test_an_attempt_that_is_lost_tells_no_progress() -> None:
    """Another worker has it."""

    def say(voice: Voice, _ear: Ear, _backlog: Backlog) -> None:
        voice.fall_silent()
        voice.hear(ProgressEvent(name="task", done=1))

    ear, last = saying(say)

    assert (ear.progress, last) == ([], "")

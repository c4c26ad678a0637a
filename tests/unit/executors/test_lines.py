"""Lines: the bytes of an attempt's output become whole lines, with the messages of its logger in their place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowrun.attempt import Attempt
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from flowrun.executors.lines import Lines, marked

ATTEMPT = Attempt("run", "job", "task", "Variant", number=3)


class Heard:
    """What has been passed on: severity and text, line by line."""

    def __init__(self, severity: Severity = Severity.INFO) -> None:
        self.events: list[SerializableEvent] = []
        self.lines = Lines(ATTEMPT, severity, self.events.append)

    @property
    def said(self) -> list[tuple[str, str]]:
        said = []
        for event in self.events:
            if isinstance(event, LogLinesEvent):
                said += [(event.severity.value, line) for line in event.lines.split("\n")]
            elif isinstance(event, LogWriteEvent):
                said.append((event.severity.value, event.message))
        return said


def test_a_line_is_passed_on_when_it_has_ended() -> None:
    """Or when the stream is over. FM-53"""
    heard = Heard()
    heard.lines.feed(b"one\ntw")
    assert heard.said == [("INFO", "one")]
    heard.lines.feed(b"o\nthree")
    heard.lines.close()

    assert heard.said == [("INFO", "one"), ("INFO", "two"), ("INFO", "three")]


def test_the_severity_is_that_of_the_stream() -> None:
    """The error stream says ERROR. FM-53"""
    heard = Heard(Severity.ERROR)
    heard.lines.feed(b"oh\n")

    assert heard.said == [("ERROR", "oh")]


def test_events_carry_task_attempt_and_job() -> None:
    """So that a logger knows whose line it is. FM-77"""
    heard = Heard()
    heard.lines.feed(b"x\n" + marked(Severity.DEBUG, "y").encode())

    assert {(event.name, event.attempt, event.job_name) for event in heard.events} == {("task", 3, "job")}  # type: ignore[attr-defined]


def test_messages_of_the_logger_keep_their_place() -> None:
    """Between printed lines, with their own severity, several lines in one message, and after a begun line. FM-52"""
    heard = Heard()
    heard.lines.feed(b"before\nbegun " + marked(Severity.WARNING, "two\nlines").encode() + b"after\n")

    assert heard.said == [("INFO", "before"), ("INFO", "begun "), ("WARNING", "two\nlines"), ("INFO", "after")]


def test_bytes_that_are_no_text_are_shown() -> None:
    """Nothing a task writes can break its log."""
    heard = Heard()
    heard.lines.feed(b"\xff\xfe ok \x80\n")

    assert heard.said == [("INFO", "\\xff\\xfe ok \\x80")]


def test_a_carriage_return_before_the_newline_is_dropped() -> None:
    """As programs for other systems write it."""
    heard = Heard()
    heard.lines.feed(b"one\r\ntwo\r\n")

    assert heard.said == [("INFO", "one"), ("INFO", "two")]


def test_a_line_without_end_is_passed_on_in_pieces() -> None:
    """So that memory stays flat; nothing is lost."""
    heard = Heard()
    for _ in range(40):
        heard.lines.feed(b"y" * 100_000)
    heard.lines.close()

    assert len(heard.events) > 2
    assert "".join(text for _severity, text in heard.said) == "y" * 4_000_000


TEXTS = st.text(st.characters(exclude_characters="\n\r\x1d\x1e", exclude_categories=["Cs"]), max_size=20)


@given(st.lists(TEXTS, max_size=10), st.lists(st.integers(1, 15)))
def test_lines_survive_any_cutting(texts: list[str], sizes: list[int]) -> None:
    """However the bytes are cut, in the middle of a character too, the lines are the same."""
    data, heard = "".join(f"{text}\n" for text in texts).encode(), Heard()
    for size in [*sizes, len(data) + 1]:
        piece, data = data[:size], data[size:]
        heard.lines.feed(piece)
    heard.lines.close()

    assert [text for _severity, text in heard.said] == texts


@given(
    st.sampled_from(list(Severity)), st.text(st.characters(exclude_characters="\r\x1d\x1e", exclude_categories=["Cs"]))
)
def test_any_message_passes(severity: Severity, message: str) -> None:
    """Severity and text come out as they went in."""
    heard = Heard()
    heard.lines.feed(marked(severity, message).encode())

    assert heard.said == [(severity.value, message)]

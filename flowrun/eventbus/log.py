"""What a task said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import ClassVar

from ..dataclass import dataclass
from .event import SerializableEvent, reads, serializable_event


class Severity(StrEnum):
    """How serious a line is. `print` writes INFO, the error stream ERROR."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class SerializableLogEvent(SerializableEvent):
    """The base of the events that loggers hear. `name` is the task's, `attempt` counts from 1."""

    group: ClassVar[str] = "SerializableLogEvent"

    name: str
    attempt: int = 1


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class LogStartEvent(SerializableLogEvent):
    """An attempt begins. Comes before its first line."""


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class LogEndEvent(SerializableLogEvent):
    """An attempt has ended. Comes after its last line."""


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class LogWriteEvent(SerializableLogEvent):
    """One message."""

    severity: Severity
    message: str


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class LogLinesEvent(SerializableLogEvent):
    """Many whole lines of one stream, read together: `lines` joined by newlines, without one at the end.

    A task that prints a million lines must not cost a million objects; only loggers that say `takes_lines`
    receive it, all others hear one `LogWriteEvent` a line.
    """

    severity: Severity
    lines: str

    def writes(self) -> Iterator[LogWriteEvent]:
        """The same, line by line."""
        for line in self.lines.split("\n"):
            yield LogWriteEvent(
                name=self.name,
                attempt=self.attempt,
                job_name=self.job_name,
                timestamp=self.timestamp,
                severity=self.severity,
                message=line,
            )


@serializable_event
@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownLogEvent(SerializableLogEvent):
    """A log event of a kind that this reader does not know."""

    content: str


reads("severity", Severity)


class LogWriter:
    """What a task sees as `self.logger`: each call is one message of that severity."""

    __slots__ = ("_write",)

    def __init__(self, write: Callable[[Severity, str], None]) -> None:
        self._write = write

    def debug(self, message: object) -> None:
        """Write a message of severity DEBUG."""
        self._write(Severity.DEBUG, str(message))

    def info(self, message: object) -> None:
        """Write a message of severity INFO."""
        self._write(Severity.INFO, str(message))

    def warning(self, message: object) -> None:
        """Write a message of severity WARNING."""
        self._write(Severity.WARNING, str(message))

    def error(self, message: object) -> None:
        """Write a message of severity ERROR."""
        self._write(Severity.ERROR, str(message))

    def critical(self, message: object) -> None:
        """Write a message of severity CRITICAL."""
        self._write(Severity.CRITICAL, str(message))

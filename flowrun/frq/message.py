"""Messages: what stands in the streams of a queue. Each has `fields()` and `from_fields()`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from ..dataclass import dataclass
from .body import JSON, read, write
from .fields import MAJOR, FieldReader, Fields, written
from .status import Status

_STATUSES: Mapping[bytes, Status] = {status.value.encode(): status for status in Status}


@dataclass(frozen=True, slots=True)
class TaskMessage:
    """An attempt, as it waits for a worker."""

    id: str
    handler: str
    client: str
    body: bytes = b""
    attempt: int = 1
    max_deliveries: int = 1
    timeout_ms: int = 0
    """Counted by the worker from its start; 0: none."""
    deadline_ms: int = 0
    """Not to begin after this moment, by unix time; 0: none."""
    content_type: str = JSON
    ref: str = ""
    """Where the body is, if it is not here: `blob:<sha256>`."""
    traceparent: str = ""
    key_id: str = ""
    signature: str = ""

    def fields(self) -> Fields:
        """The fields of the stream entry."""
        pairs: list[tuple[str, str | int | bytes]] = [
            ("v", MAJOR),
            ("id", self.id),
            ("h", self.handler),
            ("c", self.client),
            ("a", self.attempt),
            ("md", self.max_deliveries),
            ("to", self.timeout_ms),
            ("dl", self.deadline_ms),
            ("ct", self.content_type),
            ("br", self.ref) if self.ref else ("b", self.body),
        ]
        pairs += [("tp", self.traceparent)] if self.traceparent else []
        pairs += [("kid", self.key_id), ("sig", self.signature)] if self.signature else []
        return written(*pairs)

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> Self:
        """Raises UnreadableError for what does not follow the protocol."""
        it = FieldReader(fields)
        ref = it.text("br", "")
        return cls(
            id=it.id,
            handler=it.text("h"),
            client=it.client,
            body=b"" if ref else it.data("b"),
            attempt=it.number("a", 1),
            max_deliveries=it.number("md", 1),
            timeout_ms=it.number("to", 0),
            deadline_ms=it.number("dl", 0),
            content_type=it.text("ct", JSON),
            ref=ref,
            traceparent=it.text("tp", ""),
            key_id=it.text("kid", ""),
            signature=it.text("sig", ""),
        )


@dataclass(frozen=True, slots=True)
class StartedMessage:
    """A worker has begun with an attempt."""

    kind: ClassVar[str] = "started"

    id: str
    attempt: int
    delivery: int
    worker: str
    at_ms: int

    def fields(self) -> Fields:
        """The fields of the stream entry."""
        return written(
            ("v", MAJOR),
            ("k", self.kind),
            ("id", self.id),
            ("a", self.attempt),
            ("d", self.delivery),
            ("w", self.worker),
            ("ts", self.at_ms),
        )

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> Self:
        """Raises UnreadableError for what does not follow the protocol."""
        it = FieldReader(fields)
        return cls(it.id, it.number("a", 1), it.number("d", 0), it.text("w", ""), it.number("ts", 0))


@dataclass(frozen=True, slots=True)
class ResultMessage:
    """How an attempt ended."""

    kind: ClassVar[str] = "result"

    id: str
    attempt: int
    delivery: int
    worker: str
    at_ms: int
    status: Status
    body: bytes = b"{}"
    last_log: str = ""
    """The attempt's last entry in the log stream; empty: it has none."""
    content_type: str = JSON
    ref: str = ""
    """Where the body is, if it is not here: `blob:<sha256>`."""

    def fields(self) -> Fields:
        """The fields of the stream entry."""
        return written(
            ("v", MAJOR),
            ("k", self.kind),
            ("id", self.id),
            ("a", self.attempt),
            ("d", self.delivery),
            ("w", self.worker),
            ("ts", self.at_ms),
            ("st", self.status),
            ("lg", self.last_log),
            ("ct", self.content_type),
            ("br", self.ref) if self.ref else ("b", self.body),
        )

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> Self:
        """Raises UnreadableError for what does not follow the protocol."""
        it = FieldReader(fields)
        ref = it.text("br", "")
        status = _STATUSES.get(it.data("st"))
        if status is None:
            raise it.refuse("st", "is no status")
        return cls(
            id=it.id,
            attempt=it.number("a", 1),
            delivery=it.number("d", 0),
            worker=it.text("w", ""),
            at_ms=it.number("ts", 0),
            status=status,
            body=b"" if ref else it.data("b"),
            last_log=it.text("lg", ""),
            content_type=it.text("ct", JSON),
            ref=ref,
        )


@dataclass(frozen=True, slots=True)
class LogMessage:
    """Lines of one stream of an attempt, numbered from 1."""

    kind: ClassVar[str] = "log"

    id: str
    attempt: int
    delivery: int
    stream: str
    """`stdout`, `stderr`, or `log` for messages of the task's logger."""
    first_line: int
    lines: tuple[tuple[int, str, str], ...]
    """Unix milliseconds, level, text."""

    def fields(self) -> Fields:
        """The fields of the stream entry."""
        return written(
            ("v", MAJOR),
            ("k", self.kind),
            ("id", self.id),
            ("a", self.attempt),
            ("d", self.delivery),
            ("s", self.stream),
            ("n", self.first_line),
            ("b", write([list(line) for line in self.lines])),
        )

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> Self:
        """Raises UnreadableError for what does not follow the protocol."""
        it = FieldReader(fields)
        try:
            lines = tuple((int(at), str(level), str(text)) for at, level, text in read(it.data("b")))
        except (ValueError, TypeError, OverflowError):
            raise it.refuse("b", "has no lines") from None
        return cls(it.id, it.number("a", 1), it.number("d", 0), it.text("s", "stdout"), it.number("n", 1), lines)


@dataclass(frozen=True, slots=True)
class ProgressMessage:
    """How far an attempt is."""

    kind: ClassVar[str] = "progress"

    id: str
    attempt: int
    delivery: int
    done: float
    total: float | None = None
    message: str = ""

    def fields(self) -> Fields:
        """The fields of the stream entry."""
        said = {"done": self.done, "total": self.total, "message": self.message}
        return written(
            ("v", MAJOR),
            ("k", self.kind),
            ("id", self.id),
            ("a", self.attempt),
            ("d", self.delivery),
            ("b", write(said)),
        )

    @classmethod
    def from_fields(cls, fields: Mapping[bytes, bytes]) -> Self:
        """Raises UnreadableError for what does not follow the protocol."""
        it = FieldReader(fields)
        try:
            said: dict[str, Any] = read(it.data("b"))
            total = said.get("total")
            done, total = _number(said["done"]), None if total is None else _number(total)
            return cls(it.id, it.number("a", 1), it.number("d", 0), done, total, str(said.get("message") or ""))
        except (ValueError, TypeError, LookupError, AttributeError):
            raise it.refuse("b", "says no progress") from None


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


Message = StartedMessage | ResultMessage | LogMessage | ProgressMessage

_KINDS: Mapping[bytes, type[Message]] = {
    b"started": StartedMessage,
    b"result": ResultMessage,
    b"log": LogMessage,
    b"progress": ProgressMessage,
}


def message_of(fields: Mapping[bytes, bytes]) -> Message | None:
    """What stands in the event or log stream of a client; None: a kind that is not known here."""
    kind = _KINDS.get(fields.get(b"k", b""))
    return None if kind is None else kind.from_fields(fields)

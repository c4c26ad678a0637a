"""The messages of the protocol, as the Python side reads and writes them. The Go side reads the same files."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from flowrun.frq import body
from flowrun.frq.control_message import ControlMessage
from flowrun.frq.faults import UnknownVersionError, UnreadableError
from flowrun.frq.fields import FieldReader, Fields
from flowrun.frq.fleet import Worker
from flowrun.frq.keys import Keys
from flowrun.frq.message import TaskMessage, message_of
from flowrun.frq.signature import SigningKeys

_ALL = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(__file__).parent.glob("*.json"))]

_LONG_NAMES = {
    "id": "id",
    "handler": "handler",
    "client": "client",
    "attempt": "attempt",
    "max_deliveries": "max_deliveries",
    "timeout_ms": "timeout_ms",
    "deadline_ms": "deadline_ms",
    "content_type": "content_type",
    "body_ref": "ref",
    "traceparent": "traceparent",
    "key_id": "key_id",
    "signature": "signature",
    "kind": "kind",
    "delivery": "delivery",
    "worker": "worker",
    "time_ms": "at_ms",
    "status": "status",
    "last_log": "last_log",
    "stream": "stream",
    "first_line": "first_line",
    "done": "done",
    "total": "total",
    "message": "message",
    "hard": "is_hard",
    "grace_ms": "grace_ms",
}
"""How what stands under `decoded` is called in Python. `version` is not kept: it has been checked."""

_EMPTY_RESULT: dict[str, Any] = {"value": None, "error": None, "shared": {"set": {}, "deleted": []}, "metrics": {}}


def of_kind(*kinds: str, exact: bool = False) -> Any:
    """One test for each message of these kinds, or for those that can be written in one way only."""
    found = [it for it in _ALL if it["kind"] in kinds and (not exact or it["exact"])]
    return pytest.mark.parametrize("golden", [pytest.param(it, id=it["name"]) for it in found])


def fields_of(golden: dict[str, Any]) -> Fields:
    return {name.encode(): _bytes(value) for name, value in golden["fields"].items()}


def _bytes(value: Any) -> bytes:
    return b64decode(value["$bytes"]) if isinstance(value, dict) else value.encode()


def read(kind: str, fields: Fields) -> Any:
    """The message in these fields; None: it is passed over."""
    reader = {"task": TaskMessage.from_fields, "control": ControlMessage.from_fields}.get(kind, message_of)
    return reader(fields)


def plain(value: Any) -> Any:
    """A body as it stands in the files: bytes are written out."""
    return json.loads(body.write(value))


def read_body(message: Any) -> Any:
    return plain(body.read(message.body, message.content_type))


@of_kind("task", "event", "log", "control")
def test_a_reader_finds_what_was_written(golden: dict[str, Any]) -> None:
    """Every field is found, whatever a later version adds, and what cannot be read is refused. CF-78, X-CF-02"""
    expected = golden["decoded"]
    if expected is None or "refused" in expected:
        with pytest.raises(UnreadableError) as caught:
            read(golden["kind"], fields_of(golden))
        fault, code = caught.value, (expected or {}).get("refused")
        assert isinstance(fault, UnknownVersionError) == (code == "unsupported_version")
        assert bool(fault.attempt_id and (fault.client or golden["kind"] != "task")) == bool(expected)
        return

    message = read(golden["kind"], fields_of(golden))

    if "ignored" in expected:
        assert message is None
        return
    named = {name: value for name, value in expected.items() if name in _LONG_NAMES}
    assert {name: getattr(message, _LONG_NAMES[name]) for name in named} == named
    if "lines" in expected:
        assert [list(line) for line in message.lines] == expected["lines"]
    if "value" in expected:
        found = {**_EMPTY_RESULT, **read_body(message)}
        assert {name: found[name] for name in ("value", "shared", "metrics")} == {
            name: expected[name] for name in ("value", "shared", "metrics")
        }
        assert (found["error"] or {}).items() <= (expected["error"] or {}).items()
    if expected.get("body"):
        assert read_body(message).items() >= expected["body"].items()
    if "body_error" in expected:
        with pytest.raises((ValueError, AssertionError)):
            assert isinstance(body.read(message.body, message.content_type), dict)


@of_kind("task", "event", "log", "control", exact=True)
def test_a_writer_writes_what_others_read(golden: dict[str, Any]) -> None:
    """A message that was read is written field by field as it was. CF-78, X-CF-02"""
    fields = fields_of(golden)

    written = read(golden["kind"], fields).fields()

    content_type = fields.get(b"ct", b"json").decode()
    old, new = (it.pop(b"b", b"null" if content_type == "json" else b"\xc0") for it in (fields, written))
    assert written == fields
    assert plain(body.read(new, content_type)) == plain(body.read(old, content_type))


@of_kind("dead")
def test_a_dead_letter_is_the_task_and_the_reason(golden: dict[str, Any]) -> None:
    """From a dead letter the task can be sent again."""
    fields = fields_of(golden)
    it, expected = FieldReader(fields), golden["decoded"]

    assert (it.text("reason"), it.text("entry"), it.number("ts")) == tuple(
        expected[name] for name in ("reason", "entry", "time_ms")
    )
    assert TaskMessage.from_fields(fields).handler == expected["task"]["handler"]
    assert read_body(TaskMessage.from_fields(fields)) == expected["task"]["body"]


@of_kind("keys")
def test_both_sides_look_at_the_same_keys(golden: dict[str, Any]) -> None:
    """The keys of a queue stand in one slot of a cluster."""
    keys = Keys(golden["prefix"], golden["queue"])

    assert {
        "tasks": keys.tasks,
        "control": keys.control,
        "cancelled": keys.cancel,
        "dead": keys.dead,
        "workers": keys.workers,
        "submitted": keys.submitted(golden["id"]),
        "events": keys.events(golden["client"]),
        "logs": keys.log(golden["client"]),
        "client": keys.client(golden["client"]),
        "worker": keys.worker(golden["worker"]),
        "blob": keys.blob(golden["sha256"]),
    } == golden["keys"]


_NAMES = {
    "queue-names": lambda text: Keys(queue=text),
    "ids": lambda text: FieldReader({b"id": text.encode()}).id,
    "numbers": lambda text: FieldReader({b"a": text.encode()}).number("a"),
}


@of_kind("names")
def test_names_are_accepted_or_refused_alike(golden: dict[str, Any]) -> None:
    """What one side writes the other reads."""
    accept = _NAMES[golden["name"]]

    for text in golden["good"]:
        accept(text)
    for text in golden["bad"]:
        with pytest.raises(ValueError, match=r".+"):
            accept(text)


@of_kind("signature")
def test_signatures_are_checked_alike(golden: dict[str, Any]) -> None:
    """A task that was changed on its way is noticed."""
    keys = SigningKeys([golden["key"].encode()])

    assert keys.accepts(fields_of(golden)) is golden["is_valid"]


def test_what_is_signed_here_is_signed_as_in_the_files() -> None:
    """Both sides make the same signature."""
    golden = next(it for it in _ALL if it["name"] == "signature")
    unsigned = {name: value for name, value in fields_of(golden).items() if name not in (b"kid", b"sig")}

    signed = SigningKeys([golden["key"].encode()]).sign(TaskMessage.from_fields(unsigned))

    assert signed.fields() == fields_of(golden)


@of_kind("value")
def test_values_are_written_alike(golden: dict[str, Any]) -> None:
    """Large integers and bytes arrive as they were; what is no number is refused where it is written."""
    value = _typed(golden["value"])
    if golden["encoded"] is None:
        with pytest.raises(ValueError):  # noqa: PT011 any
            body.write(value)
    else:
        assert body.write(value) == golden["encoded"].encode()


def _typed(value: Any) -> Any:
    match value:
        case {"$int": text}:
            return int(text)
        case {"$float": text}:
            return float(text)
        case {"$bytes": text}:
            return b64decode(text)
        case dict():
            return {name: _typed(part) for name, part in value.items()}
        case list():
            return [_typed(part) for part in value]
    return value


@of_kind("worker")
def test_a_worker_tells_of_itself_what_others_read(golden: dict[str, Any]) -> None:
    """Its language and program, where it is, what it offers, and what a person has said of it."""
    expected = golden["decoded"]

    worker = Worker.from_fields("w", fields_of(golden))

    about = {**expected, "protocol": expected["version"], "lang": expected["language"], "version": expected["release"]}
    about = {name: value for name, value in about.items() if name not in ("language", "release")}
    assert {name: getattr(worker, name) for name in about} == about
    assert worker.labels == expected.get("labels", {})
    assert worker.fields() == fields_of(golden)


def test_every_kind_of_message_has_a_file() -> None:
    """Nothing of the protocol is left to one side."""
    assert {it["kind"] for it in _ALL} == {
        *("task", "event", "log", "control", "dead", "worker", "keys", "names", "signature", "value")
    }
    assert {it["decoded"]["status"] for it in _ALL if "status" in (it.get("decoded") or {})} == {
        *("ok", "failed", "cancelled", "timeout", "lost", "rejected", "expired")
    }

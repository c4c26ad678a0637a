"""The record format: a run as lines of JSON, which a person can read, and each of which proves itself.

    {"crc":"5f0c2a91","seq":1,"synced":0,"format":"flowrun journal","version":1,"name":"nightly",…}
    {"crc":"92d6e7b0","seq":2,"synced":1,"task":"load","state":"R","attempt":1,"at":"2026-11-21T04:00:01+00:00"}
    {"crc":"07a1c3de","seq":3,"synced":1,"task":"load","state":"C","attempt":1,"result":{"rows":41000}}

The first record is the checkpoint as it was written; the others are the commits that followed. `crc` is the CRC-32
of the rest of the line. `seq` counts from 1. `synced` says up to which record everything was on the disk before
this line was written: by it a loss of power, which may leave any of the later ones incomplete, is told from damage.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any
from zlib import crc32

from ..dataclass import dataclass
from ..errors import CheckpointInvalidError
from ..values.compact_json import compact
from .checkpointer import CheckpointContents, Commit
from .kept_text import TextStore

FORMAT = "flowrun journal"
VERSION = 1

_HEAD = len('{"crc":"00000000",')


def opening(contents: CheckpointContents, texts: TextStore) -> dict[str, Any]:
    """The body of the first record."""
    body = {
        "format": FORMAT,
        "version": VERSION,
        "name": contents.name,
        "run_id": contents.run_id,
        "started": contents.started,
        "ended": contents.ended,
        "states": {letter: sorted(names) for letter, names in contents.states.items()},
        "attempts": contents.attempts,
        "digests": contents.digests,
        "results": {name: texts.put(text) for name, text in contents.results.items()},
        "shared": _pairs(contents.shared_dict, texts),
    }
    if contents.added:
        body["added"] = contents.added
    return {**body, "approvals": contents.approvals} if contents.approvals else body


def step(commit: Commit, texts: TextStore) -> dict[str, Any]:
    """The body of the record of a commit."""
    body: dict[str, Any] = {"task": commit.task, "state": commit.state}
    if commit.attempt:
        body["attempt"] = commit.attempt
    if commit.reason:
        body["reason"] = commit.reason
    if commit.result is not None:
        body["result"] = texts.put(commit.result)
    if commit.shared:
        body["shared"] = _pairs(commit.shared, texts)
    if commit.added:
        body["added"] = list(commit.added)
    if commit.approval is not None:
        body["approval"] = commit.approval
    if commit.at:
        body["at"] = commit.at
    return body


def line(seq: int, synced: int, body: dict[str, Any]) -> bytes:
    """The whole record, with its newline."""
    items = ",".join([f'"{key}":{_text(value)}' for key, value in body.items()])
    rest = f'"seq":{seq},"synced":{synced},{items}}}'.encode()
    return b'{"crc":"%08x",%b\n' % (crc32(rest), rest)


def _text(value: Any) -> str:
    """What `compact` gives, which takes longer than the rest of a record for the little that most records hold."""
    if type(value) is int:
        return str(value)
    return encode_basestring(value) if type(value) is str and value.isascii() else compact(value)


def fold(lines: Sequence[bytes], file: str, texts: TextStore) -> tuple[CheckpointContents, list[str]]:
    """What these records come to, and what a person should know about them.

    Raises CheckpointInvalidError, naming `file` and the record, for anything but records at the end that a crash
    left incomplete.
    """
    try:
        bodies = _whole(lines, file)
        _refuse_foreign(bodies[0], file)
        contents = _folded(bodies, texts)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointInvalidError(f"{file} is damaged: its records do not fit together ({error!r})") from error
    lost = len(lines) - len(bodies)
    notice = (
        f"{file}: the state ends in the middle of a record, after record {len(bodies)}, "
        "as happens in a crash; the rest is ignored"
    )
    return contents, [notice] if lost else []


def name_in(first: bytes) -> str:
    """The job that a journal is of, by its first record; empty if that is damaged."""
    try:
        record = _parsed(first)
        return "" if record is None else str(record.body["name"])
    except (KeyError, ValueError, RecursionError):
        return ""


@dataclass(slots=True)
class _Record:
    seq: int
    synced: int
    body: dict[str, Any]


def _parsed(text: bytes) -> _Record | None:
    """A line without its newline, or None if it does not prove itself."""
    if text[:_HEAD] != b'{"crc":"%08x",' % crc32(text[_HEAD:]):
        return None
    body = json.loads(b"{" + text[_HEAD:])
    return _Record(body.pop("seq"), body.pop("synced"), body)


def _whole(lines: Sequence[bytes], file: str) -> list[dict[str, Any]]:
    """The bodies of the records before the first that does not prove itself, if that one may have been cut off."""
    found = list(map(_parsed, lines))
    count = next((index for index, record in enumerate(found) if record is None), len(found))
    if count == 0:
        raise CheckpointInvalidError(f"{file} is damaged in record 1: this is not how a journal of flowrun begins")
    kept = [record for record in found[:count] if record is not None]
    for number, record in enumerate(kept, 1):
        if record.seq != number:
            raise CheckpointInvalidError(f"{file} is damaged in record {number}: its number is {record.seq}")
    for later in found[count:]:
        if later is not None and (later.synced > count or later.seq <= count + 1):
            raise CheckpointInvalidError(f"{file} is damaged in record {count + 1}")
    return [record.body for record in kept]


def _refuse_foreign(first: dict[str, Any], file: str) -> None:
    version = first["version"]
    if first["format"] != FORMAT or type(version) is not int:
        raise CheckpointInvalidError(f"{file} is damaged in record 1: this is not how a journal of flowrun begins")
    if version > VERSION:
        raise CheckpointInvalidError(
            f"{file} has format version {version}, and this flowrun reads up to version {VERSION}; "
            "continue with the newer flowrun that wrote it"
        )


def _folded(bodies: list[dict[str, Any]], texts: TextStore) -> CheckpointContents:
    first, *steps = bodies
    state_of = {task: letter for letter, tasks in first["states"].items() for task in tasks}
    results = {task: texts.get(kept) for task, kept in first["results"].items()}
    contents = CheckpointContents(
        name=first["name"],
        states={},
        shared_dict=dict(_read_pairs(first["shared"], texts)),
        run_id=first["run_id"],
        results=results,
        digests=first["digests"],
        attempts=first["attempts"],
        added=first.get("added", {}),
        approvals=first.get("approvals", {}),
        started=first["started"],
        ended=first["ended"],
    )
    for body in steps:
        state_of[body["task"]] = body["state"]
        _apply(body, contents, texts)
    for task, letter in state_of.items():
        contents.states.setdefault(letter, set()).add(task)
    return contents


def _apply(body: dict[str, Any], contents: CheckpointContents, texts: TextStore) -> None:
    task = body["task"]
    if "attempt" in body:
        contents.attempts[task] = body["attempt"]
    if "result" in body:
        contents.results[task] = texts.get(body["result"])
    if "added" in body:
        contents.added[task] = body["added"]
    elif body["state"] == "C":
        contents.added.pop(task, None)
    if "approval" in body:
        contents.approvals[task] = dict(body["approval"])
    for key, text in _read_pairs(body.get("shared", ()), texts):
        if text is None:
            contents.shared_dict.pop(key, None)
        else:
            contents.shared_dict[key] = text
    contents.ended = body.get("at", contents.ended)


def _pairs(shared: Mapping[Any, str | None], texts: TextStore) -> list[list[Any]]:
    """[key, value], and [key] for one that was deleted: as pairs, since a key need not be a string."""
    return [[texts.put(key), *([] if text is None else [texts.put(text)])] for key, text in shared.items()]


def _read_pairs(pairs: Iterable[list[Any]], texts: TextStore) -> Iterator[tuple[str, str | None]]:
    for key, *kept in pairs:
        yield texts.get(key), texts.get(kept[0]) if kept else None

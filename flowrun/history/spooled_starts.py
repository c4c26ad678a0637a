"""Spooled start: what the spools themselves tell of the starts of runs, also while the database cannot be used."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from ..dataclass import dataclass
from ..file_name import safe_file_name
from .places import SUFFIX, Places, moment_in

_MOST_LOOKED_AT = 200
_MOST_BYTES = 1 << 20
"""So long is no first or last line."""


@dataclass(frozen=True, slots=True)
class SpooledStart:
    """One start of a run, as its spool tells it."""

    run: str
    arguments: tuple[str, ...]
    has_completed: bool


def newest_start(places: Places, file: str, prefix: str = "") -> SpooledStart | None:
    """The newest start of a run of a job file whose id begins with `prefix`; None: no spool tells of one any more."""
    for path in list(_newest_first(places, prefix))[:_MOST_LOOKED_AT]:
        if (found := _start_in(path, file, prefix)) is not None:
            return found
    return None


def _newest_first(places: Places, prefix: str) -> Iterator[Path]:
    begin = prefix if safe_file_name(prefix) == prefix else ""  # an id that is no file name stands in the first line
    found = [places.spool / name for name in places.waiting()]
    found += places.kept.glob(f"*/*{SUFFIX}")
    named = [path for path in found if path.name.startswith(begin)]
    yield from sorted(named, key=lambda path: moment_in(path.name), reverse=True)


def _start_in(path: Path, file: str, prefix: str) -> SpooledStart | None:
    """What a spool tells if it is of this file; None: it is not, or it cannot be read. Spools may be large."""
    with suppress(OSError), path.open("rb") as stream:  # another process has put it away, or it is that of another user
        head = _line(stream.readline(_MOST_BYTES)).get("start", {})
        run = head.get("run", "")
        if head.get("file") == file and run.startswith(prefix):
            return SpooledStart(run, tuple(head.get("arguments", ())), _has_completed(stream))
    return None


def _has_completed(stream: BinaryIO) -> bool:
    stream.seek(max(0, os.fstat(stream.fileno()).st_size - _MOST_BYTES))
    last = stream.read().splitlines()[-1:]
    return bool(_line(b"".join(last)).get("end", {}).get("state") == "completed")


def _line(line: bytes) -> Mapping[str, Any]:
    try:
        kind, said, *_ = json.loads(line)
    except (ValueError, TypeError):
        return {}
    return {kind: said} if isinstance(kind, str) and isinstance(said, dict) else {}

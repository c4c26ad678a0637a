"""Tally: a count that any process of a run may raise, and that is used up by those who wait for it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import UsageError
from .file_name import safe_file_name

_MODE = 0o600


class Tally:
    """One named count of a run, in a file of its own. It may be raised before anybody waits, and after."""

    def __init__(self, directory: Path, name: str) -> None:
        """`directory` belongs to the run, and goes with it."""
        self._directory = directory
        self._path = directory / f"count-{safe_file_name(name)}.json"

    def add(self, number: int) -> int:
        """Count so many; gives how many are there that nobody has used up. Raises UsageError for less than one."""
        if number < 1:
            raise UsageError(f"at least 1 can be counted, not {number}")
        with self._held() as state:
            state["counted"] += number
            return int(state["counted"] - state["used"])

    def queue(self, who: str) -> None:
        """Stand in the queue of those who wait. Who is in it keeps the place."""
        with self._held() as state:
            if who not in state["queue"]:
                state["queue"].append(who)

    def use(self, who: str, number: int) -> bool:
        """Use up so many, if they are there and nobody came earlier; then leave the queue."""
        with self._held() as state:
            if state["queue"][:1] != [who] or state["counted"] - state["used"] < number:
                return False
            state["used"] += number
            state["queue"].pop(0)
            return True

    def leave(self, who: str) -> None:
        """Wait no longer."""
        with self._held() as state:
            state["queue"] = [one for one in state["queue"] if one != who]

    @contextmanager
    def _held(self) -> Iterator[dict[str, Any]]:
        """The state, for this process alone; it is written back at the end."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE)
        with open(descriptor, "r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            state = json.loads(file.read() or '{"counted": 0, "used": 0, "queue": []}')
            yield state
            file.seek(0)
            file.write(json.dumps(state))
            file.truncate()

"""JournalReader: when each completion can be read in the journal of a run that is going on."""

from __future__ import annotations

import json
import subprocess
import time
from io import BufferedReader
from pathlib import Path

_LOOK_AGAIN_SECONDS = 0.0005


class JournalReader:
    """Looks from outside, as often as twice in a millisecond."""

    def __init__(self, directory: Path) -> None:
        """`directory` is where the journals of the job lie."""
        self._directory = directory
        self._seen: dict[str, float] = {}
        self._rest = b""

    def follow(self, process: subprocess.Popen[bytes]) -> dict[str, float]:
        """By task: the moment, on the monotonic clock, at which its completion was there."""
        file = self._opened(process)
        while process.poll() is None:
            self._read(file)
            time.sleep(_LOOK_AGAIN_SECONDS)
        self._read(file)
        file.close()
        return self._seen

    def _opened(self, process: subprocess.Popen[bytes]) -> BufferedReader:
        while process.poll() is None:
            for path in self._directory.glob("*.journal"):
                return path.open("rb")
            time.sleep(_LOOK_AGAIN_SECONDS)
        raise FileNotFoundError(f"no journal appeared in {self._directory}")

    def _read(self, file: BufferedReader) -> None:
        moment = time.monotonic()
        *lines, self._rest = (self._rest + file.read()).split(b"\n")
        for line in lines:
            record = json.loads(line)
            if record.get("state") == "C":
                self._seen[record["task"]] = moment

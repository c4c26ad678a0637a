"""Receipts: what came of requests with an `Idempotency-Key`, so that a repeated one starts nothing."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from ..durable import make_directory, naming, write_whole
from .refusal import Refusal

_KEPT_SECONDS = 2 * 86_400


class Receipts:
    """What came of requests, one file for each key. They outlive the server."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def take(self, key: str, asked: list[str]) -> dict[str, Any] | None:
        """What came of this key before; None: nothing, and it is taken now.

        Raises Refusal if it came with another request.
        """
        file = self._file(key)
        with naming(file):
            make_directory(self._directory)
            self._forget_old()
            try:
                file.touch(mode=0o600, exist_ok=False)
            except FileExistsError:
                return self._read(file, asked)
        self.write(key, asked, {})
        return None

    def write(self, key: str, asked: list[str], answer: dict[str, Any]) -> None:
        """Keep what came of it."""
        file = self._file(key)
        with naming(file):
            os.close(write_whole(file, json.dumps({"asked": asked, "answer": answer}).encode()))

    def give_back(self, key: str) -> None:
        """Nothing came of it: the same key may be used again."""
        with suppress(OSError):
            self._file(key).unlink()

    def _read(self, file: Path, asked: list[str]) -> dict[str, Any]:
        try:
            kept = json.loads(file.read_bytes())
        except ValueError:  # the server was killed at the moment at which it was taken
            raise Refusal(
                409, "a request with this Idempotency-Key was cut off; look whether its run is there"
            ) from None
        if kept["asked"] != asked:
            raise Refusal(422, "this Idempotency-Key was used for another request")
        answer: dict[str, Any] = kept["answer"]
        return answer

    def _forget_old(self) -> None:
        before = time.time() - _KEPT_SECONDS
        for file in self._directory.iterdir():
            with suppress(OSError):
                if file.stat().st_mtime < before:
                    file.unlink()

    def _file(self, key: str) -> Path:
        return self._directory / blake2b(key.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()

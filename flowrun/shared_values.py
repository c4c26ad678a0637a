"""SharedValues: what the tasks of a job share, kept as encoded text."""

from __future__ import annotations

from threading import Lock


class SharedValues:
    """The one place where the shared values of a job are. Keys and values are encoded (`values.encode`).

    Nothing is decoded here: a value is made and read in the worker that uses it, so the runner never runs
    code from one. Each key has a version that grows with every change, by which a lost update is noticed.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._texts: dict[str, str] = {}
        self._versions: dict[str, int] = {}

    def restore(self, texts: dict[str, str]) -> None:
        """Take over what was kept of an earlier run. Called before the first attempt."""
        with self._lock:
            self._texts.update(texts)

    def get(self, key: str) -> tuple[str | None, int]:
        """The text of a key (None: there is none) and its version."""
        with self._lock:
            return self._texts.get(key), self._versions.get(key, 0)

    def put(self, key: str, text: str | None, expected_version: int | None = None) -> int | None:
        """Set a key, or delete it (None). Gives its new version; None: `expected_version` is not the present one."""
        with self._lock:
            version = self._versions.get(key, 0)
            if expected_version is not None and version != expected_version:
                return None
            self._versions[key] = version + 1
            if text is None:
                self._texts.pop(key, None)
            else:
                self._texts[key] = text
            return version + 1

    def keys(self) -> list[str]:
        """All keys, in the order in which they were first set."""
        with self._lock:
            return list(self._texts)

    def texts(self) -> dict[str, str]:
        """A copy of everything."""
        with self._lock:
            return dict(self._texts)

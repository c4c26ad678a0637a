"""The last lines of a log file."""

from __future__ import annotations

from pathlib import Path

_BYTES = 4096


def last_lines(path: Path | None, most: int = 5) -> list[str]:
    """The last lines of a file that may be growing; none if it cannot be read."""
    if path is None:
        return []
    try:
        with path.open("rb") as stream:
            start = max(0, stream.seek(0, 2) - _BYTES)
            stream.seek(start)
            lines = stream.read(_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return lines[1 if start else 0 :][-most:]

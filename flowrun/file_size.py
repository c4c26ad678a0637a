"""The size of a file that may not be there."""

from __future__ import annotations

import os
from pathlib import Path


def file_size(path: str | Path) -> int:
    """How many bytes a file has; 0 if there is none, or nobody may look."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0

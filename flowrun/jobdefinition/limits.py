"""How large a job file may be before it is refused."""

from __future__ import annotations

MAX_FILE_BYTES = 24 * 1024 * 1024
"""About 100,000 tasks of eight lines."""

MAX_NODES = 2_500_000
"""Keys and values of one file, aliases counted as often as they are used."""

MAX_DEPTH = 100
"""Mappings and lists inside each other, and includes inside each other."""

MAX_PROBLEMS = 10_000
"""Problems kept of one file; nobody reads more."""

"""Keys: the names of everything that a queue has in Redis, and the ids of attempts."""

from __future__ import annotations

import re
from hashlib import sha256

GROUP = "workers"
"""The consumer group of all workers of a queue."""

DEFAULT_PREFIX = "flowrun"
DEFAULT_QUEUE = "default"

ENTRY_TTL_MS = 24 * 3600 * 1000
"""How long Redis keeps what nobody touches any more."""

_QUEUE = re.compile(r"[a-z0-9._-]{1,64}")
_PREFIX = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_FOREIGN = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_ID = 200
_LONGEST_PART = 120


class Keys:
    """The keys of one queue. The braces put all of them into one slot of a cluster."""

    __slots__ = ("base", "cancel", "control", "dead", "prefix", "queue", "tasks", "workers")

    def __init__(self, prefix: str = DEFAULT_PREFIX, queue: str = DEFAULT_QUEUE) -> None:
        """Raises ValueError for names that the protocol does not allow."""
        if not _QUEUE.fullmatch(queue):
            raise ValueError(f"{queue!r} cannot be the name of a queue: 1 to 64 of a-z, 0-9, `.`, `_` and `-`")
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"{prefix!r} cannot be a prefix: 1 to 64 letters, digits, `.`, `_`, `:` and `-`")
        self.prefix = prefix
        self.queue = queue
        self.base = f"{prefix}:{{{queue}}}"
        self.tasks = f"{self.base}:tasks"
        self.control = f"{self.base}:ctl"
        self.cancel = f"{self.base}:cancel"
        self.dead = f"{self.base}:dead"
        self.workers = f"{self.base}:workers"

    def submitted(self, attempt_id: str) -> str:
        """Of an attempt: the entry that stands for it, or `done`."""
        return f"{self.base}:d:{attempt_id}"

    def events(self, client: str) -> str:
        """The stream of starts and results of a client's attempts."""
        return f"{self.base}:ev:{client}"

    def log(self, client: str) -> str:
        """The stream of lines and progress of a client's attempts."""
        return f"{self.base}:log:{client}"

    def worker(self, worker: str) -> str:
        """What a worker says of itself."""
        return f"{self.base}:worker:{worker}"

    def client(self, client: str) -> str:
        """The lease of a client."""
        return f"{self.base}:client:{client}"

    def blob(self, digest: str) -> str:
        """A body that is too large for a message, by its SHA-256 in hexadecimal digits."""
        return f"{self.base}:blob:{digest}"


def attempt_id(run_id: str, task: str, number: int) -> str:
    """The id of an attempt, unique for ever: `run/task/number`.

    Signs that an id may not have stand in it as `:` and their digits; a name that is too long ends in its digest.
    """
    name = _FOREIGN.sub(lambda found: "".join(f":{byte:02x}" for byte in _utf8(found[0])), task)
    if len(name) > _LONGEST_PART:
        name = f"{name[: _LONGEST_PART - 33]}:{sha256(_utf8(task)).hexdigest()[:32]}"
    whole = f"{run_id}/{name}/{number}"
    if len(whole) > _LONGEST_ID:
        raise ValueError(f"the id of the run is too long: {run_id[:60]}...")
    return whole


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

"""What goes wrong with Redis: it is away and one waits, or it refuses and one says so."""

from __future__ import annotations

_TEMPORARY = frozenset(
    ("OOM", "MISCONF", "LOADING", "CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS", "TRYAGAIN", "READONLY", "BUSY")
)


class AwayError(Exception):
    """Redis cannot be reached, or cannot work now. What was asked may or may not have been done."""


class RefusedError(Exception):
    """Redis understood and refused: `code` is the first word of its answer, as in `NOPERM`."""

    def __init__(self, answer: str) -> None:
        self.code = answer.partition(" ")[0]
        super().__init__(answer)

    @property
    def may_pass(self) -> bool:
        """The same may succeed later: memory is full, a replica has not taken over yet."""
        return self.code in _TEMPORARY


class AccessError(AwayError):
    """Redis is there but does not let us in: a wrong password, no TLS, a certificate of somebody else."""


class UnreadableError(ValueError):
    """A message that does not follow the protocol. `attempt_id` and `client` are empty if they could not be read."""

    def __init__(self, message: str, attempt_id: str = "", client: str = "") -> None:
        self.attempt_id = attempt_id
        self.client = client
        super().__init__(message)


class UnknownVersionError(UnreadableError):
    """A message of a major version that this side does not speak."""

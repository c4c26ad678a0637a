"""Scripts: the operations of the protocol, which Redis carries out in one step each."""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from hashlib import sha1
from importlib.resources import files


class Script(Enum):
    """One of the files in `lua/`. The head of each says what it takes and what it gives."""

    ANNOUNCE = "announce"
    BEAT = "beat"
    BURY = "bury"
    CANCEL = "cancel"
    FINISH = "finish"
    JANITOR = "janitor"
    LEAVE = "leave"
    RECLAIM = "reclaim"
    RELEASE = "release"
    REQUEUE = "requeue"
    STATUS = "status"
    SUBMIT = "submit"

    @cached_property
    def text(self) -> bytes:
        """What Redis is sent once."""
        return (files(__package__) / "lua" / f"{self.value}.lua").read_bytes()

    @cached_property
    def sha(self) -> str:
        """By which it is called from then on."""
        return sha1(self.text, usedforsecurity=False).hexdigest()

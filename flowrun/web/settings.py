"""Settings: what `flowrun serve` was told, and what follows from it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Settings:
    """What `flowrun serve` was told."""

    root: Path
    """The project root, absolute."""
    host: str = "127.0.0.1"
    port: int = 8080
    root_path: str = ""
    """Where a proxy has put the page, as `/flowrun`; without a slash at the end."""
    token: str = field(default="", repr=False)
    """Empty in read-only mode without a given token."""
    is_token_given: bool = False
    """A person chose the token: then reading needs it, too."""
    is_read_only: bool = False
    allowed_hosts: frozenset[str] = frozenset()
    """Further names under which browsers may ask for the page, lower case."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """The option or variable with which each was given; without one it is the default."""

    @property
    def is_public(self) -> bool:
        """Others than this machine can reach it."""
        return not is_loopback(self.host)

    @property
    def token_needed_for(self) -> Literal["read", "change", "nothing"]:
        """What nobody may do without the token."""
        if self.is_token_given:
            return "read"
        return "nothing" if self.is_read_only else "change"

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the page."""
        host = "localhost" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}{self.root_path}/"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name: who knows what it stands for
        return False

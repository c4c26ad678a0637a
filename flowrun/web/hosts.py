"""Hosts: the names under which browsers may ask for the page.

A page of another site whose name was made to point at this machine (DNS rebinding) asks under its own name.
"""

from __future__ import annotations

import ipaddress
import re
import socket

from .settings import Settings

_HOST = re.compile(r"(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_.-]{1,253}))(?::\d{1,5})?", re.ASCII)


class Hosts:
    """The names under which browsers may ask for the page."""

    def __init__(self, settings: Settings) -> None:
        self._takes_addresses = settings.is_public
        self._names = {"localhost", settings.host.lower(), *settings.allowed_hosts}
        if settings.is_public:
            self._names |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        self._names -= {""}

    def has(self, header: str) -> bool:
        """Whether a request with this Host header is meant for us."""
        found = _HOST.fullmatch(header.lower())
        if found is None:
            return False
        name = found[1] or found[2]
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._takes_addresses or address.is_loopback

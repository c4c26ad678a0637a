"""Address: where Redis is, as a URL says it, and how one gets in."""

from __future__ import annotations

import re
from dataclasses import field
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, unquote

from ..dataclass import dataclass

DEFAULT_URL = "redis://127.0.0.1:6379/0"

_PORT = 6379
_SENTINEL_PORT = 26379
_FORMS = (
    "redis://host:6379/0, rediss://host, unix:///path, redis+sentinel://host1,host2/service/0, redis+cluster://host"
)


class Kind(Enum):
    """How the server is found."""

    SINGLE = "redis"
    SENTINEL = "redis+sentinel"
    CLUSTER = "redis+cluster"


@dataclass(frozen=True, slots=True)
class Tls:
    """Files for TLS: the authority that signed the server's certificate, and a certificate of our own."""

    ca: Path | None = None
    """None: the authorities of this machine."""
    cert: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where Redis is, and how one gets in."""

    kind: Kind
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    """Of a unix socket, in place of hosts."""
    service: str = ""
    """What Sentinel calls the server."""
    db: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    sentinel_username: str = ""
    sentinel_password: str = field(default="", repr=False)
    tls: Tls | None = None
    """None: the connection is not encrypted."""
    is_insecure: bool = False
    """It need not be, whoever may listen."""

    @classmethod
    def parse(cls, url: str, tls: Tls | None = None, *, is_insecure: bool = False) -> Self:
        """The address that a URL stands for; `tls` are files for a URL of the encrypted kind.

        Raises ValueError, which shows no password. Without `is_insecure` a connection to another host is encrypted.
        """
        scheme, separator, rest = url.partition("://")
        if scheme in ("unix", "redis+unix") and separator:
            return cls._of_socket(rest)
        kind = next((it for it in Kind if scheme in (it.value, it.value.replace("redis", "rediss"))), None)
        if kind is None or not separator:
            raise ValueError(f"{scheme[:20]!r} begins no URL of Redis; there are: {_FORMS}")
        is_encrypted = scheme.startswith("rediss")
        if tls is not None and tls != Tls() and not is_encrypted:
            raise ValueError("files for TLS are given, but the URL does not begin with rediss")
        _refuse_bare_signs(rest)
        rest, _, query = rest.partition("?")
        more = _more(query, ("sentinel_username", "sentinel_password") if kind is Kind.SENTINEL else ())
        authority, _, path = rest.partition("/")
        login, _, hosts = authority.rpartition("@")
        username, _, password = login.partition(":")
        service, db = _service_and_db(kind, path)
        address = cls(
            kind=kind,
            hosts=_hosts(hosts, _SENTINEL_PORT if kind is Kind.SENTINEL else _PORT),
            service=service,
            db=db,
            username=unquote(username),
            password=unquote(password),
            tls=(tls or Tls()) if is_encrypted else None,
            is_insecure=is_insecure,
            **more,
        )
        for host, _port in address.hosts:
            address.refuse_open(host)
        return address

    @classmethod
    def _of_socket(cls, rest: str) -> Self:
        rest, _, query = rest.partition("?")
        _refuse_login_in(query)
        login, _, path = rest.rpartition("@")
        username, _, password = login.partition(":")
        db = _more(query, ("db",)).get("db", "0")
        if not path.startswith("/"):
            raise ValueError("the path of a socket begins with a slash: unix:///run/redis.sock")
        return cls(Kind.SINGLE, path=unquote(path), db=_db(db), username=unquote(username), password=unquote(password))

    def refuse_open(self, host: str) -> None:
        """Raise ValueError if what is said to this host could be read on the way, and nobody allowed that."""
        if self.tls is None and not self.is_insecure and not _is_loopback(host):
            raise ValueError(
                f"the connection to {host} would not be encrypted: use rediss://, or say `insecure: true` "
                "if nobody else can listen"
            )

    @property
    def shown(self) -> str:
        """The URL without a password."""
        if self.path:
            return f"unix://{self.path}"
        scheme = self.kind.value if self.tls is None else self.kind.value.replace("redis", "rediss", 1)
        user = f"{self.username}@" if self.username else ""
        hosts = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        service = f"/{self.service}" if self.service else ""
        return f"{scheme}://{user}{hosts}{service}" + ("" if self.kind is Kind.CLUSTER else f"/{self.db}")


def _refuse_bare_signs(rest: str) -> None:
    """A password with a slash or a question mark would be taken for a path, and be shown in the refusal of that."""
    authority = re.split("[/?]", rest, maxsplit=1)[0]
    _refuse_login_in(rest[len(authority) :])


def _refuse_login_in(text: str) -> None:
    if "@" in text:
        raise ValueError("signs of a password that a URL may not have stand in percent form: %2F is a slash")


def _hosts(text: str, default_port: int) -> tuple[tuple[str, int], ...]:
    found = []
    for one in text.split(",") if text else ["127.0.0.1"]:
        host, _, port = one.rpartition(":") if one.rpartition(":")[2].isdigit() else (one, "", str(default_port))
        if not host or int(port) > 65535:
            raise ValueError(f"{one!r} is no host with a port")
        found.append((host.strip("[]"), int(port)))
    return tuple(found)


def _service_and_db(kind: Kind, path: str) -> tuple[str, int]:
    if kind is Kind.CLUSTER:
        if path.strip("/") not in ("", "0"):
            raise ValueError("a cluster has only the database 0")
        return "", 0
    if kind is Kind.SINGLE:
        return "", _db(path)
    service, _, db = path.partition("/")
    if not service:
        raise ValueError("a URL of Sentinel names the service: redis+sentinel://host1,host2/service/0")
    return unquote(service), _db(db)


def _db(text: str) -> int:
    text = text.strip("/") or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise ValueError(f"{text[:40]!r} is no number of a database")
    return int(text)


def _more(query: str, allowed: tuple[str, ...]) -> dict[str, str]:
    more = dict(parse_qsl(query, keep_blank_values=True))
    for name in more:
        if name not in allowed:
            there_is = ", ".join(allowed) or "nothing"
            raise ValueError(f"the URL says {name[:40]!r} behind the question mark; there is: {there_is}")
    return more


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

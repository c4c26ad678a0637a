"""What a job file says about a Dask cluster. Nothing of Dask is imported for it."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

Isolation = Literal["process", "thread"]

BATCH_SYSTEMS = ("slurm", "pbs", "lsf", "sge", "htcondor")
"""Those that dask-jobqueue submits workers to."""


class Endpoint(NamedTuple):
    """Where the scheduler of a cluster listens, and what a client needs to speak with it (`distributed.Security`)."""

    address: str
    security: Any = None


class LocalSettings(BaseModel):
    """A cluster on this machine, which begins and ends with the run."""

    model_config = ConfigDict(extra="forbid")

    workers: int = Field(default=1, ge=1)
    """Number of Dask workers. One is enough: each attempt has a process of its own below it."""
    threads: int | None = Field(default=None, ge=1)
    """Attempts that one worker has under way at the same time; by default the processors are shared out."""
    memory_limit: str = "auto"
    """Of one worker, as Dask writes it: `2 GiB`. Attempts are processes of their own and do not count."""


class TlsFiles(BaseModel):
    """Files in PEM form, relative to the project root."""

    model_config = ConfigDict(extra="forbid")

    ca: Path
    """The certificates of those whom the cluster trusts."""
    cert: Path
    """Our certificate."""
    key: Path
    """Our key."""

    def below(self, root: Path) -> TlsFiles:
        """The same files with absolute paths."""
        return TlsFiles(ca=root / self.ca, cert=root / self.cert, key=root / self.key)

    @property
    def lacking(self) -> Path | None:
        """The first of the files that is not there."""
        return next((path for path in (self.ca, self.cert, self.key) if not path.is_file()), None)


def fault_of_address(address: str, *, insecure: bool, has_tls: bool) -> str:
    """What is wrong with the address of a scheduler; empty if nothing is."""
    parts = urlsplit(address)
    try:
        has_port = parts.port is not None
    except ValueError:
        has_port = False
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or not has_port:
        return "an address is `tcp://HOST:PORT` or `tls://HOST:PORT`"
    if parts.scheme == "tls" and not has_tls:
        return "an address that begins with `tls://` needs `tls: {ca, cert, key}`"
    if parts.scheme == "tcp" and has_tls:
        return "`tls:` is given, but the address begins with `tcp://`: with TLS it is `tls://HOST:PORT`"
    if parts.scheme == "tcp" and not insecure and not _is_loopback(parts.hostname):
        return (
            "whoever reaches a Dask scheduler without TLS can run code on its workers: use `tls://` with `tls:`, "
            "or say `insecure: true` if the network is closed"
        )
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""Certificates: an authority of a test's own, and what it has signed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


@dataclass(frozen=True)
class Signed:
    """A certificate and its key."""

    cert: Path
    key: Path


class Authority:
    """Signs certificates for this machine."""

    def __init__(self, directory: Path, name: str = "authority") -> None:
        assert shutil.which("openssl"), "these tests need openssl; on Debian: apt-get install openssl"
        directory.mkdir(exist_ok=True)
        self._directory = directory
        self._own = self._made(name)
        self.cert = self._own.cert

    def signed(self, name: str) -> Signed:
        """A certificate for a server or a client on this machine."""
        signer = ("-CA", str(self._own.cert), "-CAkey", str(self._own.key))
        names = ("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "basicConstraints=CA:FALSE")
        return self._made(name, *signer, *names)

    def _made(self, name: str, *more: str) -> Signed:
        made = Signed(self._directory / f"{name}.crt", self._directory / f"{name}.key")
        argv = ["openssl", "req", "-x509", "-subj", f"/CN={name}", *_NEW_KEY]
        argv += ["-keyout", str(made.key), "-out", str(made.cert), *more]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return made

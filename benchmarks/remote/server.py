"""Server: the redis-server that everything is measured on."""

from __future__ import annotations

import atexit
import subprocess
from pathlib import Path

from .port import free_port, wait_for_port


class Server:
    """One redis-server on a free port of this machine. It ends with this program."""

    def __init__(self, directory: Path) -> None:
        """It keeps nothing on the disk, as nobody who is measured asks it to."""
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        argv = ["redis-server", "--port", str(self.port), "--dir", str(directory), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        atexit.register(self._process.kill)
        wait_for_port(self.port)

    def url(self, database: int) -> str:
        """Each program has a database of its own."""
        return f"redis://127.0.0.1:{self.port}/{database}"

"""RedisServer: a redis-server of a test's own, on a free port, which can be stopped, killed and started again."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from .project import eventually

if TYPE_CHECKING:
    from redis import Redis


class RedisServer:
    """One redis-server. Without `aof` it forgets everything when it ends; with it, nothing that it has answered."""

    def __init__(self, *options: str, aof: bool = False, port: int | None = None, host: str = "127.0.0.1") -> None:
        """`options` are those of redis-server: `"--requirepass", "secret"`."""
        self.host = host
        self.port = port or _free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="flowrun-redis-"))
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.keep(aof=aof)

    def keep(self, *, aof: bool) -> None:
        """Whether it keeps what it has, from the next start on."""
        self._persistence = ("--appendonly", "yes", "--appendfsync", "always") if aof else ("--appendonly", "no")

    @property
    def url(self) -> str:
        """Where it is, for the default user without a password."""
        return f"redis://{self.host}:{self.port}/0"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None, "it was not started"
        return self._process.pid

    def start(self, *options: str) -> Self:
        """Start it, with further options from now on, and wait until it answers."""
        program = shutil.which("redis-server")
        assert program, "these tests need redis-server 6.2 or newer; on Debian: apt-get install redis-server"
        self._options += options
        argv = [program, "--port", str(self.port), "--bind", self.host, "--dir", str(self.directory), "--save", ""]
        argv += ["--daemonize", "no", "--logfile", str(self.directory / "log"), *self._persistence, *self._options]
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True)
        eventually(self._answers, 20.0)
        return self

    def stop(self) -> None:
        """Have it end as an administrator would: what is to be kept is written."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it, as a loss of power would."""
        self._end(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send it a signal, for example SIGSTOP."""
        if self._process is not None:
            self._process.send_signal(number)

    def restart(self) -> Self:
        """Kill it and start it again on the same port and directory."""
        self.kill()
        return self.start()

    def client(self, **options: object) -> Redis:
        """A client for a test to look in and to interfere with; what it reads is text."""
        from redis import Redis  # most tests need none
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        arguments = {"host": self.host, "port": self.port, "decode_responses": True, "protocol": 2}
        arguments = {**arguments, "retry": Retry(NoBackoff(), 0), **options}
        return Redis(**arguments)  # type: ignore[arg-type]

    def empty(self) -> None:
        """Forget everything: data and scripts."""
        with self.client() as client:
            client.flushall()
            client.script_flush()

    def remove(self) -> None:
        """End it and leave nothing behind."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _end(self, number: int) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.send_signal(number)
            process.wait(20)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"redis-server ended\n{self._said()}"
        if "--tls-port" in self._options or "--cluster-enabled" in self._options:
            return "Ready to accept connections" in self._said()
        from redis.exceptions import AuthenticationError, RedisError

        try:
            with self.client() as client:
                return bool(client.ping())
        except AuthenticationError:
            return True
        except RedisError:
            return False

    def _said(self) -> str:
        log = self.directory / "log"
        return log.read_text(errors="replace") if log.exists() else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """One server for the whole session, for tests that only need any; each takes a queue of its own."""
    server = RedisServer().start()
    yield server
    server.remove()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """An empty server of the test's own, which it may kill."""
    server = RedisServer().start()
    yield server
    server.remove()


@pytest.fixture
def make_redis_server() -> Iterator[Callable[..., RedisServer]]:
    """Makes servers with options of their own; the test starts them."""
    made: list[RedisServer] = []

    def make(*options: str, aof: bool = False) -> RedisServer:
        made.append(RedisServer(*options, aof=aof))
        return made[-1]

    yield make
    for server in made:
        server.remove()

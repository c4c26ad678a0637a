"""Topology: several redis-servers that belong together, watched by Sentinel or as a cluster."""

from __future__ import annotations

import socket
import subprocess
from types import TracebackType
from typing import Self

from redis.exceptions import RedisError

from ...project import eventually
from ...redis_server import RedisServer

SERVICE = "exam"


class Watched:
    """A server, its replica, and a Sentinel that puts the replica in its place when it is gone."""

    def __init__(self) -> None:
        self.master = RedisServer("--repl-diskless-sync-delay", "0")
        self.replica = RedisServer("--replicaof", f"127.0.0.1 {self.master.port}")
        self.sentinel = RedisServer()

    @property
    def url(self) -> str:
        """Where clients find whoever is the master."""
        return f"redis+sentinel://127.0.0.1:{self.sentinel.port}/{SERVICE}/0"

    def __enter__(self) -> Self:
        self.master.start()
        self.replica.start()
        eventually(lambda: self._info(self.replica)["master_link_status"] == "up")
        configuration = self.sentinel.directory / "sentinel.conf"
        configuration.write_text(
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.master.port} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} 500\n"
            f"sentinel failover-timeout {SERVICE} 5000\n"
        )
        self._process = subprocess.Popen(
            ["redis-server", configuration, "--sentinel", "--port", str(self.sentinel.port), "--bind", "127.0.0.1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        eventually(self._sentinel_knows_the_replica)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for server in (self.master, self.replica, self.sentinel):
            server.remove()

    def wait_for_failover(self) -> None:
        """Return when the replica is the master."""
        eventually(lambda: self._info(self.replica)["role"] == "master")

    def _sentinel_knows_the_replica(self) -> bool:
        try:
            with self.sentinel.client() as sentinel:
                return bool(sentinel.execute_command("SENTINEL", "REPLICAS", SERVICE))
        except RedisError:  # it is not there yet, or does not know the service yet
            return False

    @staticmethod
    def _info(server: RedisServer) -> dict[str, str]:
        with server.client() as client:
            return dict(client.info("replication"))


class Cluster:
    """Three servers that share the slots."""

    def __init__(self) -> None:
        options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
        self.nodes = [RedisServer(*options, "--cluster-port", str(_free_port())) for _ in range(3)]

    @property
    def url(self) -> str:
        """All nodes."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def __enter__(self) -> Self:
        for node in self.nodes:
            node.start()
        hosts = [f"127.0.0.1:{node.port}" for node in self.nodes]
        made = subprocess.run(
            ["redis-cli", "--cluster", "create", *hosts, "--cluster-yes"], capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stdout + made.stderr
        eventually(lambda: all(self._is_ready(node) for node in self.nodes))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for node in self.nodes:
            node.remove()

    def node_of(self, key: str) -> RedisServer:
        """Where a key is."""
        with self.nodes[0].client() as client:
            slot = client.execute_command("CLUSTER", "KEYSLOT", key)
            for first, last, (_host, port, *_more), *_replicas in client.execute_command("CLUSTER", "SLOTS"):
                if first <= slot <= last:
                    return next(node for node in self.nodes if node.port == port)
        raise AssertionError(f"no node has the slot of {key}")

    @staticmethod
    def _is_ready(node: RedisServer) -> bool:
        with node.client() as client:
            return "cluster_state:ok" in str(client.execute_command("CLUSTER", "INFO"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Connection: the way to the server that has a queue, also behind Sentinel and in a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from redis.asyncio.connection import (
    AbstractConnection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.connection import (
    Connection as TcpConnection,
)
from redis.crc import key_slot
from redis.exceptions import RedisError

from .address import Address, Kind
from .faults import AccessError, AwayError, RefusedError
from .keys import Keys
from .link import Link, fault_of

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0

Place = tuple[str, int]


class Connection:
    """Gives links to the server that has a queue."""

    def __init__(
        self, address: Address, keys: Keys, *, name: str = "flowrun", answer_seconds: float = _ANSWER_SECONDS
    ) -> None:
        """`name` is what `CLIENT LIST` shows. After `answer_seconds` of silence a server counts as away."""
        self.address = address
        self.keys = keys
        self._name = name
        self._answer_seconds = answer_seconds

    def link(self) -> Link:
        """A socket of the caller's own. It is opened with its first call."""
        return Link(self._open, self._answer_seconds)

    async def _open(self) -> AbstractConnection:
        address = self.address
        if address.path:
            return await self._opened(UnixDomainSocketConnection(path=address.path, **self._login(address)))
        if address.kind is Kind.SINGLE:
            return await self._opened(self._socket(address.hosts[0], address))
        place = await (self._master() if address.kind is Kind.SENTINEL else self._node())
        return await self._opened(self._socket(place, address))

    def _socket(self, place: Place, address: Address) -> AbstractConnection:
        more: dict[str, Any] = {"host": place[0], "port": place[1], **self._login(address)}
        tls = address.tls
        if tls is None:
            return TcpConnection(**more)
        return SSLConnection(
            ssl_ca_certs=str(tls.ca) if tls.ca else None,
            ssl_certfile=str(tls.cert) if tls.cert else None,
            ssl_keyfile=str(tls.key) if tls.key else None,
            ssl_check_hostname=True,
            **more,
        )

    def _login(self, address: Address) -> dict[str, Any]:
        return {
            "db": address.db,
            "username": address.username or None,
            "password": address.password or None,
            "client_name": self._name,
            "protocol": 2,
            "socket_timeout": None,
            "socket_connect_timeout": _CONNECT_SECONDS,
        }

    async def _opened(self, socket: AbstractConnection) -> AbstractConnection:
        try:
            await socket.connect()  # type: ignore[no-untyped-call]  # redis-py gives it no types
        except (RedisError, OSError) as error:
            fault = fault_of(error)
            if "closed" in str(fault) or "reset" in str(fault):
                raise AwayError(f"{fault} A port that speaks TLS needs a URL with rediss://.") from error
            raise fault from error
        return socket

    async def _master(self) -> Place:
        """Where Sentinel says that the server is."""
        address = self.address
        login = replace(
            address, username=address.sentinel_username, password=address.sentinel_password, kind=Kind.SINGLE, db=0
        )
        async for place, answer in self._asked(login, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", address.service):
            if answer is not None:
                return self._allowed(answer[0].decode() or place[0], int(answer[1]))
        hosts = ", ".join(f"{host}:{port}" for host, port in address.hosts)
        raise AwayError(f"no Sentinel at {hosts} knows where {address.service!r} is")

    async def _node(self) -> Place:
        """Where in the cluster the slot of the queue is."""
        slot = key_slot(self.keys.tasks.encode())
        async for place, answer in self._asked(self.address, "CLUSTER", "SLOTS"):
            for first, last, node, *_replicas in answer:
                if first <= slot <= last:
                    return self._allowed((node[0] or b"").decode() or place[0], int(node[1]))
        hosts = ", ".join(f"{host}:{port}" for host, port in self.address.hosts)
        raise AwayError(f"no node of the cluster at {hosts} serves the queue {self.keys.queue!r} now")

    async def _asked(self, address: Address, *command: str) -> AsyncIterator[tuple[Place, Any]]:
        """The answers of the hosts in turn; those that are not there are passed over, if any other answers."""
        last: Exception | None = None
        for place in address.hosts:

            async def open_this(place: Place = place) -> AbstractConnection:
                return await self._opened(self._socket(place, address))

            link = Link(open_this, self._answer_seconds)
            try:
                answer = await link.call(*command)
            except (AccessError, RefusedError, AwayError) as error:
                last = error
                continue
            finally:
                await link.close()
            yield place, answer
        if last is not None:
            raise last

    def _allowed(self, host: str, port: int) -> Place:
        """A host that the URL did not name: it may not be less safe than those that it did."""
        try:
            self.address.refuse_open(host)
        except ValueError as error:
            raise AccessError(str(error)) from None
        return host, port

"""ProcessCarrier: the runner's side of attempts in processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
import sys
from collections import deque
from typing import Any

from ..attempt import Attempt, Outcome, Reason
from .connection import Connection
from .executor import Emit, Ended, Workplace

_LAST_WAIT_SECONDS = 2.0


class ProcessCarrier:
    """The runner's side: one starter, and a connection to each process it has started."""

    def __init__(self, workplace: Workplace, start_method: str, starter: int, commands: socket.socket) -> None:
        """`starter` is the process that forks, `commands` the socket it obeys. Listens from now on."""
        self._workplace = workplace
        self._start_method = start_method
        self._starter = starter
        self._commands = commands
        self._unsent: deque[tuple[bytes, Connection | None]] = deque()
        self._connections: dict[int, Connection] = {}
        self._by_descriptor: dict[int, Connection] = {}
        self._numbers: dict[str, int] = {}
        self._last_number = 0
        self._pause: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._poll = select.epoll()
        self._gone = asyncio.Event()
        self._is_open = True
        loop.add_reader(self._commands, self._hear_starter)
        loop.add_reader(self._poll, self._hear_attempts)

    @property
    def is_gone(self) -> bool:
        """The starter has ended."""
        return self._gone.is_set()

    async def close(self) -> None:
        """Tell the starter to end; it takes with it whatever is left."""
        with contextlib.suppress(OSError):  # it may be gone already
            self._commands.shutdown(socket.SHUT_WR)
        try:
            async with asyncio.timeout(_LAST_WAIT_SECONDS):
                await self._gone.wait()
        except TimeoutError:
            os.kill(self._starter, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):  # reaped by whoever ignores SIGCHLD, or reaps everything
            os.waitpid(self._starter, 0)  # noqa: ASYNC222  it has ended, or was just killed
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._commands)
        loop.remove_reader(self._poll)
        self._commands.close()
        self._poll.close()
        self._is_open = False

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        """Have an attempt performed; `ended` is called with its outcome. Raises OSError without enough descriptors."""
        if self._gone.is_set():
            lost = Outcome.failed("the starter of processes is gone", Reason.NOT_STARTED)
            asyncio.get_running_loop().call_soon(ended, lost)
            return
        shared = self._workplace.shared_with(attempt)
        connection = Connection(self._last_number + 1, attempt, emit, shared, ended)
        self._last_number = connection.number
        self._connections[connection.number] = connection
        self._numbers[attempt.full_id] = connection.number
        for descriptor in connection.ours:
            self._by_descriptor[descriptor] = connection
            self._poll.register(descriptor, select.EPOLLIN)
        connection.send_attempt(self._needs_of_a_new_interpreter())
        self._mind_unsent(connection)
        self._command(b"S%d" % connection.number, connection)

    def command(self, attempt: Attempt, verb: bytes) -> None:
        """Ask the attempt to end (`A`) or kill it (`K`)."""
        number = self._numbers.get(attempt.full_id)
        if number is not None and not self._gone.is_set():
            self._command(verb + b"%d" % number)

    def _needs_of_a_new_interpreter(self) -> dict[str, Any] | None:
        if self._start_method == "fork":
            return None
        from .new_starter import addresses_of_own

        own = addresses_of_own(self._workplace)
        needs = {**self._workplace.discovery, "max_result_bytes": self._workplace.max_result_bytes}
        return {**needs, "own": own, "path": sys.path} if own else needs

    def _command(self, command: bytes, starting: Connection | None = None) -> None:
        self._unsent.append((command, starting))
        if len(self._unsent) == 1:
            self._send_commands()

    def _send_commands(self) -> None:
        """Send what is waiting; the starter's queue may be full, then the rest goes when it has room."""
        while self._unsent:
            command, starting = self._unsent[0]
            try:
                if starting is None:
                    self._commands.send(command)
                else:
                    socket.send_fds(self._commands, [command], starting.theirs)
                    starting.close_theirs()
            except BlockingIOError:
                asyncio.get_running_loop().add_writer(self._commands, self._send_commands)
                return
            except OSError:
                break
            self._unsent.popleft()
        asyncio.get_running_loop().remove_writer(self._commands)

    def _hear_starter(self) -> None:
        while True:
            try:
                answer = self._commands.recv(256)
            except BlockingIOError:
                return
            except OSError:
                answer = b""
            if not answer:
                self._starter_is_gone()
                return
            number, detail, *usage = map(int, answer[1:].split())
            connection = self._connections.pop(number)
            self._forget(connection)
            if answer[:1] == b"X":
                connection.drain()
                connection.ended(detail, *usage)
            else:
                connection.failed(Reason.NOT_STARTED, f"no process could be started: {os.strerror(detail)}")

    def _hear_attempts(self) -> None:
        for descriptor, events in self._poll.poll(0, 256):
            connection = self._by_descriptor.get(descriptor)
            if connection is None:
                continue
            if events & select.EPOLLOUT:
                connection.send_rest()
            if events & ~select.EPOLLOUT and not connection.read(descriptor):
                self._poll.unregister(descriptor)
                del self._by_descriptor[descriptor]
            self._mind_unsent(connection)
        if self._workplace.is_full() and self._pause is None:
            asyncio.get_running_loop().remove_reader(self._poll)
            self._pause = asyncio.create_task(self._wait_for_room())

    async def _wait_for_room(self) -> None:
        """Let the tasks that print wait for the loggers."""
        await self._workplace.wait_for_room()
        self._pause = None
        if self._is_open:
            asyncio.get_running_loop().add_reader(self._poll, self._hear_attempts)

    def _mind_unsent(self, connection: Connection) -> None:
        if connection.control in self._by_descriptor:
            wanted = select.EPOLLIN | (select.EPOLLOUT if connection.has_unsent else 0)
            if connection.is_waiting_to_send != connection.has_unsent:
                connection.is_waiting_to_send = connection.has_unsent
                self._poll.modify(connection.control, wanted)

    def _forget(self, connection: Connection) -> None:
        self._numbers.pop(connection.attempt.full_id, None)
        for descriptor in connection.ours:
            if self._by_descriptor.pop(descriptor, None) is not None:
                self._poll.unregister(descriptor)

    def _starter_is_gone(self) -> None:
        asyncio.get_running_loop().remove_reader(self._commands)
        self._gone.set()
        for connection in list(self._connections.values()):
            self._forget(connection)
            connection.drain()
            connection.failed(Reason.LOST, "the starter of processes is gone, and this process with it")
        self._connections.clear()
        self._unsent.clear()

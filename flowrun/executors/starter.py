"""Starter: a small single-threaded process that has imported the task modules and forks attempts from itself.

It is the guardian of all it started: it is their reaper, kills what an attempt leaves behind, and when the
runner goes away, in whatever manner, it kills everything and ends. It holds the job's lock until then, so
that no other run can begin while a process of this one is alive.

Commands, one a packet, with the number of the attempt:  S start (brings control, output and error descriptor),
A ask to end, K kill.  Answers:  X number status (as from waitpid), E number errno (could not be forked).

In a chain, where one attempt follows another, the next child is forked before it is needed, and warms up while it
waits: what is copied at the first touch is copied then, and an attempt starts at once. Where several run at the
same time, the processors have better things to do.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import os
import select
import signal
import socket
import sys
from collections import deque
from typing import NoReturn

from .child import ENDING, Nest, lose_no_signal_at_fork
from .descendants import Descendants, kill_group
from .executor import Workplace

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


class _RunnerIsGone(Exception):
    """Nobody is left to work for."""


def launch(workplace: Workplace, start_method: str) -> tuple[int, socket.socket]:
    """Fork the starter. Gives its process id and the socket for commands. Call it while there is one thread only."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):  # closed or broken: nothing is left in it to print twice
                stream.flush()
    runner = os.getpid()
    pid = os.fork()
    if pid:
        theirs.close()
        ours.setblocking(False)
        return pid, ours
    try:
        ours.close()
        Starter(theirs, workplace, start_method, runner).work()
    finally:
        os._exit(70)


class Starter:
    """Forks attempts on command and reaps them."""

    def __init__(self, commands: socket.socket, workplace: Workplace, start_method: str, runner: int) -> None:
        self._commands = commands
        self._workplace = workplace
        self._is_spawning = start_method == "spawn"
        self._runner = runner
        self._pid = os.getpid()
        self._by_pid: dict[int, int] = {}
        self._by_number: dict[int, int] = {}
        self._spares: deque[tuple[int, socket.socket]] = deque()
        self._is_one_at_a_time = False
        self._is_over = False
        self._libc = ctypes.CDLL(None)
        self._wake_in, self._wake_out = os.pipe()
        self._descendants = Descendants()

    def work(self) -> NoReturn:
        """Do what is asked for until the runner is gone."""
        try:
            self._settle()
            self._obey()
        except _RunnerIsGone:
            pass
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            self._descendants.kill_all()
            os._exit(0)

    def _settle(self) -> None:
        os.setsid()
        for number in ENDING:
            signal.signal(number, self._told_to_end)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        lose_no_signal_at_fork()
        self._libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self._libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != self._runner:
            raise _RunnerIsGone
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
        self._nest = Nest(self._workplace.variants, self._workplace.max_result_bytes)
        os.chdir(self._workplace.root)
        for descriptor in (self._wake_in, self._wake_out):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._wake_out, warn_on_full_buffer=False)
        gc.collect()
        gc.freeze()

    def _obey(self) -> None:
        ready = select.poll()
        ready.register(self._commands, select.POLLIN)
        ready.register(self._wake_in, select.POLLIN)
        while not self._is_over:
            for descriptor, _ in ready.poll(0) or self._with_spares(ready):
                if descriptor == self._wake_in:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._wake_in, 4096)
                else:
                    self._take_command()
            self._reap()

    def _with_spares(self, ready: select.poll) -> list[tuple[int, int]]:
        """Nothing is waiting: fork what will be needed next, then wait."""
        if self._is_one_at_a_time and not self._spares and not self._is_spawning:
            self._fork_spare()
            return []
        return ready.poll()

    def _take_command(self) -> None:
        try:
            command, descriptors, _flags, _ = socket.recv_fds(self._commands, 64, 3)
        except OSError as error:
            raise _RunnerIsGone from error
        if not command:
            raise _RunnerIsGone
        verb, number = command[:1], int(command[1:])
        if verb == b"S":
            self._start(number, descriptors)
        elif number in self._by_number:
            pid = self._by_number[number]
            if verb == b"K":
                kill_group(pid)
            else:
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGCONT)  # one that is stopped would not hear of it

    def _start(self, number: int, descriptors: list[int]) -> None:
        self._is_one_at_a_time = not self._by_pid
        try:
            pid = self._child_for(number, descriptors)
            self._by_pid[pid] = number
            self._by_number[number] = pid
        except OSError as error:
            self._answer(f"E{number} {error.errno}")
        for descriptor in descriptors:
            os.close(descriptor)

    def _child_for(self, number: int, descriptors: list[int]) -> int:
        if len(descriptors) != 3:
            raise OSError(errno.EMFILE, "descriptors did not arrive")
        while self._spares:
            pid, line = self._spares.popleft()
            with line, contextlib.suppress(OSError):  # a spare that died is passed over
                socket.send_fds(line, [b"%d" % number], descriptors)
                return pid
        pid = os.fork()
        if pid == 0:
            try:
                self._become_child()
                self._perform(number, *descriptors)
            finally:
                os._exit(70)
        return pid

    def _fork_spare(self) -> None:
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            pid = os.fork()
        except OSError:
            self._is_one_at_a_time = False  # no room for spares now
            return
        if pid == 0:
            try:
                ours.close()
                self._wait_for_attempt(theirs)
            finally:
                os._exit(70)
        theirs.close()
        self._spares.append((pid, ours))

    def _wait_for_attempt(self, line: socket.socket) -> NoReturn:
        self._become_child()
        self._nest.rehearse()
        number, descriptors, _flags, _ = socket.recv_fds(line, 32, 3)
        line.close()
        if not number or len(descriptors) != 3:
            os._exit(70)
        self._perform(int(number), *descriptors)

    def _become_child(self) -> None:
        os.setsid()
        self._libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != self._pid:
            os._exit(70)
        signal.set_wakeup_fd(-1)
        self._descendants.close()
        for descriptor in (self._wake_in, self._wake_out, *self._workplace.private_descriptors):
            os.close(descriptor)
        self._commands.close()
        for _, line in self._spares:
            line.close()

    def _perform(self, number: int, control: int, output: int, errors: int) -> NoReturn:
        os.environ["FLOWRUN_ATTEMPT"] = f"{self._runner}.{number}"
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.close(output)
        os.close(errors)
        os.set_inheritable(control, self._is_spawning)
        if self._is_spawning:
            os.execv(sys.executable, [sys.executable, "-m", "flowrun.spawned", str(control)])
        self._nest.live(control)

    def _told_to_end(self, number: int, _frame: object) -> None:
        """In the starter, TERM says that the runner is gone; children inherit this handler and are aborted by it.

        Nothing is raised in the starter: it may be killing what is left already, and must not be kept from it.
        """
        if os.getpid() != self._pid:
            self._nest.told_to_end(number)
        elif number == signal.SIGTERM:
            self._is_over = True

    def _reap(self) -> None:
        while (ended := self._descendants.ended()) is not None:
            number = self._by_pid.pop(ended, None)
            if number is not None:
                kill_group(ended)  # what is left of its group, while its number cannot be used again
            _, status = os.waitpid(ended, 0)
            if number is not None:
                del self._by_number[number]
                self._sweep(number)
                self._answer(f"X{number} {status}")
        if not self._by_pid:
            self._sweep(None)

    def _sweep(self, number: int | None) -> None:
        """Kill what an attempt left behind in sessions of its own: such processes have become children of ours.

        Its environment tells whose a process is. One that hides it is killed when no attempt is running.
        """
        known = {*self._by_pid, *(pid for pid, _ in self._spares)}
        is_telling = number is not None and self._by_pid
        mark = f"FLOWRUN_ATTEMPT={self._runner}.{number}\0".encode() if is_telling else b""
        self._descendants.kill_strangers(known, mark)

    def _answer(self, text: str) -> None:
        try:
            self._commands.send(text.encode())
        except OSError as error:
            raise _RunnerIsGone from error

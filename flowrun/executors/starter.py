"""Starter: a small single-threaded process that has imported the task modules and forks attempts from itself.

It is the guardian of all it started: it is their reaper, kills what an attempt leaves behind, and when the
runner goes away, in whatever manner, it kills everything and ends. It holds the job's lock until then, so
that no other run can begin while a process of this one is alive.

Commands, one a packet, with the number of the attempt:  S start (brings control, output and error descriptor),
A ask to end, K kill.  Answers:  X number status usage (status as from waitpid; microseconds of processor time and
the most KiB of memory), E number errno (could not be forked).

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
from typing import NoReturn

from .child import ENDING, Nest, lose_no_signal_at_fork
from .descendants import Descendants, kill_group, kill_rest_of_group
from .executor import Workplace

_MARK = "FLOWRUN_ATTEMPT"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ROOM_FOR_DESCRIPTORS = socket.CMSG_SPACE(3 * 4)


class _RunnerIsGone(Exception):
    """Nobody is left to work for."""


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
        self._spare: tuple[int, socket.socket] | None = None
        self._was_alone = False
        self._is_spare_wanted = True
        self._is_over = False
        self._prctl = ctypes.CDLL(None).prctl
        self._wake_in, self._wake_out = os.pipe()
        self._descendants = Descendants()
        self._private_descriptors = (
            commands.fileno(),
            self._wake_in,
            self._wake_out,
            self._descendants.descriptor,
            *workplace.private_descriptors,
        )

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
        self._prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self._prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
        if os.getppid() != self._runner:
            raise _RunnerIsGone
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
        if self._workplace.hands_on:
            from ..values import tags  # noqa: F401  not in every attempt anew
        os.environ[_MARK] = ""  # what is looked up at the first time need not be looked up in every child
        it = self._workplace
        self._nest = Nest(it.variants, it.max_result_bytes, it.root, is_remote=it.is_remote)
        os.chdir(self._workplace.root)
        for descriptor in (self._wake_in, self._wake_out):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._wake_out, warn_on_full_buffer=False)
        gc.freeze()  # without a collection, which would touch everything that is shared with the runner

    def _obey(self) -> None:
        ready = select.poll()
        ready.register(self._commands, select.POLLIN)
        ready.register(self._wake_in, select.POLLIN)
        while not self._is_over:
            for descriptor, _ in self._with_spare(ready) if self._is_spare_wanted else ready.poll():
                if descriptor == self._wake_in:
                    os.read(self._wake_in, 4096)
                    self._reap()
                else:
                    self._take_command()

    def _with_spare(self, ready: select.poll) -> list[tuple[int, int]]:
        """If nothing is waiting, fork what will be needed next; then wait."""
        if self._spare or self._is_spawning:
            return ready.poll()
        waiting = ready.poll(0)
        if not waiting:
            self._fork_spare()
        return waiting

    def _take_command(self) -> None:
        try:
            command, ancillary, _flags, _ = self._commands.recvmsg(64, _ROOM_FOR_DESCRIPTORS)
        except OSError as error:
            raise _RunnerIsGone from error
        if not command:
            raise _RunnerIsGone
        verb, number = command[:1], int(command[1:])
        if verb == b"S":
            self._start(number, memoryview(ancillary[0][2]).cast("i").tolist() if ancillary else [])
        elif number in self._by_number:
            pid = self._by_number[number]
            if verb == b"K":
                kill_group(pid)
            else:
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGCONT)  # one that is stopped would not hear of it

    def _start(self, number: int, descriptors: list[int]) -> None:
        is_alone = not self._by_pid
        self._is_spare_wanted = is_alone and self._was_alone
        self._was_alone = is_alone
        try:
            pid = self._child_for(number, descriptors)
            self._by_pid[pid] = number
            self._by_number[number] = pid
        except OSError as error:
            self._answer(b"E%d %d" % (number, error.errno or errno.EAGAIN))
        for descriptor in descriptors:
            os.close(descriptor)

    def _child_for(self, number: int, descriptors: list[int]) -> int:
        if len(descriptors) != 3:
            raise OSError(errno.EMFILE, "descriptors did not arrive")
        spare, self._spare = self._spare, None
        if spare is not None:
            pid, line = spare
            with line, contextlib.suppress(OSError):  # one that died is passed over
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
            self._is_spare_wanted = False  # no room for spares now
            return
        if pid == 0:
            try:
                ours.close()
                self._wait_for_attempt(theirs)
            finally:
                os._exit(70)
        theirs.close()
        self._spare = pid, ours

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
        self._prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != self._pid:
            os._exit(70)
        signal.set_wakeup_fd(-1)
        for descriptor in self._private_descriptors:
            os.close(descriptor)
        if self._spare is not None:
            self._spare[1].close()

    def _perform(self, number: int, control: int, output: int, errors: int) -> NoReturn:
        os.environ[_MARK] = f"{self._runner}.{number}"
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.close(output)
        os.close(errors)
        os.set_inheritable(control, self._is_spawning)
        if self._is_spawning:
            os.execv(sys.executable, [sys.executable, "-m", "flowrun.spawned", str(control)])
        self._nest.live(control)

    def _told_to_end(self, number: int, _frame: object) -> None:
        """In the starter, TERM may say that the runner is gone; children inherit this handler and are aborted by it.

        A TERM to all processes of a service says no such thing: attempts have their grace time, the runner ends them.
        Nothing is raised in the starter: it may be killing what is left already, and must not be kept from it.
        """
        if os.getpid() != self._pid:
            self._nest.told_to_end(number)
        elif number == signal.SIGTERM and os.getppid() != self._runner:
            self._is_over = True

    def _reap(self) -> None:
        while (ended := self._descendants.ended()) is not None:
            number = self._by_pid.pop(ended, None)
            if number is not None:
                kill_rest_of_group(ended)
            elif self._spare and self._spare[0] == ended:  # it died before it was needed
                self._spare[1].close()
                self._spare = None
            _, status, usage = os.wait4(ended, 0)
            self._sweep(number)
            if number is not None:
                del self._by_number[number]
                cpu_microseconds = int((usage.ru_utime + usage.ru_stime) * 1_000_000)
                self._answer(b"X%d %d %d %d" % (number, status, cpu_microseconds, usage.ru_maxrss))

    def _sweep(self, number: int | None) -> None:
        """Kill what an attempt left behind in sessions of its own: such processes have become children of ours.

        Its environment tells whose a process is. One that hides it is killed when no attempt is running.
        """
        known = [*self._by_pid, self._spare[0]] if self._spare else self._by_pid
        if self._descendants.count == len(known):
            return
        if not self._by_pid:
            self._descendants.kill_strangers(known, b"")
        elif number is not None:
            self._descendants.kill_strangers(known, f"{_MARK}={self._runner}.{number}\0".encode())

    def _answer(self, text: bytes) -> None:
        try:
            self._commands.send(text)
        except OSError as error:
            raise _RunnerIsGone from error

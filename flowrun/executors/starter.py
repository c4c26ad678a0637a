"""Starter: a small single-threaded process that has imported the task modules and forks attempts from itself.

It is the guardian of all it started: it is their reaper, kills what an attempt leaves behind, and when the
runner goes away, in whatever manner, it kills everything and ends. It holds the job's lock until then, so
that no other run can begin while a process of this one is alive.

Commands, one a packet, with the number of the attempt:  S start (brings control, output and error descriptor),
A ask to end, K kill.  Answers:  X number status (as from waitpid), E number errno (could not be forked).
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import socket
import sys
from typing import NoReturn

from .child import Nest
from .executor import Workplace

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _RunnerIsGone(Exception):
    """Nobody is left to work for."""


def launch(workplace: Workplace, start_method: str) -> tuple[int, socket.socket]:
    """Fork the starter. Gives its process id and the socket for commands. Call it while there is one thread only."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            _flush(stream)
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
        self._pid = 0
        self._by_pid: dict[int, int] = {}
        self._by_number: dict[int, int] = {}
        self._libc = ctypes.CDLL(None)
        self._wake_in, self._wake_out = os.pipe()

    def work(self) -> NoReturn:
        """Do what is asked for until the runner is gone."""
        try:
            self._settle()
            self._obey()
        except _RunnerIsGone:
            pass
        finally:
            self._kill_everything()
            os._exit(0)

    def _settle(self) -> None:
        os.setsid()
        self._pid = os.getpid()
        for number in _ENDING:
            signal.signal(number, self._told_to_end)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
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

    def _obey(self) -> NoReturn:
        ready = select.poll()
        ready.register(self._commands, select.POLLIN)
        ready.register(self._wake_in, select.POLLIN)
        while True:
            for descriptor, _ in ready.poll():
                if descriptor == self._wake_in:
                    _drain(self._wake_in)
                else:
                    self._take_command()
            self._reap()

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
            if verb == b"A":
                _signal(os.kill, pid, signal.SIGTERM)
            else:
                _signal(os.killpg, pid, signal.SIGKILL)
                _signal(os.kill, pid, signal.SIGKILL)

    def _start(self, number: int, descriptors: list[int]) -> None:
        if len(descriptors) != 3:
            self._answer(f"E{number} 24")
            pid = -1
        else:
            pid = self._fork(number, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        if pid > 0:
            self._by_pid[pid] = number
            self._by_number[number] = pid

    def _fork(self, number: int, descriptors: list[int]) -> int:
        try:
            pid = os.fork()
        except OSError as error:
            self._answer(f"E{number} {error.errno}")
            return -1
        if pid == 0:
            try:
                self._become_child(number, *descriptors)
            finally:
                os._exit(70)
        return pid

    def _become_child(self, number: int, control: int, output: int, errors: int) -> NoReturn:
        os.setsid()
        os.environ["FLOWRUN_ATTEMPT"] = f"{self._runner}.{number}"
        self._libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != self._pid:
            os._exit(70)
        signal.set_wakeup_fd(-1)
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.set_inheritable(control, False)
        for descriptor in (output, errors, self._wake_in, self._wake_out, *self._workplace.private_descriptors):
            os.close(descriptor)
        self._commands.close()
        if self._is_spawning:
            os.set_inheritable(control, True)
            os.execv(sys.executable, [sys.executable, "-m", "flowrun.spawned", str(control)])
        self._nest.live(control)

    def _told_to_end(self, number: int, _frame: object) -> None:
        """In the starter, TERM says that the runner is gone; children inherit this handler and are aborted by it."""
        if os.getpid() != self._pid:
            self._nest.switch.interrupt()
        elif number == signal.SIGTERM:
            raise _RunnerIsGone

    def _reap(self) -> None:
        while (ended := _ended_child()) is not None:
            number = self._by_pid.pop(ended, None)
            if number is not None:
                _signal(os.killpg, ended, signal.SIGKILL)  # while its number cannot be used again
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
        if not _has_children():
            return
        mark = f"FLOWRUN_ATTEMPT={self._runner}.{number}\0".encode()
        for pid in _children():
            if pid not in self._by_pid and (not self._by_pid or mark in _environment(pid)):
                _signal(os.killpg, pid, signal.SIGKILL)
                _signal(os.kill, pid, signal.SIGKILL)

    def _kill_everything(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            for pid in _children():
                _signal(os.killpg, pid, signal.SIGKILL)
                _signal(os.kill, pid, signal.SIGKILL)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return

    def _answer(self, text: str) -> None:
        try:
            self._commands.send(text.encode())
        except OSError as error:
            raise _RunnerIsGone from error


def _signal(send: object, pid: int, number: int) -> None:
    try:
        send(pid, number)  # type: ignore[operator]
    except (ProcessLookupError, PermissionError):
        return


def _ended_child() -> int | None:
    """A child that has ended and is not reaped yet."""
    try:
        info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except ChildProcessError:
        return None
    return None if info is None else info.si_pid


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _environment(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        return


def _flush(stream: object) -> None:
    try:
        stream.flush()  # type: ignore[attr-defined]
    except (OSError, ValueError):
        return

"""Connection: the runner's end of the descriptors of one attempt in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from collections import deque
from typing import Any

from ..attempt import Attempt, Outcome, Reason
from ..eventbus.log import Severity
from ..shared_values import SharedValues
from .executor import Emit, Ended
from .frames import FrameReader, Head, parts
from .lines import Lines

_CHUNK = 1 << 16
_CONTROL_CHUNK = 1 << 18
"""More than the connection of an attempt holds at one time."""
_LAST_READS = 64
"""A pipe that an escaped helper keeps filling is read so often after the process has ended, and no more."""


class Connection:
    """Reads what an attempt says, answers for the shared values, and makes its outcome."""

    def __init__(self, number: int, attempt: Attempt, emit: Emit, shared: SharedValues, tell_ended: Ended) -> None:
        """Raises OSError if there are not enough descriptors."""
        self.number = number
        self.attempt = attempt
        self._emit = emit
        self._tell_ended = tell_ended
        self._shared = shared
        self._changed: set[str] = set()
        self._frames = FrameReader()
        self._unsent: deque[memoryview] = deque()
        self._reported: Outcome | None = None
        self._is_garbled = False
        self.is_waiting_to_send = False
        self.control, their_control, self.output, their_output, self.errors, their_errors = _three_pairs()
        self.theirs = [their_control, their_output, their_errors]
        for descriptor in self.ours:
            os.set_blocking(descriptor, False)
        self._lines = {
            self.output: Lines(attempt, Severity.INFO, emit),
            self.errors: Lines(attempt, Severity.ERROR, emit),
        }

    @property
    def ours(self) -> tuple[int, int, int]:
        """The descriptors on this side."""
        return (self.control, self.output, self.errors)

    def send_attempt(self, spawn_with: dict[str, Any] | None = None) -> None:
        """Say what is to be performed; a new interpreter is told first where its classes are."""
        if spawn_with is not None:
            self._send({"op": "spawn", **spawn_with})
        body = self.attempt.body()
        given = {name: text.encode("utf-8", "surrogatepass") for name, text in body.pop("given", {}).items()}
        sizes = {name: len(data) for name, data in given.items()}
        self._send({"op": "attempt", "attempt": body, "given": sizes}, b"".join(given.values()))

    def read(self, descriptor: int) -> bool:
        """Read what is there. False: this stream is over."""
        try:
            return self._read_some(descriptor)
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _read_some(self, descriptor: int) -> bool:
        data = os.read(descriptor, _CONTROL_CHUNK if descriptor == self.control else _CHUNK)
        if not data:
            return False
        lines = self._lines.get(descriptor)
        if lines is not None:
            lines.feed(data)
        elif not self._is_garbled:
            self._read_frames(data)
        return True

    def _read_frames(self, data: bytes) -> None:
        try:
            for head, payload in self._frames.feed(data):
                self._answer(head, payload)
        except (ValueError, LookupError, TypeError, AttributeError):  # somebody else wrote to this descriptor
            self._is_garbled = True
            self._reported = None
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self.control)) as line:
                line.shutdown(socket.SHUT_RDWR)  # the process must not wait for an answer

    def send_rest(self) -> bool:
        """Send what did not fit before. True: everything is sent."""
        try:
            while self._unsent:
                part = self._unsent[0]
                sent = os.write(self.control, part)
                if sent == len(part):
                    self._unsent.popleft()
                else:
                    self._unsent[0] = part[sent:]
        except BlockingIOError:
            return False
        except OSError:
            self._unsent.clear()  # the process is gone; its exit tells the rest
        return True

    def ended(self, status: int, cpu_microseconds: int, peak_kibibytes: int) -> None:
        """The process has ended, with this status as from `waitpid`, and has used so much."""
        outcome = self._outcome(status)
        self._finish(outcome.but(cpu_seconds=cpu_microseconds / 1_000_000, peak_bytes=peak_kibibytes * 1024))

    def failed(self, reason: Reason, message: str) -> None:
        """No process will report."""
        self._finish(Outcome.failed(message, reason).but(error_types=(reason.name.title().replace("_", ""),)))

    def close_theirs(self) -> None:
        """The other side has its own copies now."""
        for descriptor in self.theirs:
            os.close(descriptor)
        self.theirs = []

    def _finish(self, outcome: Outcome) -> None:
        for descriptor in self.ours:
            os.close(descriptor)
        self.close_theirs()
        for lines in self._lines.values():
            lines.close()
        shared = {key: self._shared.get(key)[0] for key in self._changed}
        self._tell_ended(outcome.but(shared=shared) if shared else outcome)

    def drain(self) -> None:
        """Read what the process left in its pipes."""
        for descriptor in self.ours:
            with contextlib.suppress(OSError):  # empty, or the process left without closing it
                for _ in range(_LAST_READS):
                    if not self._read_some(descriptor):
                        break

    def _outcome(self, status: int) -> Outcome:
        reported = self._reported
        if reported is not None and (status == 0 or not reported.is_completed):
            return reported
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            hint = ", perhaps out of memory" if number == signal.SIGKILL else ""
            message = f"killed by signal {number} ({_signal_name(number)}){hint}"
            return Outcome(Reason.KILLED, message, error_types=("Killed",), signal=number)
        code = os.waitstatus_to_exitcode(status)
        silent = " without reporting how it went" if reported is None else ""
        if self._is_garbled:
            silent += ": something was written to its connection with the runner"
        return Outcome(Reason.EXITED, f"exited with status {code}{silent}", error_types=("Exited",), exit_status=code)

    def _answer(self, head: Head, payload: bytes) -> None:
        match head["op"]:
            case "get":
                text, version = self._shared.get(head["key"])
                found = {"found": text is not None, "version": version}
                self._send(found, (text or "").encode("utf-8", "surrogatepass"))
            case "put":
                text = None if head["delete"] else payload.decode("utf-8", "surrogatepass")
                new_version = self._shared.put(head["key"], text, head["expect"])
                if new_version is not None:
                    self._changed.add(head["key"])
                self._send({"version": new_version})
            case "keys":
                self._send({}, json.dumps(self._shared.keys()).encode())
            case "progress":
                self._tell_progress(head)
            case "outcome":
                self._reported = Outcome.from_body(head["body"])
                if head["has_result"]:
                    self._reported = self._reported.but(result=payload.decode("utf-8", "surrogatepass"))

    def _tell_progress(self, head: Head) -> None:
        from ..eventbus.progress import Progress, ProgressEvent  # few jobs need it

        self._emit(ProgressEvent.of(self.attempt, Progress(head["done"], head["total"], head["message"])))

    def _send(self, head: Head, payload: bytes = b"") -> None:
        self._unsent += map(memoryview, parts(head, payload))
        self.send_rest()

    @property
    def has_unsent(self) -> bool:
        """Some of what was to be sent did not fit yet."""
        return bool(self._unsent)


def _three_pairs() -> list[int]:
    """A line in both directions and two pipes, of each our end first."""
    descriptors: list[int] = []
    try:
        descriptors += (end.detach() for end in socket.socketpair())
        descriptors += os.pipe()
        descriptors += os.pipe()
    except OSError:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    return descriptors


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"

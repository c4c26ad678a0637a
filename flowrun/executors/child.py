"""Child: what happens in the process of one attempt, from its first line to its exit.

A forked child pays for every page of memory it writes to, so whatever can be made before the fork is made in the
starter (`Nest`), and the path from here to the task is kept short.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the functions of `signal` make an enum of every number
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from ..attempt import Attempt, Outcome, Reason
from ..errors import SharedValueError
from ..eventbus.log import Severity
from ..shared_dict import SharedDict
from ..shared_values import SharedValues
from ..task import Task
from .abort_switch import AbortSwitch
from .frames import packed, parts, read_frame, write_all, write_frame
from .lines import marked
from .perform import Station, needs_event_loop, own_hooks, perform_here

if TYPE_CHECKING:
    from ..eventbus.progress import Progress
    from .teller import Teller

_WARM_UPS = 10


ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""The signals that abort an attempt."""


def lose_no_signal_at_fork() -> None:
    """Python forgets signals that reach a new process before it has taken over; from now on they wait until then.

    Otherwise an attempt that is aborted as soon as it is forked, or a process that a task starts and terminates at
    once, would not hear of it.
    """
    masks: dict[int, set[int]] = {}
    block, put_back, ending = int(signal.SIG_BLOCK), int(signal.SIG_SETMASK), tuple(map(int, ENDING))

    def hold() -> None:
        masks[get_ident()] = _signal.pthread_sigmask(block, ending)

    def let_go() -> None:
        _signal.pthread_sigmask(put_back, masks.pop(get_ident()))

    os.register_at_fork(before=hold, after_in_parent=let_go, after_in_child=let_go)


class _WarmUp(Task):
    """Does nothing. Performed in the starter, so that the code of `perform` is ready when it is copied."""

    def run(self) -> None:
        """Nothing to do."""


class Nest:
    """What every child finds ready: its streams, its switch, and the classes of the tasks."""

    def __init__(
        self, variants: Mapping[str, type[Any]], max_result_bytes: int, root: Path, *, is_remote: bool = False
    ) -> None:
        self._switch = AbortSwitch()
        self._owner = 0
        self._variants: Mapping[str, type[Task]] = variants
        self._port = _RemotePort(self._switch)
        self._station = Station(
            SharedDict(self._port),
            _write,
            self._switch,
            max_result_bytes,
            has_own_process=True,
            root=root,
            is_remote=is_remote,
            tell=self._port.tell,
        )
        sys.stdout, sys.stderr = _text_stream(1), _text_stream(2)
        for variant in self._variants.values():
            needs_event_loop(variant), own_hooks(variant)  # remembered, so that no child has to look
        for _ in range(_WARM_UPS):
            self.rehearse()

    def live(self, control: int) -> NoReturn:
        """Perform the attempt that is read from `control`, report its outcome there, and end the process."""
        status = 70
        self._owner = self._port.owner = os.getpid()
        self._port.control = control
        try:
            attempt = _attempt_in(*read_frame(control))
            outcome = perform_here(attempt, self._variants[attempt.variant], self._station)
            _wait_for_threads()
            _flush()
            self._port.close()
            if os.getpid() == self._owner:  # a copy that the task forked of itself has nothing to report
                for part in _report(outcome):
                    write_all(control, part)
            status = 0
        finally:
            os._exit(status)

    def told_to_end(self, number: int) -> None:
        """A signal came: the attempt is interrupted. A copy that it forked of itself ends as any process would."""
        if self._owner in (0, os.getpid()):
            self._switch.interrupt()
        else:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def rehearse(self) -> None:
        """Walk the whole path once with a task that does nothing."""
        reading, writing = os.pipe()
        write_all(writing, _REHEARSED)
        attempt = _attempt_in(*read_frame(reading))
        station = Station(SharedDict(SharedValues()), _write, AbortSwitch(), 0)
        outcome = perform_here(attempt, _WarmUp, station)
        _wait_for_threads()
        _flush()
        for part in _report(outcome):
            write_all(writing, part)
        os.close(reading)
        os.close(writing)


def _attempt_in(head: dict[str, Any], payload: bytes | bytearray) -> Attempt:
    """The attempt of a frame. What it is given stands in the payload, one text after the other."""
    given: dict[str, str] = {}
    begin = 0
    with memoryview(payload) as view:
        for name, size in head["given"].items():
            given[name] = str(view[begin : begin + size], "utf-8", "surrogatepass")
            begin += size
    return Attempt.from_body({**head["attempt"], "given": given} if given else head["attempt"])


def _report(outcome: Outcome) -> tuple[bytes, ...]:
    """The frame that tells the runner what came of the attempt. That of the usual outcome is ready."""
    result = outcome.result
    has_more = outcome.hook_errors or outcome.spawned or outcome.leaves_out_rest
    if result is None and outcome.reason is Reason.RETURNED and not has_more:
        return _RETURNED_NOTHING
    return _outcome_frame(outcome)


def _outcome_frame(outcome: Outcome) -> tuple[bytes, ...]:
    body = outcome.body()
    result: str | None = body.pop("result", None)
    head = {"op": "outcome", "body": body, "has_result": result is not None}
    return parts(head, (result or "").encode("utf-8", "surrogatepass"))


_RETURNED_NOTHING = _outcome_frame(Outcome.completed())
_REHEARSED = packed({"op": "attempt", "attempt": Attempt("", "", "", "", depends_on=("",)).body(), "given": {}})


def _text_stream(descriptor: int) -> TextIO:
    """Line by line, so that a crash loses nothing that was printed; any text can be printed."""
    raw = open(descriptor, "wb")  # noqa: SIM115  lives as long as the process
    return TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _write(severity: Severity, message: str) -> None:
    """A message of `self.logger`, into the same stream as printed lines, so that their order is kept."""
    text = marked(severity, message).encode("utf-8", "backslashreplace")
    _flush()
    try:
        while text:
            text = text[os.write(1, text) :]
    except OSError:
        return  # the task closed its output: it does not want to be heard


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue  # closed, replaced or broken by the task: output never decides


def _wait_for_threads() -> None:
    """Threads that are no daemons belong to the work, as in any Python program."""
    if len(sys._current_frames()) == 1:
        return
    threading = sys.modules["threading"]
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.main_thread():
            thread.join()


class _RemotePort:
    """The shared values, asked for through the control socket; on it the progress of the attempt is told, too."""

    def __init__(self, switch: AbortSwitch) -> None:
        self.control = -1
        self.owner = 0
        """The process whose connection it is."""
        self._switch = switch
        self._lock = Lock()
        self._teller: Teller | None = None
        self._is_closed = False

    def get(self, key: str) -> tuple[str | None, int]:
        head, payload = self._ask({"op": "get", "key": key})
        return (payload.decode("utf-8", "surrogatepass") if head["found"] else None), head["version"]

    def put(self, key: str, text: str | None, expected_version: int | None = None) -> int | None:
        ask = {"op": "put", "key": key, "delete": text is None, "expect": expected_version}
        head, _ = self._ask(ask, (text or "").encode("utf-8", "surrogatepass"))
        version: int | None = head["version"]
        return version

    def keys(self) -> list[str]:
        _, payload = self._ask({"op": "keys"})
        keys: list[str] = json.loads(payload)
        return keys

    def tell(self, progress: Progress) -> None:
        """Tell the runner how far the attempt is. A process that the task forked tells nothing."""
        if os.getpid() != self.owner:
            return
        from .teller import Teller  # few attempts need it

        with self._switch.held():  # as below
            if self._teller is None:
                self._teller = Teller(self._send_progress)
            self._teller.tell(progress)

    def close(self) -> None:
        """The attempt is over: what it told last is sent before its outcome, and nothing into the midst of that."""
        if os.getpid() != self.owner:
            return
        if self._teller is not None:
            self._teller.close()
        with self._lock:
            self._is_closed = True

    def _send_progress(self, progress: Progress) -> None:
        with self._lock, suppress(OSError):  # the runner is gone, and this process will be
            if not self._is_closed:
                write_frame(self.control, {"op": "progress", **progress.body()})

    def _ask(self, head: dict[str, Any], payload: bytes = b"") -> tuple[dict[str, Any], bytes | bytearray]:
        if os.getpid() != self.owner:  # two processes on one connection would read each other's answers
            raise SharedValueError("shared_dict can be used in the process of the task only, not in one that it forked")
        with self._lock, self._switch.held():  # an abort must not cut a frame in two
            write_frame(self.control, head, payload)
            return read_frame(self.control)

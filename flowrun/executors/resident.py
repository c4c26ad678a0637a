"""Resident: one attempt that is performed inside the runner's process, by a thread or a coroutine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ..attempt import Attempt, Outcome
from ..eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from ..shared_dict import SharedDict
from .abort_switch import AbortSwitch
from .capture import Spoken
from .executor import Emit, Ended, Workplace
from .failure import outcome_of
from .perform import Station, perform
from .post import Post

if TYPE_CHECKING:
    from ..eventbus.progress import Progress, ProgressEvent
    from .loop_teller import LoopTeller


class Carries(Protocol):
    """Has calls made on the engine's thread, in order."""

    def put(self, call: Callable[..., None], *arguments: object) -> None:
        """Have a call made."""


class Residence:
    """The attempts under way of one executor, and what they have in common. It belongs to the engine's thread."""

    def __init__(self, workplace: Workplace, post: Carries | None = None) -> None:
        """Call it inside the event loop of the engine. `post` brings what workers say to the engine's thread."""
        self.workplace = workplace
        self.post = post or Post()
        self._residents: dict[str, Resident] = {}

    def __len__(self) -> int:
        return len(self._residents)

    def admit(self, attempt: Attempt, emit: Emit, ended: Ended) -> Resident:
        """An attempt begins."""
        resident = self._residents[attempt.full_id] = Resident(attempt, emit, ended, self)
        return resident

    def find(self, attempt: Attempt) -> Resident | None:
        """The attempt, if it is under way."""
        return self._residents.get(attempt.full_id)

    def leave(self, attempt: Attempt) -> None:
        """An attempt has ended."""
        del self._residents[attempt.full_id]


class Resident:
    """Made on the engine's thread, used by the worker, and finished on the engine's thread again."""

    __slots__ = ("_emit", "_ended", "_residence", "_shared", "_teller", "_values", "attempt", "switch", "worker")

    def __init__(self, attempt: Attempt, emit: Emit, ended: Ended, residence: Residence) -> None:
        self.attempt = attempt
        self.switch = AbortSwitch()
        self.worker: object = None
        """What performs it: kept alive by this."""
        self._emit = emit
        self._ended: Ended | None = ended
        self._residence = residence
        self._values = residence.workplace.shared_with(attempt)
        self._shared = SharedDict(self._values)
        self._teller: LoopTeller | None = None

    def equipped(self) -> tuple[Spoken, Station]:
        """What the worker needs. It holds this one and not the other way round: circles are slow to collect."""
        spoken = Spoken(self._say_lines)

        def write(severity: Severity, message: str) -> None:
            spoken.close()
            self._say_message(severity, message)

        workplace = self._residence.workplace
        return spoken, Station(
            self._shared,
            write,
            self.switch,
            workplace.max_result_bytes,
            root=workplace.root,
            hands_live=workplace.hands_live,
            encodes=workplace.encodes,
            is_remote=workplace.is_remote,
            tell=self._tell,
        )

    async def perform(self) -> Outcome:
        """Called by a worker with an event loop: what comes of the attempt."""
        try:
            spoken, station = self.equipped()
            with spoken.speaking():
                variant = self._residence.workplace.variants[self.attempt.variant]
                return await perform(self.attempt, variant, station)
        except BaseException as error:  # one task must not end the loop of all others
            return outcome_of(error)

    def finish(self, outcome: Outcome) -> None:
        """Called by the worker with what came of it."""
        changed = self._shared.changed_keys()
        if changed:
            outcome = outcome.but(shared={key: self._values.get(key)[0] for key in changed})
        self._residence.post.put(self.settle, outcome)

    def settle(self, outcome: Outcome) -> None:
        """Called on the engine's thread; only the first outcome counts."""
        if self._teller is not None:
            self._teller.flush()
        ended, self._ended = self._ended, None
        if ended is not None:
            self.worker = None
            self._residence.leave(self.attempt)
            ended(outcome)

    def _say_lines(self, severity: Severity, lines: str) -> None:
        attempt = self.attempt
        event = LogLinesEvent(
            name=attempt.task, attempt=attempt.number, job_name=attempt.job_name, severity=severity, lines=lines
        )
        self._residence.post.put(self._pass_on, event)

    def _say_message(self, severity: Severity, message: str) -> None:
        attempt = self.attempt
        event = LogWriteEvent(
            name=attempt.task, attempt=attempt.number, job_name=attempt.job_name, severity=severity, message=message
        )
        self._residence.post.put(self._pass_on, event)

    def _tell(self, progress: Progress) -> None:
        if self._teller is None:
            from .loop_teller import LoopTeller  # few attempts need it

            self._teller = LoopTeller(self._residence.post.put, self._pass_progress_on)
        self._teller.tell(progress)

    def _pass_progress_on(self, progress: Progress) -> None:
        from ..eventbus.progress import ProgressEvent

        self._pass_on(ProgressEvent.of(self.attempt, progress))

    def _pass_on(self, event: LogLinesEvent | LogWriteEvent | ProgressEvent) -> None:
        if self._ended is not None:
            self._emit(event)

"""Keeper: gives every move to the checkpointer before anything follows from it."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from .. import values
from ..checkpointer.checkpointer import CheckpointContents, Checkpointer, Commit
from ..checkpointer.opened import guarded
from ..errors import StateError
from ..eventbus.event import now
from ..eventbus.execution import TERMINAL, UNSUCCESSFUL, ExecutionState
from ..file_name import safe_file_name
from .instruction import Move
from .job import Job
from .plan import Plan
from .restart import RestartPlan

_S = ExecutionState
_PERHAPS_UNMOVED = (_S.SKIP, _S.ABORTED)


class Keeper:
    """What is kept of a run. Raises StateError, naming the checkpointer, whenever it cannot be kept or cleared."""

    def __init__(self, job: Job, start: RestartPlan, plan: Plan, before: CheckpointContents | None) -> None:
        self._job = job
        self._checkpointer = job.checkpointer
        self._start = start
        self._plan = plan
        self._started = start.started or now().isoformat()
        kept = start.past.completed
        self.results = {name: text for name, text in (before.results if before else {}).items() if name in kept}
        ran_with = {name: digests for name, digests in (before.digests if before else {}).items() if name in kept}
        self._digests = {**job.digests, **ran_with}  # those of a kept task are of the definition with which it ran
        self._before = {name: letter for letter, names in (before.states if before else {}).items() for name in names}
        self._added = {name: list(map(dict, records)) for name, records in start.added.items()}
        self._gone = frozenset(start.named("gone"))
        self._approvals = _still_holding(before.approvals, start.past.approved) if before else {}
        self._under_way: set[str] = set()
        self._is_stale = False

    async def open(self) -> None:
        """Write the first checkpoint. Nothing has started before it is kept.

        The checkpointer is created already: it had to be, to be asked for the run that is continued.
        """
        try:
            if self._start.is_restart:
                await self._guard("on_restart", self._checkpointer.on_restart())
            if self._checkpointer.keeps_nothing:
                return
            await self.write_snapshot()
        except StateError:
            with suppress(StateError):
                await self._guard("on_destroy", self._checkpointer.on_destroy())
            raise
        with suppress(StateError):  # a later run tries again
            await self._forget_results()

    async def _forget_results(self) -> None:
        """Remove large results to which no checkpoint leads any more."""
        stores = self._job.store.others()
        if stores and type(self._checkpointer).list_checkpoints is not Checkpointer.list_checkpoints:
            kept = await guarded(self._checkpointer, "list_checkpoints", self._checkpointer.list_checkpoints())
            is_damaged = bool(getattr(self._checkpointer, "damaged", ()))
            run_ids = {safe_file_name(contents.run_id) for contents in kept}
            for store in stores:
                if not (is_damaged or store.run_id in run_ids or store.is_in_use):
                    store.remove()

    async def keep(self, moves: Sequence[Move], at: datetime) -> None:
        """Keep these moves. When it returns, those that end a task survive a loss of power."""
        if self._checkpointer.keeps_nothing:
            return
        self._is_stale = True
        for move in moves:
            if move.to_state in UNSUCCESSFUL and move.outcome is not None and move.outcome.may_be_under_way:
                self._under_way.add(move.name)
            if move.to_state is _S.COMPLETED and move.outcome is not None and move.outcome.spawned:
                self._added[move.name] = list(move.outcome.spawned)
        if self._checkpointer.records_commits:
            text = at.isoformat()
            commits = [self._commit(move, text) for move in moves if self._is_worth_keeping(move)]
            if commits:
                await self._guard("record", self._checkpointer.record(self._job.name, commits))

    async def keep_answers(self, answers: Mapping[str, dict[str, Any]], at: datetime) -> None:
        """Keep what was said of tasks. When it returns, it survives a loss of power."""
        self._approvals.update(answers)
        if self._checkpointer.records_commits:
            state, text = _S.PENDING.value, at.isoformat()
            commits = [Commit(name, state, approval=answer, at=text) for name, answer in answers.items()]
            await self._guard("record", self._checkpointer.record(self._job.name, commits))
        elif not self._checkpointer.keeps_nothing:
            await self.write_snapshot()

    async def write_snapshot(self) -> None:
        """Write everything, for the start, and for checkpointers that do not record each commit."""
        self._is_stale = False
        await self._guard("write_checkpoint", self._checkpointer.write_checkpoint(self._job.name, self._contents()))

    @property
    def used_questions(self) -> frozenset[str]:
        """The ids of the questions that were answered in this run before."""
        return frozenset(str(kept.get("to")) for kept in self._approvals.values())

    @property
    def needs_snapshots(self) -> bool:
        """Something happened that only a snapshot will keep."""
        return self._is_stale and not self._checkpointer.records_commits

    @property
    def notices(self) -> list[str]:
        """What the checkpointer has to tell a person: a torn last record that it passed over."""
        return list(getattr(self._checkpointer, "notices", ()))

    async def close(self, ending: str, *, is_completed: bool) -> None:
        """Clear the checkpoint if nothing is left to continue, else keep it; then the last hooks."""
        try:
            if not self.can_be_continued(is_completed=is_completed):
                await self._guard("clear_checkpoint", self._checkpointer.clear_checkpoint(self._job.name))
                if self._job.may_have_files:
                    self._job.store.remove_when_unused()
            elif self.needs_snapshots:
                await self.write_snapshot()
            hook = {"success": "on_success", "failure": "on_failure", "abort": "on_abort"}[ending]
            await self._guard(hook, getattr(self._checkpointer, hook)())
        finally:
            await self._guard("on_destroy", self._checkpointer.on_destroy())

    def can_be_continued(self, *, is_completed: bool) -> bool:
        """What is kept stays, because something is left to do."""
        return not is_completed or self._left_out_of_a_restart()

    def _left_out_of_a_restart(self) -> bool:
        return any(self._stands_as_before(name, _S.SKIP) for name in self._start.past.skipped)

    def _is_worth_keeping(self, move: Move) -> bool:
        if move.from_state is _S.INIT or move.name in self._under_way:
            return False
        return move.to_state not in _PERHAPS_UNMOVED or not self._stands_as_before(move.name, move.to_state)

    def _stands_as_before(self, name: str, state: ExecutionState) -> bool:
        """What was stopped before it started, or is left out only of this restart, stands where it stood."""
        if state is _S.ABORTED:
            return not self._plan.tries(name)
        is_asked = state is _S.SKIP and name in self._start.past.skipped
        return is_asked and self._start.is_restart and self._before.get(name) != _S.SKIP.value

    def _commit(self, move: Move, at: str) -> Commit:
        outcome = move.outcome
        is_once = move.to_state is _S.RUNNING and self._plan.definition(move.name).at_most_once
        if outcome is None:
            return Commit(
                move.name, move.to_state.value, move.attempt, is_durable=move.to_state in TERMINAL or is_once, at=at
            )
        return Commit(
            task=move.name,
            state=move.to_state.value,
            attempt=move.attempt,
            reason="" if outcome.is_completed else outcome.message or outcome.reason.value,
            result=outcome.result if outcome.is_completed else None,
            shared=outcome.shared,
            added=outcome.spawned,
            is_durable=move.to_state in TERMINAL,
            at=at,
        )

    def _contents(self) -> CheckpointContents:
        states: dict[str, set[str]] = {}
        standing = self._plan.states()
        for name, state in standing.items():
            states.setdefault(self._letter(name, state), set()).add(name)
        for name in self._before.keys() - standing.keys() - self._gone:  # not known to the plan yet: items, added tasks
            if (letter := self._letter(name, _S.INIT)) != _S.INIT.value:
                states.setdefault(letter, set()).add(name)
        return CheckpointContents(
            name=self._job.name,
            states=states,
            shared_dict=self._shared(),
            run_id=self._job.run_id,
            results=dict(self.results),
            digests=self._digests,
            added=dict(self._added),
            approvals=self._approvals,
            attempts={**self._start.past.attempts, **self._plan.attempts()},
            started=self._started,
            ended=now().isoformat(),
        )

    def _letter(self, name: str, state: ExecutionState) -> str:
        """A task that has not started again stands where it stood, so that a second crash forgets nothing."""
        if name in self._start.past.lost:
            return self._before[name]
        if name in self._under_way:
            return str(_S.RUNNING.value)
        if state not in (_S.INIT, _S.PENDING) and not self._stands_as_before(name, state):
            return str(state.value)
        if name in self._start.past.completed:
            return str(_S.COMPLETED.value)
        if not self._start.is_restart and name in self._start.past.skipped:
            return str(_S.SKIP.value)
        before = self._before.get(name, _S.INIT.value)
        return str(_S.INIT.value) if before == _S.COMPLETED.value else before

    def _shared(self) -> dict[Any, Any]:
        texts = self._job.shared.texts()
        if self._checkpointer.records_commits:
            return dict(texts)
        return {values.decode(key): values.decode(text) for key, text in texts.items()}

    async def _guard(self, where: str, work: Awaitable[None]) -> None:
        await guarded(self._checkpointer, where, work)


def _still_holding(approvals: Mapping[str, dict[str, Any]], approved: Collection[str]) -> dict[str, dict[str, Any]]:
    """What was answered. An approval that was used up holds no more, even if this run does not come to ask again."""
    return {name: kept if name in approved else {**kept, "may_start": False} for name, kept in approvals.items()}

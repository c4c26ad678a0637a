"""Approvals: the tasks of a run that wait for a person, and the answers that come for them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from ..approvals import Answer, Desk, Question, shortened
from ..attempt import Outcome, Reason
from ..duration import duration
from ..errors import StateError, UsageError
from ..eventbus.execution import ExecutionState
from ..os_process import birth_of
from .announcer import Announcer
from .inbox import Put
from .instruction import Instruction
from .job import Job
from .plan import Plan
from .surroundings import Surroundings


class Approvals:
    """Asks, and looks for answers only as long as a task waits for one."""

    def __init__(
        self,
        job: Job,
        plan: Plan,
        announcer: Announcer,
        put: Put,
        surroundings: Surroundings,
        used: Collection[str],
    ) -> None:
        """`used` are the ids of questions whose answers are kept."""
        self._job = job
        self._plan = plan
        self._announcer = announcer
        self._put = put
        self._clock = surroundings.clock
        self._used = used
        self._given = surroundings.answers
        self._desk = Desk(job.root)
        self._waiting: dict[str, Question] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._look_timer: asyncio.TimerHandle | None = None
        self._unkept: dict[str, tuple[Question, Answer]] = {}
        self.postponed: dict[str, str] = {}
        """The questions of tasks that wait longer than this run."""

    def ask(self, name: str, text: str) -> None:
        """Ask a person. Raises StateError if the question cannot be written."""
        question = self._question(name, text)
        self._waiting[name] = question
        if self._given is not None:
            said = self._given.get(name, True)
            self._answered_soon(name, Answer(question.id, "approved" if said else "rejected", question.since))
            return
        self._desk.ask(question)
        self._tell(question)
        if question.until is not None:
            loop, seconds = asyncio.get_running_loop(), question.until - question.since
            self._timers[name] = loop.call_later(seconds, self._put, partial(self._time_is_over, name))
        if (answer := self._desk.answer(question)) is not None:  # it was given while no run was there
            self._answered_soon(name, answer)
        self._look_later()

    def _question(self, name: str, text: str) -> Question:
        approval, now = self._plan.definition(name).approve, self._clock.now().timestamp()
        assert approval is not None, "only such tasks ask"
        text = shortened(self._job.shown(text))
        until = None if approval.timeout is None else now + approval.timeout
        pid = os.getpid()
        return Question(
            id=self._open_id(name, text) or os.urandom(8).hex(),
            run=self._job.run_id,
            job=self._job.name,
            task=name,
            text=text,
            since=now,
            until=until,
            otherwise=approval.otherwise,
            pid=pid,
            birth=birth_of(pid),
        )

    def _open_id(self, name: str, text: str) -> str:
        """That of the same question, if an earlier life of the run has asked it and no answer was taken."""
        before = self._desk.question(self._job.run_id, name)
        is_open = before is not None and before.text == text and before.id not in self._used
        return before.id if before is not None and is_open else ""

    def _look(self) -> None:
        """See whether there are answers, and whether somebody still waits for one."""
        has_answers = self._desk.has_answers(self._job.run_id)  # very many may wait
        for name, question in list(self._waiting.items()):
            if not self._plan.is_asking(name):
                self._forget(name)
            elif has_answers and (answer := self._desk.answer(question)) is not None:
                self._answered_soon(name, answer)
        self._look_timer = None
        self._look_later()

    def _look_later(self) -> None:
        if self._waiting and self._look_timer is None:
            seconds = self._job.config.synchro_interval_seconds
            self._look_timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _answered_soon(self, name: str, answer: Answer) -> None:
        self._put(partial(self._answered, name, answer))

    def _answered(self, name: str, answer: Answer) -> Sequence[Instruction]:
        question = self._waiting.pop(name, None)
        if question is None or not self._plan.is_asking(name):
            return []
        self._cancel_timer(name)
        self._unkept[name] = question, answer
        if _may_start(question, answer):
            return self._plan.approved(name)
        return self._plan.refused(name, Outcome.failed(_refusal(question, answer), Reason.NOT_STARTED))

    def _time_is_over(self, name: str) -> Sequence[Instruction]:
        """An answer that has come in time counts, even if nobody has looked since."""
        question = self._waiting.get(name)
        if question is None or not self._plan.is_asking(name):
            return []
        if (answer := self._desk.answer(question)) is not None:
            return self._answered(name, answer)
        if question.otherwise != "stop":
            return self._answered(name, self._too_late(question))
        del self._waiting[name]
        self.postponed[name] = question.text
        return self._plan.postponed(name, Outcome.failed(waits_for(question.text), Reason.NOT_STARTED))

    def _too_late(self, question: Question) -> Answer:
        """The run gives an answer itself, as a person would, so that from now on nobody else can."""
        answer = Answer(question.id, "timed out", self._clock.now().timestamp())
        try:
            self._desk.put_answer(question, answer)
        except UsageError:  # somebody was quicker, or has deleted the question
            return self._desk.answer(question) or answer
        except StateError:  # a full disk is no answer either
            return answer
        return answer

    def _record(self, name: str, question: Question, answer: Answer) -> dict[str, Any]:
        approval = self._plan.definition(name).approve
        return {
            **answer.body(),
            "comment": self._job.shown(answer.comment),
            "question": question.text,
            "asked": approval.question if approval is not None else "",
            "may_start": _may_start(question, answer),
        }

    def records(self) -> dict[str, dict[str, Any]]:
        """The answers that have come and are to be kept before anything follows from them, by task."""
        return {name: self._record(name, *asked) for name, asked in self._unkept.items()}

    def kept(self) -> None:
        """These are kept: now the world may hear of them, and their files are not needed any more."""
        for name, (question, answer) in self._unkept.items():
            self._tell(question, answer)
            if self._given is None:
                self._desk.withdraw(self._job.run_id, name)
        self._unkept.clear()

    def close(self, *, is_over: bool) -> None:
        """The run ends. What still waits may be answered later, unless the run `is_over` for good."""
        for name in list(self._waiting):
            self._forget(name)
        self.fall_silent()
        if is_over and self._given is None:
            self._desk.withdraw_run(self._job.run_id)

    def fall_silent(self) -> None:
        """Look no more."""
        for timer in (*self._timers.values(), self._look_timer):
            if timer is not None:
                timer.cancel()

    def _forget(self, name: str) -> None:
        """The task does not wait any more, and nobody has answered. If it was only stopped, it will ask again."""
        del self._waiting[name]
        self._cancel_timer(name)
        if self._plan.state(name) is not ExecutionState.ABORTED:
            self._desk.withdraw(self._job.run_id, name)

    def _cancel_timer(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _tell(self, question: Question, answer: Answer | None = None) -> None:
        self._announcer.approval(question, answer, self._clock.now())


def waits_for(question: str) -> str:
    """Why a task has not started that waits for a person."""
    return f"waits for an approval: {question}"


def _may_start(question: Question, answer: Answer) -> bool:
    return answer.said == "approved" or (answer.said == "timed out" and question.otherwise == "approve")


def _refusal(question: Question, answer: Answer) -> str:
    if answer.said == "rejected":
        return f"rejected{answer.by_whom}"
    return f"nobody has approved it within {duration((question.until or question.since) - question.since)}"

"""FakeExecutor: answers for tasks instead of performing them."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, PrivateAttr

from .. import values
from ..attempt import Attempt, Outcome
from ..executors.executor import Emit, Executor, Workplace
from ..executors.failure import outcome_of
from ..executors.perform import parameters_of
from ..values.file_store import FileStore


class FakeExecutor(Executor):
    """Answers for tasks instead of performing them.

    An answer is the result of a task; an exception fails it; what can be called is called in each attempt with the
    task's parameters as keywords, and may be `async`.
    """

    is_resident: ClassVar[bool] = True

    answers: dict[str, Any] = Field(default_factory=dict)
    """By the name of the task; that of a fan answers for all items that have none of their own."""

    _workplace: Workplace = PrivateAttr(default_factory=lambda: Workplace(Path()))
    _attempts: list[Attempt] = PrivateAttr(default=[])

    @property
    def attempts(self) -> list[Attempt]:
        """The attempts that it was given, in order."""
        return list(self._attempts)

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        self._attempts.append(attempt)
        store = FileStore(self._workplace.root, attempt.job_name, attempt.run_id)
        try:
            answer = self._answer(attempt.task)
            if callable(answer) and not isinstance(answer, BaseException):
                answer = answer(**self._parameters(attempt, store))
            if inspect.isawaitable(answer):
                answer = await answer
            if isinstance(answer, BaseException):
                raise answer
            return Outcome.completed(None if answer is None else values.encode(answer, store))
        except Exception as error:
            return outcome_of(error)

    def _answer(self, task: str) -> Any:
        return self.answers[task] if task in self.answers else self.answers.get(task.partition("[")[0])

    def _parameters(self, attempt: Attempt, store: FileStore) -> dict[str, Any]:
        """As the class would see them."""
        given = parameters_of(attempt, store)
        variant = self._workplace.variants.get(attempt.variant)
        return dict(given) if variant is None else dict(variant.model_validate(given))

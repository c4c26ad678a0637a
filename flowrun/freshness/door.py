"""Door: what happens before an attempt of a task that may be up to date, and after it."""

from __future__ import annotations

from collections.abc import Callable

from ..attempt import Attempt, Outcome, Reason
from ..errors import StateError
from ..jobdefinition.task_definition import TaskDefinition
from ..shared_values import SharedValues
from .examiner import Examiner, Finding
from .file_digests import InterruptedReading
from .survey import IrreproducibleError, UnfitError, Unwanted

_NAMES = ("FlowrunError", "Exception", "BaseException")


class Door:
    """Lets attempts through unless their task is up to date. For other threads than the event loop's."""

    def __init__(
        self, examiner: Examiner, shared: SharedValues, *, is_forced: Callable[[str], bool], verifies: bool
    ) -> None:
        """`is_forced`: a task is performed whatever is found; `verifies`: so are all, and the outcomes are compared."""
        self._examiner = examiner
        self._shared = shared
        self._is_forced = is_forced
        self._verifies = verifies

    def definition(self, name: str) -> TaskDefinition | None:
        """The definition of a task that is to be examined; None for others."""
        return self._examiner.definition(name)

    def knock(
        self, attempt: Attempt, task: TaskDefinition, is_unwanted: Unwanted
    ) -> tuple[Finding | None, Outcome | None]:
        """What was found out, and the outcome if the attempt need not or cannot be performed."""
        if not task.may_be_up_to_date:
            return None, None
        try:
            finding = self._examiner.examine(attempt, task, is_unwanted)
        except UnfitError as error:
            return None, _failed(error, Reason.NOT_STARTED).but(is_final=True)
        if finding.why or self._verifies or self._is_forced(attempt.task) or finding.earlier is None:
            return finding, None
        outcome = self._examiner.earlier_outcome(attempt, finding.earlier)
        if outcome is not None:
            for key, text in outcome.shared.items():
                self._shared.put(key, text)
        return finding, outcome

    def leave(
        self, attempt: Attempt, task: TaskDefinition, finding: Finding | None, outcome: Outcome, is_unwanted: Unwanted
    ) -> Outcome:
        """The outcome of an attempt that completed, in the light of what it has made."""
        try:
            outputs = self._examiner.outputs(attempt, task, is_unwanted)
            if finding is None:
                return outcome
            if self._verifies and not finding.why and finding.earlier is not None:
                self._examiner.compare(attempt, finding.earlier, outputs, outcome)
            self._examiner.keep(attempt, finding.grounds, outputs, outcome)
        except UnfitError as error:
            return _failed(error).but(is_final=isinstance(error, IrreproducibleError))
        except StateError as error:
            return outcome.but(hook_errors=(*outcome.hook_errors, f"no record for the next run: {error}"))
        except InterruptedReading:
            return outcome  # the next run has no record of it, and performs it again
        return outcome


def _failed(error: UnfitError, reason: Reason = Reason.RAISED) -> Outcome:
    return Outcome.failed(str(error), reason).but(error_types=(type(error).__name__, *_NAMES))

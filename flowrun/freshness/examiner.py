"""Examiner: decides whether a task is up to date, and keeps a record of what it made."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..attempt import Attempt, Outcome
from ..dataclass import dataclass
from ..duration import duration
from ..errors import FlowrunError
from ..jobdefinition.task_definition import CacheDefinition, TaskDefinition
from ..values.file_store import FileStore
from .file_digests import FileDigest, FileDigests
from .grounds import Grounds, changed_files
from .large_values import by_content, copy_values
from .record import Record
from .records import Records
from .survey import IrreproducibleError, Survey, UnfitError, Unwanted

UP_TO_DATE = "up to date"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about a task that is due."""

    grounds: Grounds
    earlier: Record | None
    why: str = ""
    """Why the record is of no use; empty: the task is up to date."""


class Examiner:
    """Examines the tasks of one job. It reads files, so it is for other threads than that of the event loop."""

    def __init__(
        self,
        root: Path,
        job_name: str,
        tasks: Mapping[str, TaskDefinition],
        variants: Mapping[str, type[Any]],
        environ: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        """`tasks` are those with `inputs`, `outputs` or `cache`, `variants` the classes of all; `now` is in UTC."""
        self._root = root
        self._tasks = tasks
        self._variants = variants
        self._now = now
        self._records = Records(root, job_name)
        self._survey = Survey(root, environ, FileDigests(lambda: int(now().timestamp() * 1e9)))

    def definition(self, name: str) -> TaskDefinition | None:
        """The definition of a task, or of the one that it is an item of; None if it is not to be examined."""
        found = self._tasks.get(name)
        return found if found is not None else self._tasks.get(name.partition("[")[0])

    def examine(self, attempt: Attempt, task: TaskDefinition, is_unwanted: Unwanted = lambda: False) -> Finding:
        """Whether a task is up to date.

        Raises UnfitError for inputs that are not there, and InterruptedReading when the answer is unwanted.
        """
        earlier = self._records.read(attempt.task)
        if earlier is not None:
            for files in (earlier.grounds.source, earlier.grounds.inputs, earlier.outputs):
                self._survey.learn(files)
        salt = os.urandom(8).hex() if earlier is None else earlier.grounds.salt
        grounds = self._survey.grounds(attempt, task, self._variants[attempt.variant], salt, is_unwanted)
        if earlier is None:
            return Finding(grounds, None, "no earlier run is recorded")
        why = grounds.difference(earlier.grounds) or self._too_old(task, earlier)
        return Finding(grounds, earlier, why or self._other_outputs(attempt, task, earlier, is_unwanted))

    def earlier_outcome(self, attempt: Attempt, record: Record) -> Outcome | None:
        """The outcome of the recorded attempt; None if a large value of it is gone."""
        try:
            for text in record.values():
                copy_values(text, self._records.values(record.task), self._store(attempt).directory)
        except (OSError, FlowrunError):
            return None
        return record.outcome.but(message=UP_TO_DATE, is_cached=True)

    def outputs(self, attempt: Attempt, task: TaskDefinition, is_unwanted: Unwanted) -> dict[str, FileDigest]:
        """What the task has made. Raises UnfitError for declared outputs that are not there."""
        return self._survey.outputs(attempt, task, is_unwanted)

    def values(self, name: str) -> FileStore:
        """Where the large values of the recorded outcome of a task are."""
        return self._records.values(name)

    def keep(self, attempt: Attempt, grounds: Grounds, outputs: Mapping[str, FileDigest], outcome: Outcome) -> None:
        """Keep a record of an attempt that completed. Raises StateError if it cannot be written."""
        kept = Outcome.completed(outcome.result).but(
            shared=outcome.shared, spawned=outcome.spawned, leaves_out_rest=outcome.leaves_out_rest
        )
        record = Record(attempt.task, attempt.run_id, self._now(), grounds, outputs, kept)
        self._records.write(record, self._store(attempt))

    def compare(self, attempt: Attempt, earlier: Record, outputs: Mapping[str, FileDigest], outcome: Outcome) -> None:
        """Raise IrreproducibleError if an attempt made something else than the earlier one."""
        store = self._store(attempt)
        before = self._records.values(earlier.task)
        said = [changed_files(earlier.outputs, outputs, "outputs")]
        if by_content(outcome.result or "null", store) != by_content(earlier.outcome.result or "null", before):
            said.insert(0, "its result is another one")
        if differences := "; ".join(filter(None, said)):
            raise IrreproducibleError(
                f"not reproducible: with the same inputs as on {moment(earlier.at)}, {differences}"
            )

    def _other_outputs(self, attempt: Attempt, task: TaskDefinition, earlier: Record, is_unwanted: Unwanted) -> str:
        try:
            declared = self._survey.outputs(attempt, task, is_unwanted)
        except UnfitError as error:
            return str(error).replace("was not made", "does not exist")
        named = {os.path.normpath(pattern) for pattern in task.outputs}
        now = {name: digest for name, digest in declared.items() if name in named}
        return changed_files(earlier.outputs, {**now, **self._survey.again(earlier.outputs, is_unwanted)}, "outputs")

    def _too_old(self, task: TaskDefinition, earlier: Record) -> str:
        most = task.cache.max_age if isinstance(task.cache, CacheDefinition) else None
        if most is None or self._now() - earlier.at <= timedelta(seconds=most):
            return ""
        return f"the last run was on {moment(earlier.at)}, more than {duration(most)} ago"

    def _store(self, attempt: Attempt) -> FileStore:
        return FileStore(self._root, attempt.job_name, attempt.run_id)


def moment(at: datetime) -> str:
    """A moment as a person on this machine writes it."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"

"""TaskStory: why a task of a run waited, ran, was left out, or ran again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..duration import duration
from ..eventbus.execution import FOUND_IN_WORDS
from .past_runs import TASK_WORDS
from .printable import harmless, listed, near

if TYPE_CHECKING:
    from ..history.reader import History
    from ..history.rows import AttemptRow, EventRow, StartRow, TaskRow

_NOTABLE_SECONDS = 0.1
"""A shorter wait is not worth a word."""
_ENDINGS = {"stopped": "was stopped", "deadline": "came to its deadline"}


class TaskStory:
    """What the history knows of one task in one run."""

    def __init__(self, history: History, run: str, task: str) -> None:
        self._run = history.run(run)
        self._task = history.task(run, task)
        self._tasks = {row.name: row for row in history.tasks(run)}
        self._attempts = history.attempts(run, task)
        self._starts = history.starts(run)
        events = list(_events(history, run))
        self._events = [event for event in events if event.task == task]
        self._plans = {it.detail["start"]: it.detail.get("plan", {}) for it in events if it.kind == "started"}
        definition = history.graph(run)
        node = {it.name: it for it in definition.tasks}.get(self._owner) if definition is not None else None
        self._needs = list(node.dependencies) if node is not None else []
        self._limits = list(history.limits(run, self._owner))

    def record(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "run": self._run.id,
            "job": self._run.job,
            "task": self._task.record(),
            "needs": [self._tasks[name].record() for name in self._needs if name in self._tasks],
            "attempts": [attempt.record() for attempt in self._attempts],
            "events": [event.record() for event in self._events],
            "sentences": list(self._sentences()),
        }

    def text(self) -> str:
        """A headline, and a line for everything there is to say."""
        task = self._task
        took = f" in {duration(task.seconds)}" if task.started is not None and task.ended is not None else ""
        where = f"in run {self._run.id} of {harmless(self._run.job, 100)}"
        head = f"{harmless(task.name, 200)} {where}: {self._word(task)}{took}"
        return "\n".join([head, *(f"  {sentence}" for sentence in self._sentences())])

    @property
    def _owner(self) -> str:
        """What is in the definition: of an item, the task whose item it is."""
        return self._task.parent if self._task.kind == "item" else self._task.name

    def _word(self, task: TaskRow) -> str:
        return TASK_WORDS["PENDING" if self._was_left(task) else task.state]

    def _was_left(self, task: TaskRow) -> bool:
        """Whether the run ended before it came to the task."""
        has_begun = task.started is not None and task.started >= self._starts[-1].started
        return self._run.is_over and (task.state == "PENDING" or (task.state == "ABORTED" and not has_begun))

    def _end_in_words(self) -> str:
        run = self._run
        how = "was cut off" if run.state == "interrupted" else _ENDINGS.get(run.ending, "ended")
        return f"{how} at {_clock(run.ended)}"

    def _sentences(self) -> Iterator[str]:
        yield from self._waited()
        yield from self._asked()
        yield from self._not_run()
        for attempt in self._attempts:
            yield from self._tried(attempt)
        if self._task.items is not None:
            kept = f", {self._task.items_kept:,} of them kept" if self._task.items_kept else ""
            yield f"it was performed for {self._task.items:,} items{kept}"

    def _waited(self) -> Iterator[str]:
        task, ended = self._task, [self._tasks[name] for name in self._needs if name in self._tasks]
        if not self._needs:
            yield "it waits for no other task"
        elif last := max((it for it in ended if it.ended is not None), key=lambda it: it.ended or 0.0, default=None):
            told = listed([self._with_state(it) for it in ended])
            when = f"; the last to end was {harmless(last.name, 100)} at {_clock(last.ended)}" if len(ended) > 1 else ""
            yield f"it waited for {told}{when}"
        else:
            yield f"it waits for {listed(self._needs)}"
        pools = [str(event.detail.get("what", "")) for event in self._events if event.kind == "waiting"]
        waited = task.waiting_seconds - task.queue_seconds
        if waited >= _NOTABLE_SECONDS or pools:
            for_what = f", for {listed(pools)} that other jobs had" if pools else self._of_limit()
            yield f"then it waited {duration(waited)} for a slot{for_what}"
        elif task.state == "PENDING" and task.approval is None and task.why and not self._run.is_over:
            yield f"it {harmless(task.why, 500)}"

    def _with_state(self, task: TaskRow) -> str:
        return task.name if task.state == "COMPLETED" else f"{task.name} ({self._word(task)})"

    def _of_limit(self) -> str:
        """Which limits the task has besides that of all tasks."""
        return f" (it needs one of {listed(self._limits)})" if self._limits else ""

    def _asked(self) -> Iterator[str]:
        if (asked := self._task.approval) is None:
            return
        question = f"{_clock(asked.since)}: {harmless(asked.question, 300)}"
        if asked.answer is not None:
            yield f"it waited for an approval since {question}; {harmless(asked.told, 500)} at {_clock(asked.at)}"
        elif self._was_left(self._task):
            yield f"it waited for an approval since {question}"
            yield f"nobody had answered when the run {self._end_in_words()}; a restart asks again"
        else:
            yield f"it waits for an approval since {question}"

    def _not_run(self) -> Iterator[str]:
        task = self._task
        why = harmless(task.why, 500)
        if task.is_kept:
            yield "it had completed in an earlier start of this run, and was kept"
        elif task.state == "SKIP":
            yield f"it was left out: {why}"
        elif task.state == "DEFAULTED":
            yield f"it was blocked: {why}"
        elif self._was_left(task) and (task.approval is None or task.approval.answer is not None):
            yield f"it was never started: the run {self._end_in_words()}"
        elif task.is_cached:
            yield f"nothing was performed: {why}"
        if task.is_allowed:
            yield "that it did not complete was allowed"

    def _tried(self, attempt: AttemptRow) -> Iterator[str]:
        start = _start_at(attempt.started, self._starts)
        why = self._plans.get(start.number, {}).get(self._owner, "")
        searches = [it for it in self._events if it.kind == "search" and it.detail.get("attempt") == attempt.number]
        is_again = start.number > 1 and all(it.detail.get("found") == "begun again" for it in searches)
        again = f", in restart {start.number - 1}{f' ({harmless(why, 200)})' if why else ''}" if is_again else ""
        workers = self._workers(attempt)
        began = f"attempt {attempt.number} began at {_clock(attempt.begun or attempt.started)}"
        if _was_queued(attempt):
            yield f"attempt {attempt.number} was handed over at {_clock(attempt.started)}{_in_queue(attempt)}"
        if attempt.begun is not None:
            yield f"{began}{again}{_by(attempt, next(iter(workers), attempt.worker))}{_how(attempt)}"
        for worker, at in list(workers.items())[1:]:
            yield f"  begun again at {_clock(at)} on {harmless(worker, 100)}"
        if attempt.is_final and self._task.max_attempts > 1:
            yield "  another try was pointless"
        for event in searches:
            restart = _start_at(event.at, self._starts).number - 1
            found = FOUND_IN_WORDS.get(event.detail.get("found", ""), "")
            yield f"  restart {restart} looked for it at {_clock(event.at)}: {found}"
        for error in attempt.hook_errors:
            yield f"  {harmless(error, 300)}"

    def _workers(self, attempt: AttemptRow) -> dict[str, float]:
        """Who began it, and when: what a lost worker had is delivered to another one."""
        found: dict[str, float] = {}
        for event in self._events:
            if event.kind == "begun" and event.detail.get("attempt") == attempt.number and event.detail.get("worker"):
                found.setdefault(event.detail["worker"], event.at)
        return found


def _events(history: History, run: str) -> Iterator[EventRow]:
    after = 0
    while page := history.events(run, after=after, limit=10_000):
        yield from page
        after = page[-1].seq


def _start_at(at: float, starts: list[StartRow]) -> StartRow:
    return max((it for it in starts if it.started <= at + 1), key=lambda it: it.number, default=starts[0])


def _was_queued(attempt: AttemptRow) -> bool:
    return attempt.begun is None or attempt.begun - attempt.started >= _NOTABLE_SECONDS


def _in_queue(attempt: AttemptRow) -> str:
    if attempt.begun is not None:
        return f", and waited {duration(attempt.begun - attempt.started)} for a worker"
    return ", and waits for a worker" if attempt.ended is None else f", and {_without_worker(attempt)}"


def _without_worker(attempt: AttemptRow) -> str:
    said = f": {harmless(attempt.message, 500)}" if attempt.message else ""
    return f"{TASK_WORDS[attempt.state]} before a worker had begun it{said}"


def _by(attempt: AttemptRow, worker: str) -> str:
    worker = f" on {harmless(worker, 100)}" if worker else ""
    return f" ({attempt.executor}{worker})" if attempt.executor else ""


def _how(attempt: AttemptRow) -> str:
    if attempt.ended is None:
        return f", and has been running for {duration(attempt.seconds)}"
    used = [f"{attempt.cpu_seconds:.1f}s of processor time"] if attempt.cpu_seconds >= _NOTABLE_SECONDS else []
    used += [f"{attempt.peak_bytes / 1_048_576:,.0f} MiB at most"] if attempt.peak_bytes else []
    place = f" at {harmless(near(attempt.file), 200)}:{attempt.line}" if attempt.file else ""
    said = f": {harmless(attempt.message, 500)}{place}" if attempt.message else ""
    again = f"; tried again after {duration(attempt.pause_seconds)}" if attempt.will_retry else ""
    figures = f" ({', '.join(used)})" if used else ""
    was = "was " if attempt.state == "ABORTED" else ""
    return f" and {was}{TASK_WORDS[attempt.state]} after {duration(attempt.seconds)}{figures}{said}{again}"


def _clock(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).astimezone().strftime("%H:%M:%S")

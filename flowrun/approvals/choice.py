"""Which question is meant, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import UsageError
from ..iso_time import iso
from ..os_process import OSProcess
from .question import Question

_MOST = 12


def chosen(waiting: Sequence[Question], run: str, task: str | None) -> Question:
    """The question about a task of a run, which is named by its id or the beginning of it.

    The task may be left out if only one waits. Raises UsageError, with what waits.
    """
    of_run = [it for it in waiting if it.run == run] or [it for it in waiting if run and it.run.startswith(run)]
    if not of_run:
        raise UsageError(f"nothing waits for an approval in run {run!r}{_there_are(waiting)}")
    if len({it.run for it in of_run}) > 1:
        raise UsageError(f"{run!r} may be {_listed({it.run: None for it in of_run})}: give more of the id")
    found = of_run if task is None else [it for it in of_run if it.task == task]
    if not found:
        there = _listed(it.task for it in of_run)
        raise UsageError(f"task {task!r} of run {of_run[0].run} waits for no approval; there wait: {there}")
    if len(found) > 1:
        there = _listed(it.task for it in found)
        raise UsageError(f"several tasks of run {found[0].run} wait for an approval, name one: {there}")
    return found[0]


def is_asked_now(question: Question) -> bool:
    """The run that asks goes on."""
    return OSProcess(question.pid, question.birth).is_alive


def question_record(question: Question) -> dict[str, Any]:
    """A question that waits for an answer, for programs."""
    return {
        "run": question.run,
        "job": question.job,
        "task": question.task,
        "question": question.text,
        "since": iso(question.since),
        "until": iso(question.until),
        "otherwise": question.otherwise,
        "is_running": is_asked_now(question),
    }


def _there_are(waiting: Sequence[Question]) -> str:
    if not waiting:
        return "; nothing waits at all"
    return f"; what waits: {_listed(f'{it.run} {it.task}' for it in waiting)}"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f", and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return ", ".join(every[:_MOST]) + more

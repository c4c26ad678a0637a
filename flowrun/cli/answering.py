"""What `flowrun approve` and `flowrun reject` share: which task is meant, and what a person is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from ..account_name import account_name
from ..dataclass import dataclass
from ..duration import duration
from .output import Output
from .past_runs import history_options
from .printable import harmless

if TYPE_CHECKING:
    from ..approvals import Question

F = TypeVar("F", bound=Callable[..., Any])

_MOST_CHARACTERS = 10_000


def answer_options(*, is_needed: bool) -> Callable[[F], F]:
    """Give a command its arguments; `is_needed`: a run must be named."""

    def decorate(command: F) -> F:
        for option in (
            history_options,
            click.option("--comment", metavar="TEXT", default="", help="Why; it is kept with the answer."),
            click.argument("task", required=False),
            click.argument("run", required=is_needed),
        ):
            command = option(command)
        return command

    return decorate


def list_waiting(output: Output, directory: Path | None, *, is_json: bool) -> int:
    """List what waits."""
    from ..approvals import Desk, question_record

    waiting = Desk(_root(directory)).waiting()
    if is_json:
        output.result(json.dumps({"version": 1, "approvals": [question_record(it) for it in waiting]}, indent=2))
    elif waiting:
        output.result("\n".join(_line(it) for it in waiting))
    else:
        output.say("nothing waits for an approval")
    return 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person says, and to the question about which task."""

    run: str
    task: str | None
    """None: the only one that waits in the run."""
    said: Literal["approved", "rejected"]
    comment: str


def answer(output: Output, reply: Reply, directory: Path | None, *, is_json: bool) -> int:
    """Answer the question about a task. Raises UsageError if nothing of the kind waits."""
    from ..approvals import Answer, Desk, chosen, is_asked_now, question_record

    if len(reply.comment) > _MOST_CHARACTERS:
        raise click.UsageError(f"--comment takes at most {_MOST_CHARACTERS:,} characters")
    root, said = _root(directory), reply.said
    desk = Desk(root)
    question = chosen(desk.waiting(), _resolved(reply.run, root), reply.task)
    desk.put_answer(question, Answer(question.id, said, time.time(), account_name(), reply.comment))
    is_running = is_asked_now(question)
    if is_json:
        output.result(json.dumps({"version": 1, "answer": said, **question_record(question)}, indent=2))
        return 0
    named = f"{harmless(question.task, 200)} of run {question.run} ({harmless(question.job, 100)})"
    output.say(f"{said} {named}" if is_running else f"{said} {named}; the run has ended, and takes it with -r")
    return 0


def _root(directory: Path | None) -> Path:
    from ..project_root import find_root

    return (directory or find_root(None, Path.cwd())).resolve()


def _resolved(run: str, root: Path) -> str:
    """A name such as `@last` as the id of a run; the beginning of an id as it is."""
    if not run.startswith("@"):
        return run
    from ..history.reader import History

    history = History(root)
    history.refresh()
    return history.resolve(run)


def _line(question: Question) -> str:
    """`7f3a   nightly   publish   Publish to customers?   (for 12m 03s, 4m left, then it means `reject`)`."""
    from ..approvals import is_asked_now

    waits = f"for {duration(time.time() - question.since)}"
    if question.until is not None and is_asked_now(question):
        waits += f", {duration(question.until - time.time())} left, then it means `{question.otherwise}`"
    if not is_asked_now(question):
        waits += "; the run has ended, and takes an answer with -r"
    named = f"{question.run}   {harmless(question.job, 60)}   {harmless(question.task, 200)}"
    return f"{named}   {harmless(question.text, 300)}   ({waits})"

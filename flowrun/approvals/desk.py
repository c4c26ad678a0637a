"""Desk: the directory in which questions lie until they are answered."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from ..durable import make_directory, make_state_directory, naming, write_all
from ..errors import UsageError
from ..file_name import safe_file_name
from .answer import Answer
from .question import Question

_QUESTION = ".question"
_ANSWER = ".json"
_MOST_BYTES = 256 * 1024

T = TypeVar("T", Question, Answer)


class Desk:
    """`RUN/TASK.question` is what is asked, `RUN/TASK.json` the answer. Who may write there may answer."""

    def __init__(self, root: Path) -> None:
        """`root` is the project root."""
        self._state = root / ".flowrun"
        self._path = self._state / "approvals"

    def ask(self, question: Question) -> None:
        """Put a question there, in place of an earlier one about the task. Raises StateError if that fails."""
        path = self._file(question.run, question.task, _QUESTION)
        with naming(path):
            make_state_directory(self._state)
            make_directory(path.parent)
            self._clear(question)
            with _draft(path, _text(question.body()), is_durable=False) as draft:  # a restart would ask again
                os.replace(draft, path)

    def question(self, run: str, task: str) -> Question | None:
        """What is asked about a task; None: nothing."""
        found = _read(self._file(run, task, _QUESTION), Question)
        return found if found is not None and (found.run, found.task) == (run, task) else None

    def has_answers(self, run: str) -> bool:
        """Somebody has put an answer there, or what may be one."""
        return any(name.endswith(_ANSWER) for name in _names(self._path / safe_file_name(run)))

    def answer(self, question: Question) -> Answer | None:
        """The answer to a question; None: there is none yet."""
        found = _read(self._file(question.run, question.task, _ANSWER), Answer)
        return found if found is not None and found.to == question.id else None

    def put_answer(self, question: Question, answer: Answer) -> None:
        """Answer a question. Of two who do so at once, one is the first; the run is one of them if the time is over.

        Raises UsageError if it is answered already, or asked no more, and StateError if the answer cannot be written.
        """
        path, named = self._file(question.run, question.task, _ANSWER), f"task {question.task!r} of run {question.run}"
        with naming(path):
            self._require(question, named)
            self._clear(question)
            try:
                with _draft(path, _text(answer.body()), is_durable=answer.said != "timed out") as draft:
                    self._require(question, named)  # the last moment: what is linked from now on is taken
                    os.link(draft, path)
            except FileExistsError:
                before = self.answer(question)
                how = f"{before.said}{before.by_whom}" if before is not None else "answered"
                raise UsageError(f"{named} is {how} already") from None
            except FileNotFoundError:  # with the last question of a run goes its directory
                self._require(question, named)
                raise

    def _require(self, question: Question, named: str) -> None:
        found = self.question(question.run, question.task)
        if found is None or found.id != question.id:
            raise UsageError(f"{named} waits for no approval any more")

    def _clear(self, question: Question) -> None:
        """Remove what is no answer to a question: that to an earlier one, or what somebody has written by hand."""
        path = self._file(question.run, question.task, _ANSWER)
        if os.path.lexists(path) and self.answer(question) is None:
            path.unlink(missing_ok=True)

    def withdraw(self, run: str, task: str) -> None:
        """Take a question away, with its answer."""
        for suffix in (_QUESTION, _ANSWER):
            with suppress(OSError):
                os.unlink(self._file(run, task, suffix))
        with suppress(OSError):  # others are asked in this run
            self._file(run, task, _QUESTION).parent.rmdir()

    def withdraw_run(self, run: str) -> None:
        """Take all questions of a run away."""
        directory = self._path / safe_file_name(run)
        for name in _names(directory):
            with suppress(OSError):
                os.unlink(directory / name)
        with suppress(OSError):
            directory.rmdir()

    def waiting(self) -> list[Question]:
        """The questions that nobody has answered, the oldest first."""
        found = [question for question in self._questions() if self.answer(question) is None]
        return sorted(found, key=lambda it: (it.since, it.run, it.task))

    def _questions(self) -> Iterator[Question]:
        for run in _names(self._path):
            for name in _names(self._path / run):
                if name.endswith(_QUESTION) and (found := _read(self._path / run / name, Question)) is not None:
                    yield found

    def _file(self, run: str, task: str, suffix: str) -> Path:
        return self._path / safe_file_name(run) / f"{safe_file_name(task)}{suffix}"


def _text(body: dict[str, Any]) -> bytes:
    return f"{json.dumps(body, indent=2)}\n".encode()


def _read(path: Path, cls: type[T]) -> T | None:
    """What a file holds; None if there is none, or if somebody has written anything else into it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return cls.from_body(json.loads(os.read(descriptor, _MOST_BYTES)))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    finally:
        os.close(descriptor)


@contextmanager
def _draft(path: Path, data: bytes, *, is_durable: bool) -> Iterator[Path]:
    """A file with this content beside `path`, to be moved or linked into its place."""
    draft = path.with_name(f".{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        write_all(descriptor, data)
        if is_durable:
            os.fsync(descriptor)
        yield draft
    finally:
        os.close(descriptor)
        with suppress(FileNotFoundError):
            os.unlink(draft)


def _names(directory: Path) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []

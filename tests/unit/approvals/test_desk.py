"""The desk: questions and answers as files."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from flowrun.approvals import Answer, Desk, Question, chosen, is_asked_now
from flowrun.errors import StateError, UsageError

PUBLISH = Question("q1", "7f3a", "nightly", "publish", "Publish?", 100.0)
YES = Answer("q1", "approved", 101.0, "anna", "go")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_question_waits_until_it_is_answered(desk: Desk) -> None:
    """What was asked and what was said come back as they were."""
    desk.ask(PUBLISH)
    assert desk.waiting() == [PUBLISH]
    assert desk.question("7f3a", "publish") == PUBLISH
    assert desk.answer(PUBLISH) is None

    desk.put_answer(PUBLISH, YES)

    assert desk.waiting() == []
    assert desk.answer(PUBLISH) == YES


def test_the_first_answer_counts(desk: Desk) -> None:
    """The second is told who was first."""
    desk.ask(PUBLISH)
    desk.put_answer(PUBLISH, YES)

    with pytest.raises(UsageError, match="task 'publish' of run 7f3a is approved by anna: go already"):
        desk.put_answer(PUBLISH, replace(YES, said="rejected"))


def test_an_answer_to_an_earlier_question_is_none(desk: Desk) -> None:
    """And gives way to an answer to the question of now."""
    desk.ask(PUBLISH)
    desk.put_answer(PUBLISH, YES)
    again = replace(PUBLISH, id="q2")
    desk.ask(again)

    assert desk.waiting() == [again]
    desk.put_answer(again, replace(YES, to="q2", said="rejected"))
    assert desk.answer(again) == replace(YES, to="q2", said="rejected")


def test_who_comes_too_late_is_told(desk: Desk) -> None:
    """Whether the run has answered itself, has taken an answer, or asks something else by now."""
    desk.ask(PUBLISH)
    desk.put_answer(PUBLISH, Answer("q1", "timed out", 101.0))
    with pytest.raises(UsageError, match="is timed out already"):
        desk.put_answer(PUBLISH, YES)

    desk.withdraw("7f3a", "publish")
    with pytest.raises(UsageError, match="task 'publish' of run 7f3a waits for no approval any more"):
        desk.put_answer(PUBLISH, YES)

    again = replace(PUBLISH, id="q2")
    desk.ask(again)
    desk.put_answer(again, replace(YES, to="q2"))
    with pytest.raises(UsageError, match="waits for no approval any more"):
        desk.put_answer(PUBLISH, YES)
    assert desk.answer(again) == replace(YES, to="q2")


@pytest.mark.parametrize(
    ("key", "value"),
    [("since", "1e999"), ("since", "NaN"), ("since", "1e17"), ("until", "1e17"), ("pid", "1e999"), ("otherwise", "[]")],
)
def test_what_is_no_question_is_passed_over(desk: Desk, tmp_path: Path, key: str, value: str) -> None:
    """Its file may be damaged, and the others are shown all the same."""
    desk.ask(PUBLISH)
    file = tmp_path / ".flowrun/approvals/7f3a/publish.question"
    body = json.loads(file.read_text())
    others = ", ".join(f"{json.dumps(name)}: {json.dumps(it)}" for name, it in body.items() if name != key)
    file.write_text(f'{{{others}, "{key}": {value}}}')

    assert desk.waiting() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '"x"',
        '{"to": "q1"}',
        '{"to": "q1", "answer": "perhaps", "by": "", "at": 1, "comment": ""}',
    ],
)
def test_what_is_no_answer_is_passed_over(desk: Desk, tmp_path: Path, text: str) -> None:
    """Anybody with the rights may have written it by hand; a good answer can still be given."""
    desk.ask(PUBLISH)
    (tmp_path / ".flowrun/approvals/7f3a/publish.json").write_text(text)

    assert desk.waiting() == [PUBLISH]
    desk.put_answer(PUBLISH, YES)
    assert desk.answer(PUBLISH) == YES


def test_a_link_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    """Neither where an answer is read, nor where one is written."""
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    desk.ask(PUBLISH)
    (tmp_path / ".flowrun/approvals/7f3a/publish.json").symlink_to(outside)

    desk.put_answer(PUBLISH, YES)

    assert outside.read_text() == "{}"
    assert desk.answer(PUBLISH) == YES


@pytest.mark.parametrize(
    "task", ["../../x", "/etc/passwd", ".", "..", "a/b", "\x00", "x" * 300, "é" * 200, "a.question"]
)
def test_no_task_name_leads_out_of_the_directory(desk: Desk, tmp_path: Path, task: str) -> None:
    """Each has files of its own, which nobody else can read."""
    question = replace(PUBLISH, task=task, run="../../run")
    desk.ask(question)
    desk.put_answer(question, YES)

    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".gitignore"]
    assert len(files) == 2
    for path in files:
        assert path.parent.parent == tmp_path / ".flowrun" / "approvals"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_tasks_do_not_share_files(desk: Desk) -> None:
    """Whatever they are called."""
    names = ["a", "a.question", "a.json", "a.question.json", "A", "a/b", "a_b"]
    for name in names:
        desk.ask(replace(PUBLISH, task=name, id=name))
        desk.put_answer(replace(PUBLISH, task=name, id=name), replace(YES, to=name))

    assert all(desk.answer(replace(PUBLISH, task=name, id=name)) == replace(YES, to=name) for name in names)


def test_what_is_withdrawn_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    """Task by task, or a run at once."""
    desk.ask(PUBLISH)
    desk.put_answer(PUBLISH, YES)
    desk.ask(replace(PUBLISH, run="8888", task="other"))
    desk.withdraw("7f3a", "publish")
    desk.withdraw_run("8888")

    assert list((tmp_path / ".flowrun/approvals").iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """As the state of a run that cannot be kept."""
    (tmp_path / ".flowrun").write_text("")

    with pytest.raises(StateError, match=r"cannot write .*publish\.question"):
        Desk(tmp_path).ask(PUBLISH)


def test_a_question_is_chosen_by_run_and_task() -> None:
    """The beginning of an id is enough, and the task can be left out if it is the only one."""
    other = replace(PUBLISH, run="9999", task="send")

    assert chosen([PUBLISH, other], "7f", "publish") == PUBLISH
    assert chosen([PUBLISH, other], "9999", None) == other


@pytest.mark.parametrize(
    ("run", "task", "said"),
    [
        ("8", None, "nothing waits for an approval in run '8'; what waits: 7f3a publish, 7f3a send, 7f44 publish"),
        ("", None, "nothing waits for an approval in run ''"),
        ("7f", None, "'7f' may be 7f3a, 7f44: give more of the id"),
        ("7f3a", "load", "task 'load' of run 7f3a waits for no approval; there wait: publish, send"),
        ("7f3a", None, "several tasks of run 7f3a wait for an approval, name one: publish, send"),
    ],
)
def test_a_choice_that_cannot_be_made_says_what_waits(run: str, task: str | None, said: str) -> None:
    """The next command needs no other one before it."""
    waiting = [PUBLISH, replace(PUBLISH, task="send"), replace(PUBLISH, run="7f44")]

    with pytest.raises(UsageError) as refused:
        chosen(waiting, run, task)
    assert said in str(refused.value)


def test_a_question_of_no_process_is_not_asked_now() -> None:
    """Its run has ended."""
    assert not is_asked_now(PUBLISH)

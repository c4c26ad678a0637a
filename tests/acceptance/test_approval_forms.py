"""`approve` in every form of a job: groups, items, Python, tests of jobs, other checkpointers; and its mistakes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from flowrun import Job
from flowrun.errors import UsageError
from flowrun.testing import run_job
from tests.project import eventually

if TYPE_CHECKING:
    from tests.project import Project, Started

SNAPSHOTS = """
import json
from flowrun.checkpointer import CheckpointContents, Checkpointer, checkpointer
from flowrun.errors import NoCheckpointAvailableError
from pathlib import Path
from dataclasses import asdict

@checkpointer
class Snapshots(Checkpointer):
    "Keeps a snapshot now and then, as a checkpointer of Flowmancer does."

    async def write_checkpoint(self, name, content):
        body = {**asdict(content), "states": {key: sorted(names) for key, names in content.states.items()}}
        Path("snapshot.json").write_text(json.dumps(body))

    async def read_checkpoint(self, name):
        if not Path("snapshot.json").exists():
            raise NoCheckpointAvailableError("nothing")
        body = json.loads(Path("snapshot.json").read_text())
        return CheckpointContents(**{**body, "states": {key: set(names) for key, names in body["states"].items()}})

    async def clear_checkpoint(self, name):
        Path("snapshot.json").unlink(missing_ok=True)
"""


def asked(project: Project, run: Started) -> str:
    """Wait until somebody is asked; gives the id of the run."""
    eventually(lambda: list(project.root.glob(".flowrun/approvals/*/*.question")) or run.is_over)
    assert not run.is_over, run.wait()
    (question,) = project.root.glob(".flowrun/approvals/*/*.question")
    return question.parent.name


def test_a_question_of_any_length_can_be_answered(project: Project) -> None:
    """What an expression brings may be very long: nobody reads all of it, and it is cut."""
    project.job({"ask": {"task": "Step", "approve": "Send ${{ vars.text }}?"}}, vars={"text": "ä" * 300_000})
    run = project.start()
    id_ = asked(project, run)
    waiting = json.loads(project.command("approve", "--json").wait().out)["approvals"]

    assert len(waiting[0]["question"]) == 10_000
    assert waiting[0]["question"].endswith("ä…")
    assert project.command("approve", id_).wait().status == 0
    assert run.wait().status == 0


def test_a_group_and_its_items_are_asked_for_once(project: Project) -> None:
    """The whole waits, not its members; an item that is tried again does not ask."""
    step = {"task": "Fails", "parameters": {"times": 1}, "max_attempts": 2}
    project.job(
        {
            "all": {"approve": "All of it?", "serial": {"one": step, "two": {"task": "Step"}}},
            "each": {**step, "foreach": [1, 2], "dependencies": ["all"], "approve": "Each of ${{ tasks.all.state }}?"},
        }
    )
    run = project.start()
    id_ = asked(project, run)
    assert project.count("all/one") == 0
    assert project.command("approve", id_, "all").wait().status == 0
    project.wait_for_mark("all/two", "end")
    eventually(lambda: list(project.root.glob(".flowrun/approvals/*/each.question")) or run.is_over)
    assert project.command("approve", id_).wait().status == 0
    ended = run.wait()

    assert ended.status == 0, ended
    events = [json.loads(line)["body"] for line in ended.out.splitlines() if '"ApprovalEvent"' in line]
    assert [(one["name"], one["question"], one["answer"]) for one in events] == [
        ("all", "All of it?", ""),
        ("all", "All of it?", "approved"),
        ("each", "Each of COMPLETED?", ""),
        ("each", "Each of COMPLETED?", "approved"),
    ]


@pytest.mark.parametrize("kind", ["SQLiteCheckpointer", "Snapshots"])
def test_other_checkpointers_keep_answers(project: Project, kind: str) -> None:
    """Before the task starts, whether they record each step or not."""
    project.file("extensions/snapshots.py", SNAPSHOTS)
    project.job(
        {"publish": {"task": "Step", "approve": "Go?", "parameters": {"waits_for": str(project.flag)}}},
        checkpointer={"checkpointer": kind},
    )
    run = project.start()
    project.command("approve", asked(project, run)).wait()
    project.wait_for_mark("publish")
    run.kill()
    project.flag.touch()

    again = project.run("-r", "--yes")

    assert again.status == 0, again
    assert "ApprovalEvent" not in again.out


def test_nobody_sees_a_secret_in_a_question(project: Project) -> None:
    """Neither in the file, nor in the list, nor in the history."""
    project.environment["PASSWORD"] = "hunter2-hunter2"
    project.job({"send": {"task": "Step", "approve": "Send ${{ secrets.PASSWORD }}?"}})
    run = project.start()
    id_ = asked(project, run)
    listed = project.command("approve").wait()
    project.command("approve", id_, "--comment", "it is hunter2-hunter2").wait()
    ended = run.wait()

    assert "Send ***?" in listed.out
    assert ended.status == 0, ended
    assert "hunter2" not in ended.text
    for path in project.root.glob(".flowrun/**/*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes(), path


def test_it_works_from_elsewhere_and_without_a_history(project: Project) -> None:
    """The command that is told says where the project is."""
    project.job({"send": {"task": "Step", "approve": "Go?"}})
    run = project.command("run", "-j", str(project.root / "job.yaml"), "--no-history", cwd=project.aside)
    id_ = asked(project, run)
    command = f"approve -C {project.root} {id_} send"
    eventually(lambda: command in run.said_so_far() or run.is_over)
    answered = project.command(*command.split(), cwd=project.aside).wait()

    assert answered.status == 0, answered
    assert run.wait().status == 0


def test_a_run_that_is_over_leaves_no_question(project: Project) -> None:
    """Also none that an earlier life of it has asked, of a task that it left out in the end."""
    project.job({"send": {"task": "Step", "approve": "Go?"}})
    run = project.start()
    asked(project, run)
    run.kill()
    assert "nothing waits" not in project.command("approve").wait().text
    assert project.run("-r", "--yes", "--mark-completed", "send").status == 0
    assert "nothing waits for an approval" in project.command("approve").wait().err

    second = project.start()
    id_ = asked(project, second)
    second.kill()
    assert project.command("checkpoints", "clear", id_, "--yes").wait().status == 0
    assert "nothing waits for an approval" in project.command("approve").wait().err


@pytest.mark.parametrize(
    ("approve", "said"),
    [
        ({"timeout": "4h"}, "`question` is needed"),
        ({"question": "Go?", "otherwise": "stop"}, "with a `timeout`, without which `otherwise` means nothing"),
        ({"question": "Go?", "timeout": 0}, "longer than 0 seconds"),
        ({"question": "Go?", "timeout": "100000h"}, "at most 87600h"),
        ({"question": "Go?", "timeout": "soon"}, "a duration such as `90s`"),
        ({"question": "Go?", "timeout": 1, "otherwise": "retry"}, "must be one of `reject`, `approve`, `stop`"),
        ({"question": "Go?", "timout": 1}, "did you mean `timeout`?"),
        ("", "approve"),
        (True, "approve"),
        ("${{ tasks.nothing.result }}?", "no task is named `nothing`"),
    ],
)
def test_mistakes_are_told_before_anything_runs(project: Project, approve: object, said: str) -> None:
    """With their place, as of any other key."""
    project.job({"send": {"task": "Step", "approve": approve}})
    refused = project.command("validate", "job.yaml").wait()

    assert refused.status == 3, refused
    assert said in refused.text, refused
    assert "job.yaml:" in refused.text


def test_the_key_is_known_to_show_schema_and_explain(project: Project) -> None:
    """As it was written."""
    project.job({"send": {"task": "Step", "approve": {"question": "Go?", "timeout": "4h"}}})
    shown = json.loads(project.command("show", "job.yaml", "--json").wait().out)
    schema = json.loads(project.command("schema").wait().out)
    explained = project.command("explain", "tasks.*.approve.otherwise").wait()

    assert shown["definition"]["tasks"]["send"]["approve"]["question"] == "Go?"
    assert "ApprovalDefinition" in json.dumps(schema["$defs"]["TaskDefinition"]["properties"]["approve"])
    assert "the run ends with status 7" in " ".join(explained.out.split())


def test_a_question_that_cannot_be_written_ends_the_run(project: Project) -> None:
    """As any other state that cannot be kept: status 5, with the path; what had completed is kept."""
    project.job({"load": "Step", "send": {"task": "Step", "dependencies": ["load"], "approve": "Go?"}})
    project.file(".flowrun/approvals", "no directory")
    ended = project.run("--output=lines")
    (project.root / ".flowrun" / "approvals").unlink()
    again = project.start("-r", "--yes")
    project.command("approve", asked(project, again)).wait()

    assert ended.status == 5, ended
    assert "approvals/" in ended.err
    assert "cannot write" in ended.err
    assert again.wait().status == 0
    assert project.count("load") == 1


def publish() -> str:
    return "published"


def test_a_job_in_python_has_the_key(project: Project) -> None:
    """By the same name; in a test nobody is asked, and the answer is that of the test."""
    job = Job("shop")
    job.add(publish, approve={"question": "Go?", "timeout": "1h"})

    approved = run_job(job, root=project.root)
    rejected = run_job(job, approvals={"publish": False}, root=project.root)

    assert approved.result("publish") == "published"
    assert rejected.tasks["publish"].outcome is not None
    assert rejected.tasks["publish"].outcome.message == "rejected"
    assert rejected.exit_status == 1
    assert not (project.root / ".flowrun" / "approvals").exists()
    with pytest.raises(UsageError, match="no task 'send' of job 'shop' waits for an approval; these do: publish"):
        run_job(job, approvals={"send": True}, root=project.root)


def test_a_file_of_test_cases_rejects(project: Project) -> None:
    """`approvals` of a case says of whom."""
    project.job({"send": {"task": "Step", "approve": "Go?"}})
    project.file(
        "tests/job.test.yaml",
        "job: ../job.yaml\ncases:\n"
        "  yes: {expect: {states: {send: COMPLETED}}}\n"
        "  no: {approvals: {send: false}, expect: {states: {send: FAILED}}}\n",
    )
    tested = project.command("test").wait()

    assert tested.status == 0, tested

"""A task waits until a person has approved it; nobody is asked twice, and no answer is lost."""

from __future__ import annotations

import json
import signal
import stat
from typing import TYPE_CHECKING, Any

from tests.project import eventually

if TYPE_CHECKING:
    from tests.project import Finished, Project, Started

RESTART = ("--restart", "--yes")


def publishing(project: Project, approve: Any = "Publish to customers?", **more: Any) -> None:
    """A task that asks, one before it, one after it, and one that has nothing to do with it."""
    project.job(
        {
            "load": "Step",
            "publish": {"task": "Step", "dependencies": ["load"], "approve": approve, **more},
            "after": {"task": "Step", "dependencies": ["publish"]},
            "other": "Step",
        }
    )


def waiting(project: Project) -> list[dict[str, Any]]:
    """What waits, as `flowrun approve` tells it."""
    told = project.command("approve", "--json").wait()
    assert told.status == 0, told
    return list(json.loads(told.out)["approvals"])


def questions(project: Project) -> list[str]:
    """The names of the files in which questions are."""
    return sorted(path.name for path in project.root.glob(".flowrun/approvals/*/*.question"))


def asked(project: Project, run: Started, count: int = 1) -> None:
    """Wait until so many questions are there."""
    eventually(lambda: len(questions(project)) >= count or run.is_over)
    assert not run.is_over, run.wait()


def answer(project: Project, command: str, *arguments: str) -> Finished:
    return project.command(command, *arguments).wait()


def test_an_approved_task_starts(project: Project) -> None:
    """It is PENDING until then, what does not depend on it goes on, and the line that tells of it names the command."""
    publishing(project)
    run = project.start("--output=lines")
    asked(project, run)
    project.wait_for_mark("other", "end")
    (row,) = waiting(project)
    assert (row["job"], row["task"], row["question"], row["is_running"]) == (
        "job",
        "publish",
        "Publish to customers?",
        True,
    )
    assert (row["until"], row["otherwise"]) == (None, "reject")
    assert project.count("publish") == 0

    told = answer(project, "approve", row["run"][:4], "publish", "--comment", "go ahead")
    ended = run.wait()

    assert (told.status, ended.status) == (0, 0), f"{told}{ended}"
    assert project.count("after") == 1
    command = f"flowrun approve {row['run']} publish"
    assert f"waiting publish for an approval: Publish to customers?   python -m {command}" in ended.err
    assert "approved publish by " in ended.err
    assert ": go ahead" in ended.err
    assert not list(project.root.glob(".flowrun/approvals/*"))


def test_a_rejected_task_fails_and_is_asked_for_again_by_a_restart(project: Project) -> None:
    """There is no retry, what depends on it is held back, and a later answer may be another one."""
    publishing(project, max_attempts=3)
    run = project.start()
    asked(project, run)
    assert answer(project, "reject", waiting(project)[0]["run"], "--comment", "not today").status == 0
    ended = run.wait()
    assert ended.status == 1
    assert ended.states == {"load": "COMPLETED", "publish": "FAILED", "after": "DEFAULTED", "other": "COMPLETED"}
    assert ended.message("publish").startswith("rejected by ")
    assert ended.message("publish").endswith(": not today")

    again = project.start(*RESTART)
    asked(project, again)
    assert answer(project, "approve", waiting(project)[0]["run"], "publish").status == 0
    assert again.wait().status == 0
    assert (project.count("load"), project.count("publish"), project.count("after")) == (1, 1, 1)


def test_a_question_may_tell_what_is_known_by_then(project: Project) -> None:
    """Its expressions are filled in when it is asked, and what they name comes before."""
    project.task_module("@task\ndef count() -> int:\n    return 41\n")
    approve = {"question": "Publish ${{ tasks.rows.result }} rows in ${{ vars.region }}?", "timeout": "1h"}
    project.job({"publish": {"task": "Step", "approve": approve}, "rows": "count"}, vars={"region": "eu"})
    run = project.start()
    asked(project, run)
    (row,) = waiting(project)

    assert row["question"] == "Publish 41 rows in eu?"
    assert row["until"] > row["since"]
    assert answer(project, "approve", row["run"]).status == 0
    assert run.wait().status == 0


def test_no_answer_in_time_means_what_the_job_says(project: Project) -> None:
    """Rejected, approved, or the run ends and can be continued."""
    tasks = {
        otherwise: {"task": "Step", "approve": {"question": "Go?", "timeout": "0.1s", "otherwise": otherwise}}
        for otherwise in ("reject", "approve", "stop")
    }
    tasks["after"] = {"task": "Step", "dependencies": ["stop"]}
    tasks["beside"] = {"task": "Step", "dependencies": ["approve"]}
    project.job(tasks)
    ended = project.run()

    assert ended.status == 1, ended
    states = {"reject": "FAILED", "approve": "COMPLETED", "stop": "ABORTED", "after": "DEFAULTED"}
    assert ended.states == {**states, "beside": "COMPLETED"}
    assert ended.message("reject") == "nobody has approved it within 0.1s"
    assert ended.report["postponed"] == {"stop": "Go?"}
    assert questions(project) == ["stop.question"]


def test_a_run_that_only_waits_ends_with_status_7_and_takes_the_answer_later(project: Project) -> None:
    """The rest goes on to its end; the two next steps are said; nobody is asked again."""
    publishing(project, {"question": "Publish?", "timeout": "0.1s", "otherwise": "stop"})
    ended = project.run("--output=lines")
    (row,) = waiting(project)

    assert ended.status == 7, ended
    assert "job waits for an approval, after" in ended.err
    assert "waits        publish, for an approval: Publish?" in ended.err
    assert f"approve      python -m flowrun approve {row['run']} publish\n" in ended.err
    assert f"continue     python -m flowrun -j job.yaml -r {row['run']}" in ended.err
    assert project.count("other", "end") == 1
    assert row["is_running"] is False

    report = project.command("report").wait()
    assert "⏸ job waits for an approval" in report.out, report
    assert "Waits for an approval: **publish**: Publish?" in report.out
    state = json.loads(project.command("status", "--json").wait().out)
    assert (state["state"], state["ending"], state["exit_status"]) == ("stopped", "waiting for an approval", 7)
    assert "waits for an approval" in project.command("runs").wait().out
    assert project.command("status").wait().out.endswith("\n  waits for an approval\n")

    told = answer(project, "approve", row["run"], "publish")
    assert "takes it with -r" in told.err
    again = project.run(*RESTART)
    assert again.status == 0, again
    assert (project.count("load"), project.count("publish"), project.count("after")) == (1, 1, 1)


def test_a_run_that_is_killed_while_it_waits_asks_again(project: Project) -> None:
    """And an answer that was given meanwhile counts."""
    publishing(project)
    run = project.start()
    asked(project, run)
    run.kill()
    again = project.start(*RESTART)
    eventually(lambda: waiting(project)[0]["is_running"])
    again.kill()
    assert answer(project, "approve", waiting(project)[0]["run"], "publish").status == 0

    last = project.run(*RESTART)

    assert last.status == 0, last
    assert (project.count("load"), project.count("publish")) == (1, 1)


def test_who_was_approved_and_then_killed_or_failed_is_not_asked_again(project: Project) -> None:
    """The answer is in the journal before the task starts."""
    publishing(project, parameters={"waits_for": str(project.flag)})
    run = project.start()
    asked(project, run)
    assert answer(project, "approve", waiting(project)[0]["run"], "publish").status == 0
    project.wait_for_mark("publish")
    run.kill()
    assert questions(project) == []
    (journal,) = project.root.glob(".flowrun/job/*.journal")
    assert '"answer":"approved"' in journal.read_text()
    project.flag.touch()

    again = project.run(*RESTART)

    assert again.status == 0, again
    assert project.count("publish") == 2
    assert "ApprovalEvent" not in again.out


def test_the_answer_survives_restarts_that_do_not_come_to_the_task(project: Project) -> None:
    """Each restart writes what is kept anew."""
    flag = str(project.flag)
    project.job(
        {
            "publish": {"task": "FailsUntilFlag", "approve": "Publish?", "parameters": {"flag": flag}},
            "other": {"task": "FailsUntilFlag", "parameters": {"flag": flag}},
        }
    )
    run = project.start()
    asked(project, run)
    answer(project, "approve", waiting(project)[0]["run"])
    assert run.wait().status == 1
    assert project.run(*RESTART, "--only", "other").status == 1
    project.flag.touch()

    assert project.run(*RESTART).status == 0
    assert project.count("publish") == 2


def test_an_approval_is_used_up_when_the_task_has_completed(project: Project) -> None:
    """A restart that was to do the task once more, and ended before anybody had answered, changes nothing in that."""
    flag = str(project.flag)
    project.job(
        {
            "publish": {"task": "Step", "approve": "Publish?"},
            "after": {"task": "FailsUntilFlag", "dependencies": ["publish"], "parameters": {"flag": flag}},
        }
    )
    run = project.start()
    asked(project, run)
    answer(project, "approve", waiting(project)[0]["run"])
    assert run.wait().status == 1
    again = project.start(*RESTART, "--from", "publish")
    asked(project, again)
    again.kill()
    project.flag.touch()

    last = project.start(*RESTART)
    eventually(lambda: any(row["is_running"] for row in waiting(project)) or last.is_over)
    assert answer(project, "reject", waiting(project)[0]["run"]).status == 0

    assert last.wait().status == 1
    assert project.count("publish") == 1


def test_another_question_is_asked_again(project: Project) -> None:
    """An approval is of what was asked, not of whatever stands there later; nor of doing it twice."""
    publishing(project, parameters={"waits_for": str(project.flag)})
    run = project.start()
    asked(project, run)
    answer(project, "approve", waiting(project)[0]["run"])
    project.wait_for_mark("publish")
    run.kill()
    publishing(project, "Publish to everybody?")

    plan = project.command("plan", "-j", "job.yaml", "-r").wait()
    again = project.start(*RESTART)
    asked(project, again)

    assert "asks: Publish to everybody?" in plan.out
    assert waiting(project)[0]["question"] == "Publish to everybody?"


def test_tasks_with_hostile_names_wait_at_the_same_time(project: Project) -> None:
    """Each has files of its own inside of the directory, readable for this user only."""
    names = ["a", "a.question", "a.json", "../../out", "group/x", ".hidden", "é" * 200, "sp ace;rm"]
    project.job(
        {"group": {"parallel": {"x": {"task": "Step", "approve": "Go?"}}}}
        | {name: {"task": "Step", "approve": "Go?"} for name in names if "/" not in name}
    )
    run = project.start()
    tasks = [name for name in names if name != "../../out"]
    asked(project, run, len(tasks))
    rows = waiting(project)
    assert sorted(row["task"] for row in rows) == sorted(tasks)
    for path in project.root.glob(".flowrun/approvals/**/*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path

    several = answer(project, "approve", rows[0]["run"])
    assert (several.status, "name one" in several.err) == (2, True)
    for name in tasks:
        assert answer(project, "approve", rows[0]["run"], name).status == 0
    ended = run.wait()
    assert ended.status == 0, ended


def test_answers_that_nobody_waits_for_are_refused(project: Project) -> None:
    """An unknown run, an unknown task, a run that is over, an answer after another one: each says what waits."""
    publishing(project, parameters={"waits_for": str(project.flag)})
    assert "nothing waits at all" in answer(project, "approve", "abcd", "publish").err
    run = project.start()
    asked(project, run)
    id_ = waiting(project)[0]["run"]
    for arguments, said in (
        (("zzzz", "publish"), f"nothing waits for an approval in run 'zzzz'; what waits: {id_} publish"),
        ((id_, "load"), f"task 'load' of run {id_} waits for no approval; there wait: publish"),
    ):
        refused = answer(project, "reject", *arguments)
        assert (refused.status, said in refused.err) == (2, True), refused
    run.kill()  # nobody takes the first answer away
    assert answer(project, "reject", id_, "publish").status == 0
    late = answer(project, "approve", id_, "publish")
    assert (late.status, "nothing waits" in late.err) == (2, True), late


def test_rubbish_in_place_of_an_answer_is_no_answer(project: Project) -> None:
    """Nor is the answer to an earlier question; a good one takes its place."""
    publishing(project)
    run = project.start()
    asked(project, run)
    (question,) = project.root.glob(".flowrun/approvals/*/publish.question")
    for text in ("", "{", "[]", '{"to": "another", "answer": "approved", "by": "x", "at": 1, "comment": ""}'):
        question.with_suffix(".json").write_text(text)
        assert len(waiting(project)) == 1
    assert project.count("publish") == 0

    assert answer(project, "approve", waiting(project)[0]["run"]).status == 0
    assert run.wait().status == 0


def test_nobody_is_asked_about_what_does_not_run(project: Project) -> None:
    """Left out, marked as completed, spun alone, or only planned."""
    publishing(project)
    assert project.run("--skip", "publish").status == 0
    assert project.run("--mark-completed", "publish").status == 0
    assert project.run("--only", "other").status == 0
    spun = project.command("spin", "publish", "-j", "job.yaml").wait()
    plan = project.command("plan", "-j", "job.yaml").wait()

    assert spun.status == 0, spun
    assert "publish   asks: Publish to customers?" in plan.out
    assert questions(project) == []


def test_a_stop_ends_a_run_that_waits(project: Project) -> None:
    """The task has not started; the question can still be answered, for the run that continues it."""
    publishing(project)
    run = project.start()
    asked(project, run)
    run.signal(signal.SIGTERM)
    ended = run.wait()
    assert ended.status == 143, ended
    assert ended.states["publish"] == "ABORTED"

    assert answer(project, "approve", waiting(project)[0]["run"]).status == 0
    assert project.run(*RESTART).status == 0


def test_a_task_that_only_waited_was_not_interrupted(project: Project) -> None:
    """`explain` says that nobody had answered when the run ended, and that a restart asks again."""
    publishing(project)
    run = project.start()
    asked(project, run)
    run.signal(signal.SIGTERM)
    run.wait()
    publish, after = (project.command("explain", "@last", task).wait().out for task in ("publish", "after"))

    assert "publish in run " in publish
    assert ": not started\n" in publish
    assert "  it waited for an approval since " in publish
    assert "  nobody had answered when the run was stopped at " in publish
    assert "; a restart asks again" in publish
    assert "  it waited for publish (not started)\n" in after
    assert "  it was never started: the run was stopped at " in after

    again = project.start(*RESTART)
    eventually(lambda: "waits for an approval" in project.command("status").wait().out)
    again.kill()
    cut_off = project.command("explain", "@last", "publish").wait().out
    assert "nobody had answered when the run was cut off at " in cut_off
    assert "interrupted" not in publish + after + cut_off


def test_the_history_tells_who_answered(project: Project) -> None:
    """`status` and `explain` show the question and the answer."""
    publishing(project)
    run = project.start()
    asked(project, run)
    waits = "waits for an approval: Publish to customers?"
    eventually(lambda: waits in project.command("status").wait().out)
    answer(project, "approve", waiting(project)[0]["run"], "--comment", "go")
    run.wait()
    after = project.command("status", "--json").wait()
    story = project.command("explain", "@last", "publish").wait()
    page = project.command("report", "--html", "-").wait()

    (approval,) = [task["approval"] for task in json.loads(after.out)["tasks"] if task["approval"]]
    assert (approval["question"], approval["answer"], approval["comment"]) == (
        "Publish to customers?",
        "approved",
        "go",
    )
    assert approval["by"]
    assert f"approved by {approval['by']}: go" in page.out
    assert "it waited for an approval since" in story.out
    assert f"approved by {approval['by']}: go at" in story.out


def test_an_answer_that_was_taken_counts_once(project: Project) -> None:
    """Also if its file is still there, as after a crash between the journal and the deletion."""
    publishing(project)
    run = project.start()
    asked(project, run)
    (question,) = project.root.glob(".flowrun/approvals/*/publish.question")
    asking = question.read_bytes()
    run.signal(signal.SIGSTOP)
    assert answer(project, "reject", question.parent.name).status == 0
    saying = question.with_suffix(".json").read_bytes()
    run.signal(signal.SIGCONT)
    assert run.wait().status == 1
    question.parent.mkdir()
    question.write_bytes(asking)
    question.with_suffix(".json").write_bytes(saying)

    again = project.start(*RESTART)
    eventually(lambda: [row for row in waiting(project) if row["is_running"]])
    assert answer(project, "approve", question.parent.name).status == 0
    ended = again.wait()

    assert ended.status == 0, ended
    assert project.count("publish") == 1

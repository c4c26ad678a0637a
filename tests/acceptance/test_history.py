"""What happened in a run can be seen afterwards, and while it goes on, by someone who was not there."""

from __future__ import annotations

import html
import json
import os
import pwd
import re
import sqlite3
from itertools import pairwise
from typing import Any

import pytest

from flowrun.version import __version__

from ..project import Finished, Project, eventually

TASKS = """
@task
class Load(Task):
    rows: int = 1

    def run(self) -> int:
        print("loading", self.rows, self.env.get("TOKEN"))
        self.shared_dict["day"] = self.rows
        return self.rows


@task
class Flaky(Task):
    def run(self):
        print("try", self.metadata.attempt)
        if self.metadata.attempt < 2:
            raise ValueError("not yet")


@task
class Until(Task):
    def run(self):
        if not os.path.exists(os.environ["FLAG"]):
            raise ValueError("not yet")


@task
class Late(Task):
    def run(self):
        mark("late", "start")
        print("first words", flush=True)
        while not os.path.exists(os.environ["FLAG"]):
            time.sleep(0.02)
        print("last words", flush=True)
"""


BAR = r'class="bar (\w+)" style="left:([\d.]+)%;width:([\d.]+)%'

UNTIL = {"task": "Until"}


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with tasks that say, return and try something."""
    project.task_module(TASKS)
    project.environment["FLAG"] = str(project.flag)
    return project


def read(project: Project, *arguments: str) -> Any:
    """What a command gives as JSON."""
    done = project.command(*arguments, "--json").wait()
    assert done.status == 0, str(done)
    return json.loads(done.out)


def text(project: Project, *arguments: str) -> list[str]:
    """What a command writes, line by line."""
    done = project.command(*arguments).wait()
    assert done.status == 0, str(done)
    return done.out.splitlines()


def test_a_run_can_be_looked_at_afterwards(shop: Project) -> None:
    """Listed, as a tree with its values and without its secrets, task by task with the reasons. PARITY FM-15, CF-59"""
    shop.environment["TOKEN"] = "open-sesame"
    shop.job(
        {
            "load": {"task": "Load", "parameters": {"rows": 3}, "secrets": ["TOKEN"]},
            "flaky": {"task": "Flaky", "max_attempts": 2, "dependencies": ["load"]},
            "bad": "Fails",
            "after": {"task": "Step", "dependencies": ["bad"]},
            "left": {"task": "Step", "when": False},
        }
    )
    assert shop.run("--label", "team=ops").status == 1

    [run] = read(shop, "runs")["runs"]
    status = read(shop, "status", "--values")
    tasks = {task["name"]: task for task in status["tasks"]}

    assert (run["job"], run["state"], run["exit_status"], run["root_cause"]) == ("job", "failed", 1, "bad")
    assert (status["version"], status["flowrun_version"]) == (1, __version__)
    assert (run["labels"], run["file"], run["trigger"], run["starts"]) == ({"team": "ops"}, "job.yaml", "program", 1)
    assert run["counts"] == {"COMPLETED": 2, "FAILED": 1, "DEFAULTED": 1, "SKIP": 1}
    assert {name: task["state"] for name, task in tasks.items()} == {
        "load": "COMPLETED",
        "flaky": "COMPLETED",
        "bad": "FAILED",
        "after": "DEFAULTED",
        "left": "SKIP",
    }
    assert (tasks["flaky"]["attempts"], tasks["load"]["peak_bytes"] > 0) == (2, True)
    assert (status["results"]["load"], status["shared"]) == (3, {"day": 3})
    assert "sesame" not in "".join(
        str(path.read_bytes()) for path in shop.root.rglob(".flowrun/**/*") if path.is_file()
    )
    assert text(shop, "runs", "--label", "team=ops", "--format", "csv")[1].startswith(f"{run['run']},job,failed,")
    assert text(shop, "logs", "--task", "load", "--raw")[0].endswith("INFO - loading 3 ***")


def test_whose_run_it_was_is_known_without_an_environment(shop: Project) -> None:
    """Cron and containers say neither USER nor LOGNAME: then it is the name of the account, as of an answer."""
    shop.job({"load": "Load"})
    shop.environment.update(USER="", LOGNAME="")
    shop.run()
    shop.environment["USER"] = "ada"
    shop.run()

    users = [run["user"] for run in read(shop, "runs")["runs"]]

    assert users == ["ada", pwd.getpwuid(os.getuid()).pw_name]


def test_why_a_task_ran_or_did_not_is_explained(shop: Project) -> None:
    """What it waited for, each attempt with its reason, what blocked it or left it out, why a restart ran it again."""
    shop.job(
        {
            "load": "Load",
            "flaky": {"task": "Flaky", "max_attempts": 2, "dependencies": ["load"]},
            "bad": UNTIL,
            "after": {"task": "Step", "dependencies": ["bad"]},
            "left": {"task": "Step", "when": False},
        }
    )
    shop.run()
    shop.flag.touch()
    shop.run("-r")

    flaky, bad, after, left = (text(shop, "explain", "@last", name) for name in ("flaky", "bad", "after", "left"))

    assert "it waited for load" in flaky[1]
    assert "it had completed in an earlier start of this run, and was kept" in "\n".join(flaky)
    assert "attempt 1 began" in flaky[-2]
    assert "ValueError: not yet at tasks/mine.py" in flaky[-2]
    assert "in restart 1 (failed)" in bad[-1]
    assert "in restart 1 (was blocked)" in after[-1]
    assert any("it was left out: `when` is false" in line for line in left)
    unknown = shop.command("explain", "@last", "flakey").wait()
    assert (unknown.status, "did you mean 'flaky'?" in unknown.err) == (2, True)


def test_a_restart_belongs_to_its_run(shop: Project) -> None:
    """There is one run, that was continued once and is completed now."""
    shop.job({"load": "Load", "bad": UNTIL})
    shop.run()
    shop.flag.touch()
    assert shop.run("-r").status == 0

    [run] = read(shop, "runs")["runs"]
    status = read(shop, "status")

    assert (run["state"], run["starts"], run["exit_status"]) == ("completed", 2, 0)
    assert [(task["name"], task["is_kept"], task["attempts"]) for task in status["tasks"]] == [
        ("load", True, 1),
        ("bad", False, 2),
    ]


def test_a_run_is_seen_while_it_goes_on(shop: Project) -> None:
    """Its state, its elapsed time, its words, as they come. PARITY X-CF-20"""
    shop.job({"late": "Late", "end": {"task": "Step", "dependencies": ["late"]}})
    run = shop.start()
    shop.wait_for_mark("late")
    follower = shop.command("logs", "-f", "--task", "late")
    watcher = shop.command("status", "--watch", "--json")
    eventually(lambda: "first words" in follower.so_far())

    status = eventually(lambda: (found := read(shop, "status"))["counts"].get("RUNNING") and found)
    shop.flag.touch()
    assert run.wait().status == 0
    followed, watched = follower.wait(), watcher.wait()
    looks = [json.loads(line) for line in watched.out.splitlines()]
    marks = shop.marks("end", "start")[0].at - shop.marks("late", "start")[0].at

    assert (status["state"], status["seconds"] > 0, status["exit_status"]) == ("running", True, None)
    assert [line.split(" ", 1)[1] for line in followed.out.splitlines()] == ["first words", "last words"]
    assert (looks[0]["state"], looks[-1]["state"]) == ("running", "completed")
    assert read(shop, "status")["seconds"] >= marks


def test_a_run_that_was_killed_is_shown_as_interrupted(shop: Project) -> None:
    """Also what ran in it; and that it was continued later. Nobody has to have looked before."""
    shop.job({"load": "Load", "late": {"task": "Late", "dependencies": ["load"]}})
    run = shop.start()
    shop.wait_for_mark("late")
    eventually(lambda: '"late","PR"' in spooled(shop))
    run.kill()

    status = read(shop, "status")
    told = text(shop, "explain", "@last", "late")
    shop.flag.touch()
    assert shop.run("-r").status == 0

    assert (status["state"], status["exit_status"]) == ("interrupted", None)
    assert " and was interrupted after " in told[-1]
    assert [(task["name"], task["state"]) for task in status["tasks"]] == [("load", "COMPLETED"), ("late", "ABORTED")]
    assert "cut off" in status["tasks"][1]["why"]
    assert [(run["state"], run["starts"]) for run in read(shop, "runs")["runs"]] == [("completed", 2)]


def spooled(project: Project) -> str:
    """What runs have written that nobody has taken yet."""
    return "".join(path.read_text() for path in project.root.glob(".flowrun/history/spool/*"))


def test_runs_are_named_by_prefix_and_by_what_they_are(shop: Project) -> None:
    """A name that is not known is a usage error with what was probably meant."""
    shop.job({"bad": UNTIL})
    shop.run()
    shop.flag.touch()
    shop.run()
    good, bad = (run["run"] for run in read(shop, "runs")["runs"])

    assert read(shop, "status", "@last-good")["run"] == good == read(shop, "status", good[:7])["run"]
    assert read(shop, "status", "@failed")["run"] == bad
    for arguments in (
        ["status", "xyz"],
        ["logs", "@lst"],
        ["diff", "xyz"],
        ["report", "xyz"],
        ["explain", "xyz", "bad"],
    ):
        done = shop.command(*arguments).wait()
        assert (done.status, "did you mean" in done.err or "the newest are" in done.err) == (2, True), str(done)


def test_two_runs_are_compared(shop: Project) -> None:
    """The last that completed and the last: what was changed, what came of it."""
    shop.job({"load": {"task": "Load", "parameters": {"rows": 1}}, "end": {"task": "Step", "dependencies": ["load"]}})
    shop.run()
    shop.job({"load": {"task": "Load", "parameters": {"rows": 2}}, "end": "Fails"})
    shop.run()

    differences = {(it["kind"], it["name"]): (it["before"], it["after"]) for it in read(shop, "diff")["differences"]}
    lines = text(shop, "diff")

    assert differences["definition", "tasks.load.parameters.rows"] == (1, 2)
    assert differences["definition", "tasks.end.task"] == ("Step", "Fails")
    assert differences["state", "end"] == ("COMPLETED", "FAILED")
    assert differences["result", "load"] == ("1", "2")
    assert "  tasks.load.parameters.rows   job.yaml:7" in lines
    assert "  end   completed → failed" in lines
    assert text(shop, "diff", "@last", "@last")[-1] == "these are one and the same run"


def test_a_good_run_is_compared_with_the_good_one_before(shop: Project) -> None:
    """Not with itself, also if both are named so; the only one there is is the same."""
    shop.job({"load": {"task": "Load", "parameters": {"rows": 1}}})
    shop.run()
    assert text(shop, "diff")[-1] == "these are one and the same run"
    shop.job({"load": {"task": "Load", "parameters": {"rows": 2}}})
    shop.run()

    assert "  tasks.load.parameters.rows   job.yaml:7" in text(shop, "diff")
    assert text(shop, "diff", "@last-good", "@last") == text(shop, "diff")


def test_the_report_of_a_run_can_be_written_later(shop: Project) -> None:
    """The same JUnit and Markdown as at its end, and a page that needs nothing else; hostile output is text in it."""
    shop.task_module(
        f"{TASKS}\n@task\ndef evil() -> None:\n"
        "    print('<script>alert(1)</script>\\x1b[31m')\n    raise ValueError('<b>&')\n"
    )
    shop.job({"load": "Load", "evil": "evil"})
    shop.run("--junit", "then.xml", "--summary", "then.md")
    done = shop.command("report", "--html", "now.html", "--junit", "now.xml", "--markdown", "now.md").wait()

    then, now = ((shop.root / f"{name}.xml").read_text() for name in ("then", "now"))
    page = (shop.root / "now.html").read_text()

    assert (done.status, done.out) == (0, "")
    assert [line.split(" time=")[0] for line in now.splitlines()[3:]] == [
        line.split(" time=")[0] for line in then.splitlines()[3:]
    ]
    assert (shop.root / "now.md").read_text().splitlines()[2] == (shop.root / "then.md").read_text().splitlines()[2]
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m" in page
    assert "ValueError: &lt;b&gt;&amp;" in page
    assert "http" not in page.replace("http-equiv", "")
    assert text(shop, "report", "@last")[0].startswith("### ✗ job failed")
    assert read(shop, "report")["tasks"][1]["outcome"]["message"] == "ValueError: <b>&"


def test_the_page_of_a_run_has_what_every_task_said(shop: Project) -> None:
    """Folded up, that of what failed open and first; long ones cut to their end; the graph; one time for all bars."""
    shop.task_module(
        f"{TASKS}\n@task\ndef many() -> None:\n    print(*(f'<line {{n}}>' for n in range(9000)), sep='\\n')\n"
    )
    shop.job(
        {
            "many": "many",
            "load": {"task": "Load", "dependencies": ["many"]},
            "bad": {"task": "Fails", "dependencies": ["load"]},
            "after": {"task": "Step", "dependencies": ["bad"]},
        },
        config={"max_concurrency": 1},
    )
    shop.run()
    page = shop.command("report", "--html", "-").wait().out

    folded = re.findall(r"<details( open)?><summary><strong>(\w+)</strong>", page)
    boxes = re.findall(r'<g class="node (\w+)"><title>(\w+): ', page)
    lefts = [float(left) for left in re.findall(r'class="bar [A-Z]+" style="left:([\d.]+)%', page)]
    rows = [re.findall(BAR, row) for row in re.findall("<li>.*?</li>", page)]

    assert folded == [(" open", "bad"), ("", "many"), ("", "load")]
    assert boxes == [("COMPLETED", "many"), ("COMPLETED", "load"), ("FAILED", "bad"), ("DEFAULTED", "after")]
    assert page.count("<path ") == 3
    assert "&lt;line 8999&gt;" in page
    assert "&lt;line 0&gt;" not in page
    assert len(page) < 40_000
    assert lefts == sorted(lefts)
    assert next(bars[0][0] for bars in rows) == "waits"
    for (_, left, width), (_, next_left, _) in (pair for bars in rows for pair in pairwise(bars)):
        assert float(left) + float(width) <= float(next_left) + 0.02


def test_the_page_of_a_run_has_its_changes_and_events(shop: Project) -> None:
    """What `diff` says of it and the last good run before, and what happened in order."""
    shop.job({"load": {"task": "Load", "parameters": {"rows": 1}}})
    shop.run()
    first = shop.command("report", "--html", "-").wait().out
    shop.job({"load": {"task": "Load", "parameters": {"rows": 2}}, "bad": "Fails"})
    shop.run("--label", "note=<2>")
    page = shop.command("report", "--html", "-").wait().out

    told = re.findall(r"<h3>.*?</h3>|<pre .*?</pre>", part_of(page, "changes"), re.DOTALL)
    happened = re.findall(r"<td>([^<]+)</td></tr>", part_of(page, "events"))

    assert "No earlier run of this job completed" in part_of(first, "changes")
    assert [html.unescape(re.sub("<.*?>", "", line)) for part in told for line in part.splitlines()] == [
        line.removeprefix("  ") for line in text(shop, "diff") if line and line[0] not in "+-"
    ]
    assert (happened[0], happened[-1]) == ("the run started", "the run ended")
    assert {"load started", "bad failed: ValueError: planned failure 1"} <= set(map(html.unescape, happened))


def part_of(page: str, name: str) -> str:
    """A section of a page."""
    begin = page.index(f'<h2 id="{name}">')
    return page[begin : page.index("</section>", begin)]


def test_logs_are_searched_and_cut(shop: Project) -> None:
    """By task, attempt, text and time; the last lines; for programs; a pattern that is none is refused."""
    shop.job({"flaky": {"task": "Flaky", "max_attempts": 2}, "load": {"task": "Load", "dependencies": ["flaky"]}})
    shop.run()

    def said(*arguments: str) -> list[str]:
        return [line.split(" ", 1)[1] for line in text(shop, "logs", *arguments)]

    assert said("--task", "flaky", "--attempt", "2") == ["try 2"]
    assert said("--grep", "^try|^load") == ["flaky | try 1", "flaky | try 2", "load | loading 1 None"]
    assert said("--tail", "1") == ["load | loading 1 None"]
    assert said("--since", "1h", "--grep", "try 1") == ["flaky | try 1"]
    assert text(shop, "logs", "--since", "2100-01-01") == []
    assert json.loads(text(shop, "logs", "--json", "--tail", "1")[0])["message"] == "loading 1 None"
    for log in shop.root.glob("logs/*/load.log"):
        log.unlink()
    assert "the log of load was deleted" in shop.command("logs").wait().err
    shop.job({"load": "Load"}, loggers={})
    shop.run()
    assert "has no log" in shop.command("logs").wait().err
    wrong = shop.command("logs", "--grep", "(").wait()
    assert (wrong.status, "is no regular expression" in wrong.err) == (2, True)


def test_logs_of_several_runs_are_searched(shop: Project) -> None:
    """Run by run, the newest last, each line with its run; what makes no sense together is refused."""
    for name, tasks in (("first", {"flaky": {"task": "Flaky", "max_attempts": 2}}), ("second", {"load": "Load"})):
        shop.job(tasks, config={"name": name})
        shop.run()
    new, old = (run["run"] for run in read(shop, "runs")["runs"])

    def said(*arguments: str) -> list[str]:
        return [line.split(" ", 2)[2] for line in text(shop, "logs", "--runs", *arguments)]

    assert said("5", "--grep", "try 2|load") == [f"{old} flaky | try 2", f"{new} load | loading 1 None"]
    assert said("1") == [f"{new} load | loading 1 None"]
    assert said("1", "--job", "first", "--tail", "1") == [f"{old} flaky | try 2"]
    assert json.loads(text(shop, "logs", "--runs", "5", "--json")[-1])["run"] == new
    assert shop.command("logs", "--runs", "5", "--job", "nope").wait().err == "no run is like this\n"
    for wrong in (["@last", "--runs", "2"], ["--runs", "2", "-f"], ["--job", "first"]):
        assert shop.command("logs", *wrong).wait().status == 2


def test_old_runs_are_deleted(shop: Project) -> None:
    """With their logs; a dry run only says so; which ones must be said. PARITY FM-15"""
    shop.job({"load": "Load"})
    shop.run()
    shop.run()
    assert len(read(shop, "runs")["runs"]) == 2

    dry = shop.command("clean", "--older-than", "1ms", "--dry-run").wait()
    kept = len(read(shop, "runs")["runs"])
    done = read(shop, "clean", "--older-than", "1ms")

    assert (dry.status, "2 runs would be deleted" in dry.err, kept) == (0, True, 2)
    assert len(done["runs"]) == 2
    assert read(shop, "runs")["runs"] == []
    assert not list((shop.root / "logs").iterdir())
    assert shop.command("clean").wait().status == 2
    assert shop.command("clean", "--max-size", "huge").wait().status == 2


@pytest.mark.parametrize("off", ["config", "option"])
def test_a_run_need_not_be_written_down(shop: Project, off: str) -> None:
    """`history: false` and `--no-history` leave nothing."""
    shop.job({"load": "Load"}, config={"history": False} if off == "config" else {})

    assert shop.run(*([] if off == "config" else ["--no-history"])).status == 0

    assert not (shop.root / ".flowrun" / "history").exists()
    assert read(shop, "runs")["runs"] == []


def test_values_need_not_be_written_down(shop: Project) -> None:
    """`history: {values: false}` keeps the rest."""
    shop.job({"load": "Load"}, config={"history": {"values": False}})
    shop.run()

    status = read(shop, "status", "--values")

    assert (status["state"], status["results"], status["shared"]) == ("completed", {}, {})


def test_a_run_touches_no_database(shop: Project) -> None:
    """It does not even load what reads one."""
    shop.job({"load": "Load"})
    code = "import sys; from flowrun import Flowrun; Flowrun().load_job_definition('job.yaml').start(); "

    done = shop.python("-c", f"{code}print('sqlite3' in sys.modules, 'flowrun.history.recorder' in sys.modules)").wait()

    assert done.out.splitlines()[-1] == "False True", str(done)
    assert not (shop.root / ".flowrun" / "history.db").exists()
    assert read(shop, "runs")["runs"][0]["trigger"] == "python"


def damage(shop: Project, kind: str) -> sqlite3.Connection | None:
    """Do something to the database that a person or a crash may do."""
    path = shop.root / ".flowrun" / "history.db"
    if kind == "deleted":
        path.unlink()
    elif kind == "zeroed":
        path.write_bytes(bytes(path.stat().st_size))
    else:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA user_version = 99" if kind == "newer" else "BEGIN EXCLUSIVE")
        return connection
    return None


@pytest.mark.parametrize("kind", ["deleted", "zeroed", "newer", "locked"])
def test_runs_do_not_depend_on_the_database(shop: Project, kind: str) -> None:
    """Deleted, zeroed, of a newer version, locked: runs go on and are continued. PROMISES G15, D-13"""
    shop.job({"load": "Load", "bad": UNTIL})
    shop.run()
    shop.command("runs").wait()
    connection = damage(shop, kind)

    failed = shop.run("-q")
    shop.flag.touch()
    continued = shop.run("-r", "-q")
    if connection is not None:
        connection.close()

    assert (failed.status, continued.status, "history" in failed.err + continued.err) == (1, 0, False)
    assert_readers_say_one_thing(shop.command("runs").wait(), kind)
    (shop.root / ".flowrun" / "history.db").unlink(missing_ok=True)
    assert [run["state"] for run in read(shop, "runs")["runs"]] == ["completed", "failed"]


def assert_readers_say_one_thing(done: Finished, kind: str) -> None:
    """What can be made anew or be waited for is no error; anything else is one line."""
    if kind in ("deleted", "locked"):
        assert (done.status, len(done.out.splitlines())) == (0, 2), str(done)
        return
    word = "damaged" if kind == "zeroed" else "newer flowrun"
    assert (done.status, word in done.err, len(done.err.splitlines())) == (5, True, 1), str(done)


def test_a_history_that_cannot_be_written_harms_nothing(shop: Project) -> None:
    """Something is in its way: one warning, and the job runs as ever. PROMISES D-13"""
    shop.file(".flowrun/history", "in the way")
    shop.job({f"t{number}": "Step" for number in range(20)})

    done = shop.run("--output", "lines")

    assert done.status == 0
    assert done.err.count("the history of this run is not complete") == 1


def test_ci_folds_of_gitlab(shop: Project) -> None:
    """In a GitLab job, what a task prints is a section that can be folded."""
    shop.job({"load": "Load"})

    done = shop.run("--output", "auto", env={**shop_environment(shop), "CI": "true", "GITLAB_CI": "true"})

    assert "section_start:" in done.err
    assert ":flowrun_1[collapsed=true]\n\x1b[0Koutput of load\n  | loading 1 None\nsection_end:" in done.err  # \r


def shop_environment(project: Project) -> dict[str, str]:
    import os

    return {**os.environ, **project.environment}

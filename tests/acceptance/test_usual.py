"""How long things usually take: kept by one run, shown and used by the next."""

from __future__ import annotations

import json
import shutil
import statistics
import time
from typing import TYPE_CHECKING

import pytest

from flowrun.history.reader import History

if TYPE_CHECKING:
    from tests.project import Project

TASKS = """
import time
from flowrun.task import task

@task
def nap(seconds: float = 0.1) -> None:
    time.sleep(seconds)

@task
def refuse(text: str) -> None:
    raise ValueError(text)
"""


@pytest.fixture
def napping(project: Project) -> Project:
    """A project with a task that sleeps."""
    project.task_module(TASKS)
    return project


def nap(seconds: float, *needs: str) -> dict[str, object]:
    return {"task": "nap", "parameters": {"seconds": seconds}, "dependencies": list(needs)}


def test_the_estimate_of_uniform_items_shrinks_to_nothing(napping: Project) -> None:
    """CF-60: most estimates of a real run are within a factor of 2, and the last one is small; `status` shows them."""
    each = {"task": "nap", "foreach": list(range(16)), "parameters": {"seconds": 0.3}, "executor": "thread"}
    napping.job({"each": each}, config={"max_concurrency": 2})
    history = History(napping.root)
    looked: list[tuple[float, float]] = []
    assert napping.run().status == 0

    running = napping.start("--output=quiet")
    while not running.is_over:
        history.refresh()
        run = history.runs(limit=1).runs[0]
        if run.remaining_seconds is not None:
            looked.append((time.time(), run.remaining_seconds))
        if len(looked) == 5:
            shown = napping.command("status").wait().out
        time.sleep(0.02)
    assert running.wait().status == 0
    history.refresh()
    end = history.runs(limit=1).runs[0].ended or 0.0
    history.close()

    ratios = [estimate / (end - at) for at, estimate in looked if end - at > 0.3]
    assert 0.5 <= statistics.median(ratios) <= 2
    assert sum(0.5 <= ratio <= 2 for ratio in ratios) > len(ratios) / 2
    assert looked[-1][1] < looked[0][1] / 2
    assert ", usual " in shown.splitlines()[0]
    assert " left, started " in shown.splitlines()[0]


def test_the_longest_way_starts_first_once_it_is_known(napping: Project) -> None:
    """The first run goes by the number of tasks, the next by the time that they took."""
    tasks = {"a": nap(0), "b": nap(0, "a"), "c": nap(0, "b"), "slow": nap(0.3), "last": nap(0, "slow")}
    napping.job(tasks, config={"max_concurrency": 1})

    first, second = napping.run("--output=json"), napping.run("--output=json")

    begun = [
        sorted(done.states, key=lambda name, done=done: done.task(name)["started_at"])  # type: ignore[misc]
        for done in (first, second)
    ]
    assert begun[0][0] == "a"
    assert begun[1][0] == "slow"


def test_the_critical_path_of_a_plan(napping: Project) -> None:
    """By number of tasks before a run, then by their time; for people and for programs."""
    napping.job({"a": nap(0), "b": nap(0, "a"), "slow": nap(0.4), "end": nap(0, "b", "slow")})
    before = napping.command("plan", "-j", "job.yaml", "--critical").wait().out
    assert napping.run().status == 0

    text = napping.command("plan", "-j", "job.yaml", "--critical").wait().out
    record = json.loads(napping.command("plan", "-j", "job.yaml", "--critical", "--json").wait().out)
    alone = json.loads(napping.command("plan", "-j", "job.yaml", "--critical", "--json", "--only", "b").wait().out)
    without = json.loads(napping.command("plan", "-j", "job.yaml", "--json").wait().out)

    assert before.split("not known yet")[1].split() == ["a", "b", "end"]
    assert "critical path, usually 0." in text
    assert [line.split()[0] for line in text.splitlines()[-2:]] == ["slow", "end"]
    assert [one["task"] for one in record["critical"]["tasks"]] == ["slow", "end"]
    assert record["critical"]["usual_seconds"] >= record["critical"]["tasks"][0]["usual_seconds"] >= 0.4
    assert [one["task"] for one in alone["critical"]["tasks"]] == ["b"]
    assert "critical" not in without


def test_a_run_without_a_history_leaves_nothing(napping: Project) -> None:
    """Nor one in which nothing took long; and with a damaged file the next run does without."""
    napping.job({"a": nap(0.1)})
    directory = napping.root / ".flowrun" / "history" / "usual"

    assert napping.run("--no-history").status == 0
    assert not directory.exists()
    assert napping.run().status == 0
    [usual] = directory.iterdir()
    assert list(json.loads(usual.read_text())["tasks"]) == ["a"]
    usual.write_text("{")
    assert napping.run().status == 0
    assert len(json.loads(usual.read_text())["tasks"]["a"]) == 1


class TestRestart:
    """`-r` takes up the variables of the run that it continues."""

    @pytest.fixture
    def failed(self, napping: Project) -> Project:
        """A job that needs variables, of which one is a secret; its run has failed."""
        refuse = {"task": "refuse", "parameters": {"text": "$VAR{region}-$VAR{day:monday}"}}
        napping.job({"a": "Step", "b": refuse, "c": {"task": "Step", "env": {"KEY": "$VAR{api_token:none}"}}})
        given = ("--var", "region=eu", "--var", "day=friday", "--var", "api_token=open-sesame")
        assert napping.run(*given).status == 1
        return napping

    def test_the_values_need_not_be_given_again(self, failed: Project) -> None:
        """Those that nobody has written down are named."""
        done = failed.run("-r", "--output=json")

        assert done.status == 1
        assert done.message("b") == "ValueError: eu-friday"
        assert "region=eu, day=friday\n" in done.err
        assert "give them again: api_token\n" in done.err
        assert "sesame" not in done.text

    def test_what_is_given_again_counts(self, failed: Project) -> None:
        """And is what the next restart takes up."""
        assert failed.run("-r", "--var", "day=sunday", "--var", "api_token=x").status == 1
        done = failed.run("-r", "--output=json")

        assert done.message("b") == "ValueError: eu-sunday"
        assert "day=sunday" in done.err

    def test_a_plan_takes_them_up_too(self, failed: Project) -> None:
        assert "region=eu" in failed.command("plan", "-j", "job.yaml", "-r").wait().err

    def test_a_new_run_does_not(self, failed: Project) -> None:
        """Nor a restart that has nothing to continue."""
        fresh = failed.run()
        failed.command("checkpoints", "clear", "--all", "--yes").wait()
        restarted = failed.run("-r")

        assert (fresh.status, restarted.status) == (3, 3)
        assert "FR112" in fresh.err

    def test_they_do_not_depend_on_the_database(self, failed: Project) -> None:
        """What the run itself has written tells them, and nothing is said of a damaged database."""
        (failed.root / ".flowrun" / "history.db").write_text("no database" * 100)
        done = failed.run("-r", "--var", "region=us", "--output=json")

        assert done.message("b") == "ValueError: us-friday"
        assert "not known" not in done.err

    def test_without_a_history_they_are_given_as_before(self, failed: Project) -> None:
        """What a run has written is gone after a week; if the database is damaged, too, that is told in one line."""
        shutil.rmtree(failed.root / ".flowrun" / "history" / "spool")
        (failed.root / ".flowrun" / "history.db").write_text("no database" * 100)
        done = failed.run("-r", "--var", "region=us", "--output=json")

        assert done.message("b") == "ValueError: us-monday"
        assert done.err.count("the variables of the run to be continued are not known") == 1

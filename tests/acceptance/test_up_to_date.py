"""Tasks whose inputs have not changed are not performed again."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from ..project import Finished, Project, eventually

TASKS = """
from typing import Any


@task
class Upper(Traced):
    times: int = 1
    tells: str = ""

    def run(self) -> dict:
        self.mark("start")
        with open("in.txt") as source, open("out.txt", "w") as target:
            text = source.read()
            target.write(text.upper() * self.times)
        if self.tells:
            self.shared_dict["told"] = self.tells
        return {"rows": len(text)}


@task
class Lower(Upper):
    pass


@task
def told(rows: int = 0) -> str:
    from flowrun.task import current_task
    mark("told", "start")
    return f"{current_task().shared_dict.get('told')} {rows}"


@task
class Draws(Traced):
    def run(self) -> float:
        self.mark("start")
        return time.time()


@task
class Forgets(Traced):
    def run(self) -> None:
        self.mark("start")


@task
class Large(Traced):
    kind: str

    def run(self) -> Any:
        self.mark("start")
        return {"bytes": bytes(200_000), "text": "x" * 200_000, "list": [0] * 200_000}[self.kind]


@task
class Measure(Traced):
    data: Any

    def run(self) -> int:
        self.mark("start")
        return len(self.data)


@task
class Slow(Traced):
    def run(self) -> None:
        self.mark("start")
        with open("out.txt", "w") as target:
            target.write("half")
        self.rest(60)
"""

UPPER = {"task": "Upper", "inputs": ["in.txt"], "outputs": ["out.txt"]}


@pytest.fixture
def made(project: Project) -> Project:
    """A project in which the task `upper` has been performed once."""
    project.task_module(TASKS)
    project.file("in.txt", "one")
    project.job({"upper": UPPER})
    assert project.run().status == 0
    assert project.count("upper") == 1
    return project


def is_cached(done: Finished, name: str = "upper") -> bool:
    assert done.status == 0, str(done)
    return bool(done.task(name)["outcome"].get("is_cached"))


def why(project: Project, task: str = "upper", *arguments: str) -> tuple[str, str]:
    done = project.command("plan", "job.yaml", "--json", *arguments).wait()
    row = next(row for row in json.loads(done.out)["tasks"] if row["task"] == task)
    return row["verb"], row["why"]


def test_a_task_is_not_performed_again_as_long_as_nothing_changes(made: Project) -> None:
    """It completes at once; plan, the lines of the run and the report say why."""
    verb, reason = why(made)
    lines = made.run("--output", "lines")
    again = made.run()

    assert verb == "keep"
    assert reason.startswith("up to date: inputs and parameters as on 20")
    assert "completed upper" in lines.err
    assert ": up to date\n" in lines.err
    assert "1 completed · 1 of them up to date" in lines.err.replace(", ", " · ")
    assert is_cached(again)
    assert again.states == {"upper": "COMPLETED"}
    assert made.count("upper") == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: p.file("in.txt", "two"), "in.txt changed"),
        (lambda p: p.job({"upper": {**UPPER, "parameters": {"times": 2}}}), "parameter times changed"),
        (lambda p: p.task_module(TASKS + "\n# other\n"), "tasks/mine.py changed"),
        (lambda p: p.job({"upper": {**UPPER, "task": "Lower"}}), "the class is Lower, it was Upper"),
        (lambda p: p.file("out.txt", "touched"), "out.txt changed"),
        (lambda p: (p.root / "out.txt").unlink(), "declared output 'out.txt' does not exist"),
        (lambda p: (p.root / ".flowrun/cache/job/upper.json").write_text("{"), "no earlier run is recorded"),
    ],
    ids=["input", "parameter", "source", "class", "output", "no output", "damaged record"],
)
def test_a_task_is_performed_again_when_something_changes(made: Project, change, reason: str) -> None:  # type: ignore[no-untyped-def]
    """What has changed is said before, and after this run it is up to date again."""
    change(made)

    assert why(made) == ("run", reason)
    assert not is_cached(made.run())
    assert made.count("upper") == 2
    if "no earlier" not in reason:
        assert ("INFO", f"will run: {reason}") in made.log_lines("upper")
    assert is_cached(made.run())


def test_a_touched_file_with_the_same_content_changes_nothing(made: Project) -> None:
    """Contents decide, not times."""
    os.utime(made.root / "in.txt", (1, 1))

    assert is_cached(made.run())


def test_results_and_shared_values_come_with_an_outcome_that_is_taken(project: Project) -> None:
    """Tasks that come after see no difference."""
    project.task_module(TASKS)
    project.file("in.txt", "four")
    upper = {**UPPER, "parameters": {"tells": "hello"}}
    job = {"upper": upper, "told": {"task": "told", "parameters": {"rows": "${{ tasks.upper.result.rows }}"}}}
    project.job(job)
    first, second = project.run(), project.run()

    assert is_cached(second)
    assert [one.outcome("told")["result"] for one in (first, second)] == ['"hello 4"', '"hello 4"']
    assert project.count("told") == 2


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_parameters_from_results_decide(project: Project, executor: str) -> None:
    """What a task is given is compared when it is due, also where values are handed over as they are."""
    project.task_module(TASKS)
    project.file("in.txt", "four")
    told = {"task": "told", "executor": executor, "parameters": {"rows": "${{ tasks.upper.result.rows }}"}}
    project.job({"upper": {**UPPER, "executor": executor}, "told": {**told, "cache": True}})
    project.run()
    project.file("in.txt", "FOUR")
    same_rows = project.run()
    project.file("in.txt", "longer")
    other_rows = project.run()

    assert not is_cached(same_rows)
    assert is_cached(same_rows, "told")
    assert not is_cached(other_rows, "told")
    assert is_cached(project.run(), "told")


@pytest.mark.parametrize("kind", ["bytes", "text", "list"])
@pytest.mark.parametrize("executor", ["process", "thread"])
def test_large_results_are_kept_beside_the_record(project: Project, kind: str, executor: str) -> None:
    """They are there in the next run, though the files of the first are removed with it; a plan can compare them."""
    project.task_module(TASKS)
    large = {"task": "Large", "executor": executor, "parameters": {"kind": kind}, "cache": True}
    measure = {"task": "Measure", "executor": executor, "parameters": {"data": "${{ tasks.large.result }}"}}
    project.job({"large": large, "measure": measure, "kept": {**measure, "cache": True}})
    project.run()
    planned = why(project, "kept")
    again = project.run()

    assert is_cached(again, "large")
    assert is_cached(again, "kept")
    assert planned[0] == "keep"
    assert again.outcome("measure")["result"] == "200000"
    assert not list((project.root / ".flowrun" / "results").rglob("*.bin"))


def test_values_and_variables_that_are_declared_decide(project: Project) -> None:
    """`cache.key` with expressions, and `cache.env`; what is not declared does not."""
    cache = {"key": {"day": "${{ vars.day }}"}, "env": ["REGION"]}
    project.job({"step": {"task": "Step", "cache": cache}}, vars={"day": "monday"})
    project.environment["REGION"] = "eu"
    project.run()
    unchanged = project.run()
    project.environment["REGION"] = "us"
    region = why(project, "step")
    project.run()
    day = why(project, "step", "--var", "day=tuesday")

    assert is_cached(unchanged, "step")
    assert region == ("run", "environment variable REGION changed")
    assert day == ("run", "cache key day changed")


def test_items_are_up_to_date_one_by_one(project: Project) -> None:
    """`inputs` and `outputs` may name the item."""
    project.task_module(
        """
@task
def copy(name: str) -> str:
    mark(name, "start")
    os.makedirs("out", exist_ok=True)
    open(f"out/{name}", "w").write(open(f"data/{name}").read())
    return name
"""
    )
    for name in ("a", "b"):
        project.file(f"data/{name}", name)
    copy = {
        "task": "copy",
        "foreach": ["a", "b"],
        "parameters": {"name": "${{ item }}"},
        "inputs": ["data/${{ item }}"],
        "outputs": ["out/${{ item }}"],
    }
    project.job({"copy": copy})
    project.run()
    project.file("data/b", "other")
    again = project.run()

    assert again.status == 0
    assert again.report["up_to_date"] == 1
    assert "2 completed · 1 of them up to date" in again.err
    assert (project.count("a"), project.count("b")) == (1, 2)
    assert again.outcome("copy")["result"] == '["a","b"]'


def test_files_that_tasks_make_for_others_decide_when_these_are_due(project: Project) -> None:
    """Plan says so; once nothing runs before them, it can tell."""
    project.task_module(TASKS)
    project.file("in.txt", "one")
    after = {"task": "Step", "inputs": ["out.txt"], "dependencies": ["upper"]}
    project.job({"upper": UPPER, "after": after})
    before = why(project, "after")
    project.run()
    settled = why(project, "after")
    project.file("in.txt", "ONE")  # in capitals it is the same
    again = project.run()

    assert before == ("run", "decided when it is due")
    assert settled[0] == "keep"
    assert not is_cached(again)
    assert is_cached(again, "after")


def test_an_input_that_does_not_exist_is_an_error(project: Project) -> None:
    """Unless it has a wildcard; it is told before the task starts, and no other try is made."""
    step = {"task": "Step", "inputs": ["no.csv"], "max_attempts": 3}
    project.job({"step": step, "wild": {"task": "Step", "inputs": ["no*.csv"]}})
    done = project.run()

    assert done.status == 1
    assert done.message("step") == "input 'no.csv' does not exist"
    assert done.reason("step") == "not started"
    assert done.task("step")["attempts"] == 1
    assert project.count("step") == 0
    assert done.states["wild"] == "COMPLETED"
    assert why(project, "step") == ("run", "input 'no.csv' does not exist")


def test_declared_outputs_must_be_made(project: Project) -> None:
    """Also with `cache: false`, which only says that the task is never up to date."""
    project.task_module(TASKS)
    project.file("in.txt", "one")
    project.job({"forgets": {"task": "Forgets", "outputs": ["out.txt"]}, "upper": {**UPPER, "cache": False}})
    project.run()
    (project.root / "out.txt").unlink()
    done = project.run("--only", "forgets")
    project.run("--only", "upper")

    assert done.message("forgets") == "declared output 'out.txt' was not made"
    assert done.states["forgets"] == "FAILED"
    assert project.count("upper") == 2


def test_force_runs_what_is_up_to_date(made: Project) -> None:
    """All tasks, or those that are named."""
    assert why(made, "upper", "--force") == ("run", "asked for")
    assert not is_cached(made.run("--force"))
    assert not is_cached(made.run("--force", "upper"))
    assert made.count("upper") == 3
    refused = made.run("--force", "uper")
    assert refused.status == 2
    assert "did you mean 'upper'?" in refused.err


def test_verify_fails_what_makes_something_else(project: Project) -> None:
    """With the same inputs; a task that makes the same passes."""
    project.task_module(TASKS)
    project.file("in.txt", "one")
    project.job({"upper": UPPER, "draws": {"task": "Draws", "cache": True, "max_attempts": 3}})
    project.run()
    done = project.run("--verify")

    assert done.states == {"upper": "COMPLETED", "draws": "FAILED"}
    assert not is_cached_anywhere(done)
    assert done.message("draws").startswith("not reproducible: with the same inputs as on 20")
    assert done.message("draws").endswith("its result is another one")
    assert project.count("draws") == 2
    assert is_cached(project.run(), "draws")


def is_cached_anywhere(done: Finished) -> bool:
    return any((task["outcome"] or {}).get("is_cached") for task in done.report["tasks"])


def test_an_old_result_is_not_taken(project: Project) -> None:
    """`max_age` counts from the run that is recorded."""
    project.job({"step": {"task": "Step", "cache": {"max_age": "1h"}}})
    project.run()
    young = project.run()
    record = project.root / ".flowrun" / "cache" / "job" / "step.json"
    body = json.loads(record.read_text())
    record.write_text(json.dumps({**body, "at": "2026-01-01T00:00:00+00:00"}))

    assert is_cached(young, "step")
    assert why(project, "step") == ("run", "the last run was on 2026-01-01 00:00, more than 1h 00m ago")


def test_a_task_that_was_killed_is_not_up_to_date(made: Project) -> None:
    """Nor are the files that it leaves behind taken for its outputs."""
    made.job({"upper": {**UPPER, "task": "Slow"}})
    started = made.start()
    made.wait_for_mark("upper", "start", 2)
    started.signal(signal.SIGKILL)
    started.wait()
    assert made.all_gone()
    made.job({"upper": UPPER})

    assert why(made)[0] == "run"
    assert not is_cached(made.run())
    assert Path(made.root, "out.txt").read_text() == "ONE"


def test_records_are_for_their_user_alone(made: Project) -> None:
    """Like everything that is kept of a run."""
    record = made.root / ".flowrun" / "cache" / "job" / "upper.json"

    assert record.stat().st_mode & 0o777 == 0o600
    assert record.parent.stat().st_mode & 0o777 == 0o700


def test_a_job_is_stopped_while_a_large_input_is_read(project: Project) -> None:
    """Reading it ends; the task has not started."""
    with open(project.root / "large", "wb") as large:
        large.truncate(64 << 30)
    project.job({"step": {"task": "Step", "inputs": ["large"]}})
    started = project.start()
    eventually(lambda: '"to_state": "R"' in started.so_far())
    started.signal(signal.SIGINT)
    done = started.wait()

    assert done.status == 130
    assert done.states == {"step": "ABORTED"}
    assert project.count("step") == 0


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_a_timeout_ends_the_attempt_behind_the_examination(project: Project, executor: str) -> None:
    """As of any other task, and nothing is recorded."""
    task = "AsyncStep" if executor == "async" else "Step"
    step = {"task": task, "executor": executor, "cache": True, "timeout": 0.3, "parameters": {"seconds": 60}}
    project.job({"step": step, "large": {"task": "Step", "inputs": ["large"], "timeout": 0.3}})
    with open(project.root / "large", "wb") as large:
        large.truncate(64 << 30)
    done = project.run()

    assert done.reason("step") == done.reason("large") == "timed out"
    assert project.hooks("step")[-1] == "on_destroy"
    assert "end" not in project.hooks("step")
    assert project.count("large") == 0
    assert not (project.root / ".flowrun" / "cache").exists()


def test_tasks_that_an_earlier_run_added_are_added_again(project: Project) -> None:
    """They belong to what the task has made."""
    project.task_module(
        '@task\nclass Adds(Task):\n    def run(self) -> None:\n        self.spawn("Step", name="child")\n'
    )
    project.job({"adds": {"task": "Adds", "cache": True}})
    project.run()
    again = project.run()

    assert is_cached(again, "adds")
    assert again.states["adds/child"] == "COMPLETED"
    assert project.count("adds/child") == 2


def test_a_test_of_a_job_neither_takes_nor_leaves_records(made: Project) -> None:
    """A stub answers for its task, even if that is up to date."""
    record = made.root / ".flowrun" / "cache" / "job" / "upper.json"
    before = record.read_text()
    made.file(
        "test_it.py",
        "from flowrun.testing import run_job\n"
        'report = run_job("job.yaml", stubs={"upper": {"rows": 7}})\n'
        'print(report.is_completed, report.values["upper"])\n',
    )
    done = made.python("test_it.py").wait()

    assert done.out.strip().replace(" ", "") == 'True{"rows":7}', str(done)
    assert record.read_text() == before

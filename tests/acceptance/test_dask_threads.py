"""`isolation: thread` of the executor `dask`: attempts in threads of the workers, as Dask has its own tasks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.dask_cluster import DaskCluster, dask_cluster
from tests.dask_job import far, job
from tests.project import Project, eventually

TASKS = """
mark("module", "import", root=os.path.dirname(os.path.dirname(__file__)))

@task
class Load(Traced):
    day: str

    def run(self) -> list[str]:
        import distributed

        self.mark("start", worker=distributed.get_worker().name)
        print("loading", self.day)
        self.shared_dict["day"] = self.day
        return [self.day]

@task
class Show(Traced):
    days: list[str]

    async def run(self) -> str:
        self.mark("start", day=self.shared_dict["day"])
        await asyncio.sleep(0)
        print("showing", *self.days)
        return "x" * 500_000
"""


@pytest.fixture
def cluster(project: Project) -> Iterator[DaskCluster]:
    """A worker whose own environment has what the tasks of the stock need."""
    with dask_cluster(0) as it:
        it.start_worker("w0", "--nthreads", "2", environment={"MARKS": project.environment["MARKS"]})
        yield it


def test_attempts_run_in_the_worker_which_keeps_what_it_has_imported(project: Project, cluster: DaskCluster) -> None:
    """A second run of the same files imports nothing again; one with other files has its own. Lines stay apart."""
    project.task_module(TASKS)
    tasks = {
        "load": far(project, "Load", parameters={"day": "monday"}),
        "show": far(project, "Show", parameters={"days": "${{ tasks.load.result }}"}),
        "other": far(project, "Load", parameters={"day": "tuesday"}, dependencies=["show"]),
    }
    job(project, cluster, tasks, isolation="thread", keep_results="cluster")
    done = project.run()

    assert done.status == 0, done
    loaded, shown = project.marks("load", "start")[0], project.marks("show", "start")[0]
    assert (loaded.pid, loaded.more["worker"], shown.more["day"]) == (shown.pid, "w0", "monday")
    assert project.log_lines("load") == [("INFO", "loading monday")]
    assert project.log_lines("show") == [("INFO", "showing monday")]
    assert project.log_lines("other") == [("INFO", "loading tuesday")]

    there = [mark.pid for mark in project.marks("module")].count(loaded.pid)
    assert project.run().status == 0
    assert [mark.pid for mark in project.marks("module")].count(loaded.pid) == there == 1
    project.task_module(TASKS.replace("loading", "fetching"))
    assert project.run().status == 0
    assert project.log_lines("load")[-1] == ("INFO", "fetching monday")
    assert project.marks("load", "start")[-1].pid == loaded.pid


def test_an_abort_asks_and_a_thread_that_does_not_listen_is_left_behind(project: Project, cluster: DaskCluster) -> None:
    """The run does not wait for it, and says so; its place on the worker is free. So it is when the runner dies."""
    project.task_module(
        "@task\nclass Asked(Traced):\n    def run(self):\n        self.mark('start')\n"
        "        while not self.aborting:\n            time.sleep(0.01)\n"
        "@task\nclass Deaf(Traced):\n    flag: str\n    def run(self):\n        self.mark('start')\n"
        "        while not os.path.exists(self.flag):\n            time.sleep(0.01)\n"
        "        self.mark('end')\n"
        "@task\nclass Waits(Traced):\n    async def run(self):\n        self.mark('start')\n"
        "        await asyncio.sleep(600)\n"
    )
    deaf = {"parameters": {"flag": str(project.flag)}, "timeout": 0.5}
    tasks = {
        "asked": far(project, "Asked", timeout=0.5),
        **{f"deaf{n}": far(project, "Deaf", **deaf) for n in range(2)},
        "after": far(project, "Step", dependencies=["asked", "deaf0", "deaf1"], run_if="done"),
    }
    job(project, cluster, tasks, isolation="thread")
    with_grace = project.root / "job.yaml"
    with_grace.write_text(with_grace.read_text().replace("name: job", "name: job\n  grace_seconds: 1"))
    done = project.run()

    assert done.status == 1
    assert done.states == {"asked": "FAILED", "deaf0": "FAILED", "deaf1": "FAILED", "after": "COMPLETED"}, done
    assert project.hooks("asked") == ["on_create", "start", "on_abort", "on_destroy"]
    assert "task 'deaf0' did not end when it was asked to; its worker was left behind" in done.text
    assert (project.count("deaf0", "end"), project.count("after", "end")) == (0, 1)
    project.flag.touch()

    job(project, cluster, {"waits": far(project, "Waits")}, isolation="thread")
    run = project.start()
    project.wait_for_mark("waits")
    run.kill()
    eventually(lambda: project.hooks("waits") == ["on_create", "start", "on_abort", "on_destroy"])


def test_code_that_cannot_be_loaded_there_is_named(project: Project, cluster: DaskCluster) -> None:
    """With the worker and the error; the worker goes on."""
    project.task_module(f"assert os.path.dirname(__file__) == {str(project.root / 'tasks')!r}, 'not at home'\n")
    project.task_module(
        "from tasks.mine import task, Traced\n@task\nclass Homely(Traced):\n    def run(self): pass\n", "homely"
    )
    job(project, cluster, {"homely": far(project, "Homely")}, isolation="thread")
    broken = project.run()
    project.file("tasks/mine.py", "from tasks.stock import *\n")
    whole = project.run()

    assert (broken.status, whole.status) == (1, 0), (broken, whole)
    assert "AssertionError: not at home" in json.dumps(broken.task("homely"))
    assert "cannot be loaded on the worker tcp://127.0.0.1:" in json.dumps(broken.task("homely"))


def test_a_program_has_its_tasks_in_a_module(project: Project) -> None:
    """Those that stand in the program itself would take the place of the worker's own main file."""
    far = {"executor": "dask", "parameters": {"isolation": "thread"}}
    project.file(
        "nightly.py",
        "from flowrun import Job\nfrom flowrun.task import task\n"
        f"job = Job('nightly', executors={{'far': {far!r}}})\n"
        "@job.task(executor='far')\n@task\ndef load() -> int:\n    return 1\n"
        "if __name__ == '__main__':\n    print(job.run_sync().result('load'))\n",
    )
    done = project.python("nightly.py").wait()

    assert done.status != 0
    assert "`load` stands in the program itself: with `isolation: thread` put it into a module" in done.text

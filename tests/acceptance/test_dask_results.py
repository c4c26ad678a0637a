"""`keep_results: cluster`: large results wait on the cluster for the tasks that are given them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from flowrun.values.file_store import FileStore
from tests.dask_cluster import DaskCluster, dask_cluster
from tests.dask_job import far, job
from tests.project import Project, eventually

TASKS = """
@task
class Make(Traced):
    size: int = 1_000_000

    def run(self) -> bytes:
        self.mark("start")
        return bytes(self.size)

@task
class Measure(Traced):
    data: bytes
    other: list[bytes] = []
    waits_for: str = ""

    def run(self) -> int:
        self.mark("start", sizes=[len(self.data), *map(len, self.other)])
        while self.waits_for and not os.path.exists(self.waits_for):
            time.sleep(0.01)
        return len(self.data)

@task
class FailsFirst(Measure):
    flag: str

    def run(self) -> int:
        self.mark("start")
        if not os.path.exists(self.flag):
            raise ValueError("not yet")
        return super().run()
"""
_RESULT = "${{ tasks.make.result }}"
NAME = f"{'0' * 32}.bin"


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    """A cluster that no test damages."""
    with dask_cluster(2) as it:
        yield it


def kept(project: Project) -> list[int]:
    """The sizes of the large results that the run has in files of this machine."""
    return sorted(path.stat().st_size for path in Path(project.root, ".flowrun", "results").rglob("*.bin"))


def on_cluster(cluster: DaskCluster) -> int:
    """How many results stay there."""
    with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        count: int = client.run_on_scheduler(
            lambda dask_scheduler: sum(key[1] == "kept" for key in dask_scheduler.tasks if isinstance(key, tuple))
        )
    return count


def large(cluster: DaskCluster, project: Project, tasks: dict[str, Any]) -> None:
    """A job whose large results stay on the cluster if they can."""
    project.task_module(TASKS)
    job(project, cluster, tasks, keep_results="cluster")


def test_large_results_go_from_task_to_task_on_the_cluster(project: Project, cluster: DaskCluster) -> None:
    """Also those of items, as a list with small ones; what somebody else needs or nobody reads comes home.

    When all who are given them have completed, they are dropped.
    """
    sizes = [400_000, 10, 500_000]
    large(
        cluster,
        project,
        {
            "make": far(project, "Make"),
            "parts": far(project, "Make", foreach=sizes, parameters={"size": "${{ item }}"}),
            "measure": far(project, "Measure")
            | {"parameters": {"data": _RESULT, "other": "${{ tasks.parts.result }}", "waits_for": str(project.flag)}},
            "shown": far(project, "Make", parameters={"size": 600_000}),
            "here": {"task": "Measure", "parameters": {"data": "${{ tasks.shown.result }}"}},
            "gate": {"task": "Step", "parameters": {"waits_for": f"{project.flag}2"}, "dependencies": ["measure"]},
            "unread": far(project, "Make", parameters={"size": 700_000}),
        },
    )
    run = project.start()
    eventually(lambda: {"measure", "here", "unread"} <= {mark.label for mark in project.marks()})
    # `shown` and `unread`, in base64; their files grow
    eventually(lambda: [size // 1000 for size in kept(project)] == [800, 933])
    eventually(lambda: on_cluster(cluster) == 3)
    project.flag.touch()
    project.wait_for_mark("gate")
    eventually(lambda: on_cluster(cluster) == 0)
    Path(f"{project.flag}2").touch()
    done = run.wait()

    assert done.status == 0, done
    assert project.marks("measure", "start")[0].more["sizes"] == [1_000_000, *sizes]
    assert project.marks("here", "start")[0].more["sizes"] == [600_000]


def test_a_failed_run_has_them_at_home(project: Project, cluster: DaskCluster) -> None:
    """So it can be continued when they are gone from there, and what completed is not performed again."""
    tasks = {
        "make": far(project, "Make"),
        "fails": far(project, "FailsFirst", parameters={"data": _RESULT, "flag": str(project.flag)}),
    }
    large(cluster, project, tasks)
    assert project.run().status == 1
    assert [size // 1000 for size in kept(project)] == [1333]
    eventually(lambda: on_cluster(cluster) == 0)

    project.flag.touch()
    done = project.run("-r")
    assert done.status == 0, done
    assert project.count("make") == 1
    assert project.marks("fails", "start")[-1].more["sizes"] == [1_000_000]


def test_a_result_that_is_lost_with_its_worker_is_told(project: Project) -> None:
    """Dask does not perform its task again behind the back of the run; a run that continues does."""
    with dask_cluster(1) as cluster:
        tasks = {
            "make": far(project, "Make"),
            "gate": {"task": "Step", "parameters": {"waits_for": str(project.flag)}, "dependencies": ["make"]},
            "measure": far(project, "Measure", parameters={"data": _RESULT}, dependencies=["gate"], max_attempts=3),
        }
        large(cluster, project, tasks)
        run = project.start()
        project.wait_for_mark("gate")
        cluster.start_worker("w1")
        cluster.kill("w0")
        project.flag.touch()
        done = run.wait()

        assert done.status == 1, done
        said = "the result of `make` stayed on the Dask cluster and was lost there: continue the run with -r"
        assert said in done.message("measure")
        assert (project.count("make"), project.count("measure")) == (1, 0)
        planned = project.command("plan", "-j", "job.yaml", "-r").wait()
        assert "its result stayed on a cluster, and is gone" in planned.out
        assert project.run("-r").status == 0
    assert (project.count("make"), project.count("gate"), project.count("measure")) == (2, 1, 1)


def test_what_was_on_the_cluster_when_the_runner_died_is_made_again(project: Project, cluster: DaskCluster) -> None:
    """Of items those that are gone; what nobody is to read any more is not."""
    tasks = {
        "make": far(project, "Make"),
        "measure": far(project, "Measure", parameters={"data": _RESULT}),
        "parts": far(project, "Make", foreach=[400_000, 500_000], parameters={"size": "${{ item }}"}),
        "gate": {"task": "Step", "parameters": {"waits_for": str(project.flag)}, "dependencies": ["measure", "parts"]},
        "late": far(project, "Measure", dependencies=["gate"])
        | {"parameters": {"data": "", "other": "${{ tasks.parts.result }}"}},
    }
    large(cluster, project, tasks)
    run = project.start()
    project.wait_for_mark("gate")
    run.kill()
    project.flag.touch()

    done = project.run("-r")
    assert done.status == 0, done
    assert project.marks("late", "start")[0].more["sizes"] == [0, 400_000, 500_000]
    assert [project.count(name) for name in ("make", "measure", "parts[400000]", "parts[500000]")] == [1, 1, 2, 2]


def test_a_runner_that_dies_while_one_comes_home_leaves_no_half_of_it(project: Project) -> None:
    """Else `-r` would take it for the whole."""
    project.file(
        "home.py",
        "import resource, signal\nfrom pathlib import Path\nfrom flowrun.values.file_store import FileStore\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"FileStore(Path.cwd(), 'job', 'run1').put_named('{NAME}', bytes(200_000))\n",
    )
    assert project.python("home.py").wait().status == -signal.SIGXFSZ
    assert kept(project)[-1] == 100_000

    assert not FileStore(Path(project.root), "job", "run1").has(NAME)


def test_a_program_may_ask_for_them_when_the_run_is_over(project: Project, cluster: DaskCluster) -> None:
    """They come home at its end."""
    far = {"executor": "dask", "parameters": {"address": cluster.address, "keep_results": "cluster"}}
    project.file(
        "nightly.py",
        "import asyncio\nfrom typing import Annotated\nfrom flowrun import Job, Result\n"
        "from flowrun.task import task\n"
        f"job = Job('nightly', executors={{'far': {far!r}}})\n"
        "@job.task(executor='far')\n@task\ndef make() -> str:\n    return 'x' * 500_000\n"
        "@job.task(executor='far')\n@task\ndef measure(text: Annotated[str, Result(make)]) -> int:\n"
        "    return len(text)\n"
        "if __name__ == '__main__':\n"
        "    report = asyncio.run(job.run())\n"
        "    print(len(report.result('make')), report.result('measure'))\n",
    )
    done = project.python("nightly.py").wait()

    assert (done.status, done.out) == (0, "500000 500000\n"), done

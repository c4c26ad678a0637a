"""`executor: dask`: attempts on a Dask cluster, with a real scheduler and real workers."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dask_cluster import DaskCluster, dask_cluster
from tests.dask_job import far, job
from tests.project import Project, Started, eventually


@pytest.fixture(scope="module")
def cluster() -> Iterator[DaskCluster]:
    """A cluster that no test damages."""
    with dask_cluster(1, "--resources", "GPU=1", threads=4) as it:
        yield it


def said(started: Started) -> str:
    """What a run has told so far."""
    return started.so_far()


TELL = """
import helpers.words
from pydantic import BaseModel

class Report(BaseModel):
    rows: int

@task
class Load(Traced):
    day: str

    def run(self) -> Report:
        self.mark("start", cwd=os.getcwd(), said=os.environ.get("SAID"), helper=helpers.words.__file__)
        print("loading", self.day)
        self.logger.warning("nearly empty")
        self.shared_dict["days"] = [self.day]
        return Report(rows=3)

@task
class Add(Traced):
    rows: int
    more: Report

    def run(self) -> bytes:
        self.shared_dict["days"].append("second")
        self.mark("start", days=list(self.shared_dict["days"]), sum=self.rows + self.more.rows)
        return bytes(1_000_000)

@task
class Measure(Traced):
    data: bytes

    def run(self) -> str:
        self.mark("start", size=len(self.data), days=list(self.shared_dict["days"]))
        return "x" * 500_000
"""


def test_a_job_moves_to_a_cluster_by_one_word(project: Project, cluster: DaskCluster) -> None:
    """Code, parameters, environment, results of any size, shared values and log lines go there and back."""
    project.file("helpers/words.py", "")
    project.task_module(TELL)
    job(
        project,
        cluster,
        {
            "load": far(project, "Load", parameters={"day": "monday"})
            | {"env": {"MARKS": project.environment["MARKS"], "SAID": "${{ vars.said }}"}},
            "add": far(
                project,
                "Add",
                parameters={"rows": "${{ tasks.load.result.rows }}", "more": "${{ tasks.load.result }}"},
            ),
            "measure": far(project, "Measure", parameters={"data": "${{ tasks.add.result }}"}),
            "here": {"task": "Measure", "parameters": {"data": "${{ tasks.add.result }}"}},
        },
    )
    done = project.run("--var", "said=hello")

    assert done.status == 0, done
    (load,), (add,) = project.marks("load", "start"), project.marks("add", "start")
    assert load.more["said"] == "hello"
    assert not Path(load.more["cwd"]).is_relative_to(project.root)
    assert load.more["helper"].startswith(load.more["cwd"])
    assert add.more == {"days": ["monday", "second"], "sum": 6}
    assert project.marks("measure", "start")[0].more == {"size": 1_000_000, "days": ["monday", "second"]}
    assert project.marks("here", "start")[0].more == {"size": 1_000_000, "days": ["monday", "second"]}
    assert project.log_lines("load") == [("INFO", "loading monday"), ("WARNING", "nearly empty")]


def test_lines_come_while_the_attempt_runs(project: Project, cluster: DaskCluster) -> None:
    """Not only at its end."""
    project.task_module(
        "@task\nclass Talks(Traced):\n    def run(self) -> None:\n"
        "        print('first')\n"
        f"        while not os.path.exists({str(project.flag)!r}):\n            time.sleep(0.01)\n"
        "        for n in range(20_000):\n            print(n)\n"
    )
    job(project, cluster, {"talks": far(project, "Talks")})
    run = project.start("--show-logs", "all")
    eventually(lambda: project.log_lines("talks") == [("INFO", "first")])
    project.flag.touch()

    assert run.wait().status == 0
    assert [text for _, text in project.log_lines("talks")] == ["first", *map(str, range(20_000))]


def test_failures_and_retries_are_as_anywhere(project: Project, cluster: DaskCluster) -> None:
    """With the user's place and traceback; a result that cannot be kept is named."""
    project.task_module(
        "import threading\n"
        "@task\nclass Locks(Traced):\n    def run(self):\n        return threading.Lock()\n"
        "@task\nclass Dies(Traced):\n    def run(self):\n        self.mark('start'); os.kill(os.getpid(), 9)\n"
    )
    job(
        project,
        cluster,
        {
            "flaky": far(project, "FailsUntilFlag", max_attempts=3, backoff=0.01)
            | {"parameters": {"flag": str(project.flag)}},
            "locks": far(project, "Locks"),
            "dies": far(project, "Dies", max_attempts=2, backoff=0.01),
        },
    )
    done = project.run()

    assert done.status == 1
    assert done.states == {"flaky": "FAILED", "locks": "FAILED", "dies": "FAILED"}
    assert project.count("flaky") == 3
    assert project.count("dies") == 2
    assert "lock" in json.dumps(done.task("locks"))
    assert "SIGKILL" in json.dumps(done.task("dies"))


def test_a_timeout_and_a_stop_reach_the_attempt(project: Project, cluster: DaskCluster) -> None:
    """It is asked to end, calls on_abort and on_destroy, and what does not listen is killed."""
    project.task_module(
        "@task\nclass Deaf(Traced):\n    def run(self):\n        self.mark('start')\n"
        "        while True:\n            try:\n                time.sleep(600)\n"
        "            except BaseException:\n                pass\n"
    )
    job(
        project,
        cluster,
        {
            "slow": far(project, "Step", parameters={"seconds": 600}, timeout=1),
            "deaf": far(project, "Deaf"),
            "stopped": far(project, "Step", parameters={"seconds": 600}),
            **{f"queued{n}": far(project, "Step", parameters={"seconds": 600}) for n in range(8)},
        },
    )
    with_grace = project.root / "job.yaml"
    with_grace.write_text(with_grace.read_text().replace("name: job", "name: job\n  grace_seconds: 4"))
    run = project.start()
    eventually(lambda: '"to_state": "F"' in said(run))
    project.wait_for_mark("deaf")
    project.wait_for_mark("stopped")
    run.signal(signal.SIGTERM)
    done = run.wait()

    assert done.status == 143
    assert done.states["slow"] == "FAILED"
    assert {state for name, state in done.states.items() if name != "slow"} == {"ABORTED"}, done
    assert project.hooks("slow") == ["on_create", "start", "on_abort", "on_destroy"]
    assert project.hooks("stopped") == ["on_create", "start", "on_abort", "on_destroy"]
    assert project.all_gone()


def test_no_attempt_outlives_a_killed_runner(project: Project, cluster: DaskCluster) -> None:
    """The cluster sees that nobody waits any more; a restart does the rest of the job."""
    job(
        project,
        cluster,
        {
            "first": far(project, "Step"),
            "second": far(project, "Step", parameters={"waits_for": str(project.flag)}, dependencies=["first"]),
        },
    )
    run = project.start()
    project.wait_for_mark("second")
    run.kill()

    assert project.all_gone()
    project.flag.touch()
    assert project.run("-r").status == 0
    assert (project.count("first"), project.count("second")) == (1, 2)


def test_the_workers_may_share_the_files(project: Project, cluster: DaskCluster) -> None:
    """`code: shared`: nothing is sent, and attempts run in the project itself."""
    project.task_module(TELL.replace("import helpers.words", "").replace(", helper=helpers.words.__file__", ""))
    job(project, cluster, {"load": far(project, "Load", parameters={"day": "monday"})}, code="shared")

    assert project.run().status == 0
    assert project.marks("load", "start")[0].more["cwd"] == str(project.root)


def test_attempts_take_resources_of_chosen_workers(project: Project, cluster: DaskCluster) -> None:
    """Where there is one graphics card, attempts that need it come after each other."""
    tasks = {name: far(project, "Step", parameters={"seconds": 0.2}) for name in ("one", "two", "three")}
    job(project, cluster, tasks, resources={"GPU": 1}, workers=["w0"], priority=7)

    assert project.run().status == 0
    assert [mark.what for mark in project.marks() if mark.what in ("start", "end")] == ["start", "end"] * 3


def test_a_job_in_python_goes_there_too(project: Project, cluster: DaskCluster) -> None:
    """Its functions stand in the program itself, and its parameters may be any values."""
    far = {"executor": "dask", "parameters": {"address": cluster.address}}
    project.file(
        "nightly.py",
        "from datetime import date\nfrom typing import Annotated\nfrom flowrun import Job, Result\n"
        "from flowrun.task import task\n"
        f"job = Job('nightly', executors={{'far': {far!r}}})\n"
        "@job.task(executor='far', parameters={'day': date(2026, 1, 2)})\n@task\ndef load(day: date) -> list[date]:\n"
        "    return [day]\n"
        "@job.task(executor='far')\n@task\ndef show(days: Annotated[list[date], Result(load)]) -> str:\n"
        "    return str(days[0])\n"
        "if __name__ == '__main__':\n    print(job.run_sync().result('show'))\n",
    )
    done = project.python("nightly.py").wait()

    assert (done.status, done.out) == (0, "2026-01-02\n"), done


def test_code_that_a_worker_cannot_load_is_named(project: Project, cluster: DaskCluster) -> None:
    """With the worker and the error."""
    project.task_module(f"assert os.path.dirname(__file__) == {str(project.root / 'tasks')!r}, 'not at home'\n")
    project.task_module(
        "from tasks.mine import task, Traced\n@task\nclass Homely(Traced):\n    def run(self): pass\n", "homely"
    )
    job(project, cluster, {"homely": far(project, "Homely")})
    done = project.run()

    assert done.status == 1
    assert "AssertionError: not at home" in json.dumps(done.task("homely"))
    assert "cannot be loaded on the worker tcp://127.0.0.1:" in json.dumps(done.task("homely"))


def test_an_attempt_whose_worker_dies_begins_again_elsewhere(project: Project) -> None:
    """It has one outcome, and `max_attempts` are not touched. A worker that comes late gets the code, too. T-04"""
    with dask_cluster(workers=0) as cluster:
        job(project, cluster, {"long": far(project, "Step", parameters={"waits_for": str(project.flag)})})
        run = project.start()
        eventually(lambda: '"to_state": "R"' in said(run))
        cluster.start_worker("late")
        first = project.wait_for_mark("long")
        cluster.start_worker("next")
        cluster.kill("late")
        second = project.wait_for_mark("long", count=2)
        project.flag.touch()
        done = run.wait()

        assert done.status == 0
        assert first.pid != second.pid
        assert first.attempt == second.attempt == 1
        assert project.count("long", "end") == 1
        assert "the attempt begins again on tcp://127.0.0.1:" in project.log("long")


def test_an_attempt_that_kills_its_workers_is_lost(project: Project) -> None:
    """After as many deliveries as the cluster allows; others are done. T-04"""
    project.task_module(
        "@task\nclass Kills(Traced):\n    def run(self):\n        self.mark('start')\n"
        "        starter = os.getppid()\n"
        "        worker = int(open(f'/proc/{starter}/stat').read().rpartition(')')[2].split()[1])\n"
        "        os.kill(worker, 9)\n        time.sleep(600)\n"
    )
    with dask_cluster(workers=2, allowed_failures=1) as cluster:
        job(project, cluster, {"kills": far(project, "Kills"), "fine": far(project, "Step")})
        done = project.run()

    assert done.status == 1
    assert done.states == {"kills": "FAILED", "fine": "COMPLETED"}
    assert project.count("kills") == 2
    assert "2 workers died one after the other" in json.dumps(done.task("kills"))


def test_a_lost_scheduler_is_waited_for_and_given_up(project: Project) -> None:
    """What was under way is lost, and begun again; if it stays away the run ends with status 6. T-04"""
    with dask_cluster(workers=1) as cluster:
        tasks = {
            "first": far(project, "Step"),
            "second": far(project, "Step", parameters={"waits_for": str(project.flag)}, dependencies=["first"]),
            "third": far(project, "Step", dependencies=["second"]),
        }
        tasks["second"] |= {"max_attempts": 2, "backoff": 0.01}
        job(project, cluster, tasks, reconnect_timeout=60)
        run = project.start()
        project.wait_for_mark("second")
        cluster.kill("scheduler")
        eventually(lambda: "the Dask scheduler is away" in said(run))
        eventually(lambda: "Closing Nanny" in cluster.said("w0") or not project.alive())
        cluster.start_scheduler()
        cluster.start_worker("w1")
        project.wait_for_mark("second", count=2)

        job(project, cluster, tasks, reconnect_timeout=1)
        run.kill()
        run = project.start("-r")
        project.wait_for_mark("second", count=3)
        cluster.kill("scheduler")
        done = run.wait()
        assert done.status == 6, done
    assert "no Dask scheduler answers at tcp://127.0.0.1:" in done.text
    assert (project.count("first"), project.count("third")) == (1, 0)


def test_a_cluster_of_its_own_begins_and_ends_with_the_run(project: Project) -> None:
    """Without any setting: `executor: dask`. Killed or not, the run leaves nothing behind."""
    step = {**far(project, "Step"), "executor": "dask"}
    two = {**step, "parameters": {"waits_for": str(project.flag)}, "dependencies": ["one"]}
    project.job({"one": {**step, "at_most_once": True}, "two": two})
    run = project.start()
    project.wait_for_mark("two")
    run.kill()
    assert project.all_gone()

    project.flag.touch()
    assert project.run("-r").status == 0
    assert project.all_gone()
    assert (project.count("one"), project.count("two")) == (1, 2)


def test_no_scheduler_is_told_at_the_start(project: Project) -> None:
    """With the address, and status 6."""
    job(project, "tcp://127.0.0.1:1", {"one": far(project, "Step")}, reconnect_timeout=1)
    done = project.run()

    assert done.status == 6
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in done.text
    assert project.count("one") == 0


def test_what_may_run_once_only_needs_a_cluster_that_keeps_to_it(project: Project, cluster: DaskCluster) -> None:
    """A cluster that gives an attempt to a second worker is refused; one that a run opens does not do it."""
    job(project, cluster, {"one": far(project, "Step", at_most_once=True)})
    refused = project.run()

    assert refused.status == 3
    assert "task `one` is `at_most_once`, but this Dask cluster gives an attempt to up to 4 workers" in refused.text
    assert project.count("one") == 0


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"address": "tcp://10.0.0.1:8786"}, "say `insecure: true` if the network is closed"),
        ({"address": "tls://10.0.0.1:8786"}, "needs `tls: {ca, cert, key}`"),
        ({"address": "10.0.0.1"}, "an address is `tcp://HOST:PORT` or `tls://HOST:PORT`"),
        ({"address": "tcp://localhost:1", "local": {}}, "there is one cluster: give `address` or `local`"),
        ({"kubernetes": {}}, "say `insecure: true` if nobody else can reach it there"),
    ],
)
def test_settings_that_do_not_fit_are_told_before_the_run(
    project: Project, parameters: dict[str, Any], message: str
) -> None:
    """Like any other mistake in a job file."""
    executor = {"executor": "dask", "parameters": parameters}
    project.job({"one": far(project, "Step")}, executors={"far": executor})
    done = project.command("validate", "-j", "job.yaml").wait()

    assert done.status == 3
    assert message in " ".join(done.text.split())


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there is no file {root}/ca.pem"), ("no key", "the files under `tls` cannot be used: ")],
)
def test_files_for_tls_that_cannot_be_used_are_told(project: Project, content: str | None, message: str) -> None:
    """In one line with status 3, before anything runs."""
    files = {"ca": "ca.pem", "cert": "ca.pem", "key": "ca.pem"}
    if content:
        project.file("ca.pem", content)
    executor = {"executor": "dask", "parameters": {"address": "tls://127.0.0.1:1", "tls": files}}
    project.job({"one": far(project, "Step")}, executors={"far": executor})
    done = project.run()

    assert done.status == 3
    assert message.format(root=project.root) in done.err
    assert "Traceback" not in done.text


def test_dask_is_imported_by_those_who_use_it_only(project: Project) -> None:
    """Neither flowrun nor the class of the executor needs it; a job that has none of its tasks does not load it."""
    code = "import flowrun, flowrun.executors.executor, flowrun.executors.dask, sys; print(sorted(sys.modules))"
    done = project.python("-c", code).wait()

    assert done.status == 0
    assert "'flowrun.executors.dask'" in done.out
    assert "'distributed'" not in done.out
    assert "'dask'" not in done.out

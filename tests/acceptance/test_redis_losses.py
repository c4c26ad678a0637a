"""The executor `redis` when workers are lost, or Redis is: nothing is done twice, and what ended is kept."""

from __future__ import annotations

from ..project import Started, eventually
from .far import LOSES_WORKERS, Far, notices


def test_what_a_worker_has_begun_it_ends(far: Far) -> None:
    """Its code has changed, and nobody offers the task any more: the attempt that is under way goes on."""
    far.project.task_module("""
@task
class Known(Step):
    pass
""")
    far.job(
        {
            "known": {"task": "Known", "parameters": {"waits_for": str(far.project.flag)}},
            "gate": {"task": "Step", "parameters": {"waits_for": str(far.project.aside / "gate")}},
            "longer": {"task": "Step", "parameters": {"seconds": 2}, "dependencies": ["gate"]},
        },
        {"worker_wait": "500ms"},
    )
    worker = far.worker()
    eventually(lambda: "serves queue" in worker.said_so_far())
    started = far.project.start()
    far.project.wait_for_mark("known")
    far.project.wait_for_mark("gate")
    far.project.task_module("")
    eventually(lambda: "files of the project have changed" in worker.said_so_far())

    (far.project.aside / "gate").touch()
    far.project.wait_for_mark("longer", "end")
    far.project.flag.touch()

    finished = started.wait()
    assert finished.states == {"known": "COMPLETED", "gate": "COMPLETED", "longer": "COMPLETED"}, finished


def test_redis_forgets_everything(alone: Far) -> None:
    """It is restarted empty while one attempt runs and others wait: they are submitted again. R-03, CF-80"""
    alone.project.task_module("""
@task
class Big(Traced):
    text: str
    waits_for: str

    def run(self):
        while not os.path.exists(self.waits_for):
            time.sleep(0.01)
        return len(self.text)
""")
    big = {"text": "x" * 1_500_000, "waits_for": str(alone.project.flag)}
    alone.job(
        {"first": {"task": "Step", "parameters": {"waits_for": str(alone.project.flag)}}}
        | {f"big{number}": {"task": "Big", "parameters": big} for number in range(3)}
        | {f"t{number}": {"task": "Step", "parameters": {"seconds": 0.1}} for number in range(12)}
    )
    alone.worker()
    started = alone.project.start()
    alone.project.wait_for_mark("first")

    alone.server.restart()
    alone.project.flag.touch()

    finished = started.wait()
    assert finished.status == 0, finished
    assert set(finished.states.values()) == {"COMPLETED"}


def test_redis_is_away(alone: Far) -> None:
    """A run that begins without Redis says so, waits, and goes on when it is there."""
    alone.server.stop()
    alone.job({"step": "Step"})
    started = alone.project.start()
    eventually(lambda: "is away, waiting up to 10m 00s" in notices(started))

    alone.server.start()
    alone.worker()

    finished = started.wait()
    assert finished.status == 0, finished
    assert "Redis is back after" in notices(finished)


def test_redis_stays_away(alone: Far) -> None:
    """After the stated time the run ends with status 6 and can be continued; nothing that completed is repeated."""
    alone.job(
        {"done": "Step", "left": {"task": "Step", "dependencies": ["done"], "parameters": {"waits_for": "flag"}}},
        {"give_up_after": "1s"},
        config={"grace_seconds": 1},
    )
    worker = alone.worker()
    started = alone.project.start()
    alone.project.wait_for_mark("left")
    alone.server.kill()
    finished = started.wait()
    assert finished.status == 6, finished
    assert f"Redis at redis://127.0.0.1:{alone.server.port}/0 was away for" in finished.text
    worker.kill()

    alone.server.start()
    alone.project.file("flag")
    alone.worker()

    assert alone.project.run("-r").states == {"done": "COMPLETED", "left": "COMPLETED"}
    assert alone.project.count("done") == 1


def test_a_run_that_was_given_up_finds_what_goes_on(alone: Far) -> None:
    """Redis comes back with what it had: the attempts that outlived the run are adopted, and not begun again."""
    alone.server.keep(aof=True)
    alone.server.restart()
    alone.job(
        {"step": {"task": "Step", "parameters": {"waits_for": str(alone.project.flag)}}},
        {"give_up_after": "1s", "lease": "2m"},
        config={"grace_seconds": 1},
    )
    alone.worker("--lease", "2m")
    started = alone.project.start()
    alone.project.wait_for_mark("step")
    alone.server.kill()
    assert started.wait().status == 6

    alone.server.start()
    alone.project.flag.touch()
    finished = alone.project.run("-r")

    assert finished.states == {"step": "COMPLETED"}, finished
    assert finished.task("step")["attempts"] == 1
    assert alone.project.count("step") == 1


def test_at_most_once_is_adopted(far: Far) -> None:
    """After kill -9 of the runner, what may not begin twice is waited for while something of it is there."""
    once = {"task": "Step", "at_most_once": True, "parameters": {"waits_for": str(far.project.flag)}}
    far.job({"step": once})
    far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")
    started.kill()

    again = far.project.start("-r")
    far.project.flag.touch()

    assert again.wait().states == {"step": "COMPLETED"}
    assert far.project.count("step") == 1


@LOSES_WORKERS
def test_at_most_once_is_lost_when_nothing_is_left(far: Far) -> None:
    """It is not begun again as long as nobody asks for it, however often the run is continued."""
    once = {"task": "Step", "at_most_once": True, "parameters": {"waits_for": "never"}}
    far.job({"step": once})
    worker = far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")
    started.kill()
    worker.kill()
    with far.server.client() as client:
        client.delete(*far.kept())
    far.worker()

    for _ in range(2):
        finished = far.project.run("-r")
        assert finished.reason("step") == "lost", finished
        assert "nothing is left of it in Redis" in finished.message("step")
    assert far.project.count("step") == 1


@LOSES_WORKERS
def test_a_worker_is_lost(far: Far) -> None:
    """kill -9 of a worker: after a lease another performs the attempt; max_attempts is not touched. R-01, X-CF-03"""
    far.job({"step": {"task": "Step", "parameters": {"waits_for": str(far.project.flag)}}})
    worker = far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")

    worker.kill()
    far.worker()
    far.project.wait_for_mark("step", count=2)
    far.project.flag.touch()

    finished = started.wait()
    assert finished.states == {"step": "COMPLETED"}
    assert finished.task("step")["attempts"] == 1
    assert "was lost; begun again by" in far.project.log("step")


@LOSES_WORKERS
def test_at_most_once(far: Far) -> None:
    """A task that may not begin twice is not handed to a second worker when the first is lost: it fails."""
    far.job({"step": {"task": "Step", "at_most_once": True, "parameters": {"waits_for": str(far.project.flag)}}})
    worker = far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")

    worker.kill()
    far.worker()

    finished = started.wait()
    assert finished.reason("step") == "lost"
    assert far.project.count("step") == 1


@LOSES_WORKERS
def test_the_last_worker_is_lost(far: Far) -> None:
    """When nobody is left who could go on with an attempt, that is said, and it fails after the stated time."""
    far.job({"step": {"task": "Step", "parameters": {"waits_for": "flag"}}}, {"worker_wait": "2s"})
    worker = far.worker()
    started = far.project.start()
    far.project.wait_for_mark("step")

    worker.kill()

    finished = started.wait()
    assert finished.reason("step") == "lost"
    assert "no worker is alive there; waited" in finished.message("step")


@LOSES_WORKERS
def test_poison(far: Far) -> None:
    """A task with which every worker is lost fails after max_deliveries and lies among the dead letters. R-04"""
    far.project.task_module("""
import signal

@task
class Poison(Traced):
    def run(self):
        self.mark("start")
        os.kill(int(os.environ["WORKER"]), signal.SIGKILL)
        time.sleep(60)
""")
    far.job({"poison": {"task": "Poison", "max_attempts": 3}, "good": "Step"}, {"max_deliveries": 2})
    started = far.project.start()
    for number in (1, 2):
        _worker_that_can_be_killed(far)
        far.project.wait_for_mark("poison", count=number)
    far.worker()

    finished = started.wait()

    assert finished.states == {"poison": "FAILED", "good": "COMPLETED"}, finished
    assert finished.reason("poison") == "lost"
    assert "poison" in finished.message("poison")
    assert far.project.count("poison") == 2
    with far.server.client() as client:
        [(_entry, dead)] = client.xrange(f"flowrun:{{{far.queue}}}:dead")
    assert dead["h"] == "Poison"


@LOSES_WORKERS
def test_lost_workers_may_count_as_a_try(far: Far) -> None:
    """With `on_lost: retry`, an attempt with which `max_deliveries` workers were lost is followed by the next one."""
    far.project.task_module("""
import signal

@task
class Poison(Traced):
    def run(self):
        self.mark("start")
        if self.metadata.attempt == 1:
            os.kill(int(os.environ["WORKER"]), signal.SIGKILL)
            time.sleep(60)
""")
    far.job({"poison": {"task": "Poison", "max_attempts": 2}}, {"max_deliveries": 1, "on_lost": "retry"})
    started = far.project.start()
    _worker_that_can_be_killed(far)
    far.project.wait_for_mark("poison", count=1)
    far.worker()

    finished = started.wait()

    assert finished.states == {"poison": "COMPLETED"}, finished
    assert far.project.count("poison") == 2


def _worker_that_can_be_killed(far: Far) -> Started:
    """A worker whose tasks find its process in their environment."""
    script = (
        "import os, sys; os.environ['WORKER'] = str(os.getpid()); "
        "os.execv(sys.executable, [sys.executable, '-m', 'flowrun', *sys.argv[1:]])"
    )
    return far.project.python("-c", script, "worker", "--queue", far.queue, "--slots", "1", "--lease", far.lease)

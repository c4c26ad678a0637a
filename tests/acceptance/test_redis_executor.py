"""The executor `redis`: a task is performed by a worker elsewhere as it would be here, and outlives what fails."""

from __future__ import annotations

import json
import signal

from ..papers import DOCS, ROOT, blocks_of
from ..project import eventually
from .far import Far, notices


def test_a_task_elsewhere_has_what_a_task_here_has(far: Far) -> None:
    """Typed results, shared values, lines of each stream, hooks and their order are those of a local attempt. CF-44"""
    far.project.task_module("""
import datetime

@task
class Load(Traced):
    day: datetime.date

    def run(self):
        print("one", self.day)
        print("two", file=sys.stderr)
        self.logger.warning("careful")
        self.shared_dict["day"] = self.day
        self.shared_dict["gone"] = 1
        del self.shared_dict["gone"]
        return {"rows": 2**60, "day": self.day, "raw": b"\\x00\\xff", "odd": (1, 2.5, None)}

@task
class Use(Traced):
    what: dict
    day: datetime.date

    def run(self):
        assert self.what == {"rows": 2**60, "day": self.day, "raw": b"\\x00\\xff", "odd": (1, 2.5, None)}, self.what
        assert self.shared_dict["day"] == self.day and "gone" not in self.shared_dict
        return self.metadata.name
""")
    far.job(
        {
            "load": {"task": "Load", "parameters": {"day": "2026-01-02"}},
            "use": {
                "task": "Use",
                "parameters": {"what": "${{ tasks.load.result }}", "day": "${{ tasks.load.result['day'] }}"},
            },
        }
    )
    far.worker()

    finished = far.project.run()

    assert finished.states == {"load": "COMPLETED", "use": "COMPLETED"}, finished
    assert ("INFO", "one 2026-01-02") in far.project.log_lines("load")
    assert ("ERROR", "two") in far.project.log_lines("load")
    assert ("WARNING", "careful") in far.project.log_lines("load")
    assert far.project.hooks("use") == ["on_create", "on_success", "on_destroy"]


def test_failures_elsewhere_are_those_of_here(far: Far) -> None:
    """Place, type, traceback and number of attempts of a failure arrive; a task that fails for good is not repeated."""
    far.job({"fails": {"task": "Fails", "max_attempts": 2, "parameters": {"times": 9}}})
    far.worker()

    finished = far.project.run()

    outcome = finished.outcome("fails")
    assert finished.status == 1
    assert far.project.count("fails") == 2
    assert outcome["message"] == "ValueError: planned failure 2"
    assert outcome["error_types"][0] == "ValueError"
    assert outcome["place"][0].endswith("tasks/stock.py")
    assert "planned failure 2" in far.project.log("fails")


def test_a_timeout_is_counted_from_the_start(far: Far) -> None:
    """Waiting for a worker is no part of it; the worker ends the attempt, with its hooks."""
    far.job({"slow": {"task": "Step", "timeout": 0.5, "parameters": {"seconds": 60}}})
    started = far.project.start()
    eventually(far.waiting)

    far.worker()

    finished = started.wait()
    assert finished.reason("slow") == "timed out"
    assert finished.message("slow") == "took longer than 0.5 s"
    assert far.project.hooks("slow") == ["on_create", "start", "on_abort", "on_destroy"]


def test_an_abort_reaches_the_worker(far: Far) -> None:
    """INT ends running attempts with on_abort and on_destroy, and withdraws those that wait; nothing stays in Redis."""
    tasks = {name: {"task": "Step", "parameters": {"seconds": 60}} for name in "abcdef"}
    far.job(tasks)
    far.worker()
    started = far.project.start()
    eventually(lambda: len(far.project.marks(what="start")) == 4)

    started.signal(signal.SIGINT)

    finished = started.wait()
    assert finished.status == 130
    assert set(finished.states.values()) == {"ABORTED"}
    begun = {mark.label for mark in far.project.marks(what="start")}
    assert {mark.label for mark in far.project.marks(what="on_abort")} == begun
    assert far.waiting() == []


def test_a_task_without_an_answer_delays_no_other(far: Far) -> None:
    """Of ten tasks the first is not answered for: the others complete meanwhile, in whatever order. X-CF-04, CF-46"""
    far.job(
        {"t0": {"task": "Step", "parameters": {"waits_for": str(far.project.flag)}}}
        | {f"t{number}": "Step" for number in range(1, 10)}
    )
    far.worker()
    started = far.project.start()

    eventually(lambda: len(far.project.marks(what="on_destroy")) == 9)
    far.project.flag.touch()

    assert started.wait().status == 0


def test_nothing_stays_in_redis(far: Far) -> None:
    """After a run only what expires, and what belongs to the queue itself, is kept."""
    far.job({f"t{number}": "Step" for number in range(20)})
    worker = far.worker()
    assert far.project.run().status == 0
    worker.signal(signal.SIGTERM)
    assert worker.wait().status == 0

    kinds = {key.partition("}:")[2].partition(":")[0] for key in far.kept()}

    assert kinds <= {"tasks", "workers", "d", "ctl"}
    assert far.waiting() == []
    with far.server.client() as client:
        assert all(0 < client.pttl(key) <= 60_000 for key in far.kept() if "}:d:" in key)


def test_a_restart_adopts_what_is_under_way(far: Far) -> None:
    """After kill -9 of the runner, attempts that still run or have ended meanwhile are not begun again. R-02"""
    far.job(
        {
            "running": {"task": "Step", "parameters": {"waits_for": str(far.project.flag)}},
            "ended": {"task": "Step", "parameters": {"waits_for": str(far.project.aside / "first")}},
            "after": {"task": "Step", "dependencies": ["ended", "running"]},
        }
    )
    far.worker()
    started = far.project.start()
    far.project.wait_for_mark("running")
    far.project.wait_for_mark("ended")
    started.kill()
    (far.project.aside / "first").touch()
    far.project.wait_for_mark("ended", "on_destroy")

    again = far.project.start("-r")
    eventually(lambda: '"after"' in again.so_far())
    far.project.flag.touch()

    finished = again.wait()
    assert finished.states == {"running": "COMPLETED", "ended": "COMPLETED", "after": "COMPLETED"}, finished
    assert [far.project.count(name) for name in ("running", "ended", "after")] == [1, 1, 1]


def test_of_changes_at_the_same_time_the_last_wins(far: Far) -> None:
    """Attempts elsewhere see shared values as of their start; what they change arrives with their outcome, by key."""
    far.project.task_module("""
@task
class Share(Step):
    def run(self):
        self.shared_dict.setdefault("all", []).append(self.metadata.name)
        self.shared_dict[self.metadata.name] = True
        super().run()

@task
class Look(Traced):
    def run(self):
        return dict(self.shared_dict)
""")
    gates = {name: far.project.aside / name for name in ("east", "west")}
    share = {name: {"task": "Share", "parameters": {"waits_for": str(gate)}} for name, gate in gates.items()}
    far.job({**share, "look": {"task": "Look", "dependencies": list(share)}})
    far.worker()
    started = far.project.start()
    for name in gates:
        far.project.wait_for_mark(name)
    gates["west"].touch()
    eventually(lambda: '"to_state": "C"' in started.so_far())
    gates["east"].touch()

    finished = started.wait()

    assert json.loads(finished.outcome("look")["result"]) == {"all": ["east"], "east": True, "west": True}


def test_a_trace_goes_along(far: Far) -> None:
    """Whoever performs the attempt can say of which span it is a part."""
    far.project.environment["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    far.job({"step": "Step"})
    started = far.project.start()

    [attempt] = eventually(far.waiting)

    assert attempt["tp"] == far.project.environment["TRACEPARENT"]
    started.signal(signal.SIGINT)
    assert started.wait().status == 130


def test_nobody_offers_the_task(far: Far) -> None:
    """After the stated time, of which is told, the task fails, and is not tried again: a failure, no hang. CF-45"""
    far.worker()
    other = {"worker_wait": "2s"}
    far.project.task_module("""
@task
class Known(Traced):
    def run(self):
        self.mark("start")
""")
    far.job({"first": "Known"})
    assert far.project.run().status == 0
    far.project.task_module("""
@task
class Later(Traced):
    def run(self):
        self.mark("start")
""")
    far.job({"later": {"task": "Later", "max_attempts": 3}}, {**other, "queue": f"{far.queue[:50]}-other"})

    finished = far.project.run()

    assert finished.reason("later") == "not started"
    assert "offers 'Later'; no worker is alive there; waited" in finished.message("later")
    assert "waiting up to 2.0s" in notices(finished)
    assert far.project.count("later") == 0


def test_large_values(far: Far) -> None:
    """Parameters and results that are too large for a message go beside it, and files of the project with them."""
    far.project.task_module("""
@task
class Make(Traced):
    def run(self):
        return {"text": "x" * 3_000_000, "raw": bytes(2_000_000)}

@task
class Take(Traced):
    what: dict

    def run(self):
        return len(self.what["text"]) + len(self.what["raw"])

@task
class Check(Traced):
    size: int

    def run(self):
        assert self.size == 5_000_000
""")
    far.job(
        {
            "make": "Make",
            "take": {"task": "Take", "parameters": {"what": "${{ tasks.make.result }}"}},
            "check": {"task": "Check", "parameters": {"size": "${{ tasks.take.result }}"}},
        }
    )
    far.worker()

    finished = far.project.run()

    assert finished.status == 0, finished


def test_the_smallest_worker(far: Far) -> None:
    """The worker that the protocol shows, without a line of flowrun, serves a task without a class here. CF-78"""
    [block] = [it for it in blocks_of(DOCS / "protocol.md") if it.file]
    far.project.file("smallest_worker.py", block.text)
    far.project.python("smallest_worker.py", far.queue, str(ROOT / "flowrun" / "frq" / "lua"))
    far.project.task_module("""
@task
def check(total: float) -> None:
    assert total == 42, total
""")
    eventually(lambda: any(":worker:" in key for key in far.kept()))
    tasks = {"add": {"task": "add", "parameters": {"a": 40, "b": 2}}}
    far.job(
        {**tasks, "check": {"task": "check", "executor": "thread", "parameters": {"total": "${{ tasks.add.result }}"}}}
    )

    finished = far.project.run()

    assert finished.states == {"add": "COMPLETED", "check": "COMPLETED"}, finished

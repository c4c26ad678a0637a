"""`start_method: spawn`: a new interpreter for each attempt, for code that must not be forked."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.project import Project

SPAWN: dict[str, Any] = {"start_method": "spawn"}


def test_attempts_are_the_same_in_a_new_interpreter(project: Project) -> None:
    """Hooks, shared values, log and result; the process is not a copy of another."""
    project.task_module(
        """
COUNT = []

@task
class Counts(Traced):
    size: int = 1

    def run(self) -> list[int]:
        COUNT.append(self.size)
        print("said", self.size)
        self.logger.warning("warned")
        self.shared_dict["size"] = self.size
        self.mark("run", imported=len(COUNT))
        return COUNT

@task
class Reads(Traced):
    def run(self) -> None:
        self.mark("read", size=self.shared_dict["size"])
"""
    )
    project.job(
        {"a": {"task": "Counts", "parameters": {"size": 5}}, "b": {"task": "Reads", "dependencies": ["a"]}},
        config=SPAWN,
    )

    done = project.run()

    assert done.status == 0, done
    assert project.hooks("a") == ["on_create", "run", "on_success", "on_destroy"]
    assert project.log_lines("a") == [("INFO", "said 5"), ("WARNING", "warned")]
    assert project.marks("b", "read")[0].more == {"size": 5}
    assert done.outcome("a")["result"] == "[5]"


@pytest.mark.parametrize("how", ["raise ValueError('boom')", "os._exit(0)", "os.kill(os.getpid(), 9)", "sys.exit(3)"])
def test_failures_are_the_same_in_a_new_interpreter(project: Project, how: str) -> None:
    """However the process ends: failed, with its reason."""
    project.task_module(f"@task\nclass Ends(Traced):\n    def run(self) -> None:\n        {how}\n")
    project.job({"a": {"task": "Ends", "max_attempts": 2}, "b": {"task": "Step", "dependencies": ["a"]}}, config=SPAWN)

    done = project.run()

    assert done.status == 1
    assert done.states == {"a": "FAILED", "b": "DEFAULTED"}
    assert done.message("a")
    assert done.task("a")["attempts"] == 2


def test_a_stop_is_the_same_in_a_new_interpreter(project: Project) -> None:
    """on_abort, on_destroy, nobody left."""
    project.job({"a": {"task": "Busy", "parameters": {"helper": "own session"}}}, config=SPAWN)
    started = project.start()
    project.wait_for_mark("a", "ready")
    started.signal(signal.SIGTERM)

    assert started.wait().status == 143
    assert project.hooks("a") == ["on_create", "start", "ready", "on_abort", "on_destroy"]
    assert project.all_gone()


def test_a_stop_while_a_new_interpreter_starts(project: Project) -> None:
    """A signal that comes before the task is ready ends the job in order too."""
    project.job({f"t{n}": "Busy" for n in range(3)}, config=SPAWN)
    started = project.start("--output", "json")
    while '"to_state": "R"' not in started.so_far():
        assert not started.is_over
    started.signal(signal.SIGINT)

    done = started.wait(20)

    assert done.status == 130
    assert set(done.states.values()) == {"ABORTED"}
    assert project.all_gone()


def test_a_kill_and_a_restart_with_new_interpreters(project: Project) -> None:
    """Nobody survives the runner; the rest runs afterwards."""
    project.job(
        {
            "a": "Step",
            "b": {"task": "Step", "dependencies": ["a"], "parameters": {"waits_for": str(project.flag)}},
        },
        config=SPAWN,
    )
    started = project.start()
    project.wait_for_mark("b")
    started.kill()
    assert project.all_gone()
    project.flag.touch()

    assert project.run("-r").status == 0
    assert (project.count("a"), project.count("b")) == (1, 2)


def test_classes_of_other_directories_are_found_again(project: Project) -> None:
    """What the runner has discovered, the new interpreter discovers too. FM-28"""
    (project.aside / "more").mkdir()
    source = "from flowrun.task import Task, task\nfrom tasks.stock import mark\n\n@task\nclass Elsewhere(Task):\n"
    (project.aside / "more" / "there.py").write_text(
        f"{source}    def run(self) -> None:\n        mark('there', 'end')\n"
    )
    project.job({"a": "Elsewhere"}, config={**SPAWN, "extension_directories": [str(project.aside / "more")]})

    done = project.run()

    assert done.status == 0, done
    assert project.count("there", "end") == 1


def test_one_executor_may_spawn_beside_one_that_forks(project: Project) -> None:
    """A named executor with a start method of its own."""
    project.job(
        {"a": {"task": "Step", "executor": "fresh"}, "b": "Step"},
        executors={"fresh": {"executor": "process", "parameters": {"start_method": "spawn"}}},
    )

    assert project.run().status == 0
    assert {mark.label for mark in project.marks(what="end")} == {"a", "b"}

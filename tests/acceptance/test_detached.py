"""Tasks that nobody waits for, from the command line."""

from __future__ import annotations

from ..project import Project, eventually

TAIL = """
@task
def quick() -> None: ...


@task
def tail(flag: str) -> None:
    while not os.path.exists(flag):
        time.sleep(0.01)
    raise ValueError("late")
"""


def test_the_ending_is_told_without_a_detached_task_and_its_outcome_is_recorded(project: Project) -> None:
    """AS-26: the command stays until it has ended; its failure changes neither the job nor the status."""
    project.task_module(TAIL)
    tail = {"task": "tail", "detached": True, "parameters": {"flag": str(project.flag)}}
    project.job({"quick": "quick", "tail": tail})
    started = project.start("--output", "lines")

    eventually(lambda: "job completed in" in (project.aside / "err0").read_text())
    assert not started.is_over
    project.flag.touch()
    done = started.wait()

    assert done.status == 0
    assert "failed tail" in done.err.partition("job completed in")[2]
    assert done.err.count("job completed in") == 1


def test_what_waits_for_a_detached_task_is_waited_for(project: Project) -> None:
    """AS-26: who depends on it does."""
    project.task_module(TAIL)
    project.job(
        {
            "tail": {"task": "tail", "detached": True, "parameters": {"flag": str(project.flag)}},
            "after": {"task": "quick", "dependencies": ["tail"]},
        }
    )
    project.flag.touch()
    done = project.run()

    assert done.status == 1
    assert done.states == {"tail": "FAILED", "after": "DEFAULTED"}

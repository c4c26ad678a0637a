"""The graph of a run shows where each of its tasks stands, in every form, while it goes on and afterwards."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from ..project import Project, eventually

TASKS = """
@task
class Until(Task):
    item: int = 0

    def run(self):
        mark(f"begun{self.item}", "start")
        while not os.path.exists(os.environ["FLAG"]):
            time.sleep(0.02)
"""

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def failed(project: Project) -> Project:
    """A project with a run in which something failed, and whose job file has changed since."""
    tasks = {
        "first": "Step",
        "bad": {"task": "Fails", "dependencies": ["first"]},
        "g": {"serial": {"a": {"task": "Step"}}, "dependencies": ["bad"]},
        "never": {"task": "Step", "when": "${{ false }}"},
    }
    project.job(tasks)
    assert project.run().status == 1
    project.job({"other": "Step"})
    return project


def drawn(project: Project, *arguments: str) -> str:
    """The graph of a run."""
    done = project.command("graph", "--run", *arguments).wait()
    assert (done.status, done.err) == (0, ""), str(done)
    return done.out


def test_a_run_is_drawn_as_it_was_performed(failed: Project) -> None:
    """With a sign and a word for each task; of the job file of today nothing is seen. AS-12"""
    assert drawn(failed, "@last").splitlines() == [
        "✓ first   completed",
        "└── ✗ bad   failed",
        "    └── ⊘ g (serial)   blocked",
        "          ┆ ⊘ a   blocked",
        "– never   skipped",
    ]
    run = json.loads(drawn(failed, "@failed", "--json"))
    assert drawn(failed, run["run"][:5], "-j", "job.yaml") == drawn(failed, "@last")
    assert (run["state"], {task["name"]: task["state"] for task in run["tasks"]}) == (
        "failed",
        {"first": "COMPLETED", "bad": "FAILED", "g": "DEFAULTED", "g/a": "DEFAULTED", "never": "SKIP"},
    )
    wrong = failed.command("graph", "--run", "nope").wait()
    assert (wrong.status, "no run begins with 'nope'" in wrong.err) == (2, True)


def test_other_programs_draw_the_states(failed: Project) -> None:
    """Mermaid, Graphviz and D2 in the colours of the states, each task with its sign."""
    lines = {
        "mermaid": r"^  class t1 failed$",
        "dot": r'^  "bad" \[label="✗ bad", style=filled, fillcolor="#ffdfe1",',
        "d2": r"^t1: '✗ bad' \{class: failed\}$",
    }
    for form, line in lines.items():
        assert re.search(line, drawn(failed, "@last", "--format", form), re.MULTILINE), form


def test_an_svg_needs_no_other_program(failed: Project) -> None:
    """A file by itself, of a run and of a job; the tasks in a group stand for it."""
    file = ElementTree.fromstring(drawn(failed, "@last", "--format", "svg"))
    at_rest = failed.command("graph", "job.yaml", "--format", "svg").wait().out

    titles = {title.text for title in file.iter(f"{SVG}title")}
    assert titles == {"first: completed", "bad: failed", "g/a: blocked", "never: skipped"}
    assert [title.text for title in ElementTree.fromstring(at_rest).iter(f"{SVG}title")] == ["other"]


def test_colours_are_a_choice(failed: Project) -> None:
    """None where nobody looks, unless they are wanted; NO_COLOR is obeyed."""
    assert "\x1b" not in drawn(failed, "@last")
    assert "\x1b[31mfailed\x1b[0m" in drawn(failed, "@last", "--color", "always")
    failed.environment |= {"NO_COLOR": "", "FORCE_COLOR": "1"}
    assert "\x1b[31mfailed" in drawn(failed, "@last")
    failed.environment["NO_COLOR"] = "1"
    assert "\x1b" not in drawn(failed, "@last")


def test_a_run_that_goes_on_says_how_far_its_items_are(project: Project) -> None:
    """Those that have not begun are counted, and have no rows; `status` says the same."""
    project.task_module(TASKS)
    project.environment["FLAG"] = str(project.flag)
    fan = {"task": "Until", "foreach": list(range(9)), "parameters": {"item": "${{ item }}"}}
    project.job({"fan": fan, "end": {"task": "Step", "dependencies": ["fan"]}}, config={"max_concurrency": 2})
    running = project.command("job.yaml")
    for item in (0, 1):
        project.wait_for_mark(f"begun{item}")

    told = "● fan   running   2 of 9 items, 7 not begun"
    assert eventually(lambda: told in (text := drawn(project, "@last")) and text).splitlines()[1] == (
        "└── ○ end   not started"
    )
    status = project.command("status").wait().out
    assert re.search(r"● fan +running .*2 of 9 items, 7 not begun", status)
    assert re.findall(r"● (\[\d\])", status) == ["[0]", "[1]"]
    rows = json.loads(project.command("status", "--json").wait().out)["tasks"]
    assert [row["items_waiting"] for row in rows if row["name"] == "fan"] == [7]

    project.flag.touch()
    running.wait()
    assert "✓ fan   completed   9 items" in drawn(project, "@last")

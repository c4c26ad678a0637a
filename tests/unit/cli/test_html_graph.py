"""The graph of a run in the HTML report."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from flowrun.cli.html_graph import Arrows, graph, svg
from flowrun.history.definition import TaskNode


def node(name: str, *needs: str, kind: Any = "task", parent: str = "") -> TaskNode:
    """A task of a definition."""
    return TaskNode(name, kind, "Step", parent, "process", needs, "job.yaml", 1)


def test_the_tasks_in_a_group_stand_for_it() -> None:
    """What comes after a group comes after its last tasks, and its first after what it comes after; also in groups."""
    nodes = [
        node("before"),
        node("g", "before", kind="group"),
        node("g/a", parent="g"),
        node("g/in", "g/a", kind="group", parent="g"),
        node("g/in/b", parent="g/in"),
        node("g/in/c", "g/in/b", parent="g/in"),
        node("after", "g"),
    ]

    assert Arrows(nodes).drawn() == {
        "before": [],
        "g/a": ["before"],
        "g/in/b": ["g/a"],
        "g/in/c": ["g/in/b"],
        "after": ["g/in/c"],
    }


def test_names_are_text() -> None:
    """A name that looks like markup is none, and a long one is cut at its beginning."""
    hostile = "'\"><img onerror=x>" + "y" * 50
    drawn = graph([node(hostile), node("b", hostile)], [])

    svg = ElementTree.fromstring(drawn[drawn.index("<svg") : drawn.index("</svg>") + 6])

    assert [it.text for it in svg.iter("title")] == [f"{hostile}: not started", "b: not started"]
    assert [it.text for it in svg.iter("text")] == ["…" + "y" * 27, "b"]
    assert len(list(svg.iter("path"))) == 1


def test_what_is_too_large_is_not_drawn() -> None:
    """Nobody could read it, and the page stays small."""
    many = [node(f"t{number}") for number in range(301)]
    dense = [node(f"t{number}", *(f"t{before}" for before in range(number))) for number in range(200)]

    assert graph([], []) == ""
    assert "301 tasks with their dependencies are too many" in graph(many, [])
    assert "200 tasks with their dependencies are too many" in graph(dense, [])


def test_a_graph_alone_is_a_file() -> None:
    """It has its colours in it, and of a job at rest no states."""
    drawn = svg([node("a"), node("g", "a", kind="group"), node("g/b", parent="g")], None)

    file = ElementTree.fromstring(drawn)

    assert file.tag == "{http://www.w3.org/2000/svg}svg"
    assert [it.text for it in file.iter("{http://www.w3.org/2000/svg}title")] == ["a", "g/b"]
    assert "prefers-color-scheme: dark" in drawn
    assert "not started" not in drawn

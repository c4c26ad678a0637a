"""Drawings of a graph."""

from __future__ import annotations

from flowrun.cli.drawing import Groups, d2, dot, mermaid, tree
from flowrun.cli.task_look import LOOKS

DIAMOND = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ("d",), "alone": ()}

GROUPS = Groups(
    kinds={"g": "serial", "g/h": "parallel", "none": "parallel"},
    members={"g": ("g/a", "g/h", "g/b"), "g/h": ("g/h/p", "g/h/q", "g/h/r"), "none": ()},
    parents={"g/a": "g", "g/h": "g", "g/b": "g", "g/h/p": "g/h", "g/h/q": "g/h", "g/h/r": "g/h"},
)
GROUPED = {
    "first": (),
    "g": ("first",),
    "g/a": (),
    "g/h": ("g/a",),
    "g/h/p": ("first",),
    "g/h/q": ("g/h/p",),
    "g/h/r": (),
    "g/b": ("g/h",),
    "none": (),
    "last": ("g/h/q",),
}


def test_a_tree_draws_every_task_once() -> None:
    """A task with two dependencies is drawn out below the first and only named below the second."""
    assert tree(DIAMOND).splitlines() == [
        "a",
        "├── b",
        "│   └── d",
        "│       └── e",
        "└── c",
        "    └── d …",
        "alone",
    ]


def test_a_long_chain_needs_no_deep_stack() -> None:
    """Thousands of tasks one after the other can be drawn."""
    chain = {f"t{number}": (f"t{number - 1}",) if number else () for number in range(3000)}

    assert len(tree(chain).splitlines()) == 3000


def test_mermaid_escapes_what_means_something_to_it() -> None:
    """Names are data."""
    assert mermaid({'say "hi"': (), "b<c>": ('say "hi"',)}).splitlines() == [
        "flowchart LR",
        '  t0["say #quot;hi#quot;"]',
        '  t1["b#lt;c#gt;"]',
        "  t0 --> t1",
    ]


def test_dot_escapes_what_means_something_to_it() -> None:
    """Quotes and backslashes are escaped."""
    assert dot({'a"\\': (), "b": ('a"\\',)}).splitlines() == [
        "digraph {",
        "  rankdir=LR;",
        "  node [shape=box];",
        '  "a\\"\\\\";',
        '  "b";',
        '  "a\\"\\\\" -> "b";',
        "}",
    ]


def test_a_tree_shows_groups_with_their_members_inside() -> None:
    """Serial ones in order, parallel ones as a tree; dependencies on tasks outside stand beside the name. PW-08"""
    assert tree(GROUPED, GROUPS).splitlines() == [
        "first",
        "└── g (serial)",
        "    │ ┆ a",
        "    │ ┆ h (parallel)",
        "    │ ┆   ┆ p ← first",
        "    │ ┆   ┆ └── q",
        "    │ ┆   ┆ r",
        "    │ ┆ b",
        "    └── last",
        "none (parallel)",
    ]


def test_mermaid_has_a_subgraph_for_each_group() -> None:
    """Names inside are short, edges may lead to a group; one without members is a box."""
    assert mermaid(GROUPED, GROUPS).splitlines() == [
        "flowchart LR",
        '  t0["first"]',
        '  subgraph t1["g"]',
        '    t2["a"]',
        '    subgraph t3["h"]',
        '      t4["p"]',
        '      t5["q"]',
        '      t6["r"]',
        "    end",
        '    t7["b"]',
        "  end",
        '  t8["none"]',
        '  t9["last"]',
        *("  t0 --> t1", "  t2 --> t3", "  t0 --> t4", "  t4 --> t5", "  t3 --> t7", "  t5 --> t9"),
    ]


def test_dot_has_a_cluster_for_each_group() -> None:
    """An edge to a group ends at its border."""
    lines = [line.strip() for line in dot(GROUPED, GROUPS).splitlines()]

    assert "compound=true;" in lines
    assert lines.count("}") == 3
    assert 'subgraph "cluster g/h" {' in lines
    assert '"g/h/p" [label="p"];' in lines
    assert '"first" -> "g/a" [lhead="cluster g"];' in lines
    assert '"g/h/p" -> "g/b" [ltail="cluster g/h"];' in lines
    assert '"g/h/q" -> "last";' in lines


def test_d2_has_a_container_for_each_group() -> None:
    """Edges name what is inside by its whole path; nothing in a name means anything to D2."""
    assert d2(
        {"it's ${x} # |": (), "g": ("it's ${x} # |",), "g/a": ()},
        Groups({"g": "serial"}, {"g": ("g/a",)}, {"g/a": "g"}),
    ).splitlines() == [
        "direction: right",
        "t0: 'it''s ${x} # |'",
        "t1: 'g' {",
        "  t2: 'a'",
        "}",
        "t0 -> t1",
    ]
    assert "t1.t3.t4 -> t1.t3.t5" in d2(GROUPED, GROUPS)


def test_what_a_run_has_performed_is_marked_and_coloured() -> None:
    """By the same colours in every form, with a sign in every box; what did not begin is no less there. AS-12"""
    graph = {"a": (), "g": ("a",), "g/b": ()}
    groups = Groups({"g": "serial"}, {"g": ("g/b",)}, {"g/b": "g"})
    looks = {"a": LOOKS["COMPLETED"], "g": LOOKS["RUNNING"], "g/b": LOOKS["PENDING"]}

    assert mermaid(graph, groups, looks).splitlines() == [
        "flowchart LR",
        '  t0["✓ a"]',
        '  subgraph t1["● g"]',
        '    t2["○ b"]',
        "  end",
        "  t0 --> t1",
        "  classDef completed fill:#d8f3de,stroke:#1a7f37,color:#1b1f24",
        "  class t0 completed",
        "  classDef running fill:#dbeafd,stroke:#0b5fc4,color:#1b1f24",
        "  class t1 running",
        "  classDef not-started fill:#eef0f3,stroke:#57606a,color:#1b1f24",
        "  class t2 not-started",
    ]
    drawn = dot(graph, groups, looks)
    assert '  "a" [label="✓ a", style=filled, fillcolor="#d8f3de", color="#1a7f37", tooltip="completed"];' in drawn
    assert '    label="● g";\n    style=filled;\n    fillcolor="#dbeafd";' in drawn
    assert d2(graph, groups, looks).splitlines()[1:10] == [
        "classes: {",
        '  completed: {tooltip: completed; style: {fill: "#d8f3de"; stroke: "#1a7f37"; font-color: "#1b1f24"}}',
        '  running: {tooltip: running; style: {fill: "#dbeafd"; stroke: "#0b5fc4"; font-color: "#1b1f24"}}',
        '  not-started: {tooltip: not started; style: {fill: "#eef0f3"; stroke: "#57606a"; font-color: "#1b1f24"}}',
        "}",
        "t0: '✓ a' {class: completed}",
        "t1: '● g' {",
        "  class: running",
        "  t2: '○ b' {class: not-started}",
    ]

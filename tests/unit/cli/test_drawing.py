"""Drawings of a graph."""

from __future__ import annotations

from flowrun.cli.drawing import dot, mermaid, tree

DIAMOND = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ("d",), "alone": ()}


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

"""Drawings of a graph as text: a tree, Mermaid, DOT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .printable import harmless

Dependencies = Mapping[str, Sequence[str]]


def tree(dependencies: Dependencies) -> str:
    """Each task below what it depends on. One with several dependencies is drawn out once; later `…` stands for it."""
    dependents = _dependents(dependencies)
    lines: list[str] = []
    drawn: set[str] = set()
    waiting = [(name, "", "") for name in reversed(list(dependencies)) if not dependencies[name]]
    while waiting:
        name, lead, below = waiting.pop()
        after = dependents[name]
        again = name in drawn
        lines.append(f"{lead}{harmless(name)}{' …' if again and after else ''}")
        if again:
            continue
        drawn.add(name)
        for number, dependent in enumerate(reversed(after)):
            branch, space = ("└── ", "    ") if number == 0 else ("├── ", "│   ")
            waiting.append((dependent, below + branch, below + space))
    return "\n".join(lines)


def mermaid(dependencies: Dependencies) -> str:
    """A Mermaid flow chart, as GitHub and GitLab draw it."""
    ids = {name: f"t{number}" for number, name in enumerate(dependencies)}
    lines = ["flowchart LR", *(f'  {ids[name]}["{_mermaid_text(name)}"]' for name in dependencies)]
    return "\n".join([*lines, *(f"  {ids[needed]} --> {ids[name]}" for needed, name in _edges(dependencies))])


def dot(dependencies: Dependencies) -> str:
    """A digraph for Graphviz."""
    lines = ["digraph {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {_dot_text(name)};" for name in dependencies]
    lines += [f"  {_dot_text(needed)} -> {_dot_text(name)};" for needed, name in _edges(dependencies)]
    return "\n".join([*lines, "}"])


def _dependents(dependencies: Dependencies) -> dict[str, list[str]]:
    dependents: dict[str, list[str]] = {name: [] for name in dependencies}
    for needed, name in _edges(dependencies):
        dependents[needed].append(name)
    return dependents


def _edges(dependencies: Dependencies) -> Iterator[tuple[str, str]]:
    return ((needed, name) for name, all_needed in dependencies.items() for needed in all_needed)


def _mermaid_text(name: str) -> str:
    return harmless(name).replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


def _dot_text(name: str) -> str:
    escaped = harmless(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

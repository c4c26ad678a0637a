"""Drawings of a graph as text: a tree, Mermaid, DOT, D2."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .printable import harmless
from .task_look import Look

Dependencies = Mapping[str, Sequence[str]]
Looks = Mapping[str, Look]
"""How tasks are shown that stand somewhere; empty: they are those of a job that is not performed."""


class Groups(NamedTuple):
    """Which tasks are groups, and what is in them."""

    kinds: Mapping[str, str] = {}
    """`serial` or `parallel`, of each group."""
    members: Mapping[str, Sequence[str]] = {}
    parents: Mapping[str, str] = {}

    def title(self, name: str) -> str:
        """What a task is called within its group."""
        return name.removeprefix(f"{self.parents[name]}/") if name in self.parents else name


_NONE = Groups()
_AT_REST: Looks = {}
_INK = "#1b1f24"
"""Of what is written on a look, light as its colour is."""


def _unmarked(_name: str, title: str) -> str:
    return title


def tree(dependencies: Dependencies, groups: Groups = _NONE, marked: Callable[[str, str], str] = _unmarked) -> str:
    """Each task below what it depends on. One with several dependencies is drawn out once; later `…` stands for it.

    The members of a group stand below it behind a dotted line, those of a serial one in their order. `marked` says
    where a task stands, from its name and what it is called here.
    """
    top = [name for name in dependencies if name not in groups.parents]
    return "\n".join(_Tree(dependencies, groups, marked).of(top))


class _Tree:
    def __init__(self, dependencies: Dependencies, groups: Groups, marked: Callable[[str, str], str]) -> None:
        self._dependencies = dependencies
        self._groups = groups
        self._marked = marked

    def of(self, names: Sequence[str], group: str | None = None) -> Iterator[str]:
        """The lines of tasks that stand beside each other."""
        is_serial = group is not None and self._groups.kinds[group] == "serial"
        needed = {name: () if is_serial else self._beside(name, group) for name in names}
        dependents = _dependents(needed)
        drawn: set[str] = set()
        waiting = [(name, "", "") for name in reversed(names) if not needed[name]]
        while waiting:
            name, lead, below = waiting.pop()
            after = dependents[name]
            again = name in drawn
            yield f"{lead}{self._title(name)}{' …' if again and after else ''}"
            if again:
                continue
            drawn.add(name)
            if members := self._groups.members.get(name):
                yield from (f"{below}{'│' if after else ' '} ┆ {line}" for line in self.of(members, name))
            for number, dependent in enumerate(reversed(after)):
                branch, space = ("└── ", "    ") if number == 0 else ("├── ", "│   ")
                waiting.append((dependent, below + branch, below + space))

    def _beside(self, name: str, group: str | None) -> tuple[str, ...]:
        """The dependencies of a task as far as they are in the same group, those deep in a sibling as the sibling."""
        found = (self._seen_from(group, needed) for needed in self._dependencies[name])
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def _seen_from(self, group: str | None, name: str) -> str | None:
        while (parent := self._groups.parents.get(name)) != group and parent is not None:
            name = parent
        return name if parent == group else None

    def _title(self, name: str) -> str:
        group = self._groups.parents.get(name)
        kind = self._groups.kinds.get(name)
        title = self._marked(name, harmless(self._groups.title(name)) + (f" ({kind})" if kind else ""))
        outside = [needed for needed in self._dependencies[name] if self._seen_from(group, needed) is None]
        return f"{title} ← {', '.join(map(harmless, outside))}" if outside else title


def mermaid(dependencies: Dependencies, groups: Groups = _NONE, looks: Looks = _AT_REST) -> str:
    """A Mermaid flow chart, as GitHub and GitLab draw it; groups are subgraphs."""
    ids = {name: f"t{number}" for number, name in enumerate(dependencies)}

    def node(name: str, text: str) -> Iterator[str]:
        yield f'{ids[name]}["{_mermaid_text(_signed(name, text, looks))}"]'

    def group(name: str, text: str, inside: Iterable[str]) -> Iterator[str]:
        yield f'subgraph {ids[name]}["{_mermaid_text(_signed(name, text, looks))}"]'
        yield from (f"  {line}" for line in inside)
        yield "end"

    lines = [f"  {line}" for line in _nested(dependencies, groups, node, group)]
    edges = [f"  {ids[needed]} --> {ids[name]}" for needed, name in _edges(dependencies)]
    classes = [f"  {line}" for line in _mermaid_classes(ids, looks)]
    return "\n".join(["flowchart LR", *lines, *edges, *classes])


def _mermaid_classes(ids: Mapping[str, str], looks: Looks) -> Iterator[str]:
    for look in dict.fromkeys(looks.values()):
        yield f"classDef {_class(look)} fill:{look.fill},stroke:{look.ink},color:{_INK}"
        yield f"class {','.join(ids[name] for name in ids if looks.get(name) == look)} {_class(look)}"


def dot(dependencies: Dependencies, groups: Groups = _NONE, looks: Looks = _AT_REST) -> str:
    """A digraph for Graphviz; groups are clusters."""

    def node(name: str, text: str) -> Iterator[str]:
        label = _signed(name, text, looks)
        facts = [*([f"label={_dot_text(label)}"] if label != name else []), *_dot_look(looks.get(name))]
        yield f"{_dot_text(name)} [{', '.join(facts)}];" if facts else f"{_dot_text(name)};"

    def group(name: str, text: str, inside: Iterable[str]) -> Iterator[str]:
        yield f"subgraph {_cluster(name)} {{"
        yield f"  label={_dot_text(_signed(name, text, looks))};"
        yield from (f"  {fact};" for fact in _dot_look(looks.get(name)))
        yield from (f"  {line}" for line in inside)
        yield "}"

    lines = ["digraph {", "  rankdir=LR;", *(["  compound=true;"] if groups.members else []), "  node [shape=box];"]
    lines += [f"  {line}" for line in _nested(dependencies, groups, node, group)]
    lines += [f"  {_dot_edge(needed, name, groups)};" for needed, name in _edges(dependencies)]
    return "\n".join([*lines, "}"])


def _dot_look(look: Look | None) -> list[str]:
    if look is None:
        return []
    return ["style=filled", f'fillcolor="{look.fill}"', f'color="{look.ink}"', f'tooltip="{look.word}"']


def d2(dependencies: Dependencies, groups: Groups = _NONE, looks: Looks = _AT_REST) -> str:
    """A diagram for D2; groups are containers."""
    ids = {name: f"t{number}" for number, name in enumerate(dependencies)}

    def node(name: str, text: str) -> Iterator[str]:
        look = f" {{class: {_class(looks[name])}}}" if name in looks else ""
        yield f"{ids[name]}: {_d2_text(_signed(name, text, looks))}{look}"

    def group(name: str, text: str, inside: Iterable[str]) -> Iterator[str]:
        yield f"{ids[name]}: {_d2_text(_signed(name, text, looks))} {{"
        yield from ([f"  class: {_class(looks[name])}"] if name in looks else [])
        yield from (f"  {line}" for line in inside)
        yield "}"

    def path(name: str) -> str:
        around = groups.parents.get(name)
        return f"{path(around)}.{ids[name]}" if around is not None else ids[name]

    lines = _nested(dependencies, groups, node, group)
    edges = (f"{path(needed)} -> {path(name)}" for needed, name in _edges(dependencies))
    return "\n".join(["direction: right", *_d2_classes(looks), *lines, *edges])


def _d2_classes(looks: Looks) -> Iterator[str]:
    if looks:
        yield "classes: {"
        for look in dict.fromkeys(looks.values()):
            style = f'fill: "{look.fill}"; stroke: "{look.ink}"; font-color: "{_INK}"'
            yield f"  {_class(look)}: {{tooltip: {look.word}; style: {{{style}}}}}"
        yield "}"


def _signed(name: str, text: str, looks: Looks) -> str:
    return f"{looks[name].sign} {text}" if name in looks else text


def _class(look: Look) -> str:
    return look.word.replace(" ", "-")


_Node = Callable[[str, str], Iterator[str]]
"""The lines for a task, from its name and its text."""
_Group = Callable[[str, str, Iterable[str]], Iterator[str]]
"""The lines for a group, from its name, its text, and the lines of its members."""


def _nested(names: Iterable[str], groups: Groups, node: _Node, group: _Group) -> Iterator[str]:
    """The lines of those of `names` that are in no group, with those of groups inside them."""

    def lines(names: Iterable[str]) -> Iterator[str]:
        for name in names:
            if members := groups.members.get(name):
                yield from group(name, groups.title(name), lines(members))
            else:
                yield from node(name, groups.title(name))

    return lines(name for name in names if name not in groups.parents)


def _dot_edge(needed: str, name: str, groups: Groups) -> str:
    """Graphviz draws edges between nodes only, and cuts them off at the border of a cluster if it is told to."""
    tail, head = _first_task(needed, groups), _first_task(name, groups)
    cut = [f"ltail={_cluster(needed)}"] if tail != needed else []
    cut += [f"lhead={_cluster(name)}"] if head != name else []
    return f"{_dot_text(tail)} -> {_dot_text(head)}" + (f" [{', '.join(cut)}]" if cut else "")


def _cluster(group: str) -> str:
    return _dot_text(f"cluster {group}")


def _first_task(name: str, groups: Groups) -> str:
    while members := groups.members.get(name):
        name = members[0]
    return name


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


def _d2_text(name: str) -> str:
    """Between single quotes nothing means anything to D2 but a quote, which is written twice."""
    return "'{}'".format(harmless(name).replace("'", "''"))

"""A graph as an SVG, in the HTML report or alone: tasks from left to right, each after what it depends on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .html_style import SVG_STYLE
from .html_text import text
from .items_text import items_text
from .layers import Layers, Spot, layered
from .task_look import LOOKS

if TYPE_CHECKING:
    from ..history.definition import TaskNode
    from ..history.rows import TaskRow

_MOST_TASKS = 300
_MOST_LINES = 2000
_MOST_LETTERS = 28
_LETTER, _ROW, _HEIGHT, _GAP, _PAD = 7.2, 38, 26, 56, 8
"""In pixels: width of a letter, from row to row, height of a box, between columns, around everything."""
_XMLNS = ' xmlns="http://www.w3.org/2000/svg"'
_BACK = f'<style>\n{SVG_STYLE}</style><rect class="back" width="100%" height="100%"/>'


def graph(nodes: Sequence[TaskNode], tasks: Sequence[TaskRow]) -> str:
    """A box for each task and for each task with items; those of a group stand for it. Empty: there is nothing."""
    number = sum(node.kind != "group" for node in nodes)
    if not number:
        return ""
    needs = Arrows(nodes).drawn() if number <= _MOST_TASKS else {}
    layers = layered(needs)
    if not needs or len(layers.lines) > _MOST_LINES:
        drawn = f"<p>{number:,} tasks with their dependencies are too many to be drawn.</p>"
    else:
        drawn = f'<div class="wide">{_svg(layers, _boxes(needs, {task.name: task for task in tasks}))}</div>'
    return f'<section aria-labelledby="graph"><h2 id="graph">Graph</h2>{drawn}</section>\n'


def svg(nodes: Sequence[TaskNode], tasks: Mapping[str, TaskRow] | None) -> str:
    """The same as a file that needs nothing else, however large it is; without `tasks` it is that of a job at rest."""
    needs = Arrows(nodes).drawn()
    boxes = _boxes(needs, tasks) if tasks is not None else {name: Box(name) for name in needs}
    return _svg(layered(needs), boxes, is_alone=True)


class Box(NamedTuple):
    """What is seen of a task."""

    said: str
    """When it is pointed at, and to those who do not see."""
    state: str = ""
    sign: str = ""


def _boxes(names: Iterable[str], tasks: Mapping[str, TaskRow]) -> dict[str, Box]:
    return {name: _box(name, tasks.get(name)) for name in names}


def _box(name: str, task: TaskRow | None) -> Box:
    state = task.state if task is not None else "PENDING"
    items = items_text(task) if task is not None else ""
    said = ", ".join(filter(None, (f"{name}: {LOOKS[state].word}", items)))
    return Box(said, state, LOOKS[state].sign)


class Arrows:
    """What each task that is no group comes after, where the tasks in a group stand for it."""

    def __init__(self, nodes: Sequence[TaskNode]) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._inside: dict[str, list[str]] = {}
        for node in nodes:
            for group in self._around(node) if node.kind != "group" else ():
                self._inside.setdefault(group.name, []).append(node.name)

    def drawn(self) -> dict[str, list[str]]:
        """To the first tasks of a group, and from its last: what is between follows from these."""
        every = {name: self._after(node, self._inside) for name, node in self._nodes.items() if node.kind != "group"}
        last = {
            group: [name for name in inside if not any(name in every[other] for other in inside)]
            for group, inside in self._inside.items()
        }
        return {name: self._after(self._nodes[name], last, set(every[name])) for name in every}

    def _after(self, node: TaskNode, inside: Mapping[str, Sequence[str]], known: Collection[str] = ()) -> list[str]:
        """A group around it says nothing more if something else in the group, of what is `known`, comes before."""
        around = (it for it in self._around(node) if not any(name in known for name in self._inside[it.name]))
        wanted = [name for one in (node, *around) for name in one.dependencies if name in self._nodes]
        single = (it for name in wanted for it in inside.get(name, [name]) if self._nodes[it].kind != "group")
        return list(dict.fromkeys(single))

    def _around(self, node: TaskNode) -> Iterator[TaskNode]:
        while (group := self._nodes.get(node.parent)) is not None:
            yield group
            node = group


def _svg(layers: Layers, boxes: Mapping[str, Box], *, is_alone: bool = False) -> str:
    widths = [
        max((_letters(spot.name, boxes) for spot in column), default=0) * _LETTER + 20 for column in layers.columns
    ]
    lefts = [_PAD + sum(widths[:number]) + number * _GAP for number in range(len(widths))]
    height = max(map(len, layers.columns), default=0) * _ROW + 2 * _PAD
    rows = {spot: (row + 0.5) / len(column) for column in layers.columns for row, spot in enumerate(column)}

    def place(spot: Spot) -> tuple[float, float, float]:
        """Left, right, and middle."""
        left = lefts[spot.column]
        return left, left + widths[spot.column], _PAD + (height - 2 * _PAD) * rows[spot]

    lines = "".join(_line(place(a), place(b), is_through=b.is_passed) for a, b in layers.lines)
    drawn = "".join(_drawn(spot.name, place(spot), boxes[spot.name]) for spot in rows if spot.is_task)
    width = sum(widths) + _GAP * max(len(widths) - 1, 0) + 2 * _PAD
    said = f"{len(boxes)} tasks and what each comes after"
    xmlns, back = (_XMLNS, _BACK) if is_alone else ("", "")
    return (
        f'<svg{xmlns} class="graph" role="img" aria-label="{said}" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">{back}'
        f'<g class="lines">{lines}</g>{drawn}</svg>'
    )


def _line(begin: tuple[float, float, float], end: tuple[float, float, float], *, is_through: bool) -> str:
    (_, x, y), (left, right, to) = begin, end
    bend = (left - x) / 2
    on = f" H{right:.0f}" if is_through else ""
    return f'<path d="M{x:.0f} {y:.0f} C{x + bend:.0f} {y:.0f} {left - bend:.0f} {to:.0f} {left:.0f} {to:.0f}{on}"/>'


def _drawn(name: str, place: tuple[float, float, float], box: Box) -> str:
    left, right, y = place
    sign = f'<tspan class="sign" dx="{_LETTER}">{box.sign}</tspan>' if box.sign else ""
    return (
        f'<g class="{f"node {box.state}".strip()}"><title>{text(box.said)}</title>'
        f'<rect x="{left:.0f}" y="{y - _HEIGHT / 2:.0f}" width="{right - left:.0f}" height="{_HEIGHT}" rx="5"/>'
        f'<text x="{left + 10:.0f}" y="{y + 4:.0f}">{text(_label(name))}{sign}</text></g>'
    )


def _letters(name: str, boxes: Mapping[str, Box]) -> int:
    return len(_label(name)) + (2 if boxes[name].sign else 0)


def _label(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else f"…{name[1 - _MOST_LETTERS :]}"

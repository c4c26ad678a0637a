"""The graph of a run as an SVG of the HTML report: tasks from left to right, each after what it depends on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from .html_text import text
from .layers import Layers, Spot, layered
from .past_runs import TASK_WORDS

if TYPE_CHECKING:
    from ..history.rows import TaskNode, TaskRow

_MOST_TASKS = 300
_MOST_LINES = 2000
_MOST_LETTERS = 28
_LETTER, _ROW, _HEIGHT, _GAP, _PAD = 7.2, 38, 26, 56, 8
"""In pixels: width of a letter, from row to row, height of a box, between columns, around everything."""


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
        drawn = f'<div class="wide">{_svg(layers, needs, {task.name: task for task in tasks})}</div>'
    return f'<section aria-labelledby="graph"><h2 id="graph">Graph</h2>{drawn}</section>\n'


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


def _svg(layers: Layers, needs: Mapping[str, Sequence[str]], tasks: Mapping[str, TaskRow]) -> str:
    widths = [max((len(_label(spot.name)) for spot in column), default=0) * _LETTER + 20 for column in layers.columns]
    lefts = [_PAD + sum(widths[:number]) + number * _GAP for number in range(len(widths))]
    height = max(map(len, layers.columns)) * _ROW + 2 * _PAD

    def place(spot: Spot) -> tuple[float, float, float]:
        """Left, right, and middle."""
        column = layers.columns[spot.column]
        room = height - 2 * _PAD
        y = _PAD + room * (column.index(spot) + 0.5) / len(column)
        return lefts[spot.column], lefts[spot.column] + widths[spot.column], y

    lines = "".join(_line(place(a), place(b), is_through=b.is_passed) for a, b in layers.lines)
    boxes = "".join(_box(spot.name, place(spot), tasks) for column in layers.columns for spot in column if spot.is_task)
    width = lefts[-1] + widths[-1] + _PAD
    said = f"{len(needs)} tasks and what each comes after"
    return (
        f'<svg class="graph" role="img" aria-label="{said}" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}"><g class="lines">{lines}</g>{boxes}</svg>'
    )


def _line(begin: tuple[float, float, float], end: tuple[float, float, float], *, is_through: bool) -> str:
    (_, x, y), (left, right, to) = begin, end
    bend = (left - x) / 2
    on = f" H{right:.0f}" if is_through else ""
    return f'<path d="M{x:.0f} {y:.0f} C{x + bend:.0f} {y:.0f} {left - bend:.0f} {to:.0f} {left:.0f} {to:.0f}{on}"/>'


def _box(name: str, place: tuple[float, float, float], tasks: Mapping[str, TaskRow]) -> str:
    left, right, y = place
    task = tasks.get(name)
    state = task.state if task is not None else "PENDING"
    items = f", {task.items:,} items" if task is not None and task.items is not None else ""
    return (
        f'<g class="node {state}"><title>{text(name)}: {TASK_WORDS[state]}{items}</title>'
        f'<rect x="{left:.0f}" y="{y - _HEIGHT / 2:.0f}" width="{right - left:.0f}" height="{_HEIGHT}" rx="5"/>'
        f'<text x="{left + 10:.0f}" y="{y + 4:.0f}">{text(_label(name))}</text></g>'
    )


def _label(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else f"…{name[1 - _MOST_LETTERS :]}"

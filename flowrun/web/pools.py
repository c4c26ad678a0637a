"""Pools: who has a slot of a limit now, who waits for one, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import TypedDict

from ..errors import DefinitionError
from ..eventbus.execution import TERMINAL
from ..history.definition import Definition, TaskNode
from ..history.reader import History
from ..history.rows import RunRow, TaskRow
from ..user_settings import UserSettings

_MOST_RUNS = 100
_OVER = frozenset(state.name for state in TERMINAL)


class UserBody(TypedDict):
    """A task that has a slot, or waits for one, and for how long."""

    run: str
    job: str
    task: str
    seconds: float


class PoolBody(TypedDict):
    """A pool that tasks of running jobs use. `run` is null if all jobs of this machine share it."""

    pool: str
    run: str | None
    job: str | None
    slots: int | None
    held: list[UserBody]
    waiting: list[UserBody]


@dataclass(frozen=True, slots=True)
class _Use:
    """A task that has a slot, or could have one."""

    pool: str
    row: TaskRow
    since: float
    is_held: bool


@dataclass(slots=True)
class _Pool:
    name: str
    owner: RunRow | None
    """The run whose own it is."""
    slots: int | None
    held: list[UserBody] = field(default_factory=list)
    due: list[tuple[UserBody, bool]] = field(default_factory=list)
    """Tasks that could start, and whether their run said that they wait for the pool."""

    def take(self, run: RunRow, use: _Use, now: float) -> None:
        """Note a task of a run that goes on."""
        seconds = round(max(0.0, now - use.since), 3)
        user: UserBody = {"run": run.id, "job": run.job, "task": use.row.name, "seconds": seconds}
        if use.is_held:
            self.held.append(user)
        else:
            self.due.append((user, use.row.why == f"pool {self.name}"))

    def body(self) -> PoolBody:
        """What it is in an answer. Who could start waits for it if it is full, or if runs elsewhere have it."""
        is_full = self.slots is not None and len(self.held) >= self.slots
        waiting = [user for user, says_so in self.due if is_full or says_so]
        return {
            "pool": self.name,
            "run": self.owner.id if self.owner else None,
            "job": self.owner.job if self.owner else None,
            "slots": self.slots,
            "held": sorted(self.held, key=lambda one: -one["seconds"]),
            "waiting": sorted(waiting, key=lambda one: -one["seconds"]),
        }


def pools_now(history: History, environ: Mapping[str, str], now: float) -> list[PoolBody]:
    """The pools of all runs that go on, in the order of their names; `now` is the time."""
    shared, found = _shared(environ), dict[tuple[str, str], _Pool]()
    for run in history.runs(state="running", limit=_MOST_RUNS).runs:
        definition = history.graph(run.id)
        if definition is None:
            continue
        own = {name: _slots(value) for name, value in (definition.merged.get("pools") or {}).items()}
        for use in _uses(history, run, definition):
            is_own = use.pool in own
            pool = found.setdefault(
                (use.pool, run.id if is_own else ""),
                _Pool(use.pool, run if is_own else None, (own if is_own else shared).get(use.pool)),
            )
            pool.take(run, use, now)
    return [found[key].body() for key in sorted(found)]


def _uses(history: History, run: RunRow, definition: Definition) -> Iterator[_Use]:
    asked = _asked(definition)
    if not asked:
        return
    nodes = {node.name: node for node in definition.tasks}
    rows = {row.name: row for row in history.tasks(run.id)}
    for row in rows.values():
        pool = asked.get(_written_as(row))
        if pool is None or row.kind not in ("task", "item"):
            continue
        if row.state == "RUNNING" and row.started is not None:
            yield _Use(pool, row, row.started, True)
        elif row.state == "PENDING" and not row.attempts and (since := _ready(row, rows, nodes, run)) is not None:
            yield _Use(pool, row, since, False)


def _written_as(row: TaskRow) -> str:
    """The name under which the job file has it: an item is that of a task."""
    return row.parent if row.kind == "item" else row.name


def _ready(row: TaskRow, rows: Mapping[str, TaskRow], nodes: Mapping[str, TaskNode], run: RunRow) -> float | None:
    """When all that a task needs had ended; None: something has not, or a person is asked."""
    if row.approval is not None and row.approval.answer is None:
        return None
    since, name = run.started, _written_as(row)
    while name in nodes:
        for need in nodes[name].dependencies:
            if need not in rows or rows[need].state not in _OVER:
                return None
            since = max(since, rows[need].ended or since)
        name = nodes[name].parent
    return since


def _asked(definition: Definition) -> dict[str, str]:
    """The pool of each task that has one."""
    pools = {node.name: definition.written(node.name).get("pool") for node in definition.tasks}
    return {name: pool for name, pool in pools.items() if isinstance(pool, str)}


def _slots(written: Any) -> int | None:
    slots = written.get("slots") if isinstance(written, Mapping) else written
    return slots if isinstance(slots, int) else None


def _shared(environ: Mapping[str, str]) -> dict[str, int]:
    """What the user's configuration says; a mistake in it is told where jobs are checked."""
    try:
        return UserSettings(environ).pools
    except DefinitionError:
        return {}

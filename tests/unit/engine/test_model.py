"""Random jobs end in the states that a simple model says: groups, fans, conditions, failures, and restarts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun.attempt import Outcome
from flowrun.engine.entry import Added, Past
from flowrun.engine.graph import Graph
from flowrun.engine.instruction import Abort, Decide, Expand, Instruction, RetryAfter, Start
from flowrun.engine.plan import Plan
from flowrun.engine.slots import ALL, Admission
from flowrun.eventbus.execution import TERMINAL, UNSUCCESSFUL, ExecutionState
from flowrun.items import failures_allowed
from flowrun.jobdefinition.flat import Flat, flatten
from flowrun.jobdefinition.task_definition import TaskDefinition

S = ExecutionState


@dataclass
class Drawn:
    """A job, and what its tasks will do."""

    flat: Flat = field(repr=False)
    fails: set[str]
    """Tasks and items of which every attempt fails, until they are mended."""
    holds: dict[str, bool] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    written: str = ""
    """For a person who reads of a failure."""


@st.composite
def jobs(draw: st.DrawFn) -> Drawn:
    written = _tasks(draw, prefix="t", depth=2, outer=[])
    flat = flatten({name: TaskDefinition.model_validate(keys) for name, keys in written.items()})
    drawn = Drawn(flat, set(), written=str(written))
    for name, task in flat.tasks.items():
        if task.when is not None:
            drawn.holds[name] = draw(st.booleans())
        names = [name]
        if task.is_fan:
            drawn.items[name] = [str(number) for number in range(draw(st.integers(0, 4)))]
            names = [f"{name}[{key}]" for key in drawn.items[name]]
        if not task.is_group:
            drawn.fails |= {one for one in names if draw(st.integers(0, 3)) == 0}
    return drawn


def _tasks(draw: st.DrawFn, prefix: str, depth: int, outer: list[str]) -> dict[str, dict[str, Any]]:
    tasks: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 4))):
        name = f"{prefix}{number}"
        before = [*tasks, *outer]
        keys: dict[str, Any] = {}
        if before:
            keys["dependencies"] = draw(st.lists(st.sampled_from(before), max_size=2, unique=True))
        keys["run_if"] = draw(st.sampled_from(["success", "success", "success", "failure", "always", "done"]))
        if draw(st.integers(0, 3)) == 0:
            keys["when"] = "x"
        # In a serial group it could start before the one before it has ended: then time decides what is cut off.
        if prefix == "t" and len(keys.get("dependencies", ())) == 2 and draw(st.integers(0, 2)) == 0:
            keys["min_completed"] = draw(st.integers(1, 2))
        kind = draw(st.sampled_from(["task", "task", "task", "fan", "serial", "parallel"]))
        if kind in ("serial", "parallel") and depth:
            keys[kind] = _tasks(draw, f"{prefix}{number}m", depth - 1, before)
            keys["on_failure"] = draw(st.sampled_from(["stop", "continue"])) if kind == "serial" else "continue"
            keys["allow_failures"] = draw(st.integers(0, 1))
        elif kind == "fan":
            keys |= {"task": "Any", "foreach": [], "allow_failures": draw(st.sampled_from([0, 1, "50%"]))}
            keys["max_concurrency"] = draw(st.sampled_from([1, 3]))
        else:
            keys["task"] = "Any"
        tasks[name] = keys
    return tasks


class Model:
    """Says how each task ends, by looking at what is before it: no order in time, no queue, no events."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._flat = drawn.flat
        self._known: dict[str, S] = {}

    def states(self) -> dict[str, S]:
        return {name: self.state(name) for name in self._flat.tasks}

    def state(self, name: str) -> S:
        if name not in self._known:
            self._known[name] = self._state(name)
        return self._known[name]

    def _state(self, name: str) -> S:
        admitted = self._admitted(name)
        if admitted is not None:
            return admitted
        task = self._flat.tasks[name]
        if task.is_group:
            members = self._flat.members[name]
            return self._together([self.state(one) for one in members], task.allow_failures)
        if task.is_fan:
            items = [f"{name}[{key}]" for key in self._drawn.items[name]]
            return self._together(
                [S.FAILED if it in self._drawn.fails else S.COMPLETED for it in items], task.allow_failures
            )
        return S.FAILED if name in self._drawn.fails else S.COMPLETED

    def _admitted(self, name: str) -> S | None:
        """The state in which a task ends without being started; None if it starts."""
        task, parent = self._flat.tasks[name], self._flat.parents.get(name)
        if parent is not None:
            above = self._admitted(parent)
            if above is not None:
                return above
            if task.run_if == "success" and self._is_cut_off(name, parent):
                return S.DEFAULTED
        bad = [one for one in task.depends_on if self.state(one) in UNSUCCESSFUL and not self._only_follows(name, one)]
        completed = sum(self.state(one) not in UNSUCCESSFUL for one in task.depends_on)
        if task.min_completed is not None:
            goes = completed >= task.min_completed
        elif task.run_if == "success":
            goes = not bad
        elif task.run_if == "failure" and not bad:
            return S.SKIP
        else:
            goes = True
        if not goes:
            return S.DEFAULTED
        return S.SKIP if task.when is not None and not self._drawn.holds[name] else None

    def _only_follows(self, name: str, before: str) -> bool:
        parent = self._flat.parents.get(name)
        is_order = self._flat.follows.get(name) == before
        return is_order and parent is not None and not self._flat.tasks[parent].stops_on_failure

    def _is_cut_off(self, name: str, group: str) -> bool:
        """More members before it failed than may, in a group that stops then."""
        task = self._flat.tasks[group]
        if not task.stops_on_failure:
            return False
        members = self._flat.members[group]
        failed = sum(self.state(one) is S.FAILED for one in members[: members.index(name)])
        return failed > failures_allowed(task.allow_failures, len(members))

    def _together(self, states: list[S], allowed: int | str) -> S:
        failed = sum(state in UNSUCCESSFUL for state in states)
        return S.FAILED if failed > failures_allowed(allowed, len(states)) else S.COMPLETED


class Drive:
    """Carries out what a plan wants, one thing at a time, in an order that is drawn."""

    def __init__(self, drawn: Drawn, past: Past | None = None, slots: int = 3) -> None:
        flat = drawn.flat
        graph = Graph({name: task.depends_on for name, task in flat.tasks.items()}, flat.members, flat.follows)
        self.plan = Plan(flat.tasks, graph, Admission({ALL: slots}), past=past)
        self._drawn = drawn
        self._open: list[Instruction] = self.plan.begin()
        self.started: list[str] = []

    def step(self, draw: st.DataObject) -> bool:
        """Carry out one thing. False: there is nothing left."""
        if not self._open:
            return False
        number = draw.draw(st.integers(0, len(self._open) - 1)) if len(self._open) > 1 else 0
        self._open += self._done(self._open.pop(number))
        return True

    def _done(self, it: Instruction) -> list[Instruction]:
        drawn = self._drawn
        if isinstance(it, Decide):
            return self.plan.decided(it.name, drawn.holds[it.name])
        if isinstance(it, Expand):
            keys = drawn.items[it.name]
            allowed = failures_allowed(drawn.flat.tasks[it.name].allow_failures, len(keys))
            return self.plan.expanded(it.name, keys, allowed)
        assert isinstance(it, Start)
        self.started.append(it.name)
        outcome = Outcome.failed("planned") if it.name in drawn.fails else Outcome.completed()
        return self.plan.finished(it.name, outcome)

    @property
    def states(self) -> dict[str, S]:
        """Where the tasks stand; items are left to their fans."""
        return {name: self.plan.state(name) for name in self._drawn.flat.tasks}

    def kept(self) -> Past:
        """What a restart takes over: what completed, but for groups that have not ended."""
        return Past(completed={name for name, state in self.plan.states().items() if state is S.COMPLETED})


@settings(max_examples=400)
@given(jobs(), st.data())
def test_every_task_ends_as_the_model_says(drawn: Drawn, data: st.DataObject) -> None:
    """Whatever the order in which attempts end, and everything ends."""
    drive = Drive(drawn, slots=data.draw(st.integers(1, 4)))
    while drive.step(data):
        pass

    assert drive.plan.is_finished
    assert drive.states == Model(drawn).states()


@settings(max_examples=300)
@given(jobs(), st.data())
def test_a_restart_ends_as_the_model_says_and_repeats_nothing(drawn: Drawn, data: st.DataObject) -> None:
    """Cut off at any moment, and continued with the failures mended or not: nothing that completed starts again."""
    first = Drive(drawn)
    for _ in range(data.draw(st.integers(0, 12))):
        if not first.step(data):
            break
    past = first.kept()
    drawn.fails -= set(data.draw(st.sets(st.sampled_from(sorted(drawn.fails) or ["none"]))))

    second = Drive(drawn, past)
    while second.step(data):
        pass

    assert second.plan.is_finished
    assert set(second.started).isdisjoint(past.completed)
    model = Model(drawn)
    for name, state in second.states.items():
        if name in past.completed and name not in drawn.flat.members:
            assert state is S.COMPLETED
        elif not _depends_on_the_past(name, drawn.flat, past):
            assert state is model.state(name), name


def _depends_on_the_past(name: str, flat: Flat, past: Past) -> bool:
    """Something that completed under what was true then is before the task: the model knows today only."""
    graph = Graph({one: task.depends_on for one, task in flat.tasks.items()}, flat.members, flat.follows)
    inside = graph.within([name])
    return not past.completed.isdisjoint(graph.ancestors(inside) | inside | graph.within(graph.around([name])))  # type: ignore[attr-defined]


class Stopped(Drive):
    """Tasks fail, are tried again and add tasks; the job is stopped, perhaps twice, at moments that are drawn."""

    def __init__(self, drawn: Drawn, data: st.DataObject) -> None:
        flat = drawn.flat
        tasks = {
            name: task if task.is_group else task.model_copy(update={"max_attempts": data.draw(st.integers(1, 2))})
            for name, task in flat.tasks.items()
        }
        graph = Graph({name: task.depends_on for name, task in tasks.items()}, flat.members, flat.follows)
        self.plan = Plan(tasks, graph, Admission({ALL: 2}), fail_fast=data.draw(st.integers(0, 3)) == 0)
        self._drawn = drawn
        self._data = data
        self._open: list[Instruction] = []
        self.started: list[str] = []
        self.forbidden: list[str] = []
        self._begun: set[str] = set()
        self._aborted: set[str] = set()
        self._has_given_up = False
        self._take(self.plan.begin())

    def stop(self) -> None:
        """Once it is asked to end, the second time it gives up."""
        self._has_given_up = self.plan.is_stopping
        self._take(self.plan.give_up() if self.plan.is_stopping else self.plan.stop())

    def _done(self, it: Instruction) -> list[Instruction]:
        if isinstance(it, RetryAfter):
            answer = self.plan.retry_due(it.name)
        elif isinstance(it, Start):
            answer = self._ended(it.name)
        else:
            answer = super()._done(it)
        self._take(answer)
        return []

    def _ended(self, name: str) -> list[Instruction]:
        self._begun.discard(name)
        kind = self._data.draw(st.sampled_from(["completed", "completed", "adds", "failed"]))
        if name in self._aborted and kind != "completed":
            return self.plan.finished(name, Outcome.aborted())
        if kind == "failed" or name in self._drawn.fails:
            return self.plan.finished(name, Outcome.failed("planned"))
        if kind == "adds" and name.count("+") < 2:
            one = Added(f"{name}+x", TaskDefinition(variant="Any"))
            other = Added(f"{name}+y", TaskDefinition(variant="Any", depends_on=(one.name,)))
            return self.plan.finished(name, Outcome.completed(), [one, other])
        return self.plan.finished(name, Outcome.completed())

    def _take(self, answer: list[Instruction]) -> None:
        for it in answer:
            if isinstance(it, Abort):
                self._aborted.add(it.name)
            elif isinstance(it, Start):
                assert it.name not in self._begun, "two attempts of one task at the same time"
                self._begun.add(it.name)
                if self._has_given_up or (self.plan.is_stopping and not self._cleans_up(it.name)):
                    self.forbidden.append(it.name)
        self._open += [it for it in answer if not isinstance(it, Abort)]

    def _cleans_up(self, name: str) -> bool:
        around = (self.plan.base(name), *self.plan.around(name))
        return any(self.plan.definition(one).run_if in ("always", "failure") for one in around)


@settings(max_examples=250)
@given(jobs(), st.data())
def test_a_stopped_job_ends_and_starts_nothing_but_what_cleans_up(drawn: Drawn, data: st.DataObject) -> None:
    """Whatever tasks add, try again or fail: everything ends, and the second time nothing starts."""
    drive = Stopped(drawn, data)
    for _ in range(data.draw(st.integers(0, 2))):
        for _ in range(data.draw(st.integers(0, 8))):
            drive.step(data)
        drive.stop()
    while drive.step(data):
        pass

    assert drive.plan.is_finished
    assert drive.forbidden == []
    assert all(state in TERMINAL for state in drive.plan.states().values())

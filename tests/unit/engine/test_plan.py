"""The plan: whatever the graph and whatever happens, every task ends as the rules say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun.attempt import Outcome, Reason
from flowrun.engine.entry import Past
from flowrun.engine.graph import Graph
from flowrun.engine.instruction import Abort, Instruction, RetryAfter, Start
from flowrun.engine.plan import Plan
from flowrun.engine.slots import ALL, Admission
from flowrun.errors import IllegalTransition
from flowrun.eventbus.execution import MAY_FOLLOW, SATISFYING, TERMINAL, ExecutionState
from flowrun.jobdefinition.task_definition import TaskDefinition
from flowrun.usual import Usual

from .plans import started

S = ExecutionState
OK = Outcome.completed()
FAILED = Outcome.failed("no rows").but(error_types=("ValueError", "Exception"))
ABORTED = Outcome.aborted()
ONE_AT_A_TIME = Admission({ALL: 1})


def plan_of(*lines: str, more: Mapping[str, Mapping[str, Any]] | None = None, **options: Any) -> Plan:
    """A plan of tasks written as `load <- extract clean`; `more` are further keys of a task."""
    tasks = {}
    for line in lines:
        name, _, dependencies = line.partition("<-")
        keys = {"task": "Any", "dependencies": dependencies.split(), **(more or {}).get(name.strip(), {})}
        tasks[name.strip()] = TaskDefinition.model_validate(keys)
    return Plan(tasks, Graph({name: task.depends_on for name, task in tasks.items()}), **options)


def codes(plan: Plan, name: str) -> str:
    """The states that a task went through, as letters."""
    moves = [move for move in plan.take_moves() if move.name == name]
    return "".join([move.from_state.value for move in moves[:1]] + [move.to_state.value for move in moves])


def test_a_task_starts_when_its_dependencies_have_completed() -> None:
    """Independent tasks start at once, a dependent one when the last of its dependencies completes. FM-68"""
    plan = plan_of("a", "b", "c <- a b", "d")

    assert started(plan.begin()) == ["a", "b", "d"]
    assert started(plan.finished("a", OK)) == []
    assert started(plan.finished("b", OK)) == ["c"]


def test_a_completed_task_goes_through_the_normal_states() -> None:
    """INIT, PENDING, RUNNING, COMPLETED. FM-66, FM-67"""
    plan = plan_of("a")
    plan.begin()
    plan.finished("a", OK)

    assert codes(plan, "a") == "_PRC"


def test_a_retried_task_goes_back_to_pending() -> None:
    """A failed attempt with another one left moves to PENDING, the last one to FAILED. FM-67, FM-69"""
    plan = plan_of("a", more={"a": {"max_attempts": 2, "backoff": 1.5}})
    plan.begin()

    assert plan.finished("a", FAILED) == [RetryAfter("a", 1.5)]
    assert plan.retry_due("a") == [Start("a", 2)]
    assert plan.finished("a", FAILED) == []
    assert codes(plan, "a") == "_PRPRF"


def test_three_attempts_are_three_runs() -> None:
    """`max_attempts` is the number of tries in all. FM-34"""
    plan = plan_of("a", more={"a": {"max_attempts": 3}})
    plan.begin()
    for _ in range(2):
        plan.finished("a", FAILED)
        plan.retry_due("a")

    assert plan.finished("a", FAILED) == []
    assert (plan.number("a"), plan.state("a")) == (3, S.FAILED)


def test_a_failed_dependency_keeps_dependents_from_starting() -> None:
    """What depends on a failed task is held back at once, through any number of steps. FM-17, FM-68"""
    plan = plan_of("a", "b <- a slow", "c <- b", "slow", "free <- slow")
    plan.begin()
    plan.take_moves()

    assert plan.finished("a", FAILED) == []

    assert [move.name for move in plan.take_moves()] == ["a", "b", "c"]
    assert (plan.state("b"), plan.state("c")) == (S.DEFAULTED, S.DEFAULTED)
    assert (plan.held_back_by("b"), plan.held_back_by("c")) == ("a", "b")
    assert started(plan.finished("slow", OK)) == ["free"]


@pytest.mark.parametrize(
    ("wanted", "is_retried"), [([], True), (["ValueError"], True), (["Exception"], True), (["KeyError"], False)]
)
def test_only_wanted_exceptions_are_tried_again(wanted: list[str], is_retried: bool) -> None:
    """`retry_on` names exceptions or bases of them; without it any failure is worth another try."""
    plan = plan_of("a", more={"a": {"max_attempts": 2, "retry_on": wanted}})
    plan.begin()

    assert bool(plan.finished("a", FAILED)) is is_retried


def test_a_slot_is_free_during_the_pause() -> None:
    """While a task waits for its next try another one uses the slot. FM-69"""
    plan = plan_of("a", "b", admission=ONE_AT_A_TIME, more={"a": {"max_attempts": 2, "backoff": 60}})

    assert started(plan.begin()) == ["a"]
    assert plan.finished("a", FAILED) == [RetryAfter("a", 60), Start("b", 1)]
    assert plan.retry_due("a") == []
    assert plan.finished("b", OK) == [Start("a", 2)]


def test_ready_tasks_start_by_priority_then_longest_path_then_file_order() -> None:
    """The order of starts is fixed by the job. FM-41"""
    more = {"urgent": {"priority": 1}}
    plan = plan_of("late", "early", "long", "tail <- long", "urgent", admission=ONE_AT_A_TIME, more=more)
    order = started(plan.begin())
    while not plan.is_finished:
        order += started(plan.finished(order[-1], OK))

    assert order == ["urgent", "long", "late", "early", "tail"]


def test_the_longest_path_is_measured_in_usual_seconds() -> None:
    """Where they are known: one long task before a chain of short ones. One that is not known counts as the others."""
    usual = Usual({"a": 0.1, "b": 0.1, "c": 0.1, "slow": 5.0}, {}, 0.1)
    plan = plan_of("a", "b <- a", "c <- b", "new", "slow", admission=Admission({ALL: 1}, usual=usual))
    order = started(plan.begin())
    while not plan.is_finished:
        order += started(plan.finished(order[-1], OK))

    assert order == ["slow", "a", "b", "c", "new"]


def test_tasks_that_take_about_as_long_start_in_file_order() -> None:
    """Otherwise the order would change from run to run."""
    usual = Usual({"late": 10.01, "early": 10.04, "tail": 1.0}, {}, 1.0)
    plan = plan_of("late", "early", "tail <- late early", admission=Admission({ALL: 1}, usual=usual))

    assert started(plan.begin()) == ["late"]


def test_a_full_pool_holds_back_only_its_own() -> None:
    """Tasks of another pool, or of none, start past those that wait for theirs."""
    limits_of = {"a": ("pool",), "b": ("pool",), "c": ()}
    plan = plan_of("a", "b", "c", admission=Admission({"pool": 1}, limits_of.__getitem__))

    assert started(plan.begin()) == ["a", "c"]
    assert started(plan.finished("c", OK)) == []
    assert started(plan.finished("a", OK)) == ["b"]


def test_what_completed_before_is_not_started() -> None:
    """A task that completed in the run that is continued moves straight to COMPLETED. FM-74"""
    plan = plan_of("a", "b <- a", past=Past(completed={"a"}, attempts={"b": 2}))

    assert plan.begin() == [Start("b", 3)]
    assert codes(plan, "a") == "_C"


def test_a_task_left_out_waits_and_lets_its_dependents_go_on() -> None:
    """A skipped task ends without running when its turn would come. FM-06"""
    plan = plan_of("a", "b <- a", "c <- b", past=Past(skipped={"b"}))

    assert started(plan.begin()) == ["a"]
    assert started(plan.finished("a", OK)) == ["c"]
    assert codes(plan, "b") == "_PS"


def test_a_task_left_out_passes_a_failure_on() -> None:
    """It is left out all the same; what depends on it is held back by the task that failed. FM-06"""
    plan = plan_of("a", "b <- a", "c <- b", past=Past(skipped={"b"}))
    plan.begin()
    plan.finished("a", FAILED)

    assert (plan.state("b"), plan.state("c")) == (S.SKIP, S.DEFAULTED)
    assert plan.held_back_by("c") == "a"


def test_a_task_left_out_is_left_out_of_a_stopped_job_too() -> None:
    """It was not stopped: a restart has no reason to run it."""
    plan = plan_of("a", "b <- a", "c <- b", past=Past(skipped={"b"}))
    plan.begin()
    plan.stop()

    assert (plan.state("b"), plan.state("c")) == (S.SKIP, S.ABORTED)


def test_a_lost_task_counts_as_failed() -> None:
    """A task that may run at most once and was cut off is FAILED without an attempt."""
    plan = plan_of("a", "b <- a", past=Past(lost={"a"}))

    assert plan.begin() == []
    assert codes(plan, "a") == "_F"
    assert plan.state("b") is S.DEFAULTED


def test_stop_aborts_what_runs_and_what_waits() -> None:
    """Nothing is started after a stop; running tasks are aborted, waiting ones end as ABORTED. FM-67"""
    plan = plan_of("a", "b <- a", "c", admission=ONE_AT_A_TIME)
    plan.begin()

    assert plan.stop() == [Abort("a")]
    assert (plan.state("b"), plan.state("c")) == (S.ABORTED, S.ABORTED)
    assert plan.finished("a", ABORTED) == []
    assert plan.is_finished


def test_a_failure_during_a_stop_is_not_tried_again() -> None:
    """Attempts that are left do not delay a stop."""
    plan = plan_of("a", more={"a": {"max_attempts": 5}})
    plan.begin()
    plan.stop()

    assert plan.finished("a", FAILED) == []
    assert plan.is_finished


def test_a_pause_that_ends_after_a_stop_starts_nothing() -> None:
    """The timer of a retry may fire late."""
    plan = plan_of("a", more={"a": {"max_attempts": 5}})
    plan.begin()
    plan.finished("a", FAILED)
    plan.stop()

    assert plan.retry_due("a") == []
    assert plan.state("a") is S.ABORTED


def test_fail_fast_stops_at_the_first_failure() -> None:
    """With `fail_fast` the last failed attempt of any task stops the job."""
    plan = plan_of("a", "b", "c <- b", fail_fast=True)
    plan.begin()

    assert plan.finished("a", FAILED) == [Abort("b")]
    assert plan.is_stopping
    assert plan.state("c") is S.ABORTED


def test_an_outcome_of_a_task_that_does_not_run_is_a_mistake() -> None:
    """No state moves against the table."""
    plan = plan_of("a")
    plan.begin()
    plan.finished("a", OK)

    with pytest.raises(IllegalTransition, match="'a' cannot move from COMPLETED"):
        plan.finished("a", OK)


def test_a_long_chain_is_held_back_without_recursion() -> None:
    """20,000 tasks after each other are no deep stack."""
    count = 20_000
    plan = plan_of("t0", *(f"t{number} <- t{number - 1}" for number in range(1, count)))
    plan.begin()
    plan.finished("t0", FAILED)

    assert plan.is_finished
    assert set(plan.states().values()) == {S.FAILED, S.DEFAULTED}


@dataclass(frozen=True)
class Case:
    """A job, and what each of its attempts would come to."""

    tasks: dict[str, TaskDefinition]
    outcomes: dict[str, list[Outcome]]
    limits: dict[str, int]
    past: Past
    fail_fast: bool
    turns: list[int] = field(default_factory=list)
    """Which of the things that may happen next does."""

    def plan(self) -> Plan:
        graph = Graph({name: task.depends_on for name, task in self.tasks.items()})
        return Plan(
            self.tasks,
            graph,
            Admission(self.limits, lambda name: (f"pool {self.tasks[name].pool}",)),
            past=self.past,
            fail_fast=self.fail_fast,
        )

    def expected(self) -> dict[str, ExecutionState]:
        """Where every task ends if nobody stops the job: a walk in file order, which is an order of dependencies."""
        states: dict[str, ExecutionState] = {}
        blocking: set[str] = set()
        for name, task in self.tasks.items():
            is_blocked = not blocking.isdisjoint(task.depends_on)
            if name in self.past.completed:
                states[name] = S.COMPLETED
            elif name in self.past.lost:
                states[name] = S.FAILED
            elif name in self.past.skipped:
                states[name] = S.SKIP
            elif is_blocked:
                states[name] = S.DEFAULTED
            else:
                states[name] = _last_state(self.outcomes[name][: task.max_attempts])
            if states[name] not in SATISFYING or (states[name] is S.SKIP and is_blocked):
                blocking.add(name)
        return states


def _last_state(outcomes: list[Outcome]) -> ExecutionState:
    for outcome in outcomes:
        if outcome.is_completed:
            return S.COMPLETED
        if outcome.is_aborted:
            return S.ABORTED
    return S.FAILED


OUTCOMES = st.sampled_from([OK, OK, OK, FAILED, FAILED, Outcome.failed("killed", Reason.KILLED), ABORTED])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    names = [f"t{number}" for number in range(draw(st.integers(1, 9)))]
    tasks = {
        name: TaskDefinition.model_validate(
            {
                "task": "Any",
                "dependencies": draw(st.lists(st.sampled_from(names[:index]), max_size=3)) if index else [],
                "max_attempts": draw(st.integers(1, 3)),
                "pool": draw(st.sampled_from([None, "p", "q"])),
                "priority": draw(st.integers(0, 2)),
            }
        )
        for index, name in enumerate(names)
    }
    fates = {name: draw(st.sampled_from(["run"] * 6 + ["completed", "skipped", "lost"])) for name in names}
    return Case(
        tasks=tasks,
        outcomes={name: draw(st.lists(OUTCOMES, min_size=3, max_size=3)) for name in names},
        limits=draw(st.fixed_dictionaries({}, optional={ALL: st.integers(1, 3), "pool p": st.integers(1, 2)})),
        past=Past(
            **{fate: {name for name in names if fates[name] == fate} for fate in ("completed", "skipped", "lost")}
        ),
        fail_fast=draw(st.booleans()),
        turns=draw(st.lists(st.integers(0, 1000), max_size=60)),
    )


class Walk:
    """Carries out what the plan of a case wants, in the drawn order, and looks at every step."""

    def __init__(self, case: Case, stop_after: int | None = None) -> None:
        self.case = case
        self.plan = case.plan()
        self.running: list[str] = []
        self.pausing: list[str] = []
        self.runs: dict[str, int] = dict.fromkeys(case.tasks, 0)
        self.states: dict[str, ExecutionState] = dict.fromkeys(case.tasks, S.INIT)
        self._stop_after = stop_after
        self._turns = [*case.turns, *([0] * 200)]

    def to_the_end(self) -> Walk:
        self._carry_out(self.plan.begin())
        for step, turn in enumerate(self._turns):
            if step == self._stop_after:
                self._carry_out(self.plan.stop())
            due = [] if self.plan.is_stopping else self.pausing
            if not self.running and not due:
                break
            happening = (self.running + due)[turn % len(self.running + due)]
            if happening in self.running:
                self.running.remove(happening)
                self._carry_out(self.plan.finished(happening, self._outcome(happening)))
            else:
                self.pausing.remove(happening)
                self._carry_out(self.plan.retry_due(happening))
        return self

    def _outcome(self, name: str) -> Outcome:
        return self.case.outcomes[name][self.runs[name] - 1]

    def _carry_out(self, instructions: list[Instruction]) -> None:
        was_running = set(self.running)
        for instruction in instructions:
            match instruction:
                case Start(name, number):
                    self._check_start(name, number)
                    self.running.append(name)
                case RetryAfter(name, seconds):
                    assert seconds == 0
                    self.pausing.append(name)
                case Abort(name):
                    assert name in was_running
        self._check_moves()
        self._check_limits()

    def _check_start(self, name: str, number: int) -> None:
        assert not self.plan.is_stopping
        assert name not in self.running
        assert name not in (*self.case.past.completed, *self.case.past.skipped, *self.case.past.lost)
        assert all(self.plan.state(dependency) in SATISFYING for dependency in self.case.tasks[name].depends_on)
        self.runs[name] += 1
        assert self.runs[name] == number <= self.case.tasks[name].max_attempts

    def _check_moves(self) -> None:
        for move in self.plan.take_moves():
            assert move.from_state is self.states[move.name]
            assert move.to_state in MAY_FOLLOW[move.from_state]
            self.states[move.name] = move.to_state
        assert self.states == self.plan.states()
        assert sorted(self.running) == sorted(name for name, state in self.states.items() if state is S.RUNNING)

    def _check_limits(self) -> None:
        """Never more than the slots allow; and nothing waits that could run."""
        assert all(self._room(limit) >= 0 for limit in self.case.limits)
        for name, state in self.states.items():
            if state is S.PENDING and name not in self.pausing and not self.plan.is_stopping:
                is_ready = all(self.states[one] in SATISFYING for one in self.case.tasks[name].depends_on)
                limits = {ALL, f"pool {self.case.tasks[name].pool}"} & self.case.limits.keys()
                assert not is_ready or any(self._room(limit) == 0 for limit in limits)

    def _room(self, limit: str) -> int:
        taken = [name for name in self.running if limit in (ALL, f"pool {self.case.tasks[name].pool}")]
        return self.case.limits[limit] - len(taken)


@settings(max_examples=300)
@given(cases())
def test_every_task_ends_as_the_model_says(case: Case) -> None:
    """Whatever the order of events, without a stop each task ends where the dependencies and its outcomes lead.

    On the way no task starts before its dependencies, more often than allowed, or beyond a limit, and no slot
    stays empty while a task is ready. FM-67, FM-68, FM-70
    """
    case = Case(**{**vars(case), "fail_fast": False})
    walk = Walk(case).to_the_end()

    assert walk.plan.is_finished
    assert walk.plan.states() == case.expected()


@settings(max_examples=200)
@given(cases())
def test_a_task_is_held_back_just_if_an_ancestor_did_not_complete(case: Case) -> None:
    """DEFAULTED says that a dependency, or one of a task that was left out, is the cause; the plan names it."""
    case = Case(**{**vars(case), "fail_fast": False})
    plan = Walk(case).to_the_end().plan
    states = plan.states()
    for name, task in case.tasks.items():
        bad = [dependency for dependency in task.depends_on if states[dependency] not in SATISFYING]
        if states[name] is S.DEFAULTED:
            ancestors = Graph({name: task.depends_on for name, task in case.tasks.items()}).ancestors([name])
            assert plan.held_back_by(name) in ancestors
            assert states[plan.held_back_by(name)] not in SATISFYING
        elif name not in (*case.past.completed, *case.past.lost, *case.past.skipped):
            assert bad == []


@settings(max_examples=200)
@given(cases(), st.integers(0, 12))
def test_a_stop_ends_everything(case: Case, stop_after: int) -> None:
    """After a stop, or a failure with fail_fast, every task ends, and what had completed stays completed."""
    walk = Walk(case, stop_after).to_the_end()

    assert walk.plan.is_finished
    assert set(walk.plan.states().values()) <= TERMINAL
    for name, state in walk.plan.states().items():
        if state is S.COMPLETED and name not in case.past.completed:
            assert case.outcomes[name][walk.runs[name] - 1].is_completed


def test_a_job_that_is_stopped_before_it_begins_keeps_what_was_completed() -> None:
    """Nothing starts, and what an earlier run has finished stays finished."""
    plan = plan_of("a", "b <- a", "c", past=Past(completed={"a"}))

    assert plan.stop() == []
    assert plan.states() == {"a": S.COMPLETED, "b": S.ABORTED, "c": S.ABORTED}
    assert plan.is_finished


def test_an_attempt_that_was_left_behind_is_not_followed_by_another() -> None:
    """Its thread may still be at work, and two attempts of a task never overlap."""
    plan = Plan({"a": TaskDefinition(task="Any", max_attempts=3)}, Graph({"a": ()}))
    plan.begin()

    plan.finished("a", Outcome.failed("took too long", Reason.TIMED_OUT).but(abandoned=True))

    assert plan.state("a") is ExecutionState.FAILED


def test_very_many_tasks_start_in_several_turns() -> None:
    """What may start is said in pieces, each task once and in order, so that the first end before the last begin."""
    names = [f"t{number}" for number in range(1200)]
    plan = plan_of(*names, "last <- t0")
    pieces = [started(plan.begin())]
    assert started(plan.finished("t0", OK)) == []
    while plan.may_go_on:
        pieces.append(started(plan.go_on()))

    assert len(pieces) > 1
    assert [name for piece in pieces for name in piece] == [*names, "last"]


def test_a_stopped_plan_does_not_go_on() -> None:
    """What has not been said before the stop is aborted."""
    plan = plan_of(*(f"t{number}" for number in range(1200)))
    begun = started(plan.begin())
    plan.stop()

    assert not plan.may_go_on
    assert plan.go_on() == []
    assert plan.state("t1199") is S.ABORTED
    assert [name for name, state in plan.states().items() if state is S.RUNNING] == begun

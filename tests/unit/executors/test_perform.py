"""Perform: the hooks of one attempt in their order, whatever they raise, and an abort at any moment."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.attempt import Attempt, Outcome
from flowrun.eventbus.log import Severity
from flowrun.executors.abort_switch import AbortSwitch
from flowrun.executors.perform import Station, needs_event_loop, perform_here
from flowrun.shared_dict import SharedDict
from flowrun.shared_values import SharedValues
from flowrun.task import Task

HOOKS = ("on_create", "on_restart", "run", "on_success", "on_failure", "on_abort", "on_destroy")


class Scripted(Task):
    """Does in each hook what the test says."""

    script: ClassVar[dict[str, Any]] = {}
    called: ClassVar[list[str]] = []

    def _play(self, hook: str) -> None:
        self.called.append(hook)
        if action := self.script.get(hook):
            action()

    def on_create(self) -> None:
        self._play("on_create")

    def on_restart(self) -> None:
        self._play("on_restart")

    def run(self) -> None:
        self._play("run")

    def on_success(self) -> None:
        self._play("on_success")

    def on_failure(self) -> None:
        self._play("on_failure")

    def on_abort(self) -> None:
        self._play("on_abort")

    def on_destroy(self) -> None:
        self._play("on_destroy")


class AsyncScripted(Scripted):
    async def run(self) -> None:  # type: ignore[override]
        self._play("run")


class Show:
    """One attempt, what it called and what it wrote."""

    def __init__(self, variant: type[Scripted] = Scripted) -> None:
        self.variant = variant
        self.switch = AbortSwitch()
        self.written: list[tuple[Severity, str]] = []
        self.called: list[str] = []

    def perform(self, script: dict[str, Any] | None = None, *, is_restart: bool = False) -> Outcome:
        self.variant.script, self.variant.called = script or {}, self.called
        station = Station(SharedDict(SharedValues()), lambda *said: self.written.append(said), self.switch, 1000)
        return perform_here(Attempt("r", "j", "t", "V", is_restart=is_restart), self.variant, station)


def raiser(error: BaseException) -> Any:
    def raise_it() -> None:
        raise error

    return raise_it


def test_plain_hooks_need_no_event_loop() -> None:
    """Starting one would cost every process more than the rest of its start."""
    assert not needs_event_loop(Scripted)
    assert needs_event_loop(AsyncScripted)


@given(
    st.sets(st.sampled_from(HOOKS)),
    st.booleans(),
    st.sampled_from([ValueError("x"), KeyboardInterrupt(), SystemExit(2), StopIteration(), GeneratorExit()]),
    st.sampled_from([Scripted, AsyncScripted]),
)
def test_every_mixture_of_errors_has_its_order(
    failing: set[str], is_restart: bool, error: BaseException, variant: type[Scripted]
) -> None:
    """Whichever hooks raise, whatever they raise: the rules say what is called. FM-57, FM-59, FM-60, FM-61, FM-62"""
    if variant is AsyncScripted and not isinstance(error, ValueError):
        failing = failing - {"run"}  # an event loop passes these on in ways of its own
    expected = ["on_create"]
    before = ["on_create", "on_restart"] if is_restart else ["on_create"]
    broken = next((hook for hook in before if hook in failing), None)
    expected = before[: before.index(broken) + 1] if broken else [*before, "run"]
    if broken is None:
        expected.append("on_failure" if "run" in failing else "on_success")
    show = Show(variant)

    outcome = show.perform({hook: raiser(error) for hook in failing}, is_restart=is_restart)

    assert show.called == [*expected, "on_destroy"]
    assert outcome.is_completed == failing.isdisjoint({*before, "run", "on_success"} & set(expected))
    late = [hook for hook in ("on_failure", "on_destroy") if hook in failing and hook in show.called]
    assert [told.partition(":")[0] for told in outcome.hook_errors] == late


@pytest.mark.parametrize("hook", ["on_create", "run", "on_success", "on_failure"])
def test_an_abort_in_any_hook_leads_to_on_abort_and_on_destroy(hook: str) -> None:
    """The hook is interrupted, and nothing but these two follows. FM-63"""
    show = Show()
    script = {hook: lambda: show.switch.interrupt()}
    if hook == "on_failure":
        script["run"] = raiser(ValueError("x"))

    outcome = show.perform(script)

    assert outcome.is_aborted
    assert show.called[show.called.index(hook) :] == [hook, "on_abort", "on_destroy"]


def test_an_abort_before_the_first_hook_calls_none_but_the_last() -> None:
    """The task exists, so it is told, and cleans up."""
    show = Show()
    show.switch.ask()

    assert show.perform().is_aborted
    assert show.called == ["on_abort", "on_destroy"]


def test_a_task_that_swallows_the_abort_is_aborted_all_the_same() -> None:
    """A bare `except` in `run` does not make it a success."""
    show = Show()

    def swallow() -> None:
        try:
            show.switch.interrupt()
        except BaseException:
            return

    assert show.perform({"run": swallow}).is_aborted
    assert show.called == ["on_create", "run", "on_abort", "on_destroy"]


def test_the_abort_itself_is_no_error_in_the_log() -> None:
    """A stopped task has not failed."""
    show = Show()
    show.perform({"run": lambda: show.switch.interrupt()})

    assert show.written == []


def test_every_error_is_written_once() -> None:
    """Those of late hooks too. FM-62"""
    show = Show()
    show.perform({"run": raiser(ValueError("first")), "on_destroy": raiser(ValueError("second"))})

    assert [(severity, text.splitlines()[-1]) for severity, text in show.written] == [
        (Severity.ERROR, "ValueError: first"),
        (Severity.ERROR, "ValueError: second"),
    ]

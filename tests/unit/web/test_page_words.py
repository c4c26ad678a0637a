"""The page knows the same words as the runner: lists that stand in both languages do not drift apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from fastapi.routing import APIRoute

import flowrun
from flowrun.approvals.answer import Said
from flowrun.approvals.question import Otherwise
from flowrun.eventbus.execution import TERMINAL, ExecutionState
from flowrun.eventbus.log import Severity
from flowrun.history.rows import RUN_STATES
from flowrun.web.routes.live import router

from ...papers import DOCS, first_names, section

STATIC = Path(flowrun.__file__).parent / "web" / "static"
_TRIED_AGAIN = "RETRYING"
"""A state of the page alone: the task is PENDING, and has been tried."""


def written(file: str, name: str) -> str:
    """What a constant of the page is."""
    found = re.search(rf"^(?:export )?const {name} = (.*?);$", (STATIC / file).read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"{file} has no {name}"
    return found[1]


def texts(file: str, name: str) -> list[str]:
    """The texts in a constant."""
    return re.findall(r'"([^"]*)"', written(file, name))


def keys(file: str, name: str) -> list[str]:
    """The keys of a constant that is an object."""
    return re.findall(r"(\w+): ", written(file, name))


def kinds() -> set[str]:
    """The events of the stream that the page looks for."""
    text = "".join(path.read_text() for path in STATIC.rglob("*.js") if path.parent.name in ("static", "approvals"))
    return set(re.findall(r'kind === "(\w+)"', text))


def test_every_state_has_a_word_and_every_word_a_sign_and_a_rank() -> None:
    """A task in a state of which the page knew nothing would be left out of bars and lists."""
    words = {*texts("states.js", "WORDS")}

    assert {*keys("states.js", "WORDS")} == {*(state.name for state in ExecutionState), _TRIED_AGAIN}
    assert {*texts("states.js", "TERMINAL")} == {state.name for state in TERMINAL}
    assert words == {*texts("counts.js", "ORDER")}
    assert words | {*RUN_STATES} <= {*texts("states.js", "URGENCY")} == {*keys("states.js", "SIGNS")}


def test_runs_can_be_chosen_by_every_status() -> None:
    """In the order in which the API has them."""
    assert texts("pages/runs.js", "STATUSES") == list(RUN_STATES)


def test_answers_and_what_follows_without_one_are_known() -> None:
    """Of approvals."""
    assert {*keys("approvals/waiting.js", "OTHERWISE")} == {*get_args(Otherwise)}
    assert {*texts("approvals/banner.js", "ANSWERED")} <= {*get_args(Said)}


def test_levels_are_those_of_logs() -> None:
    """And every level that is chosen is one."""
    levels = {one for one in texts("log/log.js", "LEVELS") if one.isupper()}

    assert {"WARNING", "ERROR"} <= levels <= {level.value for level in Severity}


def test_events_are_those_of_the_stream() -> None:
    """As the reference and the specification list them."""
    listed = first_names(section(DOCS / "reference" / "api.md", "The stream"))
    (route,) = (one for one in router.routes if isinstance(one, APIRoute))

    assert re.findall(r"`(\w+)`", route.responses[200]["description"]) == listed
    assert {"run", "tasks", "approval"} <= kinds() <= {*listed}

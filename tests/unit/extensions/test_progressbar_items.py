"""RichProgressBar: items and groups."""

from __future__ import annotations

import pytest

from flowrun.attempt import Outcome, Reason
from flowrun.eventbus.execution import ItemsFound, SerializableExecutionEvent
from flowrun.extensions.background import Background
from flowrun.jobdefinition.task_definition import TaskDefinition

from .screen import START, S, Screen, background, moved, shown

pytestmark = pytest.mark.usefixtures("terminal")


def found(name: str, items: int, kept: int = 0) -> ItemsFound:
    return ItemsFound(name=name, items=items, kept=kept, timestamp=START)


def test_a_task_with_items_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar counts every item that has ended, however it did. CF-19"""
    events: list[SerializableExecutionEvent] = [
        *moved("load", S.PENDING, S.RUNNING),
        ItemsFound(name="load", items=4),
        *moved("load[a]", S.PENDING, S.RUNNING, S.COMPLETED),
        *moved("load[b]", S.PENDING, S.RUNNING, S.FAILED, outcome=Outcome.failed("bad")),
    ]

    during, _ = shown(monkeypatch, events)

    assert any("▕█████▌     ▏ 50%   2 of 4, 1 failed" in line for line in Screen(during).lines)


def test_items_stand_in_the_line_of_their_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many have ended, how many failed, and the slots that they hold; they are counted, their task is not."""
    known = background({"load": (), "report": ("load",)}, {"p": 2}, load={"pool": "p", "foreach": [1, 2, 3, 4]})
    during, _ = shown(
        monkeypatch,
        [
            *[each for name in ("load", "report") for each in moved(name, S.INIT, S.PENDING)],
            *moved("load", S.PENDING, S.RUNNING),
            found("load", 4, kept=1),
            *moved("load[eu]", S.PENDING, S.RUNNING),
            *moved("load[us]", S.PENDING, S.RUNNING, S.FAILED),
        ],
        known=known,
    )

    done, _rule, load, *rest = (" ".join(line.split()) for line in Screen(during).lines)
    assert done.startswith("✗ load[us]")
    assert load.startswith("● load ")
    assert load.endswith("2 of 4, 1 failed pool p 1/2")
    assert rest == ["○ report waits for load", "1 done · 1 failed · 1 running · 2 waiting"]


def test_of_many_items_only_those_that_fail_have_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred of them do not push everything else away; the first that failed are named."""
    items = [f"load[{number}]" for number in range(100)]
    transitions = [each for name in items[:60] for each in moved(name, S.PENDING, S.RUNNING, S.COMPLETED)]
    transitions += [each for name in items[60:] for each in moved(name, S.PENDING, S.RUNNING, S.FAILED)]
    _, everything = shown(
        monkeypatch,
        [*moved("load", S.PENDING, S.RUNNING), found("load", 100), *transitions, *moved("load", S.RUNNING, S.FAILED)],
        known=background({"load": ()}, load={"foreach": [1]}),
    )

    lines = [" ".join(line.split()) for line in Screen(everything).lines if line.strip()]
    assert len(lines) == 21
    assert all(line.startswith("✗ load[") for line in lines[:-1])
    assert lines[-1].startswith("✗ load ")


def test_groups_are_told_of_and_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not run; one that is left out or held back stands for its members."""
    known = Background(
        {
            "etl": TaskDefinition.model_validate({"serial": {}}),
            "etl/a": TaskDefinition.model_validate({"task": "T"}),
            "old": TaskDefinition.model_validate({"parallel": {}}),
            "old/b": TaskDefinition.model_validate({"task": "T"}),
        }
    )
    skipped = Outcome.failed("when `vars.full` is false", Reason.NOT_STARTED)
    during, _ = shown(
        monkeypatch,
        [
            *[each for name in known.tasks for each in moved(name, S.INIT, S.PENDING)],
            *moved("old", S.PENDING, S.SKIP, outcome=skipped),
            *moved("old/b", S.PENDING, S.SKIP, outcome=Outcome.failed("'old' is left out", Reason.NOT_STARTED)),
            *moved("etl", S.PENDING, S.RUNNING, attempt=0),
            *moved("etl/a", S.PENDING, S.RUNNING),
        ],
        known=known,
    )

    old, _rule, running, counts = (" ".join(line.split()) for line in Screen(during).lines)
    assert old == "– old skipped: when `vars.full` is false"
    assert running.startswith("● etl/a ")
    assert counts == "1 done · 1 running"

"""Groups and items as far as transitions tell of them."""

from __future__ import annotations

from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition, ItemsFound
from flowrun.extensions.families import Families
from flowrun.jobdefinition.task_definition import TaskDefinition

S = ExecutionState
TASKS = {
    "g": TaskDefinition.model_validate({"serial": {}}),
    "f": TaskDefinition.model_validate({"task": "T", "foreach": [1]}),
    "f[x]": TaskDefinition.model_validate({"task": "T"}),
}


def move(name: str, before: S, after: S) -> ExecutionStateTransition:
    return ExecutionStateTransition(name=name, from_state=before, to_state=after)


def test_items_are_counted_by_what_has_become_of_them() -> None:
    """Kept ones have ended; those that never started are known when their task has ended."""
    families = Families(TASKS.get)
    items = families.open(ItemsFound(name="f", items=5, kept=1))

    for name, end in (("f[a]", S.COMPLETED), ("f[b[0]]", S.FAILED)):
        assert families.note(move(name, S.PENDING, S.RUNNING)) is items
        families.note(move(name, S.RUNNING, end))
    families.note(move("f[c]", S.PENDING, S.RUNNING))

    assert (str(items), list(items.running)) == ("3 of 5, 1 failed", ["f[c]"])
    families.note(move("f[c]", S.RUNNING, S.COMPLETED))
    families.note(move("f", S.RUNNING, S.FAILED))
    assert str(items) == "5 of 5, 1 failed, 1 not started"


def test_unknown_names_are_tasks() -> None:
    """Of what nobody has told, nothing is assumed: an item of nothing, a task whose name looks like an item."""
    families = Families(TASKS.get)
    families.open(ItemsFound(name="h", items=1))

    assert families.note(move("f[a]", S.PENDING, S.RUNNING)) is None
    assert families.note(move("unheard/of", S.PENDING, S.RUNNING)) is None
    assert not families.is_group("unheard")


def test_a_group_that_never_opens_stands_for_its_members() -> None:
    """One that ran does not."""
    families = Families(TASKS.get)
    families.note(move("g", S.PENDING, S.SKIP))

    assert families.goes_with_group("g/a/b")
    assert not families.goes_with_group("g")
    again = Families(TASKS.get)
    again.note(move("g", S.RUNNING, S.FAILED))
    assert not again.goes_with_group("g/a")


def test_of_many_items_the_first_failures_are_told() -> None:
    """All of a few are."""
    families = Families(TASKS.get)
    many, few = families.open(ItemsFound(name="f", items=1000)), families.open(ItemsFound(name="h", items=2))

    assert sum(many.is_told(move(f"f[{number}]", S.RUNNING, S.FAILED)) for number in range(500)) == 20
    assert not many.is_told(move("f[x]", S.RUNNING, S.COMPLETED))
    assert few.is_told(move("h[x]", S.RUNNING, S.COMPLETED))

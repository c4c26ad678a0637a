"""Slots: which ready task is next, and which limits hold it back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowrun.engine.slots import Slots


def ready(slots: Slots) -> list[str]:
    """Everything that can be taken now."""
    taken = []
    while (name := slots.take()) is not None:
        taken.append(name)
    return taken


def test_without_limits_everything_is_taken_in_order_of_rank() -> None:
    """The smallest rank comes first, whatever the order in which tasks became ready."""
    slots = Slots({})
    for name, rank in {"last": (0, 0, 2), "first": (-5, 0, 3), "second": (0, -2, 1)}.items():
        slots.add(name, rank, ["nobody's"])

    assert ready(slots) == ["first", "second", "last"]


def test_a_limit_is_never_exceeded_and_its_slot_comes_back() -> None:
    """As many as the limit allows are taken; each one given back lets another go. FM-09, FM-27"""
    slots = Slots({"all": 2})
    for number in range(4):
        slots.add(f"t{number}", (0, 0, number), ["all"])

    assert ready(slots) == ["t0", "t1"]
    slots.give_back(["all"])
    assert ready(slots) == ["t2"]


def test_a_task_needs_a_slot_under_each_of_its_limits() -> None:
    """A full pool does not keep others from the slots that are left."""
    slots = Slots({"all": 3, "pool": 1})
    for number, limits in enumerate([["all", "pool"], ["all", "pool"], ["all"], ["all"]]):
        slots.add(f"t{number}", (0, 0, number), limits)

    assert ready(slots) == ["t0", "t2", "t3"]
    slots.give_back(["all"])
    assert ready(slots) == []
    slots.give_back(["all", "pool"])
    assert ready(slots) == ["t1"]


def test_forgotten_tasks_are_not_taken() -> None:
    """After `clear` nothing is ready, and what becomes ready later is."""
    slots = Slots({})
    slots.add("old", (0, 0, 0), [])
    slots.clear()
    slots.add("new", (0, 0, 1), [])

    assert ready(slots) == ["new"]


LIMITS = st.sets(st.sampled_from(["a", "b", "c"]))


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 3)),
    st.lists(LIMITS, max_size=12),
    st.lists(st.integers(0, 11), max_size=20),
)
def test_what_is_taken_is_the_best_that_fits(
    limits: dict[str, int], wanted: list[set[str]], given_back: list[int]
) -> None:
    """For any limits: the task that is taken is the first in rank among those with a slot under all their limits."""
    slots, free = Slots(limits), dict(limits)
    waiting, running = dict(enumerate(wanted)), []
    for number, names in waiting.items():
        slots.add(str(number), (0, 0, number), sorted(names))
    for back in [-1, *given_back]:
        if running and back >= 0:
            done = running.pop(back % len(running))
            slots.give_back(sorted(wanted[done]))
            free = {name: count + (name in wanted[done]) for name, count in free.items()}
        fitting = [number for number, names in waiting.items() if all(free.get(name, 1) for name in names)]
        taken = slots.take()
        assert taken == (str(fitting[0]) if fitting else None)
        if fitting:
            running.append(fitting[0])
            names = waiting.pop(fitting[0])
            free = {name: count - (name in names) for name, count in free.items()}

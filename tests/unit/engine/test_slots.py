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


class Shared:
    """A limit outside, of which others may have slots too."""

    def __init__(self, free: int) -> None:
        self.free = free
        self.times_asked = 0

    def take(self) -> bool:
        self.times_asked += 1
        if not self.free:
            return False
        self.free -= 1
        return True

    def give_back(self) -> None:
        self.free += 1


def test_slots_outside_are_asked_for_and_given_back() -> None:
    """A task takes one only if it starts; who waits for one is named, and what needs none goes on. AS-23"""
    outside = Shared(1)
    slots = Slots({"pool": outside, "all": 2})
    for position, name in enumerate(("a", "b", "c")):
        slots.add(name, (0, 0, position), ["all", "pool"])
    slots.add("free", (0, 0, 9), ["all"])

    assert ready(slots) == ["a", "free"]
    assert slots.awaited == {"b": "pool"}
    slots.give_back(["all", "pool"])
    assert ready(slots) == ["b"]
    assert outside.free == 0


def test_what_was_refused_is_not_asked_again_before_it_is_time() -> None:
    """Others may give a slot back at any time; it is seen when somebody looks again."""
    outside = Shared(0)
    slots = Slots({"pool": outside})
    slots.add("a", (0, 0, 0), ["pool"])
    slots.add("b", (0, 0, 1), ["pool"])

    assert ready(slots) == []
    outside.free = 1
    assert ready(slots) == []
    assert outside.times_asked == 1
    slots.look_again()
    assert ready(slots) == ["a"]
    assert slots.awaited == {"b": "pool"}


def test_no_slot_outside_is_taken_for_a_task_that_was_withdrawn() -> None:
    """Nobody would give it back."""
    outside = Shared(1)
    slots = Slots({"pool": outside})
    slots.add("a", (0, 0, 0), ["pool"])
    slots.withdraw("a")

    assert ready(slots) == []
    assert outside.free == 1

"""What one attempt sees of the shared values."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from flowrun.errors import SharedValueError
from flowrun.shared_dict import SharedDict
from flowrun.shared_values import SharedValues
from flowrun.values import encode


class CountingPort(SharedValues):
    """Shared values that count how often they are set."""

    def __init__(self) -> None:
        super().__init__()
        self.puts = 0

    def put(self, key: str, text: str | None, expected_version: int | None = None) -> int | None:
        self.puts += 1
        return super().put(key, text, expected_version)


class Box:
    """A class that only pickle knows."""

    def __init__(self) -> None:
        self.names: list[str] = ["a", "b"]
        self.kind = "kind"  # one object in two places, which are two objects after pickling
        self.cache: dict[str, int] = {}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWRUN_STATE_KEY", "a key for these tests")


def two_attempts() -> tuple[SharedDict, SharedDict]:
    shared = SharedValues()
    return SharedDict(shared), SharedDict(shared)


def test_what_one_attempt_sets_another_reads() -> None:
    """FM-51: a value that one task wrote is read by another."""
    one, other = two_attempts()

    one["day"] = date(2026, 1, 31)

    assert other["day"] == date(2026, 1, 31)
    assert "day" in other
    assert list(other) == ["day"]


def test_reading_gives_a_copy() -> None:
    """No two attempts hold the same object."""
    one, other = two_attempts()
    mine = one["l"] = [1]

    theirs = other["l"]

    assert theirs == [1]
    assert theirs is not mine


def test_a_change_inside_of_a_value_that_was_read_is_seen() -> None:
    """FM-51: nested mutation is made visible, never lost."""
    one, other = two_attempts()
    one["l"] = [1]

    other["l"].append(2)
    other.flush()

    assert one["l"] == [1, 2]
    assert other.changed_keys() == {encode("l")}


def test_a_change_inside_of_a_value_that_was_set_is_seen() -> None:
    """FM-51: the object that was set stays the one in the dictionary, as in any dictionary."""
    one, other = two_attempts()
    mine: dict[str, Any] = {}
    one["d"] = mine

    mine["deep"] = {"x": [1]}
    mine["deep"]["x"].append(2)
    one.flush()

    assert other["d"] == {"deep": {"x": [1, 2]}}


def test_the_next_operation_on_the_key_writes_back() -> None:
    """The end of the hook need not be awaited."""
    one, other = two_attempts()
    one["l"] = []

    one["l"].append(1)
    one["l"].append(2)

    assert other["l"] == [1]
    assert one.get("l") == [1, 2]
    assert other["l"] == [1, 2]


def test_the_same_object_is_given_as_long_as_nobody_else_changes_it() -> None:
    """Two names in one task mean one list."""
    one, other = two_attempts()
    other["l"] = [1]

    first, second = one["l"], one["l"]
    other["l"] = [3]

    assert first is second
    assert one["l"] == [3]


def test_a_change_that_would_be_lost_is_an_error() -> None:
    """FM-51: two tasks that change one value at once: the second is told, by the name of the key."""
    one, other = two_attempts()
    one["l"] = [1]
    theirs = other["l"]
    one["l"].append(2)
    one.flush()

    theirs.append(3)

    with pytest.raises(SharedValueError, match=r"shared_dict\['l'\] was changed by another task"):
        other.flush()
    assert one["l"] == [1, 2]
    other.flush()
    assert other["l"] == [1, 2]


def test_an_old_copy_that_is_changed_later_is_an_error() -> None:
    """A value that was read before another task set the key is not forgotten."""
    one, other = two_attempts()
    one["l"] = [1]
    old = other["l"]
    one["l"] = [2]
    assert other["l"] == [2]

    old.append(9)

    with pytest.raises(SharedValueError, match=r"shared_dict\['l'\]"):
        other.flush()
    assert one["l"] == [2]


def test_all_keys_are_written_back_before_an_error_is_raised() -> None:
    """One bad key does not take the changes of the others with it."""
    one, other = two_attempts()
    one["bad"], one["good"] = [], []
    one["bad"].append(threading.Lock())
    one["good"].append(1)

    with pytest.raises(SharedValueError, match=r"shared_dict\['bad'\] cannot be kept.*_thread\.lock' at \[0\]"):
        one.flush()

    assert (other["bad"], other["good"]) == ([], [1])
    one.flush()


def test_setting_replaces_what_was_changed_inside() -> None:
    """An object that is no longer in the dictionary has no effect on it."""
    one, other = two_attempts()
    old = one["l"] = [1]

    one["l"] = [2]
    old.append(9)
    one.flush()

    assert other["l"] == [2]


def test_what_cannot_be_kept_is_refused_at_the_assignment() -> None:
    """The message names key, type and place."""
    shared, _ = two_attempts()

    with pytest.raises(
        SharedValueError, match=r"^shared_dict\['x'\] cannot be kept: a value of type '_thread.lock' at \['a'\]\[0\]$"
    ):
        shared["x"] = {"a": [threading.Lock()]}
    assert "x" not in shared
    assert shared.changed_keys() == set()


def test_a_key_that_cannot_be_kept_is_refused() -> None:
    """As in a dictionary, and as for values."""
    shared, _ = two_attempts()

    with pytest.raises(TypeError, match="unhashable"):
        shared[[1]] = 1
    with pytest.raises(SharedValueError, match="a key of shared_dict cannot be kept"):
        shared[lambda: 1] = 1


def test_a_planted_value_is_named_by_its_key() -> None:
    """A value that cannot be read harms only who reads it, and says where it is."""
    port = SharedValues()
    port.restore({'"x"': '{"$model":["nowhere:Report",{}]}', '"y"': "1"})
    shared = SharedDict(port)

    assert shared["y"] == 1
    with pytest.raises(SharedValueError, match=r"shared_dict\['x'\].*nowhere"):
        shared["x"]
    del shared["x"]
    assert dict(shared) == {"y": 1}


@pytest.mark.parametrize("value", [1, "text" * 1000, b"x", None, (1, ("a",)), frozenset({1}), date(2026, 1, 1)])
def test_values_that_cannot_change_are_not_written_again(value: object) -> None:
    """Nothing is encoded or sent for them at the end of a hook."""
    port = CountingPort()
    shared = SharedDict(port)

    shared["x"] = value
    assert shared["x"] == value
    shared.flush()

    assert port.puts == 1


@pytest.mark.parametrize("value", [[1], {"a": {2, 1}}, {3, "x"}, Box(), [Box()]], ids=str)
def test_values_that_did_not_change_are_not_written_again(value: object) -> None:
    """Reading alone is no change, whatever the kind of value: it makes no conflict."""
    port = CountingPort()
    SharedDict(port)["x"] = value
    reader = SharedDict(port)

    reader["x"]
    reader["x"]
    reader.flush()

    assert port.puts == 1
    assert reader.changed_keys() == set()


def test_an_object_that_only_pickle_knows_is_written_back_when_it_changed() -> None:
    """Any object's change is seen."""
    one, other = two_attempts()
    one["box"] = Box()

    other["box"].names.append("c")
    other.flush()

    assert one["box"].names == ["a", "b", "c"]


def test_the_methods_of_a_dictionary() -> None:
    """FM-51: whatever a dictionary can do."""
    shared, other = two_attempts()
    shared.update({"a": 1}, b=2)
    shared |= {"c": 3}
    shared[4] = shared.setdefault("d", "four")

    assert shared.setdefault("d", "five") == "four"
    assert shared == {"a": 1, "b": 2, "c": 3, "d": "four", 4: "four"}
    assert dict(other) == other.copy() == shared
    assert (other.get("x"), other.get("x", 0), len(other)) == (None, 0, 5)
    assert list(other.keys()) == ["a", "b", "c", "d", 4]
    assert (("a", 1) in other.items(), 3 in other.values()) == (True, True)
    assert other | {"a": 0} == {**other, "a": 0}
    assert {"a": 0, "z": 0} | other == {"z": 0, **other}
    assert repr(other) == "SharedDict({'a': 1, 'b': 2, 'c': 3, 'd': 'four', 4: 'four'})"
    assert (other.pop("a"), other.pop("a", None), other.popitem()) == (1, None, (4, "four"))
    del other["b"]
    assert dict(shared) == {"c": 3, "d": "four"}
    shared.clear()
    assert not other
    assert other.changed_keys() == set(map(encode, ["a", 4, "b"]))


@pytest.mark.parametrize("act", [lambda d: d["x"], lambda d: d.pop("x"), lambda d: d.__delitem__("x")])
def test_a_key_that_is_not_there(act: Any) -> None:
    """As in a dictionary."""
    shared, _ = two_attempts()

    with pytest.raises(KeyError, match="'x'"):
        act(shared)
    with pytest.raises(KeyError):
        shared.popitem()


def test_a_value_that_is_taken_out_is_the_tasks_own() -> None:
    """What is done to it afterwards is nobody's business."""
    one, other = two_attempts()
    one["l"] = [1]
    one["l"].append(2)

    mine = one.pop("l")
    mine.append(3)
    one.flush()

    assert mine == [1, 2, 3]
    assert "l" not in other


def test_two_keys_that_json_would_confuse_are_two() -> None:
    """1 and "1" are different keys, and keys keep their kind."""
    shared, other = two_attempts()
    shared[1], shared["1"], shared[(1, "a")] = "int", "str", "tuple"

    assert dict(other) == {1: "int", "1": "str", (1, "a"): "tuple"}


class RacingPort(SharedValues):
    """Before the first conditional change another task is quicker."""

    def __init__(self, texts: dict[str, str], rival: str | None) -> None:
        super().__init__()
        self.restore(texts)
        self._rivals = [rival]

    def put(self, key: str, text: str | None, expected_version: int | None = None) -> int | None:
        if expected_version is not None and self._rivals:
            super().put(key, self._rivals.pop())
        return super().put(key, text, expected_version)


def test_setdefault_is_atomic() -> None:
    """Of two tasks that set a default, both get the same."""
    shared = SharedDict(RacingPort({}, '"theirs"'))

    assert shared.setdefault("x", "mine") == "theirs"
    assert shared["x"] == "theirs"
    assert shared.changed_keys() == set()


def test_pop_is_atomic() -> None:
    """Of two tasks that take a value out, one gets it."""
    shared = SharedDict(RacingPort({'"x"': "1"}, None))

    assert shared.pop("x", "nothing left") == "nothing left"
    assert shared.changed_keys() == set()


def test_pop_takes_what_is_there_when_it_takes() -> None:
    """A value that another task set in between is the one that is taken."""
    shared = SharedDict(RacingPort({'"x"': "1"}, "2"))

    assert shared.pop("x") == 2


def test_many_threads_of_a_task_may_use_it() -> None:
    """Each value is taken out once."""
    port = SharedValues()
    shared = SharedDict(port)
    shared.update({number: [number] for number in range(200)})
    taken: list[int] = []

    def take() -> None:
        while True:
            try:
                taken.append(shared.popitem()[0])
            except KeyError:
                return

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(200))


KEYS = st.sampled_from(["a", "b"])


class TwoTasks(RuleBasedStateMachine):
    """One after the other, two attempts do what they like; the shared dictionary is as one dictionary."""

    def __init__(self) -> None:
        super().__init__()
        port = SharedValues()
        self.views = [SharedDict(port), SharedDict(port)]
        self.model: dict[str, list[int]] = {}

    @rule(who=st.integers(0, 1), key=KEYS, value=st.lists(st.integers(0, 3), max_size=2))
    def set(self, who: int, key: str, value: list[int]) -> None:
        self.views[who][key] = value
        self.model[key] = list(value)

    @rule(who=st.integers(0, 1), key=KEYS)
    def change_inside(self, who: int, key: str) -> None:
        if key in self.model:
            self.views[who][key].append(7)
            self.views[who].flush()
            self.model[key].append(7)

    @rule(who=st.integers(0, 1), key=KEYS)
    def pop(self, who: int, key: str) -> None:
        assert self.views[who].pop(key, None) == self.model.pop(key, None)

    @rule(who=st.integers(0, 1), key=KEYS)
    def setdefault(self, who: int, key: str) -> None:
        assert self.views[who].setdefault(key, []) == self.model.setdefault(key, [])

    @invariant()
    def both_see_the_same(self) -> None:
        assert [dict(view) for view in self.views] == [self.model, self.model]


TestTwoTasks = TwoTasks.TestCase
TestTwoTasks.settings = settings(max_examples=50, stateful_step_count=20)

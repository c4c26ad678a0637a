"""What is not known of a definition because of mistakes in it."""

from __future__ import annotations

from flowrun.jobdefinition.doubts import Doubts

TASK = ("tasks", "a")


def test_what_was_told_covers_what_is_in_it():
    """But not what it is in, and not what stands beside it."""
    doubts = Doubts(unusable=frozenset({(*TASK, "parameters", "options")}))

    assert doubts.cover((*TASK, "parameters", "options", "depth"))
    assert not doubts.cover((*TASK, "parameters"))
    assert not doubts.cover((*TASK, "parameters", "day"))


def test_what_has_a_mistake_in_it_is_touched():
    """A default stands in the place of the mistake, so the whole says nothing either."""
    doubts = Doubts(unusable=frozenset({(*TASK, "parameters", "options")}))

    assert doubts.touch((*TASK, "parameters"))
    assert not doubts.touch((*TASK, "dependencies"))


def test_what_was_not_read_may_hide_something():
    """A key that is misspelt is not missing; what was read beside it is as it is."""
    doubts = Doubts(unread=frozenset({("pools",)}))

    assert doubts.may_hide(("pools", "warehouse"))
    assert not doubts.may_hide(("executors", "mine"))
    assert not doubts.touch(("pools", "warehouse"))


def test_a_file_that_was_not_read_may_hide_anything():
    """The empty path stands for it."""
    assert Doubts(unread=frozenset({()})).may_hide(("tasks", "any"))
    assert not Doubts().may_hide(("tasks", "any"))


def test_tasks_with_a_mistake_are_known_by_name():
    """Each as often as there are mistakes in it; what is no text is no name."""
    doubts = Doubts(unusable=frozenset({TASK, ("tasks", "b", "timeout"), ("tasks", 1), ("tasks",)}))

    assert list(doubts.names_below(("tasks",))) == ["a", "b"]

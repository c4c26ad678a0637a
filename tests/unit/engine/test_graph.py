"""The graph of a job: rings, unknown names, what comes before and after."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.engine.graph import Graph

CHAIN_LENGTH = 100_000


def is_ring(dependencies: dict[str, list[str]], ring: list[str]) -> bool:
    """Each task of the ring depends on the next and the last on the first."""
    return all(after in dependencies[name] for name, after in zip(ring, [*ring[1:], ring[0]], strict=True))


def test_a_dependency_given_twice_counts_once() -> None:
    """A dependency that is listed three times is one dependency."""
    graph = Graph({"first": [], "second": ["first", "first", "first"]})

    assert graph.dependencies["second"] == ("first",)
    assert list(graph.dependents["first"]) == ["second"]


def test_unknown_dependencies_are_told_and_left_out() -> None:
    """A name that is no task is reported with the task that names it, and is no edge of the graph. FM-33"""
    graph = Graph({"load": ["extrct", "clean", "extrct"], "clean": []})

    assert graph.unknown() == [("load", "extrct")]
    assert graph.dependencies["load"] == ("clean",)


def test_a_graph_without_ring_has_no_cycle() -> None:
    """Tasks that share dependencies do not wait for each other."""
    graph = Graph({"a": [], "b": ["a"], "c": ["a", "b"], "d": ["b", "c"]})

    assert graph.find_cycle() is None
    assert graph.cycles() == []


@pytest.mark.parametrize("size", [1, 2, 3, 40])
def test_a_ring_is_found_whole_and_in_order(size: int) -> None:
    """The ring begins with its first task in file order and follows the dependencies. FM-33, X-FM-03"""
    names = [f"ring{number}" for number in range(size)]
    graph = Graph({"free": [], **{name: [names[(number + 1) % size]] for number, name in enumerate(names)}})

    assert graph.find_cycle() == names


def test_levels_count_from_what_waits_for_nobody() -> None:
    """The longest way decides. AS-10"""
    graph = Graph({"d": ["b", "a"], "a": [], "b": ["a"], "c": []})

    assert graph.levels() == {"a": 1, "c": 1, "b": 2, "d": 3}


def test_the_shorter_of_two_ways_round_is_shown() -> None:
    """Where a ring has a short cut, the detour is not printed."""
    graph = Graph({"a": ["b"], "b": ["c", "a"], "c": ["d"], "d": ["a"]})

    assert graph.find_cycle() == ["a", "b"]


def test_separate_rings_are_all_found() -> None:
    """Every ring that shares no task with another is in the list, so that all are reported at once."""
    graph = Graph({"a": ["b"], "b": ["a"], "x": ["x", "a"], "y": ["z"], "z": ["y", "x"], "free": ["a", "y"]})

    assert graph.cycles() == [["a", "b"], ["x"], ["y", "z"]]


def test_what_comes_before_and_after() -> None:
    """Ancestors and descendants reach through several steps and leave out the task itself."""
    graph = Graph({"a": [], "b": ["a"], "c": ["b"], "d": ["b"], "e": []})

    assert graph.ancestors(["c"]) == {"a", "b"}
    assert graph.descendants(["a"]) == {"b", "c", "d"}
    assert graph.descendants(["c", "e"]) == set()


def test_the_longest_remaining_path_counts_tasks() -> None:
    """A task that nobody waits for has a path of one task, itself."""
    graph = Graph({"a": [], "b": ["a"], "c": ["b"], "d": ["a"], "alone": []})

    assert graph.longest_remaining_path() == {"a": 3, "b": 2, "c": 1, "d": 1, "alone": 1}


def test_the_longest_remaining_path_counts_what_tasks_cost() -> None:
    """Such as the time that they take."""
    graph = Graph({"a": [], "b": ["a"], "c": ["b"], "d": ["a"]})
    costs = {"a": 1, "b": 2, "c": 3, "d": 9}

    assert graph.longest_remaining_path(costs.__getitem__) == {"a": 10, "b": 5, "c": 3, "d": 9}


def test_a_ring_has_no_longest_path() -> None:
    """Asking for paths in a ring is refused instead of answered wrongly."""
    with pytest.raises(ValueError, match="wait for each other"):
        Graph({"a": ["b"], "b": ["a"], "c": ["a"]}).longest_remaining_path()


def test_a_very_long_chain_needs_no_recursion() -> None:
    """A chain of 100,000 tasks and a ring of as many are walked without a deep stack."""
    chain = {str(number): [str(number - 1)] if number else [] for number in range(CHAIN_LENGTH)}
    graph = Graph(chain)
    last = str(CHAIN_LENGTH - 1)

    assert graph.find_cycle() is None
    assert graph.longest_remaining_path()["0"] == CHAIN_LENGTH
    assert len(graph.ancestors([last])) == CHAIN_LENGTH - 1
    assert len(Graph({**chain, "0": [last]}).find_cycle() or []) == CHAIN_LENGTH


@given(st.lists(st.lists(st.integers(0, 7), max_size=4), min_size=1, max_size=8))
def test_rings_are_rings_and_none_is_missed(edges: list[list[int]]) -> None:
    """For any small graph: what is called a ring is one, and without a ring everything can be ordered."""
    dependencies = {str(name): [str(one) for one in named] for name, named in enumerate(edges)}
    graph = Graph(dependencies)
    rings = graph.cycles()

    assert all(is_ring(dependencies, ring) and len(set(ring)) == len(ring) for ring in rings)
    assert len({name for ring in rings for name in ring}) == sum(map(len, rings))
    assert any(name in graph.ancestors([name]) for name in graph.names) == bool(rings)
    if not rings:
        lengths = graph.longest_remaining_path()
        assert all(lengths[one] > lengths[name] for name, named in graph.dependencies.items() for one in named)

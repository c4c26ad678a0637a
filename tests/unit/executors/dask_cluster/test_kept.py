"""What of a run stays on a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from flowrun.attempt import Attempt
from flowrun.executors.dask_cluster.kept import Kept, task_of
from flowrun.values.file_store import FileStore
from flowrun.values.stayed import stayed


class Held:
    """A future of Dask: with its data, or lost."""

    def __init__(self, data: bytes | None) -> None:
        self._data = data
        self.is_released = False

    @property
    def status(self) -> str:
        return "cancelled" if self._data is None else "finished"

    def release(self) -> None:
        self.is_released = True

    def __await__(self) -> Generator[Any, None, bytes]:
        yield from asyncio.sleep(0).__await__()
        if self._data is None:
            raise KeyError("lost")
        return self._data


def attempt(task: str) -> Attempt:
    return Attempt("run1", "job", task, "Load")


@pytest.mark.parametrize(
    ("name", "task"),
    [("load", "load"), ("etl/load", "etl/load"), ("load[a/b]", "load"), ("load[a]/more", ""), ("load[a]/more[b]", "")],
)
def test_the_result_of_an_item_is_one_of_its_task(name: str, task: str) -> None:
    """That of a task that an item has added is nobody's: it comes home."""
    assert task_of(attempt(name)) == task


def test_what_stays_comes_home_and_what_is_lost_is_said(tmp_path: Path) -> None:
    """One that is lost keeps the others from nothing."""
    store, said, kept = FileStore(tmp_path, "job", "run1"), list[str](), Kept()
    (lost, _), (whole, _) = stayed(3), stayed(3)
    kept.add(lost, Held(None), attempt("lost[1]"), store)
    kept.add(whole, Held(b"[1]"), attempt("whole"), store)
    asyncio.run(kept.bring_home(said.append))

    assert (store.has(lost), store.get_bytes(whole, 3)) == (False, b"[1]")
    assert len(said) == 1
    assert said[0].startswith("the result of `lost` was lost on the Dask cluster ('lost'): continue the run with -r")


class Gone(Held):
    """Lost, for a reason of its own."""

    def __await__(self) -> Generator[Any, None, bytes]:
        yield from asyncio.sleep(0).__await__()
        raise RuntimeError(f"attempt-{id(self)} cancelled")


def test_of_a_large_fan_one_sentence_is_said(tmp_path: Path) -> None:
    """With how many were lost, and of which tasks, although each has a reason of its own."""
    store, said, kept = FileStore(tmp_path, "job", "run1"), list[str](), Kept()
    first = Gone(None)
    kept.add(stayed(3)[0], first, attempt("fan[0]"), store)
    for number in range(1, 1200):
        kept.add(stayed(3)[0], Gone(None), attempt(f"fan[{number}]"), store)
    for task in ("b", "c", "d"):
        kept.add(stayed(3)[0], Gone(None), attempt(task), store)
    asyncio.run(kept.bring_home(said.append))

    why = f"the first: attempt-{id(first)} cancelled"
    assert said == [
        f"1,203 results of `fan`, `b`, `c` and 1 more were lost on the Dask cluster ({why}): "
        "continue the run with -r, which performs them again"
    ]


class Frozen(Held):
    """Its worker does not answer."""

    def __await__(self) -> Generator[Any, None, bytes]:
        yield from asyncio.Event().wait().__await__()
        raise AssertionError


def test_a_worker_that_does_not_answer_keeps_no_run_from_its_end(tmp_path: Path) -> None:
    """What others have comes home after it."""
    store, said, kept = FileStore(tmp_path, "job", "run1"), list[str](), Kept()
    (frozen, _), (whole, _) = stayed(3), stayed(3)
    kept.add(frozen, Frozen(None), attempt("frozen"), store)
    kept.add(whole, Held(b"[1]"), attempt("whole"), store)
    asyncio.run(kept.bring_home(said.append, patience_seconds=0.2))

    assert (store.has(frozen), store.get_bytes(whole, 3)) == (False, b"[1]")
    assert len(said) == 1
    assert said[0].startswith("the result of `frozen` did not come from the Dask cluster in 0.2 s: continue the run")


def test_each_thing_that_happens_is_said_on_its_own(tmp_path: Path) -> None:
    """Lost is not late."""
    store, said, kept = FileStore(tmp_path, "job", "run1"), list[str](), Kept()
    for future, task in ((Frozen(None), "a"), (Held(None), "b"), (Frozen(None), "a")):
        kept.add(stayed(3)[0], future, attempt(task), store)
    asyncio.run(kept.bring_home(said.append, patience_seconds=0.1))

    assert [one.split(":")[0] for one in said] == [
        "2 results of `a` did not come from the Dask cluster; the first not in 0.1 s",
        "the result of `b` was lost on the Dask cluster ('lost')",
    ]


def test_what_is_lost_is_known_before_it_is_given(tmp_path: Path) -> None:
    """With every task whose result it was, once."""
    store, kept = FileStore(tmp_path, "job", "run1"), Kept()
    names = [stayed(3)[0] for _ in range(6)]
    for name, task in zip(names, ("a[1]", "a[2]", "b", "c", "d", "here"), strict=True):
        kept.add(name, Held(b"[1]" if task == "here" else None), attempt(task), store)

    assert kept.said_of_lost(names[5:]) == ""
    assert kept.said_of_lost(names).startswith("the result of `a`, `b`, `c` and 1 more stayed on the Dask cluster and")
    assert list(kept.names) == names[5:]
    assert "`here`" in kept.said_of_lost(names[5:], is_certain=True)


def test_what_nobody_needs_any_more_is_dropped_at_once(tmp_path: Path) -> None:
    """Of all items of a task."""
    kept, held = Kept(), [Held(b"[1]") for _ in range(3)]
    for future, task in zip(held, ("a[1]", "a[2]", "b"), strict=True):
        kept.add(stayed(3)[0], future, attempt(task), FileStore(tmp_path, "job", "run1"))
    kept.let_go({"a"})

    assert [future.is_released for future in held] == [True, True, False]
    assert len(kept.names) == 1

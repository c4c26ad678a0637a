"""Kept: the results of one run that stay on the cluster until another attempt there needs them, or the run ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from ...attempt import Attempt
from ...errors import StateError
from ...values.file_store import FileStore
from .missing import Fate, Missing, some_of, with_remedy

_GONE = ("cancelled", "lost", "error")
_NAME = re.compile(r"([^\[]*)(\[(?:(?!\]/).)*\])?", re.DOTALL)
_PATIENCE_SECONDS = 60.0
_LITTLE_PATIENCE_SECONDS = 1.0


class Kept:
    """By the names of the files that they are to have at home. One that is lost is not performed again by Dask."""

    def __init__(self) -> None:
        self._futures: dict[str, Any] = {}
        self._known: dict[str, tuple[str, FileStore]] = {}

    def add(self, name: str, future: Any, attempt: Attempt, store: FileStore) -> None:
        """The result of an attempt stays; Dask has it as long as the future is held."""
        self._futures[name] = future
        self._known[name] = task_of(attempt), store

    @property
    def names(self) -> Collection[str]:
        """Those that stay."""
        return self._futures.keys()

    def futures(self, names: Iterable[str]) -> list[Any]:
        """The futures of these, for an attempt that needs them."""
        return [self._futures[name] for name in names]

    def let_go(self, tasks: Collection[str]) -> None:
        """Nobody is given the results of these tasks any more: Dask may forget them."""
        for name in [name for name in self._futures if self._known[name][0] in tasks]:
            self._futures.pop(name).release()
            del self._known[name]

    def clear(self) -> None:
        """The cluster is gone, and they with it."""
        self._futures.clear()

    def said_of_lost(self, names: Sequence[str], *, is_certain: bool = False) -> str:
        """What there is to say if some of these are lost; empty if none is, unless that is certain."""
        for name in names:
            future = self._futures.get(name)
            if future is not None and future.status in _GONE:
                del self._futures[name]
        known = [name for name in names if name in self._known]
        lost = [name for name in known if name not in self._futures] or (known if is_certain else [])
        tasks = sorted({self._known[name][0] for name in lost})
        if not tasks:
            return ""
        return with_remedy(f"the result of {some_of(tasks)} stayed on the Dask cluster and was lost there")

    async def bring_home(self, say: Callable[[str], None], patience_seconds: float = _PATIENCE_SECONDS) -> None:
        """Write what still stays into the files of the run, one after the other.

        A worker that does not answer is waited for once: what it has is made again if the run continues.
        """
        missing = Missing()
        try:
            for name in list(self._futures):
                if await self._is_late(name, missing, patience_seconds):
                    patience_seconds = min(patience_seconds, _LITTLE_PATIENCE_SECONDS)
        finally:
            for sentence in missing.sentences():
                say(sentence)

    async def _is_late(self, name: str, missing: Missing, patience_seconds: float) -> bool:
        """Write one; whether nobody has answered."""
        task, store = self._known[name]
        future = self._futures.pop(name)
        try:
            async with asyncio.timeout(patience_seconds):
                data = await future
            await asyncio.to_thread(store.put_named, name, data)
        except StateError as error:
            missing.add(Fate.UNKEPT, task, str(error))
        except TimeoutError:
            missing.add(Fate.LATE, task, f"{patience_seconds:g} s")
            return True
        except Exception as error:  # Dask has several for it
            missing.add(Fate.LOST, task, str(error) or type(error).__name__)
        return False


def task_of(attempt: Attempt) -> str:
    """The task of an attempt; of an item, the one whose item it is. Empty for one that an item has added."""
    found = _NAME.fullmatch(attempt.task)
    return "" if found is None else found[1]

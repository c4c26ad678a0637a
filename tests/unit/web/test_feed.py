"""The feed tells everybody what happens, whatever the history does meanwhile."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from flowrun.errors import StateError
from flowrun.history.places import Places
from flowrun.history.reader import History
from flowrun.history.rows import RunRow
from flowrun.web.feed import Feed
from tests.unit.history.conftest import WrittenRun


class Locked(History):
    """Cannot be read at some moments, as while another process makes it smaller."""

    refusals = 0

    def _refuse(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StateError("it is locked")

    def run(self, run: str) -> RunRow:
        self._refuse()
        return super().run(run)

    def last_change(self) -> int:
        self._refuse()
        return super().last_change()


def test_what_happens_while_the_history_is_locked_is_told_afterwards(tmp_path: Path) -> None:
    """At the first look, and when the events were read already."""
    run, history = WrittenRun(Places(tmp_path)), Locked(tmp_path)
    history.refresh()

    async def test() -> None:
        feed = Feed(history)
        async with feed.watching(None, None) as viewer:
            history.refusals = 1
            run.performed(1, 2, "load")
            heard = b""
            while b"event: run" not in heard:
                heard += await viewer.next() or b""
            history.refusals = 1
            run.performed(2, 3, "report")
            heard = b""
            while b'"COMPLETED":2' not in heard:
                heard += await viewer.next() or b""
        feed.close()

    asyncio.run(asyncio.wait_for(test(), 30))
    assert history.refusals == 0
    history.close()
    run.vanish()


def test_who_watches_a_history_that_was_deleted_is_asked_to_come_again(tmp_path: Path) -> None:
    """The numbers of events begin anew, and nothing that is told could be put beside what was read."""
    places, history = Places(tmp_path), History(tmp_path)
    WrittenRun(places).end()
    history.refresh()

    async def test() -> None:
        feed = Feed(history)
        async with feed.watching(None, None) as viewer:
            shutil.rmtree(places.state)
            heard = b""
            while (data := await viewer.next()) is not None:
                heard += data
            assert heard.endswith(b"event: end\ndata: {}\n\n")
        run = WrittenRun(places, run="bbbb0002")
        async with feed.watching(None, None) as viewer:
            run.performed(1, 2, "load")
            while b'"id":"bbbb0002"' not in heard:
                heard += await viewer.next() or b""
        run.vanish()

    asyncio.run(asyncio.wait_for(test(), 30))
    history.close()

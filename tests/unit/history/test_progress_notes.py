"""What attempts say of how far they are is written seldom, and what they said last always."""

from __future__ import annotations

import asyncio
import json

from flowrun.eventbus.progress import ProgressEvent
from flowrun.history.progress_notes import ProgressNotes


def test_the_last_words_of_each_attempt_are_one_line() -> None:
    """Whatever came before them is not written; without any there is no line."""
    lines: list[str] = []

    async def live() -> None:
        notes = ProgressNotes(lines.append)
        notes.close()
        for done in range(1000):
            notes.note(ProgressEvent(name="load", attempt=2, done=done, total=1000))
        notes.note(ProgressEvent(name="süß", done=0.5, message="rows"))
        notes.close()
        notes.close()

    asyncio.run(live())

    ((kind, _at, told),) = map(json.loads, lines)
    assert (kind, told) == ("progress", [["load", 2, 999, 1000, ""], ["süß", 1, 0.5, None, "rows"]])


def test_the_first_is_written_at_once() -> None:
    """When nothing was written for a while: nobody waits a second to see that something begins."""
    lines: list[str] = []

    async def live() -> None:
        ProgressNotes(lines.append).note(ProgressEvent(name="load", done=1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(live())

    assert len(lines) == 1

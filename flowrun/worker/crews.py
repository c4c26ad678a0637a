"""Crews: the crew that takes the next attempt, and the change to another when the code of the project has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..errors import ModuleLoadError
from .crew import Crew
from .offer import Offer, Stamps

_LOOK_SECONDS = 1.0
"""How often is looked whether files have changed; a change counts when it is followed by none for so long."""

Open = Callable[[], Awaitable[Crew]]


class Crews:
    """Has one crew at a time that takes attempts; earlier ones end those they have."""

    def __init__(self, open_crew: Open, say: Callable[[str], None], announce: Callable[[Offer], None]) -> None:
        """`announce` is told what is offered from now on."""
        self._open = open_crew
        self._say = say
        self._announce = announce
        self._crew: Crew | None = None
        self._opened: list[Crew] = []
        self._changing = asyncio.Lock()

    async def open(self) -> None:
        """Make the first crew ready. Raises ModuleLoadError if the code of the project ends its process."""
        await self._change(await self._open())

    async def ready(self) -> Crew:
        """The crew that takes an attempt now. Raises ModuleLoadError as `open` does."""
        if not self._changing.locked() and not self._its_crew.is_gone:
            return self._its_crew
        async with self._changing:
            if self._its_crew.is_gone:
                self._say("the process that has read the project is gone; another is started")
                await self._change(await self._open())
            return self._its_crew

    @property
    def schemas(self) -> Mapping[str, Any]:
        """What is offered now: the JSON Schema of the parameters by the name of the task."""
        return self._its_crew.offer.schemas

    async def close(self) -> None:
        """End all of them, with everything that is under way."""
        for crew in self._opened:
            await crew.close()

    async def watch(self) -> None:
        """Change to another crew whenever files have changed, for ever."""
        known: Stamps = self._its_crew.stamps
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = self._its_crew.offer.stamps()
            if now not in (known, self._its_crew.stamps):
                known = now  # perhaps only some of the files are there yet
            elif now != self._its_crew.stamps:
                await self._renew(now)

    async def _renew(self, stamps: Stamps) -> None:
        crew, why = await self._tried()  # meanwhile, which may be long, attempts are performed as before
        async with self._changing:
            if crew is not None:
                await self._change(crew)
                self._say(f"files of the project have changed; it offers {', '.join(crew.offer.schemas) or 'nothing'}")
            else:
                self._its_crew.stamps = stamps
                self._say(f"files of the project have changed, and cannot be used: {why}; tasks stay as they were")

    async def _tried(self) -> tuple[Crew | None, str]:
        """A crew with the new code, or why there is none: a module is broken that was not broken before."""
        try:
            crew = await self._open()
        except ModuleLoadError as error:
            return None, str(error)
        if not crew.offer.is_broken or self._its_crew.offer.is_broken:
            return crew, ""
        await crew.dismiss()
        return None, crew.offer.notes[0]

    async def _change(self, crew: Crew) -> None:
        before, self._crew = self._crew, crew
        self._opened = [*(one for one in self._opened if not one.is_closed), crew]
        self._announce(crew.offer)
        if before is not None:
            await before.dismiss()

    @property
    def _its_crew(self) -> Crew:
        if self._crew is None:
            raise RuntimeError("there is no crew yet")
        return self._crew

"""GroupedLog: what each task says stands together, so that the output of tasks at the same time can be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from pydantic import PrivateAttr

from ..duration import duration
from ..eventbus.event import now
from ..eventbus.log import LogEndEvent, LogLinesEvent, LogStartEvent, LogWriteEvent, SerializableLogEvent
from ..loggers.logger import Logger
from ..plaintext import plain
from .printable import harmless

if TYPE_CHECKING:
    import asyncio

_BEAT_SECONDS = 10.0
_MOST_SILENT = 10
"""So many tasks that run and say nothing are named."""
_MOST_CHARACTERS = 256 * 1024
"""When a task has said so much, it is written without waiting for more."""


class GroupedLog(Logger):
    """Writes the lines of a task under a title when the task has ended, and every few seconds while it runs."""

    takes_lines: ClassVar[bool] = True

    say: Callable[[str], None]
    fold: Callable[[str, str], str]
    """A title and lines as one text."""

    _texts: dict[str, list[str]] = PrivateAttr(default={})
    _sizes: dict[str, int] = PrivateAttr(default={})
    _began: dict[str, datetime] = PrivateAttr(default={})
    _tick: asyncio.TimerHandle | None = PrivateAttr(default=None)

    async def on_create(self) -> None:
        """Begin to beat: tasks that take long are heard of meanwhile."""
        import asyncio

        self._tick = asyncio.get_running_loop().call_later(_BEAT_SECONDS, self._beat)

    async def update(self, evt: SerializableLogEvent) -> None:
        """Keep what a task says until its group is written."""
        if isinstance(evt, LogStartEvent):
            self._began[evt.name] = evt.timestamp
        elif isinstance(evt, LogLinesEvent):
            self._keep(evt.name, evt.lines)
        elif isinstance(evt, LogWriteEvent):
            self._keep(evt.name, evt.message)
        elif isinstance(evt, LogEndEvent):
            self._began.pop(evt.name, None)
            self._write(evt.name, f"output of {evt.name}")

    async def on_destroy(self) -> None:
        """Write what is left."""
        if self._tick is not None:
            self._tick.cancel()
        for name in list(self._texts):
            self._write(name, f"output of {name}")

    def _keep(self, name: str, text: str) -> None:
        self._texts.setdefault(name, []).append(text)
        self._sizes[name] = self._sizes.get(name, 0) + len(text)
        if self._sizes[name] > _MOST_CHARACTERS:
            self._write(name, f"output of {name}, which goes on")

    def tell(self, at: datetime) -> None:
        """Write what running tasks have said; of those that say nothing, name the ones that have run longest."""
        silent = []
        for name, since in self._began.items():
            seconds = (at - since).total_seconds()
            if name in self._texts:
                self._write(name, f"output of {name}, which has been running for {duration(seconds)}")
            elif seconds >= _BEAT_SECONDS:
                silent.append(f"{harmless(name)} {duration(seconds)}")
        if more := silent[_MOST_SILENT:]:
            silent[_MOST_SILENT:] = [f"and {len(more)} more"]
        stamp = at.isoformat(timespec="seconds").replace("+00:00", "Z")
        for words in silent:
            self.say(f"{stamp} running {words}")

    def _beat(self) -> None:
        import asyncio

        self.tell(now())
        self._tick = asyncio.get_running_loop().call_later(_BEAT_SECONDS, self._beat)

    def _write(self, name: str, title: str) -> None:
        texts = self._texts.pop(name, None)
        self._sizes.pop(name, None)
        if texts:
            lines = plain("\n".join(texts)).replace("\n", "\n  | ")
            self.say(self.fold(title, f"  | {lines}"))


def under_title(title: str, lines: str) -> str:
    """The lines below a title, where nothing can be folded."""
    return f"{harmless(title, 200)}\n{lines}"

"""Results: what tasks returned, for those who come after them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import values
from ..values.file_store import FileStore
from .graph import Graph
from .plan import Plan

if TYPE_CHECKING:
    from .readers import Readers

_NOTHING = "null"
_LARGEST_WHOLE = 16 * 1024 * 1024
"""The results of a group are kept together as one up to this many characters; its members' are kept in any case."""


class Results:
    """Encoded by the name of the task; those of tasks in this process also as they are, while somebody needs them."""

    def __init__(
        self,
        texts: dict[str, str],
        plan: Plan,
        graph: Graph,
        store: FileStore,
        *,
        encodes: bool = True,
        readers: Readers | None = None,
    ) -> None:
        """`texts` are those of the run that is continued; `store` has the large ones.

        Without `encodes` only those of workers elsewhere are encoded: the run is not kept. Without `readers`
        values are kept as they are to the end.
        """
        self._readers = readers
        self._encodes = encodes
        self.texts = texts
        self._plan = plan
        self._graph = graph
        self._store = store
        self._live: dict[str, Any] = {}

    def keep(self, name: str, text: str | None, *, live: Any = None) -> None:
        """Keep what a task returned. `live` is the value itself, if its worker is this process."""
        if text is not None:
            self.texts[name] = text
        if live is not None and (self._readers is None or self._readers.wait_for(name)):
            self._live[name] = live

    def reader_ended(self, name: str, *, has_completed: bool) -> list[str]:
        """A task ended. What it alone was still to read is not kept as it is any longer: its text is enough.

        Gives the tasks whose results nobody is given again, unless a run that continues is asked for it.
        """
        if self._readers is None:
            return []
        let_go = self._readers.ended(name, has_completed=has_completed)
        for one in let_go:
            self._live.pop(one, None)
        return [one for one in let_go if self._readers.are_done_with(one)]

    def text(self, name: str) -> str:
        """The encoded result of a task; that of None if it returned nothing.

        Raises TypeError for one that cannot be encoded, of a task in this process.
        """
        name = self._plan.stand_in(name)
        text = self.texts.get(name)
        if text is not None:
            return text
        if not self._live:
            return self._kept(name)
        value = self.value(name)
        return _NOTHING if value is None else values.encode(value, self._store)

    def value(self, name: str) -> Any:
        """The result of a task. Raises CheckpointInvalidError if it cannot be read."""
        name = self._plan.stand_in(name)
        if name in self._live:
            return self._live[name]
        text = self.texts.get(name)
        if name in self._graph.members and (self._live or text is None):
            return {member[len(name) + 1 :]: self.value(member) for member in self._graph.members[name]}
        return None if text is None else values.decode(text, self._store)

    def _kept(self, name: str) -> str:
        """The text of a result, as far as there is one; what a group lacks is put together of its members'."""
        name = self._plan.stand_in(name)
        text = self.texts.get(name)
        members = self._graph.members.get(name)
        if text is None and members is not None:
            return _mapping({member[len(name) + 1 :]: self._kept(member) for member in members})
        return _NOTHING if text is None else text

    def gather(self, name: str) -> str | None:
        """The results of the members of a group by their names in it, or of the items of a fan in order, as one text.

        None if there is nothing to gather. The results of items are let go: the list has them.
        """
        fan = self._plan.fan(name)
        if fan is not None and not self._encodes:
            self._live[name] = [self._taken(fan.item(position)) for position in range(len(fan.members))]
            return None
        if fan is not None:
            items = [fan.item(position) for position in range(len(fan.members))]
            text = f"[{','.join(map(self._kept, items))}]"
            for item in items:
                self._forget(item)
            return text
        if name not in self._graph.members or not self._encodes:
            return None
        text = self._kept(name)
        return text if len(text) <= _LARGEST_WHOLE else None

    def _taken(self, item: str) -> Any:
        value = self.value(item)
        self._forget(item)
        return value

    def _forget(self, item: str) -> None:
        for name in {item, self._plan.stand_in(item)}:
            self.texts.pop(name, None)
            self._live.pop(name, None)


def _mapping(parts: Mapping[str, str]) -> str:
    """The text of a mapping from the texts of its values."""
    if any(key.startswith("$") for key in parts):
        return '{"$dict":[' + ",".join(f"[{json.dumps(key)},{text}]" for key, text in parts.items()) + "]}"
    return "{" + ",".join(f"{json.dumps(key)}:{text}" for key, text in parts.items()) + "}"

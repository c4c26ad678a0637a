"""Selection: which tasks of a job are asked for."""

from __future__ import annotations

from collections.abc import Iterable

from ..dataclass import dataclass
from .graph import Graph


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tasks are asked for. Names that do not exist are refused before this is used."""

    only: tuple[str, ...] = ()
    """Just these; everything else is left out."""
    start_from: tuple[str, ...] = ()
    """These and everything after them run again; everything else is kept or, in a fresh run, left out."""
    downstream: tuple[str, ...] = ()
    """Everything after these runs again, not these themselves."""
    mark_completed: tuple[str, ...] = ()
    """Taken as completed without running."""
    skip: tuple[str, ...] = ()
    """Left out; their dependents go on."""
    run_to: tuple[str, ...] = ()
    """These and what they need; everything else is left out."""
    run_from: tuple[str, ...] = ()
    """These and what follows them; everything else is left out."""

    def names(self) -> Iterable[str]:
        """Every name that was given."""
        for group in (
            self.only,
            self.start_from,
            self.downstream,
            self.mark_completed,
            self.skip,
            self.run_to,
            self.run_from,
        ):
            yield from group

    def wanted(self, graph: Graph, *, is_restart: bool) -> set[str]:
        """The tasks that are not left out. In a fresh run there is nothing to keep before `start_from`."""
        wanted = set(graph.names)
        if not is_restart and (self.start_from or self.downstream):
            wanted &= self.again(graph)
        if self.only:
            wanted &= graph.within(self.only)
        if self.run_to:
            asked = graph.within(self.run_to)
            wanted &= graph.ancestors(asked) | asked
        if self.run_from:
            asked = graph.within(self.run_from)
            wanted &= graph.descendants(asked) | asked
        wanted -= graph.within(self.skip)
        return wanted | (graph.around(wanted) - graph.within(self.skip))

    def again(self, graph: Graph) -> set[str]:
        """The tasks that run again even if they completed before."""
        asked = graph.within((*self.only, *self.start_from))
        after = graph.descendants(graph.within(self.start_from)) | graph.descendants(graph.within(self.downstream))
        again = asked | after
        return again | graph.around(again)

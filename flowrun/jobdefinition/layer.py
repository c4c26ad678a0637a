"""Layer: one file of a job definition, and how it came in."""

from __future__ import annotations

from yaml.nodes import MappingNode

from flowrun.problem import Place

from ..dataclass import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One file with its nodes. Every path to a file leads to the same `identity`.

    `includer` is the file that includes this one, and `entry` the place where it does; the main file has none.
    """

    file: str
    root: MappingNode
    identity: str = ""
    includer: Layer | None = None
    entry: Place | None = None

    def chain(self) -> list[Layer]:
        """The files from the main one to this one, each including the next."""
        return [*self.includer.chain(), self] if self.includer else [self]

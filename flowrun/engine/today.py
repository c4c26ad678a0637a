"""Today: the job as it is defined when a run of it is continued, and what is different from then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ..dataclass import dataclass
from ..jobdefinition.task_definition import TaskDefinition
from .graph import Graph


@dataclass(frozen=True, slots=True)
class Today:
    """The job as it is defined when a run of it is continued."""

    tasks: Mapping[str, TaskDefinition]
    graph: Graph
    digests: Mapping[str, dict[str, str]]
    """What definitions are compared by; see `CheckpointContents.digests`."""
    outliving: Collection[str] = ()
    """Attempts of these tasks may still be under way when the runner has died."""

    def fan_of(self, name: str) -> str:
        """The fan of an item, or of a task that an item has added; empty for others."""
        if name in self.tasks:
            return ""
        ends = (name[:at] for at, sign in enumerate(name) if sign == "[")
        return next((fan for fan in ends if fan in self.tasks and self.tasks[fan].is_fan), "")

    def items_of(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The items among these names, `NAME[key]`, by the fan that they are of."""
        found: dict[str, list[str]] = {}
        for name in names:
            if name.endswith("]") and (fan := self.fan_of(name)):
                found.setdefault(fan, []).append(name)
        return found

    def may_be_under_way(self, name: str) -> bool:
        """An attempt of this task or item that was cut off may go on elsewhere."""
        return bool(self.outliving) and (self.fan_of(name) or name) in self.outliving

    def is_lost_if_cut_off(self, name: str) -> bool:
        """It is to run at most once, and no executor could find it again."""
        return self.tasks[name].at_most_once and name not in self.outliving

    def changes(self, name: str, old: Mapping[str, str] | None) -> str:
        """What changed in a definition, in words: `parameters changed: day, region`. Empty: nothing."""
        if old is None:
            return ""
        new = self.digests[name]
        keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key) and key != "salt")
        parameters = [key.removeprefix("parameters.") for key in keys if key.startswith("parameters.")]
        others = [key for key in keys if not key.startswith("parameters.")]
        said = [f"parameters changed: {', '.join(parameters)}"] if parameters else []
        said += [f"{', '.join(others)} changed"] if others else []
        return " and ".join(said)

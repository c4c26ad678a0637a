"""TaskPage: what one task of a job is, what it waits for, and what waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..dataclass import dataclass
from ..duration import duration
from .class_table import first_line
from .outline import Outline
from .printable import harmless, listed

if TYPE_CHECKING:
    from ..app import OpenJob


@dataclass(frozen=True)
class TaskPage:
    """One task of a job that was opened."""

    job: OpenJob
    name: str

    def text(self) -> str:
        """A line for everything there is to say."""
        record = self.record()
        lines = [f"{harmless(self.name)}   {harmless(record['place'])}"]
        lines += [f"  {label:<13}  {said}" for label, said in self._facts(record) if said]
        return "\n".join(lines)

    def record(self) -> dict[str, Any]:
        """The same for programs."""
        flat, graph, task = self.job.loaded.flat, self.job.graph, self.job.definition.tasks[self.name]
        outline = Outline(flat)
        return {
            "name": self.name,
            "place": str(self.job.loaded.origins.value(flat.path_of(self.name))),
            "kind": outline.kind(self.name),
            "task": task.variant,
            "description": first_line(self.job.checked.tasks[self.name]) if task.variant else "",
            "executor": self.job.checked.executor_of.get(self.name),
            "groups": list(flat.groups_around(self.name)),
            "members": list(flat.members.get(self.name, ())),
            "remark": outline.remark(self.name),
            "waits_for": list(graph.dependencies[self.name]),
            "implied": list(flat.implied.get(self.name, ())),
            "follows": flat.follows.get(self.name),
            "waited_for_by": list(graph.dependents[self.name]),
            "max_attempts": task.max_attempts,
            "timeout": task.timeout,
            "pool": task.pool,
        }

    def _facts(self, record: dict[str, Any]) -> Iterator[tuple[str, str]]:
        kind = record["kind"]
        yield "task", _beside(record["task"], record["description"])
        yield "group", f"{kind}: {listed(record['members'])}" if kind in ("serial", "parallel") else ""
        yield "runs", harmless(record["remark"], 300)
        yield "in group", listed(record["groups"])
        yield "waits for", ", ".join(self._waits(record))
        yield "waited for by", listed(record["waited_for_by"])
        yield "executor", record["executor"] or ""
        yield "pool", harmless(record["pool"] or "")
        yield "attempts", str(record["max_attempts"]) if record["max_attempts"] > 1 else ""
        yield "timeout", duration(record["timeout"]) if record["timeout"] else ""

    def _waits(self, record: dict[str, Any]) -> Iterator[str]:
        """Each task with the reason, where it is not written under `dependencies`."""
        for name in record["waits_for"]:
            reason = ""
            if name == record["follows"]:
                reason = "it stands before it"
            elif name in record["implied"]:
                reason = "an expression names it"
            yield _beside(name, f"({reason})" if reason else "", " ")
        for group in record["groups"]:
            yield from (f"{harmless(one)} (its group {harmless(group)} does)" for one in self._needs(group))

    def _needs(self, group: str) -> Sequence[str]:
        return self.job.graph.dependencies[group]


def _beside(name: str, said: str, gap: str = "   ") -> str:
    return f"{harmless(name)}{gap}{harmless(said, 200)}" if said else harmless(name)

"""JobFile: the text of a job, as flowrun and Flowmancer read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .workload import Workload


@dataclass(frozen=True)
class JobFile:
    """A workload whose tasks are all of one kind."""

    name: str
    workload: Workload
    keys: Sequence[str] = ("task: Empty",)
    """The lines of every task. `{before}` stands for what it depends on; without that the line is left out."""
    config: Mapping[str, object] = field(default_factory=dict)
    more: str = ""
    """Further sections or tasks; they stand at the end."""

    @property
    def text(self) -> str:
        """The whole file."""
        config = {"name": self.name, **self.config}
        lines = ["version: 0.1", "config:", *(f"  {key}: {value}" for key, value in config.items()), "tasks:"]
        for task, dependencies in self.workload.items():
            lines += [f"  {task}:", *_lines(self.keys, dependencies)]
            if dependencies:
                lines.append(f"    dependencies: [{', '.join(dependencies)}]")
        return "\n".join(lines) + f"\n{self.more}"


def _lines(keys: Sequence[str], dependencies: Sequence[str]) -> list[str]:
    before = dependencies[0] if dependencies else ""
    return [f"    {key.replace('{before}', before)}" for key in keys if before or "{before}" not in key]

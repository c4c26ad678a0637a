"""The critical path of a run before it starts: the tasks that decide how long it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..duration import duration
from ..extensions.background import Background
from ..extensions.outlook import course_of
from ..usual.course import Rest
from ..usual.ways import longest_way
from ..usual.words import about
from .printable import columns, harmless

if TYPE_CHECKING:
    from ..app import OpenJob
    from ..engine.restart import RestartPlan
    from ..usual import Usual


class CriticalPath:
    """Of the tasks that a run performs, each after one that it needs, those that take longest together."""

    def __init__(self, job: OpenJob, plan: RestartPlan, usual: Usual) -> None:
        self._usual = usual
        self._course = course_of(
            Background(
                tasks=job.definition.tasks,
                needs=job.graph.needs,
                parents=job.graph.parents,
                pools={
                    name: pool if isinstance(pool, int) else pool.slots for name, pool in job.definition.pools.items()
                },
                slots=max(0, job.definition.config.max_concurrency),
            )
        )
        left_out = {*job.graph.members, *self._course.after_failure}
        names = [row.task for row in plan.rows if row.is_to_run and row.task in job.graph.needs]
        self._seconds = {name: usual.guess(name) if usual else 1.0 for name in names if name not in left_out}
        self._path = longest_way(job.graph.needs, self._seconds)

    def record(self) -> dict[str, Any]:
        """The path for programs."""
        return {
            "tasks": [{"task": name, "usual_seconds": self._usual.of(name)} for name in self._path],
            "usual_seconds": round(self._length, 3) if self._usual else None,
            "run_seconds": round(self._run_seconds, 3) if self._usual else None,
        }

    def text(self) -> str:
        """The path for people, a task on each line."""
        if not self._path:
            return "no task is to run: there is no critical path"
        width = max(columns(name) for name in map(_shown, self._path))
        lines = [
            f"  {_shown(name)}{' ' * (width - columns(_shown(name)))}   {self._remark(name)}" for name in self._path
        ]
        return "\n".join([self._headline(), "", *(line.rstrip() for line in lines)])

    def _headline(self) -> str:
        if not self._usual:
            return "longest chain of tasks; how long they take is not known yet"
        return f"critical path, usually {duration(self._length)}; the run takes {about(self._run_seconds)}"

    def _remark(self, name: str) -> str:
        if not self._usual:
            return ""
        known = self._usual.of(name)
        return f"not known, taken as {duration(self._seconds[name])}" if known is None else duration(known)

    @property
    def _length(self) -> float:
        return sum(self._seconds[name] for name in self._path)

    @property
    def _run_seconds(self) -> float:
        return self._course.remaining_seconds({name: Rest(took, took) for name, took in self._seconds.items()})


def _shown(name: str) -> str:
    return harmless(name, 100)

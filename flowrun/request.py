"""RunRequest: what is to be run, and how it differs from what the job file says."""

from __future__ import annotations

from dataclasses import dataclass, field

from .assemble import JobSource, OpenJob
from .engine.restart import Selection
from .errors import UsageError
from .jobdefinition.model import ConfigurationDefinition


@dataclass(frozen=True)
class RunRequest:
    """What is to be run, and how it differs from what the job file says."""

    source: JobSource | OpenJob
    """A job to be read, or one that was opened before."""
    restart: bool | str = False
    """Continue the newest unfinished run, or the one with this id or prefix."""
    selection: Selection = field(default_factory=Selection)
    rerun_changed: bool = False
    """Finished tasks whose definition has changed run again, with what depends on them."""
    max_concurrency: int | None = None
    on_overlap: str | None = None
    fail_fast: bool | None = None
    deadline: float | None = None
    """Seconds."""
    is_silent: bool = False
    """No loggers and no extensions: for tests of a job."""

    @property
    def job_name(self) -> str:
        """The job as the caller named it."""
        return self.source.name if isinstance(self.source, OpenJob) else str(self.source.job)

    def config(self, config: ConfigurationDefinition) -> ConfigurationDefinition:
        """The job's configuration, with what was asked for standing above it."""
        asked = {
            "max_concurrency": self.max_concurrency,
            "on_overlap": self.on_overlap,
            "fail_fast": self.fail_fast,
            "deadline": self.deadline,
        }
        return config.model_copy(update={key: value for key, value in asked.items() if value is not None})


def refuse_unknown(selection: Selection, job: OpenJob) -> None:
    """Raise UsageError for a selected task that the job does not have."""
    names = job.definition.tasks
    for name in selection.names():
        if name not in names:
            from difflib import get_close_matches

            near = get_close_matches(name, names, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"no task is named {name!r} in job {job.name!r}{hint}")

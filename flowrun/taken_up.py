"""Taken up: the variables of the run that a restart continues, so that nobody has to give them again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .app import JobSource, OpenJob, RunRequest, open_job
from .assemble import open_checkpointer
from .continuation import looked_up
from .dataclass import dataclass
from .errors import StateError
from .given_variables import LEFT_OUT, shown_value, variables_in
from .history.places import Places
from .history.spooled_starts import SpooledStart, newest_start
from .project_root import find_root, path_from_root

_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What a restart takes up from the run that it continues."""

    run: str
    variables: Mapping[str, str]
    """Those that were not given again."""
    missing: tuple[str, ...]
    """Those whose values are secret, so nobody has written them down."""

    @property
    def told(self) -> str:
        """What a person is told of those that were taken up; empty if there are none."""
        given = ", ".join(f"{name}={shown_value(name, value)}" for name, value in self.variables.items())
        return f"variables of run {self.run}: {given}" if given else ""

    @property
    def lacking(self) -> str:
        """What a person is told of those that are missing; empty if there are none."""
        what = f"run {self.run} had variables whose values are not written down"
        return f"{what}; give them again: {', '.join(self.missing)}" if self.missing else ""


def taken_up(request: RunRequest) -> tuple[RunRequest, TakenUp | None]:
    """The request with the variables that the run to be continued had and that were not given again, and these.

    The spool of the run tells them, or the database once the spool is gone; a run that is in neither is continued
    with what is given. Raises DefinitionError if there are such and the job is not valid with them, StateError if
    only the database can tell them and it cannot be used.
    """
    source = request.source
    if request.restart is False or isinstance(source, OpenJob) or not isinstance(source.job, str | Path):
        return request, None
    found = _recorded(source, request.restart)
    if found is None:
        return request, None
    job = open_job(replace(source, variables={**found.variables, **source.variables}))
    if not _is_continued(job, request, found):
        return request, None
    return replace(request, source=job, named=request.job_name), found


def _recorded(source: JobSource, restart: bool | str) -> TakenUp | None:
    path = Path.cwd() / str(source.job)
    root = (source.root or find_root(path, Path.cwd())).resolve()
    places = Places(root)
    if str(source.job) == "-" or not places.spool.parent.is_dir():
        return None
    file = path_from_root(path, root)
    found = newest_start(places, file, restart if isinstance(restart, str) else "")
    if found is None:  # it is some days old
        found = _in_the_database(root, file, restart)
    if found is None or found.has_completed:
        return None
    before = dict(variables_in(found.arguments))
    again = {name: value for name, value in before.items() if name not in source.variables}
    kept = {name: value for name, value in again.items() if value != LEFT_OUT}
    missing = tuple(name for name in again if name not in kept)
    return TakenUp(found.run, kept, missing) if again else None


def _in_the_database(root: Path, file: str, restart: bool | str) -> SpooledStart | None:
    """The newest run of the file, or the one that is named, with its last start."""
    from .history.reader import History

    prefix = restart if isinstance(restart, str) else ""
    history = History(root)
    try:
        history.refresh()
        runs = history.runs(limit=_LOOKED_AT).runs
        run = next((run for run in runs if run.file == file and run.id.startswith(prefix)), None)
        if run is None:
            return None
        return SpooledStart(run.id, tuple(history.starts(run.id)[-1].arguments), run.state == "completed")
    finally:
        history.close()  # before anything is forked


def _is_continued(job: OpenJob, request: RunRequest, found: TakenUp) -> bool:
    """The checkpointer of the job would continue just this run."""
    with suppress(StateError):  # it is said when the run is to be continued
        contents = asyncio.run(looked_up(open_checkpointer(job), job.name, request))
        return contents is not None and contents.run_id == found.run
    return False

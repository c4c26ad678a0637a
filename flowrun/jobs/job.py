"""Job: a job that is written in Python."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from ..errors import UsageError
from .member import place_of_caller
from .members import Members

if TYPE_CHECKING:
    from typing import Unpack

    from ..app import JobSource, OpenJob
    from ..engine.report import Report
    from ..extensions.extension import Extension
    from ..jobdefinition import JobDefinition
    from ..loggers.logger import Logger
    from .how import How
    from .printed import Form

_SECTIONS = ("vars", "pools", "executors", "secrets", "loggers", "extensions", "checkpointer")


class Job(Members):
    """Tasks and groups of tasks that run together, any number of times in one program, and from the command line."""

    def __init__(self, name: str = "flowrun", *, root: str | Path | None = None, **config: Any) -> None:
        """`config` are the keys of the section `config:` and the sections of a job file other than `tasks`.

        `root` is the project root; without it, it is found from the file in which the job is made.
        """
        super().__init__()
        self.name = name
        self.place = place_of_caller()
        self.sections: dict[str, Any] = {key: config.pop(key) for key in _SECTIONS if key in config}
        self.sections["config"] = {**config, "name": name}
        self.given_root: str | Path | None = root
        """The project root, if it is not to be found."""
        self._opened: dict[tuple[Any, ...], tuple[int, OpenJob]] = {}

    @property
    def full_name(self) -> str:
        """Nothing stands before the names of its members."""
        return ""

    @property
    def root(self) -> Path:
        """The project root."""
        if self.given_root is not None:
            return Path(os.path.abspath(self.given_root))
        from ..project_root import find_root

        file = Path(self.place.file)
        return find_root(file if file.is_file() else None, Path.cwd())

    @property
    def title(self) -> str:
        """How messages call it."""
        return f"job {self.name!r}"

    @property
    def definition(self) -> JobDefinition:
        """What a job file would say, checked, with groups as they are nested. Raises DefinitionError."""
        from ..app import open_job

        loaded = open_job(self.source()).loaded
        assert loaded.written is not None, "it was opened"
        return loaded.written

    def source(self, *, title: str = "", root: Path | None = None, variables: Mapping[str, str] = {}) -> JobSource:
        """The job as everything takes it that also takes a job file; `title` is how messages call it."""
        from ..app import JobSource
        from .sections import in_python

        written = in_python(self)
        named = replace(written, title=title) if title else written
        return JobSource(named, root=root or self.root, variables=variables)

    @classmethod
    def from_file(cls, path: str | Path, *, root: str | Path | None = None, variables: Mapping[str, str] = {}) -> Self:
        """The job in a job file, to be run or added to. `variables` are the values of `$VAR{}` in it.

        Raises DefinitionError with every problem in it.
        """
        from .from_file import read_job

        job = cls(root=root)
        job.given_root, job.name, job.sections, members = read_job(Path(path), job.given_root, variables)
        job._take(members)
        return job

    def check(self) -> None:
        """Find every mistake without running anything. Raises DefinitionError with all of them."""
        self._open({}, {})

    async def run(
        self,
        targets: Sequence[Any] = (),
        *,
        parameters: Mapping[Any, Mapping[str, Any]] = {},
        vars: Mapping[str, Any] = {},
        output: bool | Form = False,
        raises: bool = False,
        **how: Unpack[How],
    ) -> Report:
        """Run the job in the running event loop; the report says how every task ended.

        `targets` are tasks that are wanted, by name or by what `add` gave: they run with all that they need.
        `parameters` by task and `vars` stand above those of the job. `output` (True, "yaml" or "json") prints what
        starts and ends, and what tasks returned. With `raises` a job that does not complete raises JobFailedError.
        Raises DefinitionError if anything is wrong with the job; then nothing was started.
        """
        from .running import Wish, run_here

        began = monotonic()
        wish = Wish(targets=tuple(self._names(targets)), printed=self._printed(output), **how)
        above = dict(zip(self._names(parameters), parameters.values(), strict=True))
        opened = self._open(above, vars, keeps=wish.keeps, logs=wish.loggers is True)
        report = await run_here(opened, wish)
        report = replace(report, planning_seconds=max(0.0, monotonic() - began - report.seconds))
        if raises:
            report.raise_for_failures()
        return report

    def run_sync(
        self,
        targets: Sequence[Any] = (),
        *,
        parameters: Mapping[Any, Mapping[str, Any]] = {},
        vars: Mapping[str, Any] = {},
        output: bool | Form = False,
        raises: bool = False,
        **how: Unpack[How],
    ) -> Report:
        """The same without a running event loop; it waits for detached tasks too, as the loop ends with it."""
        import asyncio

        if asyncio._get_running_loop() is not None:
            raise UsageError("`run_sync` was called in a running event loop: use `await job.run()`")
        from ..run import collecting_seldom

        async def run() -> Report:
            report = await self.run(targets, parameters=parameters, vars=vars, output=output, **how)
            return await report.detached()

        with collecting_seldom():
            report = asyncio.run(run())
        if raises:
            report.raise_for_failures()
        return report

    def _printed(self, output: bool | Form) -> tuple[Extension, Logger] | None:
        if not output:
            return None
        from .printed import Printed, PrintedLines

        silent = frozenset(member.full_name for member in self.walk() if not member.output)
        return Printed(form="yaml" if output is True else output, silent=silent), PrintedLines()

    def _open(
        self,
        parameters: Mapping[str, Mapping[str, Any]],
        variables: Mapping[str, Any],
        *,
        keeps: bool = False,
        logs: bool = False,
    ) -> OpenJob:
        """The job, opened for a run in this process; as it was opened before, if nothing has changed."""
        key = (keeps, logs, *variables)
        known = None if parameters else self._opened.get(key)
        if known is None or known[0] != self.version:
            known = self.version, self._opened_anew(parameters, variables, keeps=keeps, logs=logs)
            if not parameters and known[1].checked.secrets is None:  # secrets may have changed until the next run
                self._opened[key] = known
        opened = known[1]
        return replace(opened, vars={**opened.vars, **variables}) if variables else opened

    def _opened_anew(
        self,
        parameters: Mapping[str, Mapping[str, Any]],
        variables: Mapping[str, Any],
        *,
        keeps: bool,
        logs: bool,
    ) -> OpenJob:
        from ..app import JobSource, open_job
        from .in_process import with_residents, without_traces
        from .sections import in_python

        written = without_traces(in_python(self, parameters), keeps=keeps, logs=logs)
        names = {name: str(value) for name, value in variables.items()}
        return with_residents(open_job(JobSource(written, root=self.root, variables=names)))

    def _names(self, tasks: Any) -> list[str]:
        from .sections import names_of

        return names_of(self, tasks)

    def changed(self) -> None:
        """Called for each change: what was opened before counts no longer."""
        self.version += 1
        self._opened.clear()

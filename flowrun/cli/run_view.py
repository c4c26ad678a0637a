"""RunView: how one run is shown, before it starts, while it runs, and at its end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import DefinitionError
from ..jobdefinition.parts import ExtensionDefinition, LoggerDefinition
from ..version import __version__
from .listener import Listener, debug_line, json_line
from .output import Output
from .printable import hanging, harmless

if TYPE_CHECKING:
    from ..app import OpenJob
    from ..engine.report import Report
    from ..engine.restart import RestartPlan
    from ..loggers.logger import Logger
    from ..problem import Place

_PROGRESS = "RichProgressBar"
_OURS = "of the command line"


class RunView:
    """Shows a run in the form that was asked for. It never decides anything but the answer to its own question."""

    def __init__(self, given: Mapping[str, Any], output: Output, job: OpenJob) -> None:
        """`given` are the options of `flowrun run`."""
        self._given = given
        self._output = output
        self._job = job
        self._form = _form(given, output)
        self._told: int | None = None
        """The exit status with which the ending was told already."""

    def open(self) -> None:
        """Say what a person should know of a job that was read."""
        output, job = self._output, self._job
        if job.checked.warnings and self._form != "quiet":
            from .carets import problems_text

            output.say(problems_text(job.checked.warnings, output.paint, "warning"))
            self._annotate_warnings()
        if self._given["verbose"]:
            read = [f"read {harmless(file, 300)}" for file in job.loaded.files]
            output.say("\n".join([*read, *(f"imported {harmless(name, 300)}" for name in job.discovery.modules)]))

    @property
    def job(self) -> OpenJob:
        """The job with a progress bar just if the run is shown live, and a console logger if logs are wanted."""
        definition, checked = self._job.definition, self._job.checked
        extensions = {name: one for name, one in definition.extensions.items() if one.variant != _PROGRESS}
        loggers = dict(definition.loggers)
        if self._form == "live":
            from ..extensions.progressbar import RichProgressBar

            extensions[_OURS] = ExtensionDefinition(variant=_PROGRESS, parameters={"color": self._given["color"]})
            checked = replace(checked, extensions={**checked.extensions, _OURS: RichProgressBar})
        if shown := self._shown_log():
            cls, parameters = shown
            loggers[_OURS] = LoggerDefinition(variant=cls.__name__, parameters=parameters)
            checked = replace(checked, loggers={**checked.loggers, _OURS: cls})
        changed = definition.model_copy(update={"extensions": extensions, "loggers": loggers})
        return replace(self._job, definition=changed, checked=checked)

    def _shown_log(self) -> tuple[type[Logger], dict[str, Any]] | None:
        """Who shows what tasks say, with its parameters."""
        wanted = self._given["show_logs"]
        if self._form == "grouped" and wanted != "none":
            from .grouped_log import GroupedLog

            return GroupedLog, self._folds()
        if wanted == "all" or self._form == "prefixed":
            from ..loggers.console import ConsoleLogger

            return ConsoleLogger, {"color": self._given["color"]}
        return None

    def _folds(self) -> dict[str, Any]:
        """How groups of lines are said, for whoever shows them."""
        if self._is_github:
            from .github import fold

            return {"say": self._output.say, "fold": fold}
        if self._is_gitlab:
            from .gitlab import Sections

            return {"say": self._output.mark, "fold": Sections(time.time).fold}
        from .grouped_log import under_title

        return {"say": self._output.say, "fold": under_title}

    def listeners(self) -> list[Listener]:
        """Who hears the transitions."""
        output, listeners = self._output, list[Listener]()
        if self._form == "live":
            output.share_terminal()
        if self._form == "json":
            listeners.append(Listener(json_line, output.stream))
        if self._form in ("lines", "grouped", "prefixed"):
            from ..extensions.background import Background
            from .event_lines import EventLines

            tasks = self._job.definition.tasks
            listeners.append(Listener(EventLines(output.paint, Background(tasks, where=self._where)).line, output.say))
        if self._given["debug"]:
            listeners.append(Listener(debug_line, output.say))
        level = os.environ.get("FLOWRUN_LOG", "")
        if level or self._given["log_format"]:
            from .runner_log import RunnerLog

            log = RunnerLog(level, self._given["log_format"] or "human")
            listeners.append(Listener(log.line, output.say))
        return listeners

    def confirm(self, plan: RestartPlan) -> bool:
        """Say what will be done; before a restart, ask a person whether to go on, if there is one to ask."""
        if self._form == "quiet":
            return True
        if not plan.is_restart:
            self._say_start(plan)
            return True
        from .plan_text import plan_text

        text = plan_text(plan, self._job_file, self._output.paint, self._output.columns, self._job.loaded.flat)
        self._output.say("\n".join([text, *self._space]))
        is_asked = self._output.can_ask and not (self._given["yes"] or self._given["no_input"])
        return not is_asked or self._output.ask("Go on?")

    def tell_over(self, report: Report) -> None:
        """Say how it went while detached tasks go on. A live block shows them; programs want one report, the last."""
        if self._form not in ("live", "json"):
            self._say_ending(report)
            self._told = report.exit_status

    def close(self, report: Report) -> None:
        """Say how it went."""
        if self._form == "json":
            from .report_json import report_json

            self._output.stream(report_json(report))
        self._write_files(report)
        if report.exit_status != self._told:
            self._say_ending(report)

    def _say_ending(self, report: Report) -> None:
        from .ending import EndingText
        from .typed_command import continuing_command

        if self._form == "quiet" and report.is_completed and not report.notices:
            return
        text = EndingText(
            paint=self._output.paint,
            has_symbols=self._output.has_symbols,
            continue_with="" if report.is_completed else continuing_command(self._given),
            show_logs=self._given["show_logs"] != "none",
            where=self._where,
            width=self._output.columns,
        )
        self._output.say("\n".join([*self._space, text.write(report), *self._timing(report)]))

    def _timing(self, report: Report) -> list[str]:
        if not self._given["verbose"]:
            return []
        from .timing_text import timing_lines

        return [f"  {line}" for line in timing_lines(report)]

    def _write_files(self, report: Report) -> None:
        junit, summary, notices = self._given["junit"], self._given["summary"], list[str]()
        page = os.environ.get("GITHUB_STEP_SUMMARY") if self._is_github else None
        if junit or summary or page:
            from .report_files import write_report_files

            notices += write_report_files(report, junit=junit, summary=summary, append=page)
        if self._is_github:
            from .github import failures

            notices += failures(report, self._written)
        if notices:
            self._output.say("\n".join(notices))

    def _annotate_warnings(self) -> None:
        if self._is_github:
            from .github import refusals

            self._output.say("\n".join(refusals(self._job.checked.warnings, "warning")))

    def _written(self, task: str) -> Place:
        """Where a task, or that of an item, stands."""
        name = task if task in self._job.definition.tasks else task.partition("[")[0]
        return self._job.loaded.origins.key(self._job.loaded.flat.path_of(name))

    @property
    def _is_github(self) -> bool:
        return is_for_github(self._given["ci"])

    @property
    def _is_gitlab(self) -> bool:
        chosen = self._given["ci"]
        return chosen == "gitlab" or (chosen == "auto" and os.environ.get("GITLAB_CI") == "true")

    @property
    def _where(self) -> str:
        """What commands about the run need; only one that asks people tells of such."""
        if not any(task.approve for task in self._job.definition.tasks.values()):
            return ""
        from pathlib import Path

        from ..project_root import directory_option

        return directory_option(self._job.root, Path.cwd())

    @property
    def _space(self) -> list[str]:
        """An empty line between what is said before, meanwhile and afterwards, where a person reads it."""
        return [""] if self._form == "live" else []

    @property
    def _job_file(self) -> str:
        files = self._job.loaded.files or [self._given["job"] or self._given["named"] or "the job"]
        included = f" (+{len(files) - 1} {'include' if len(files) == 2 else 'includes'})" if len(files) > 1 else ""
        return f"{harmless(files[0], 300)}{included}"

    def _say_start(self, plan: RestartPlan) -> None:
        if self._given["restart"] is not None:
            self._output.say("nothing to continue: no unfinished run of this job is kept; a new run starts")
        number = sum(row.task not in self._job.loaded.flat.members for row in plan.rows)
        tasks = f"{number} {'task' if number == 1 else 'tasks'}"
        dot = " · " if self._output.has_symbols else ", "
        name = harmless(self._job.name, 100)
        text = dot.join([f"flowrun {__version__}", name, f"run {plan.run_id}", tasks, self._job_file])
        self._output.say("\n".join([*hanging("", text, self._output.columns), *self._space]))


def is_for_github(chosen: str) -> bool:
    """Whether GitHub reads what is written; `chosen` is what `--ci` says."""
    return chosen == "github" or (chosen == "auto" and os.environ.get("GITHUB_ACTIONS") == "true")


@contextmanager
def annotated(chosen: str, output: Output) -> Iterator[None]:
    """Where GitHub reads what is written, mistakes of the job file are annotations, too, before they are told."""
    try:
        yield
    except DefinitionError as error:
        if error.problems and is_for_github(chosen):
            from .github import refusals

            output.say("\n".join(refusals(error.problems)))
        raise


def _form(given: Mapping[str, Any], output: Output) -> str:
    """A live block needs a terminal; and in CI, where a terminal is a file in the end, it is had only on request."""
    form = "quiet" if given["quiet"] else str(given["form"])
    if form == "auto" and os.environ.get("CI"):
        return "grouped"
    if form == "auto":
        return "live" if output.is_terminal else "lines"
    return "lines" if form == "live" and not output.is_terminal else form

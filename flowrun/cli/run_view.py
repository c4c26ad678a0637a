"""RunView: how one run is shown, before it starts, while it runs, and at its end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..jobdefinition.model import ExtensionDefinition, LoggerDefinition
from .listener import EventLines, Listener, debug_line, json_line
from .output import Output
from .printable import harmless

if TYPE_CHECKING:
    from ..app import OpenJob
    from ..engine.report import Report
    from ..engine.restart import RestartPlan
    from ..extensions.extension import Extension

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

    def open(self) -> None:
        """Say what a person should know of a job that was read."""
        output, job = self._output, self._job
        if job.checked.warnings and self._form != "quiet":
            from .carets import problems_text

            output.say(problems_text(job.checked.warnings, output.paint, "warning"))
        if self._given["verbose"]:
            read = [f"read {harmless(file, 300)}" for file in job.loaded.files]
            output.say("\n".join([*read, *(f"imported {harmless(name, 300)}" for name in job.discovery.modules)]))

    @property
    def job(self) -> OpenJob:
        """The job with a progress bar just if the run is shown live, and a console logger if logs are wanted."""
        definition, checked = self._job.definition, self._job.checked
        extensions, loggers = dict(definition.extensions), dict(definition.loggers)
        if self._form != "live":
            extensions = {name: one for name, one in extensions.items() if one.variant != _PROGRESS}
        elif not any(one.variant == _PROGRESS for one in extensions.values()):
            from ..extensions.progressbar import RichProgressBar

            extensions[_OURS] = ExtensionDefinition(variant=_PROGRESS)
            checked = replace(checked, extensions={**checked.extensions, _OURS: RichProgressBar})
        if self._given["show_logs"] == "all" or self._form == "prefixed":
            from ..loggers.console import ConsoleLogger

            loggers[_OURS] = LoggerDefinition(variant="ConsoleLogger")
            checked = replace(checked, loggers={**checked.loggers, _OURS: ConsoleLogger})
        changed = definition.model_copy(update={"extensions": extensions, "loggers": loggers})
        return replace(self._job, definition=changed, checked=checked)

    def listeners(self) -> list[Extension]:
        """Who hears the transitions."""
        output, listeners = self._output, list[Listener]()
        if self._form == "live":
            output.share_terminal()
        if self._form == "json":
            listeners.append(Listener(json_line, output.stream))
        if self._form in ("lines", "prefixed"):
            listeners.append(Listener(EventLines(output.paint).line, output.say))
        if self._given["debug"]:
            listeners.append(Listener(debug_line, output.say))
        level = os.environ.get("FLOWRUN_LOG", "")
        if level or self._given["log_format"]:
            from .runner_log import RunnerLog

            log = RunnerLog(level, self._given["log_format"] or "human")
            listeners.append(Listener(log.line, output.say))
        return list(listeners)

    def confirm(self, plan: RestartPlan) -> bool:
        """Say what will be done; before a restart, ask a person whether to go on, if there is one to ask."""
        if self._form == "quiet":
            return True
        if not plan.is_restart:
            self._say_start(plan)
            return True
        from .plan_text import plan_text

        self._output.say(plan_text(plan, self._job_file, self._output.paint))
        is_asked = self._output.can_ask and not (self._given["yes"] or self._given["no_input"])
        return not is_asked or self._output.ask("Go on?")

    def close(self, report: Report) -> None:
        """Say how it went."""
        from .ending import EndingText
        from .report_json import report_json
        from .typed_command import continuing_command

        if self._form == "json":
            self._output.stream(report_json(report))
        if self._form == "quiet" and report.is_completed and not report.notices:
            return
        text = EndingText(
            paint=self._output.paint,
            has_symbols=self._output.has_symbols,
            continue_with=continuing_command(self._given),
            show_logs=self._given["show_logs"] != "none",
            log_of=lambda task: self._log_of(task, report.started),
        )
        self._output.say(text.write(report))

    @property
    def _job_file(self) -> str:
        files = self._job.loaded.files or [self._given["job"] or self._given["named"] or "the job"]
        included = f" (+{len(files) - 1} included)" if len(files) > 1 else ""
        return f"{harmless(files[0], 300)}{included}"

    def _log_of(self, task: str, started: datetime) -> Path | None:
        from .task_log import task_log

        return task_log(self._job.definition, self._job.root, task, started)

    def _say_start(self, plan: RestartPlan) -> None:
        if self._given["restart"] is not None:
            self._output.say("nothing to continue: no unfinished run of this job is kept; a new run starts")
        tasks = f"{len(plan.rows)} {'task' if len(plan.rows) == 1 else 'tasks'}"
        dot = " · " if self._output.has_symbols else ", "
        self._output.say(dot.join([harmless(self._job.name, 100), f"run {plan.run_id}", tasks, self._job_file]))


def _form(given: Mapping[str, Any], output: Output) -> str:
    """A live block needs a terminal; and in CI, where a terminal is a file in the end, it is had only on request."""
    form = "quiet" if given["quiet"] else str(given["form"])
    if form == "auto":
        return "live" if output.is_terminal and not os.environ.get("CI") else "lines"
    return "lines" if form == "live" and not output.is_terminal else form

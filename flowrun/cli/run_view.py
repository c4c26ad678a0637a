"""RunView: how one run is shown, before it starts, while it runs, and at its end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..jobdefinition.model import ExtensionDefinition, LoggerDefinition
from .ending import EndingText
from .listener import EventLines, Listener, debug_line, json_line
from .output import Output
from .printable import harmless
from .report_json import report_json
from .typed_command import continuing_command

if TYPE_CHECKING:
    from ..app import OpenJob
    from ..engine.report import Report
    from ..engine.restart import RestartPlan
    from ..extensions.extension import Extension
    from ..jobdefinition import JobDefinition

_PROGRESS = "RichProgressBar"


class RunView:
    """Shows a run in the form that was asked for. It never decides anything but the answer to its own question."""

    def __init__(self, given: Mapping[str, Any], output: Output) -> None:
        """`given` are the options of `flowrun run`."""
        self._given = given
        self._output = output
        self._form = _form(given, output)
        self._job: OpenJob | None = None

    def opened(self, job: OpenJob) -> JobDefinition:
        """Say what a person should know of a job that was read, and give its definition as it is to be shown."""
        self._job = job
        if job.checked.warnings and self._form != "quiet":
            from .carets import problems_text

            self._output.say(problems_text(job.checked.warnings, self._output.paint, "warning"))
        if self._given["verbose"]:
            self._say_what_was_read(job)
        return _shown(job.definition, is_live=self._form == "live", has_logs=self._has_logs)

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
        output, given = self._output, self._given
        if not plan.is_restart:
            self._say_start(plan)
            return True
        if self._form != "quiet":
            from .plan_text import plan_text

            output.say(plan_text(plan, self._job_file, output.paint))
        if given["yes"] or given["no_input"] or not output.can_ask:
            return True
        return output.ask("Go on?")

    def close(self, report: Report) -> None:
        """Say how it went."""
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
    def _has_logs(self) -> bool:
        return self._given["show_logs"] == "all" or self._form == "prefixed"

    @property
    def _job_file(self) -> str:
        files = self._job.loaded.files if self._job else ()
        included = f" (+{len(files) - 1} included)" if len(files) > 1 else ""
        return f"{harmless(files[0] if files else 'the job', 300)}{included}"

    def _log_of(self, task: str, started: datetime) -> Path | None:
        from .task_log import task_log

        return task_log(self._job.definition, self._job.root, task, started) if self._job else None

    def _say_start(self, plan: RestartPlan) -> None:
        if self._form == "quiet":
            return
        if self._given["restart"] is not None:
            self._output.say("nothing to continue: no unfinished run of this job is kept; a new run starts")
        count = len(plan.rows)
        name = harmless(self._job.name, 100) if self._job else ""
        tasks = f"{count} {'task' if count == 1 else 'tasks'}"
        dot = " · " if self._output.has_symbols else ", "
        self._output.say(dot.join([name, f"run {plan.run_id}", tasks, self._job_file]))

    def _say_what_was_read(self, job: OpenJob) -> None:
        for file in job.loaded.files:
            self._output.say(f"read {harmless(file, 300)}")
        for module in job.discovery.modules:
            self._output.say(f"imported {harmless(module, 300)}")


def _form(given: Mapping[str, Any], output: Output) -> str:
    if given["quiet"]:
        return "quiet"
    if given["form"] != "auto":
        return str(given["form"])
    return "live" if output.is_terminal else "lines"


def _shown(definition: JobDefinition, *, is_live: bool, has_logs: bool) -> JobDefinition:
    """The definition with a progress bar just if the run is shown live, and a console logger if logs are wanted."""
    extensions = {name: one for name, one in definition.extensions.items() if one.variant != _PROGRESS}
    if is_live:
        extensions = dict(definition.extensions)
        if not any(one.variant == _PROGRESS for one in extensions.values()):
            extensions["progress bar of the command line"] = ExtensionDefinition(variant=_PROGRESS)
    loggers = dict(definition.loggers)
    if has_logs:
        loggers["console of the command line"] = LoggerDefinition(variant="ConsoleLogger")
    return definition.model_copy(update={"extensions": extensions, "loggers": loggers, "include": ()})

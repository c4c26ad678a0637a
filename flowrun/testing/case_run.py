"""Runs one case, and tells what is not as expected."""

from __future__ import annotations

import builtins
import re

from ..app import JobSource, open_job
from ..engine.report import Report
from ..errors import DefinitionError
from ..eventbus.execution import UNSUCCESSFUL
from ..eventbus.log import LogWriteEvent
from ..secrets.mask import Mask
from ..values.plain_form import plain_form
from .case import Case
from .difference import Difference, Found, differences
from .environment import environment
from .job_run import run_job
from .recording_logger import RecordingLogger
from .witness import Witness


def run_case(case: Case, source: JobSource) -> list[Difference]:
    """Run the job as the case says, and compare. Raises UsageError for stubs of tasks that the job does not have."""
    logger, witness = RecordingLogger(), Witness()
    failing = {name: _exception(text) for name, text in case.fails.items()}
    try:
        with environment(case.env):
            job = open_job(source)
            stubs = {**case.stubs, **failing}
            report = run_job(job, stubs=stubs, approvals=case.approvals, loggers=[logger], listeners=[witness])
    except DefinitionError as error:
        problems = [f"{problem.code} {problem}" for problem in error.problems] or [str(error)]
        return differences(case.expect, Found({}, {}, (), {}, problems, {}))
    mask = job.checked.secrets.mask if job.checked.secrets else Mask()
    return differences(case.expect, _found(report, logger, witness, mask))


def _found(report: Report, logger: RecordingLogger, witness: Witness, mask: Mask) -> Found:
    states = {name: task.state.name for name, task in report.tasks.items()} | witness.states
    failures = {
        name: task.outcome.message if task.outcome else f"held back by {task.held_back_by}"
        for name, task in report.tasks.items()
        if task.state in UNSUCCESSFUL and not task.is_allowed
    }
    lines: dict[str, list[str]] = {}
    for event in logger.events:
        if isinstance(event, LogWriteEvent):
            lines.setdefault(event.name, []).append(event.message)
    results = {name: plain_form(mask.encoded(text)) for name, text in report.values.items()}
    return Found(states, results, witness.starts, lines, (), failures)


def _exception(text: str) -> Exception:
    """`NAME: message` as an exception of this name: one of Python's, or a new one."""
    named = re.fullmatch(r"(?P<name>[A-Za-z_]\w*)(?::\s*(?P<message>.*))?", text, re.DOTALL)
    if named is None:
        return Exception(text)
    known = getattr(builtins, named["name"], None)
    is_known = isinstance(known, type) and issubclass(known, Exception)
    cls: type[Exception] = known if is_known and known is not None else type(named["name"], (Exception,), {})
    return cls(named["message"] or "")

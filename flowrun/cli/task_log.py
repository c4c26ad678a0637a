"""Where the file logger of a job has written what a task said."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..file_name import safe_file_name
from ..loggers.file import FileLogger

if TYPE_CHECKING:
    from ..jobdefinition import JobDefinition


def task_log(definition: JobDefinition, root: Path, task: str, started: datetime) -> Path | None:
    """The log of a task in the newest directory of a run that began at `started` or later; None if there is none."""
    first = (started.astimezone() - timedelta(seconds=1)).strftime("%Y-%m-%d.%H.%M.%S")
    found = []
    for logger in definition.loggers.values():
        if logger.variant == FileLogger.__name__:
            base = root / FileLogger.model_validate(logger.parameters).base_log_dir
            logs = (base / name / f"{safe_file_name(task)}.log" for name in _names(base) if name >= first)
            found += [log for log in logs if log.is_file()]
    return max(found, default=None)


def _names(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []

"""The jobs in Python that the history names by their addresses, as their last runs had them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..history.reader import History
from ..history.rows import JobSummary
from ..jobs.address import is_address
from .catalogue import KnownJob, schema_of_variables


def python_jobs(root: Path, history: History, summaries: Iterable[JobSummary]) -> dict[str, KnownJob]:
    """Those that are still there, by their names. Their code is not imported."""
    found = {}
    for one in summaries:
        if is_address(one.file) and one.recent and is_there(root, one.file):
            found[one.job] = _known(history, one)
    return found


def is_there(root: Path, named: str) -> bool:
    """Whether there is the file of a job; a module is looked for when it is imported."""
    if not is_address(named):
        return (root / named).is_file()
    module = named.rpartition(":")[0]
    return not module.endswith(".py") or (root / module).is_file()


def _known(history: History, summary: JobSummary) -> KnownJob:
    definition = history.graph(summary.recent[0].id)
    nodes = [node for node in definition.tasks if node.kind != "group"] if definition else []
    section: Mapping[str, Any] = (definition.merged.get("vars") or {}) if definition else {}
    return KnownJob(
        name=summary.job,
        title=summary.job,
        file=summary.file,
        tasks=len(nodes),
        problems=(),
        variables=schema_of_variables({}, section),
        paths={},
        parameters={},
        variants={},
        stamp=(),
    )

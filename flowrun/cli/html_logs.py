"""The logs in the HTML report: the end of what each task has said, folded up unless it failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..history.log_pages import page_of
from .html_text import text
from .past_runs import TASK_WORDS

if TYPE_CHECKING:
    from ..history.log_rows import LogFile
    from ..history.reader import History
    from ..history.rows import TaskRow

_BAD = ("FAILED", "ABORTED")
_MOST_BYTES = 40_000
"""Of the log of one task; of one that did not fail a quarter."""
_MOST_IN_ALL = 400_000


def logs(history: History, run: str, tasks: Sequence[TaskRow]) -> str:
    """Those of what failed first, then the others in the order of the job, as far as there is room."""
    files: dict[str, list[LogFile]] = {}
    for file in history.log_files(run):
        files.setdefault(file.task, []).append(file)
    shown, left = list[str](), _MOST_IN_ALL
    waiting = sorted((task for task in tasks if task.name in files), key=lambda task: task.state not in _BAD)
    while waiting and left > 0:
        task = waiting.pop(0)
        block = _log(task, files[task.name], min(_MOST_BYTES // (1 if task.state in _BAD else 4), left))
        left -= len(block)
        shown.append(block)
    if not any(shown):
        return ""
    more = f"<p>the logs of {len(waiting):,} more tasks: <code>flowrun logs {text(run)}</code></p>" if waiting else ""
    return f'<section aria-labelledby="logs"><h2 id="logs">Logs</h2>{"".join(shown)}{more}</section>\n'


def _log(task: TaskRow, files: Sequence[LogFile], limit: int) -> str:
    page = page_of(files, -limit, limit)
    if not page.text and not page.is_gone:
        return ""
    is_cut = page.begin > min(file.begin for file in files if file.path == page.path) or len(page.text) > limit
    said = (
        "<p>its log was deleted</p>"
        if page.is_gone
        else f'{"<p>the end of it:</p>" if is_cut else ""}<pre tabindex="0">{text(page.text[-limit:])}</pre>'
    )
    state = f'<span class="state {task.state}">{TASK_WORDS[task.state]}</span>'
    is_open = " open" if task.state in _BAD else ""
    return f"<details{is_open}><summary><strong>{text(task.name)}</strong> {state}</summary>{said}</details>\n"

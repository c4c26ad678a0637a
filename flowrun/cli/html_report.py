"""The report of a run as one HTML file that needs nothing else: for CI artifacts, mail and audits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from ..duration import duration
from ..plaintext import plain
from .excerpt import lines_before
from .html_style import STYLE
from .past_runs import SIGNS, TASK_WORDS, counts_text, moment
from .printable import near

if TYPE_CHECKING:
    from ..history.reader import History
    from ..history.rows import AttemptRow, RunRow, TaskRow

_MOST_ROWS = 2000
_MOST_LOG_BYTES = 40_000
_MOST_LOGS = 20
_MOST_VALUES = 200
_MOST_CHARACTERS = 2000
_BAD = ("FAILED", "ABORTED")
_TASK_SIGNS = {
    "COMPLETED": "✓",
    "FAILED": "✗",
    "DEFAULTED": "⊘",
    "ABORTED": "⊘",
    "RUNNING": "●",
    "PENDING": "○",
    "SKIP": "–",
}


def html_report(history: History, run: str) -> str:
    """Headline, cause, timeline, tasks, logs of what failed, values and definition."""
    row, tasks, zero = history.run(run), history.tasks(run), history.starts(run)[-1].started
    attempts = [attempt for attempt in history.attempts(run) if attempt.started >= zero]
    parts = [
        _head(row),
        _cause(row, attempts),
        _timeline(row, tasks, attempts),
        _tasks(tasks),
        _logs(history, run, tasks),
        _values(history, run),
        _definition(history, run),
    ]
    title = f"{row.job} {row.state} · run {row.id}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n{''.join(part for part in parts if part)}</main>\n</body>\n</html>\n"
    )


def _text(value: object) -> str:
    return escape(plain(str(value)))


def _head(run: RunRow) -> str:
    facts = [
        ("run", run.id),
        ("started", moment(run.started)),
        ("took", duration(run.seconds)),
        ("tasks", counts_text(run)),
        ("exit status", "" if run.exit_status is None else str(run.exit_status)),
        ("job file", run.file),
        ("host", f"{run.user}@{run.host}"),
        ("flowrun", run.version),
        ("restarts", str(run.starts - 1) if run.starts > 1 else ""),
        ("labels", ", ".join(f"{key}={value}" for key, value in run.labels.items())),
    ]
    items = "".join(f"<div><dt>{name}</dt><dd>{_text(value)}</dd></div>" for name, value in facts if value)
    mark = f'<span class="state {run.state}">{SIGNS[run.state]} {run.state}</span>'
    return f"<header><h1>{_text(run.job)} {mark}</h1><dl>{items}</dl></header>\n"


def _cause(run: RunRow, attempts: Sequence[AttemptRow]) -> str:
    if not (run.root_cause or run.message):
        return ""
    found = [it for it in attempts if it.task == run.root_cause and it.message]
    last = found[-1] if found else None
    place = f'<p class="place">{_text(near(last.file))}:{last.line}</p>' if last and last.file else ""
    code = "".join(f"{number:5} │ {_text(line)}\n" for number, line in _source(last))
    trace = f"<details><summary>Traceback</summary><pre>{_text(last.traceback)}</pre></details>" if last else ""
    return (
        '<section aria-labelledby="cause"><h2 id="cause">Root cause</h2><div class="cause">'
        f"<p><strong>{_text(run.root_cause or 'run')}</strong> {_text(run.message)}</p>{place}"
        f"{f'<pre>{code}</pre>' if code else ''}{trace if last and last.traceback else ''}</div></section>\n"
    )


def _source(attempt: AttemptRow | None) -> list[tuple[int, str]]:
    return [] if attempt is None or not attempt.file else list(lines_before(attempt.file, attempt.line, 3))


def _timeline(run: RunRow, tasks: Sequence[TaskRow], attempts: Sequence[AttemptRow]) -> str:
    """A bar for each attempt, below the time of the last start; what waits for a slot is pale."""
    by_task: dict[str, list[AttemptRow]] = {}
    for attempt in attempts:
        by_task.setdefault(attempt.task, []).append(attempt)
    begin = min((it.started for it in attempts), default=run.started)
    end = max((it.started + it.seconds for it in attempts), default=begin)
    whole = max(end - begin, 0.001)
    shown = [task for task in tasks if task.name in by_task][:_MOST_ROWS]
    rows = "".join(_bar_row(task, by_task[task.name], begin, whole) for task in shown)
    if not rows:
        return ""
    ticks = "".join(f"<span>{duration(whole * part / 4)}</span>" for part in range(5))
    return (
        '<section aria-labelledby="time"><h2 id="time">Timeline</h2>'
        f'<div class="axis" aria-hidden="true">{ticks}</div><ol class="bars">{rows}</ol></section>\n'
    )


def _bar_row(task: TaskRow, attempts: Sequence[AttemptRow], begin: float, whole: float) -> str:
    bars = "".join(_bar(it, begin, whole) for it in attempts)
    first = attempts[0].started
    if task.waiting_seconds > whole / 200:
        left = (first - task.waiting_seconds - begin) / whole * 100
        bars = _block("waits", max(left, 0.0), task.waiting_seconds / whole * 100, "waited for a slot") + bars
    return f'<li><span class="name">{_text(task.name)}</span><span class="lane">{bars}</span></li>'


def _bar(attempt: AttemptRow, begin: float, whole: float) -> str:
    title = f"attempt {attempt.number}: {TASK_WORDS[attempt.state]} after {duration(attempt.seconds)}"
    left, width = (attempt.started - begin) / whole * 100, attempt.seconds / whole * 100
    return _block(attempt.state, left, width, f"{title} {attempt.message}".strip())


def _block(kind: str, left: float, width: float, title: str) -> str:
    return (
        f'<span class="bar {kind}" style="left:{left:.2f}%;width:{max(width, 0.2):.2f}%" title="{_text(title[:300])}">'
        f'<span class="unseen">{_text(title[:300])}</span></span>'
    )


def _tasks(tasks: Sequence[TaskRow]) -> str:
    rows = "".join(map(_task_row, tasks[:_MOST_ROWS]))
    more = f"<p>and {len(tasks) - _MOST_ROWS:,} more</p>" if len(tasks) > _MOST_ROWS else ""
    heads = "".join(
        f'<th scope="col">{it}</th>' for it in ("task", "state", "took", "waited", "attempts", "memory", "remark")
    )
    return (
        '<section aria-labelledby="tasks"><h2 id="tasks">Tasks</h2><div class="wide"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{more}</section>\n"
    )


def _task_row(task: TaskRow) -> str:
    took = duration(task.seconds) if task.started is not None else ""
    waited = duration(task.waiting_seconds) if task.waiting_seconds >= 0.1 else ""
    memory = f"{task.peak_bytes / 1_048_576:,.0f} MiB" if task.peak_bytes else ""
    answered = task.approval.told if task.approval is not None else ""
    why = "; ".join(filter(None, (answered, "completed before" if task.is_kept else task.why)))
    cells = [took, waited, str(task.attempts or ""), memory, _text(why[:_MOST_CHARACTERS])]
    word = f"{_TASK_SIGNS[task.state]} {TASK_WORDS[task.state]}"
    return (
        f'<tr><th scope="row">{_text(task.name)}</th><td><span class="state {task.state}">{word}</span></td>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    )


def _logs(history: History, run: str, tasks: Sequence[TaskRow]) -> str:
    shown = [task for task in tasks if task.state in _BAD and task.attempts][:_MOST_LOGS]
    blocks = "".join(_log(history, run, task) for task in shown)
    return (
        f'<section aria-labelledby="logs"><h2 id="logs">Logs of what failed</h2>{blocks}</section>\n' if blocks else ""
    )


def _log(history: History, run: str, task: TaskRow) -> str:
    page = history.log_page(run, task.name, offset=-_MOST_LOG_BYTES, limit=_MOST_LOG_BYTES)
    if page.is_gone:
        return f"<h3>{_text(task.name)}</h3><p>its log was deleted</p>"
    if not page.text:
        return ""
    cut = "<p>the end of it:</p>" if page.begin > 0 else ""
    return f'<h3>{_text(task.name)}</h3>{cut}<pre tabindex="0">{_text(page.text)}</pre>'


def _values(history: History, run: str) -> str:
    rows = "".join(_value_rows(history, run))
    if not rows:
        return ""
    return (
        '<section aria-labelledby="values"><h2 id="values">Values</h2><div class="wide"><table><thead><tr>'
        '<th scope="col">name</th><th scope="col">kind</th><th scope="col">value</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>\n"
    )


def _value_rows(history: History, run: str) -> Iterator[str]:
    for row in history.values(run)[:_MOST_VALUES]:
        text = f"{row.text[:_MOST_CHARACTERS]}{'…' if row.size > _MOST_CHARACTERS else ''}"
        kind = "result" if row.kind == "result" else f"shared, by {row.task}"
        cells = f"<td>{_text(kind)}</td><td><code>{_text(text)}</code></td>"
        yield f'<tr><th scope="row">{_text(row.name)}</th>{cells}</tr>'


def _definition(history: History, run: str) -> str:
    definition = history.graph(run)
    if definition is None:
        return ""
    text = json.dumps(definition.merged, indent=2, ensure_ascii=False)
    files = ", ".join(definition.files)
    return (
        '<section aria-labelledby="definition"><h2 id="definition">Definition</h2>'
        f'<details><summary>{_text(files)}</summary><pre tabindex="0">{_text(text)}</pre></details></section>\n'
    )

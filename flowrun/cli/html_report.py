"""The report of a run as one HTML file that needs nothing else: for CI artifacts, mail and audits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..duration import duration
from .excerpt import lines_before
from .html_changes import changes
from .html_events import events
from .html_graph import graph
from .html_logs import logs
from .html_style import STYLE
from .html_text import text
from .html_timeline import timeline
from .past_runs import SIGNS, counts_text, moment
from .printable import near
from .task_look import LOOKS

if TYPE_CHECKING:
    from ..history.definition import Definition
    from ..history.reader import History
    from ..history.rows import AttemptRow, RunRow, TaskRow

_MOST_ROWS = 2000
_MOST_VALUES = 200
_MOST_CHARACTERS = 2000


def html_report(history: History, run: str) -> str:
    """Headline, cause, timeline, graph, tasks, logs, values, changes, events and definition."""
    row, tasks, zero = history.run(run), history.tasks(run), history.starts(run)[-1].started
    attempts = [attempt for attempt in history.attempts(run) if attempt.started >= zero]
    definition = history.graph(run)
    parts = [
        _head(row),
        _cause(row, attempts),
        timeline(tasks, attempts, zero),
        graph(definition.tasks if definition is not None else (), tasks),
        _tasks(tasks),
        logs(history, run, tasks),
        _values(history, run),
        changes(history, row),
        events(history, run),
        _definition(definition),
    ]
    title = f"{row.job} {row.state} · run {row.id}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n{''.join(part for part in parts if part)}</main>\n</body>\n</html>\n"
    )


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
    items = "".join(f"<div><dt>{name}</dt><dd>{text(value)}</dd></div>" for name, value in facts if value)
    mark = f'<span class="state {run.state}">{SIGNS[run.state]} {run.state}</span>'
    return f"<header><h1>{text(run.job)} {mark}</h1><dl>{items}</dl></header>\n"


def _cause(run: RunRow, attempts: Sequence[AttemptRow]) -> str:
    if not (run.root_cause or run.message):
        return ""
    found = [it for it in attempts if it.task == run.root_cause and it.message]
    last = found[-1] if found else None
    place = f'<p class="place">{text(near(last.file))}:{last.line}</p>' if last and last.file else ""
    code = "".join(f"{number:5} │ {text(line)}\n" for number, line in _source(last))
    trace = f"<details><summary>Traceback</summary><pre>{text(last.traceback)}</pre></details>" if last else ""
    return (
        '<section aria-labelledby="cause"><h2 id="cause">Root cause</h2><div class="cause">'
        f"<p><strong>{text(run.root_cause or 'run')}</strong> {text(run.message)}</p>{place}"
        f"{f'<pre>{code}</pre>' if code else ''}{trace if last and last.traceback else ''}</div></section>\n"
    )


def _source(attempt: AttemptRow | None) -> list[tuple[int, str]]:
    return [] if attempt is None or not attempt.file else list(lines_before(attempt.file, attempt.line, 3))


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
    cells = [took, waited, str(task.attempts or ""), memory, text(why[:_MOST_CHARACTERS])]
    word = f"{LOOKS[task.state].sign} {LOOKS[task.state].word}"
    return (
        f'<tr><th scope="row">{text(task.name)}</th><td><span class="state {task.state}">{word}</span></td>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    )


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
        value = f"{row.text[:_MOST_CHARACTERS]}{'…' if row.size > _MOST_CHARACTERS else ''}"
        kind = "result" if row.kind == "result" else f"shared, by {row.task}"
        cells = f"<td>{text(kind)}</td><td><code>{text(value)}</code></td>"
        yield f'<tr><th scope="row">{text(row.name)}</th>{cells}</tr>'


def _definition(definition: Definition | None) -> str:
    if definition is None:
        return ""
    merged = json.dumps(definition.merged, indent=2, ensure_ascii=False)
    files = ", ".join(definition.files)
    return (
        '<section aria-labelledby="definition"><h2 id="definition">Definition</h2>'
        f'<details><summary>{text(files)}</summary><pre tabindex="0">{text(merged)}</pre></details></section>\n'
    )

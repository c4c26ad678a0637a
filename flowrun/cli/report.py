"""flowrun report: writes the report of a run of the history into files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..durable import naming
from .output import Output
from .past_runs import history_options, opened_history
from .printable import harmless

if TYPE_CHECKING:
    from ..history.reader import History

_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


@click.command("report")
@click.argument("run", required=False, default="@last")
@click.option("--html", type=_FILE, metavar="FILE", help="One page that needs nothing else.")
@click.option("--markdown", type=_FILE, metavar="FILE", help="Headline, cause, and a table of the tasks.")
@click.option("--junit", type=_FILE, metavar="FILE", help="JUnit XML: each task is a test case.")
@history_options
@click.pass_obj
def command(
    output: Output,
    /,
    run: str,
    html: Path | None,
    markdown: Path | None,
    junit: Path | None,
    is_json: bool,
    directory: Path | None,
) -> int:
    """Write the report of the newest run, or of the one that RUN names; a FILE of - is standard output.

    Without a file, the Markdown is written to standard output.
    """
    history = opened_history(directory, output)
    id_ = history.resolve(run)
    if is_json:
        from .past_report import past_report

        output.result(json.dumps({"version": 1, **past_report(history, id_).body()}, indent=2))
    if not (html or markdown or junit or is_json):
        markdown = Path("-")
    for path, text in _written(history, id_, html, markdown, junit):
        if str(path) == "-":
            output.result(text.rstrip("\n"))
            continue
        with naming(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        output.say(f"wrote {harmless(path, 300)}")
    return 0


def _written(
    history: History, run: str, html: Path | None, markdown: Path | None, junit: Path | None
) -> Iterator[tuple[Path, str]]:
    from .past_report import past_report

    if html is not None:
        from .html_report import html_report

        yield html, html_report(history, run)
    if markdown is not None:
        from .markdown import markdown as markdown_text

        yield markdown, markdown_text(past_report(history, run))
    if junit is not None:
        from .junit import junit as junit_xml

        yield junit, junit_xml(past_report(history, run))

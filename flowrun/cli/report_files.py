"""The files that `flowrun run` writes about a run, for CI systems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..engine.report import Report
from .printable import harmless


def write_report_files(report: Report, *, junit: Path | None, summary: Path | None, append: str | None) -> list[str]:
    """Write JUnit XML and Markdown where they are wanted; `append` is a file to which Markdown is added.

    Gives a line for each file that could not be written: how the job went does not change with it.
    """
    said = []
    for path, text, mode in _wanted(report, junit, summary, append):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open(mode, encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)
        except OSError as error:
            said.append(f"{harmless(path, 300)} cannot be written: {error.strerror or error}")
    return said


def _wanted(
    report: Report, junit: Path | None, summary: Path | None, append: str | None
) -> Iterator[tuple[Path, str, str]]:
    if junit is not None:
        from .junit import junit as junit_xml

        yield junit, junit_xml(report), "w"
    if summary is not None or append:
        from .markdown import markdown

        text = markdown(report)
        if summary is not None:
            yield summary, text, "w"
        if append:
            yield Path(append), text, "a"

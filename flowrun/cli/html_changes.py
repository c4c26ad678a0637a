"""The changes in the HTML report: what differs from the last run of the job before this one that completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..history.comparison import compared
from .differences import sections
from .html_text import text
from .past_runs import moment

if TYPE_CHECKING:
    from ..history.reader import History
    from ..history.rows import RunRow


def changes(history: History, run: RunRow) -> str:
    """The same as `flowrun diff` says, or why there is nothing to say."""
    good = history.last_good_before(run)
    if good is None:
        said = "<p>No earlier run of this job completed, so there is nothing to compare with.</p>"
    else:
        found = "".join(_section(*section) for section in sections(compared(history, good.id, run.id)))
        against = f"<p>Against run {text(good.id)} of {moment(good.started)}, the last one before that completed.</p>"
        said = against + (found or "<p>Nothing differs.</p>")
    return f'<section aria-labelledby="changes"><h2 id="changes">Changes</h2>{said}</section>\n'


def _section(title: str, lines: list[str]) -> str:
    said = "\n".join(lines)
    return f'<h3>{title}</h3><pre tabindex="0">{text(said)}</pre>'

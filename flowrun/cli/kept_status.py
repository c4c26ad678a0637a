"""What a checkpointer keeps of an unfinished run, as `flowrun status` shows it where there is no history of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..checkpointer.checkpointer import CheckpointContents
from .local_time import local_time
from .printable import harmless
from .run_tree import RunTree

if TYPE_CHECKING:
    from ..app import OpenJob

MOST_CHARACTERS = 300
"""Of a value more is not shown."""


def values_of(run: CheckpointContents, job: OpenJob) -> dict[str, dict[str, Any]]:
    """Results and shared values in plain form, without secrets."""
    from ..assemble import open_checkpointer
    from ..continuation import encoded_shared
    from ..secrets.mask import Mask

    mask = job.checked.secrets.mask if job.checked.secrets else Mask()
    results = {name: _shown(text, mask) for name, text in run.results.items()}
    shared = encoded_shared(open_checkpointer(job), run)
    return {
        "results": results,
        "shared": {str(_shown(key, mask)): _shown(text, mask) for key, text in shared.items()},
    }


def _shown(text: str, mask: Any) -> Any:
    from ..values.plain_form import plain_form

    return json.loads(mask.encoded(json.dumps(plain_form(mask.encoded(text)), ensure_ascii=False)))


def kept_record(run: CheckpointContents) -> dict[str, Any]:
    """The run for programs."""
    tasks = [
        {"name": name, "state": state.name, "attempts": run.attempts.get(name, 0)}
        for name, state in RunTree.of_checkpoint(run).states.items()
    ]
    return {"run": run.run_id, "job": run.name, "started": run.started, "ended": run.ended, "tasks": tasks}


def kept_text(run: CheckpointContents, values: Mapping[str, Mapping[str, Any]], *, has_symbols: bool) -> str:
    """The run as a tree, with its values."""
    lines = [
        f"run {run.run_id} of {harmless(run.name, 100)}, started {local_time(run.started)}",
        RunTree.of_checkpoint(run).text(has_symbols=has_symbols),
        *values_lines(values),
    ]
    return "\n".join(lines)


def values_lines(values: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Each value on a line, below the kind of value that it is."""
    lines = []
    for title, of_title in values.items():
        width = max(map(len, of_title), default=0)
        lines += ["", title, *(f"  {harmless(name):<{width}}   {_line(value)}" for name, value in of_title.items())]
        lines += [] if of_title else ["  none"]
    return lines


def _line(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    size = f"   ({len(text):,} characters)" if len(text) > MOST_CHARACTERS else ""
    return harmless(text, MOST_CHARACTERS) + size

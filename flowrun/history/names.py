"""How a run may be named, and what is said of a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from sqlite3 import Connection

from ..errors import UsageError

_GOOD, _FAILED = "state = 'completed'", "state IN ('failed', 'stopped', 'interrupted')"
SPECIAL = {"@last": "1", "@last-good": _GOOD, "@failed": _FAILED}
"""Names that stand for the newest run of a kind."""
_MOST = 5


def resolved(connection: Connection, name: str, job: str | None = None) -> str:
    """The id of the run that is named. Raises UsageError with what was probably meant."""
    of_job, values = (" AND job = ?", [job]) if job is not None else ("", [])
    if name.startswith("@"):
        return _special(connection, name, of_job, values)
    pattern = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    found = connection.execute(
        f"SELECT id FROM runs WHERE id LIKE ? ESCAPE '\\'{of_job} ORDER BY started DESC LIMIT ?",
        (pattern, *values, _MOST + 1),
    ).fetchall()
    ids = [id_ for (id_,) in found]
    if name and (name in ids or len(ids) == 1):
        return name if name in ids else str(ids[0])
    if not name or not ids:
        raise UsageError(f"no run begins with {name!r}{_hint(connection, name, of_job, values)}")
    more = " and others" if len(ids) > _MOST else ""
    raise UsageError(f"{name!r} may be {', '.join(ids[:_MOST])}{more}: give more of the id")


def unknown_task(task: str, run: str, known: Iterable[str]) -> UsageError:
    """The error for a task that a run does not have."""
    names = list(known)
    near = get_close_matches(task, names, 1)
    some = ", ".join(names[:12]) + (f", and {len(names) - 12} more" if len(names) > 12 else "")
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {some}" if names else ""
    return UsageError(f"no task is named {task!r} in run {run}{hint}")


def _special(connection: Connection, name: str, of_job: str, values: list[str]) -> str:
    if name not in SPECIAL:
        near = get_close_matches(name, SPECIAL, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(SPECIAL)}"
        raise UsageError(f"{name!r} names no run; {hint}")
    found = connection.execute(
        f"SELECT id FROM runs WHERE {SPECIAL[name]}{of_job} ORDER BY started DESC, number DESC LIMIT 1", values
    ).fetchone()
    if found is None:
        what = {"@last": "no run", "@last-good": "no run that completed", "@failed": "no run that failed"}[name]
        of = f" of job {values[0]!r}" if values else ""
        raise UsageError(f"there is {what}{of} in the history; `flowrun runs` lists what there is")
    return str(found[0])


def _hint(connection: Connection, name: str, of_job: str, values: list[str]) -> str:
    """The nearest ids, or what to do if a job was named instead of a run."""
    if connection.execute("SELECT 1 FROM runs WHERE job = ?", (name,)).fetchone():
        return f": it is a job; `flowrun runs --job {name}` lists its runs"
    found = connection.execute(f"SELECT id FROM runs WHERE 1{of_job} ORDER BY started DESC LIMIT 200", values)
    ids = [id_ for (id_,) in found]
    near = get_close_matches(name, ids, 1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; the newest are: {', '.join(ids[:_MOST])}" if ids else ": the history is empty"

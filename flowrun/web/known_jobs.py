"""The jobs that a server can name: those of the project, and those that only the history knows."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from ..history.rows import JobSummary
from .catalogue import KnownJob
from .job_form import JobRow, job_row
from .python_jobs import python_jobs
from .refusal import Refusal
from .site import Site


def known_jobs(site: Site) -> dict[str, KnownJob]:
    """Those that are there, in files or in Python."""
    return _known(site, site.history.jobs())


def _known(site: Site, summaries: Sequence[JobSummary]) -> dict[str, KnownJob]:
    known = site.catalogue.jobs(_files(site, summaries))
    return {**python_jobs(site.settings.root, site.history, summaries), **known}


def _files(site: Site, summaries: Sequence[JobSummary]) -> list[str]:
    """The files of the project that the history names."""
    return [
        one.file for one in summaries if one.file.endswith((".yaml", ".yml")) and not one.file.startswith(".flowrun")
    ]


def job_rows(site: Site) -> dict[str, JobRow]:
    """All of them, with their last runs."""
    site.history.refresh()
    summaries = {one.job: one for one in site.history.jobs()}
    known = _known(site, list(summaries.values()))
    may_start = not site.settings.is_read_only
    rows = {name: job_row(name, job, summaries.get(job.name), may_start=may_start) for name, job in known.items()}
    names = {job.name for job in known.values()}
    for name, summary in summaries.items():
        if name not in names and name not in rows:
            rows[name] = job_row(name, None, summary, may_start=may_start)
    return rows


def the_job(site: Site, job: str) -> JobRow:
    """One of them. Raises Refusal if there is none of this name."""
    rows = job_rows(site)
    if job not in rows:
        near = get_close_matches(job, rows, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise Refusal(404, f"no job is named {job!r}{hint}")
    return rows[job]


def the_file_of(site: Site, job: str) -> KnownJob:
    """One that is there. Raises Refusal if there is none of this name."""
    known = known_jobs(site).get(job)
    if known is None:
        the_job(site, job)
        raise Refusal(409, f"the file of job {job!r} is not there any more")
    return known


def name_in_history(site: Site, job: str) -> str:
    """What the history calls it."""
    known = known_jobs(site).get(job)
    return known.name if known else job


def naming_options(site: Site, file: str) -> tuple[str, ...]:
    """The options of commands that name a job, by its address or by its file from the project root."""
    return (f"--job={file}", f"--directory={site.settings.root}")

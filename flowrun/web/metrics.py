"""Numbers for Prometheus: runs by job and status, what is running, and the server itself."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from ..history.rows import JobSummary
from .site import Site

_STATUSES = ("completed", "failed", "stopped", "interrupted")


class _Numbers(Collector):
    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        history = self._site.history
        history.refresh()
        jobs = history.jobs()
        running = history.runs(state="running", limit=500).runs
        yield GaugeMetricFamily("flowrun_runs_active", "Runs that go on now.", len(running))
        yield GaugeMetricFamily("flowrun_viewers", "Streams of events that are open.", self._site.feed.viewers)
        yield GaugeMetricFamily("flowrun_server_start_time_seconds", "When the server started.", self._site.started)
        yield from _of_jobs(jobs)


def _of_jobs(jobs: list[JobSummary]) -> Iterator[Metric]:
    runs = GaugeMetricFamily("flowrun_job_runs", "Runs in the history.", labels=["job"])
    started = GaugeMetricFamily(
        "flowrun_job_last_start_time_seconds", "When the last run of a job began.", labels=["job"]
    )
    status = GaugeMetricFamily("flowrun_job_last_status", "1 for what the last run came to.", labels=["job", "status"])
    usual = GaugeMetricFamily("flowrun_job_usual_seconds", "The median of runs that completed.", labels=["job"])
    for job in jobs:
        runs.add_metric([job.job], job.runs)
        started.add_metric([job.job], job.last_started)
        if job.usual_seconds is not None:
            usual.add_metric([job.job], job.usual_seconds)
        for one in (*_STATUSES, "running"):
            status.add_metric([job.job, one], float(job.last_state == one))
    yield from (runs, started, status, usual)


def metrics(site: Site) -> Response:
    """The answer for Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(site))
    return Response(generate_latest(registry), headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)

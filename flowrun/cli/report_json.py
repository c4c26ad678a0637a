"""The report of a run as one line of JSON, the last that `--output json` writes."""

from __future__ import annotations

import json

from ..engine.report import Report


def report_json(report: Report) -> str:
    """`{"group": "Report", …}`: the form of an event, with how each task ended."""
    return json.dumps({"group": "Report", "event": "Report", "body": report.body()})

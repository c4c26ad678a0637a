"""flowrun doctor: looks whether what flowrun needs is as it should be."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click

from .output import Output
from .printable import harmless
from .redis_options import ask_redis, redis_options

if TYPE_CHECKING:
    from ..frq.checkup import Finding
    from ..frq.keys import Keys
    from ..frq.pipeline import Pipeline

_SIGNS = {"good": ("✓", "green"), "doubtful": ("!", "yellow"), "bad": ("✗", "red")}


@click.group("doctor", no_args_is_help=False)
def command() -> None:
    """Look whether what flowrun needs is as it should be."""


@command.command("redis")
@redis_options
@click.option("--json", "is_json", is_flag=True, help="Write JSON.")
@click.pass_obj
def redis(output: Output, /, is_json: bool, **given: Any) -> int:
    """Look at a Redis and a queue in it. The status is 1 if something will go wrong."""

    async def ask(pipeline: Pipeline, keys: Keys) -> list[Finding]:
        from ..frq.checkup import Checkup

        return await Checkup(pipeline, keys, time.time).findings()

    findings = ask_redis(given, ask)
    if is_json:
        records = [{"subject": it.subject, "verdict": it.verdict.value, "text": it.text} for it in findings]
        output.result(json.dumps({"version": 1, "findings": records}, indent=2))
    else:
        output.result("\n".join(_line(finding, output) for finding in findings))
    return int(any(finding.verdict.value == "bad" for finding in findings))


def _line(finding: Finding, output: Output) -> str:
    sign, colour = _SIGNS[finding.verdict.value]
    sign = sign if output.has_symbols else finding.verdict.value
    return f"{output.paint(sign, colour)} {finding.subject:<12} {harmless(finding.text, 300)}"

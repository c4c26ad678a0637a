"""Fleet: the workers that are alive, and what each says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..dataclass import dataclass
from .fields import Fields, paired, written
from .keys import Keys
from .pipeline import Pipeline

VERSION = "frq/1.0"
"""What this side speaks, with the number of additions."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker says of itself."""

    name: str
    slots: int
    handlers: Mapping[str, dict[str, Any] | None] = field(default_factory=dict)
    """JSON Schema of the parameters by handler; None: it takes anything."""
    lang: str = "python"
    version: str = ""
    """Of the worker's program."""
    host: str = ""
    pid: int = 0
    running: int = 0
    started_ms: int = 0
    state: str = ""
    """`working`, `paused` or `ending`; empty: it does not say."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What a person has said of it."""
    protocol: str = VERSION
    silent_ms: int = 0
    """Since its last heartbeat."""

    @property
    def doing(self) -> str:
        """`idle`, `working`, or what else it says of itself: `paused`, `ending`."""
        if self.state in ("", "working"):  # it takes attempts, and may have none
            return "working" if self.running else "idle"
        return self.state

    def fields(self) -> Fields:
        """The fields of its hash."""
        return written(
            ("v", self.protocol),
            ("lang", self.lang),
            ("version", self.version),
            ("host", self.host),
            ("pid", self.pid),
            ("slots", self.slots),
            ("running", self.running),
            ("handlers", json.dumps(self.handlers, separators=(",", ":"))),
            ("started", self.started_ms),
            *([("state", self.state)] if self.state else []),
            *([("labels", json.dumps(self.labels, separators=(",", ":")))] if self.labels else []),
        )

    @classmethod
    def from_fields(cls, name: str, fields: Mapping[bytes, bytes], silent_ms: int = 0) -> Worker:
        """What cannot be read counts as not said: a worker of another version must not hide the others."""
        text = {key.decode(errors="replace"): value.decode(errors="replace") for key, value in fields.items()}
        return cls(
            name=name,
            slots=_number(text.get("slots")),
            handlers=_handlers(text.get("handlers", "")),
            lang=text.get("lang", ""),
            version=text.get("version", ""),
            host=text.get("host", ""),
            pid=_number(text.get("pid")),
            running=_number(text.get("running")),
            started_ms=_number(text.get("started")),
            state=text.get("state", ""),
            labels=_labels(text.get("labels", "")),
            protocol=text.get("v", ""),
            silent_ms=silent_ms,
        )


async def fleet(pipeline: Pipeline, keys: Keys) -> list[Worker]:
    """The workers of a queue that are alive, by name."""
    seen = await pipeline.command("ZRANGE", keys.workers, 0, -1, "WITHSCORES")
    beats = {name.decode(): int(float(at)) for name, at in paired(seen).items()}
    now = pipeline.command("TIME")
    answers = [pipeline.command("HGETALL", keys.worker(name)) for name in beats]
    seconds, micros = await now
    now_ms = int(seconds) * 1000 + int(micros) // 1000
    found = [
        Worker.from_fields(name, paired(await answer), max(0, now_ms - at))
        for (name, at), answer in zip(beats.items(), answers, strict=True)
        if await answer
    ]
    return sorted(found, key=lambda worker: worker.name)


def _handlers(text: str) -> dict[str, dict[str, Any] | None]:
    try:
        found = json.loads(text)
        return {str(name): schema if isinstance(schema, dict) else None for name, schema in found.items()}
    except (ValueError, AttributeError):
        return {}


def _labels(text: str) -> dict[str, str]:
    try:
        return {str(name): str(value) for name, value in json.loads(text).items()}
    except (ValueError, AttributeError):
        return {}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 17 else 0

"""Checkup: whether a Redis does for a queue, and what should be changed."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from ..dataclass import dataclass
from ..duration import duration
from .faults import RefusedError
from .fields import paired
from .fleet import fleet
from .keys import Keys
from .operator import Operator
from .pipeline import Pipeline

_OLDEST = (6, 2)
_MOST_APART_SECONDS = 5.0


class Verdict(StrEnum):
    """What a finding means."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    verdict: Verdict
    text: str


class Checkup:
    """Looks at one Redis and one queue in it. Every call may raise AwayError."""

    def __init__(self, pipeline: Pipeline, keys: Keys, now: Callable[[], float]) -> None:
        """`now` gives unix time."""
        self._pipeline = pipeline
        self._keys = keys
        self._now = now

    async def findings(self) -> list[Finding]:
        """Everything that was looked at."""
        info = await self._info()
        return [
            self._version(info),
            self._memory(info),
            await self._persistence(info),
            await self._user(),
            await self._clock(),
            await self._queue(),
            await self._workers(),
        ]

    async def _info(self) -> dict[str, str]:
        answer = await self._pipeline.command("INFO")
        return dict(line.split(":", 1) for line in answer.decode().splitlines() if ":" in line)

    def _version(self, info: dict[str, str]) -> Finding:
        text = info.get("redis_version", "0")
        known = tuple(int(part) if part.isdigit() else 0 for part in text.split("."))
        if known >= _OLDEST:
            return Finding("version", Verdict.GOOD, text)
        return Finding("version", Verdict.BAD, f"{text}; at least 6.2 is needed")

    def _memory(self, info: dict[str, str]) -> Finding:
        policy, limit = info.get("maxmemory_policy", "noeviction"), info.get("maxmemory", "0")
        if policy == "noeviction":
            return Finding("memory", Verdict.GOOD, "nothing is evicted")
        advice = f"maxmemory-policy is {policy}, and would forget tasks: set it to noeviction"
        return Finding("memory", Verdict.DOUBTFUL if limit == "0" else Verdict.BAD, advice)

    async def _persistence(self, info: dict[str, str]) -> Finding:
        if info.get("aof_enabled") != "1":
            advice = "appendonly is off: what is under way is begun again when Redis has restarted"
            return Finding("persistence", Verdict.DOUBTFUL, advice)
        sync = await self._setting("appendfsync")
        if sync == "no":
            return Finding("persistence", Verdict.DOUBTFUL, "appendfsync is no: set it to everysec")
        return Finding("persistence", Verdict.GOOD, f"appendonly, appendfsync {sync or 'unknown'}")

    async def _user(self) -> Finding:
        name = await self._asked("ACL", "WHOAMI")
        if name is None:
            return Finding("user", Verdict.GOOD, "one with few rights")
        if name == b"default":
            advice = "default, who may do everything: where others use this Redis, make users with few rights"
            return Finding("user", Verdict.DOUBTFUL, advice)
        return Finding("user", Verdict.GOOD, name.decode())

    async def _clock(self) -> Finding:
        seconds, micros = await self._pipeline.command("TIME")
        apart = abs(int(seconds) + int(micros) / 1e6 - self._now())
        if apart <= _MOST_APART_SECONDS:
            return Finding("clock", Verdict.GOOD, f"{duration(apart)} apart from here")
        advice = f"{duration(apart)} apart from here: deadlines of tasks and times in lists are wrong by so much"
        return Finding("clock", Verdict.DOUBTFUL, advice)

    async def _queue(self) -> Finding:
        state = await Operator(self._pipeline, self._keys).state()
        counts = f"{state.waiting} waiting, {state.under_way} under way, {state.dead} dead letters"
        return Finding("queue", Verdict.DOUBTFUL if state.dead else Verdict.GOOD, counts)

    async def _workers(self) -> Finding:
        workers = await fleet(self._pipeline, self._keys)
        if not workers:
            return Finding("workers", Verdict.DOUBTFUL, f"none is alive that serves {self._keys.queue}")
        slots = sum(worker.slots for worker in workers)
        return Finding("workers", Verdict.GOOD, f"{len(workers)} alive, with {slots} slots")

    async def _setting(self, name: str) -> str:
        answer = await self._asked("CONFIG", "GET", name)
        return "" if not answer else paired(answer)[name.encode()].decode()

    async def _asked(self, *command: str) -> Any:
        """The answer to what not every user may ask; None: this one may not."""
        try:
            return await self._pipeline.command(*command)
        except RefusedError:
            return None

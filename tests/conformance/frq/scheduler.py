"""Scheduler: what hands attempts to workers in the exam, by hand, so that it can see every message and forge some."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flowrun.frq import body
from flowrun.frq.fields import Fields, flat
from flowrun.frq.keys import GROUP, Keys
from flowrun.frq.message import (
    LogMessage,
    Message,
    ProgressMessage,
    ResultMessage,
    StartedMessage,
    TaskMessage,
    message_of,
)
from flowrun.frq.scripts import Script
from flowrun.frq.signature import SigningKeys
from flowrun.frq.status import Status

_DAY_MS = 24 * 3600 * 1000
_PATIENCE_SECONDS = 60.0
_LOOK_MS = 100


class Result:
    """The result of an attempt."""

    def __init__(self, message: ResultMessage, fetched: bytes | None) -> None:
        self.message = message
        self.status = str(message.status)
        self.delivery = message.delivery
        self.worker = message.worker
        self.body: dict[str, Any] = body.read(message.body if fetched is None else fetched, message.content_type)

    @property
    def value(self) -> Any:
        return self.body["value"]

    @property
    def error(self) -> dict[str, Any]:
        return dict(self.body["error"])

    def __repr__(self) -> str:
        return f"Result({self.status}, delivery {self.delivery}, {str(self.body)[:2000]})"


class Scheduler:
    """One client of one queue."""

    def __init__(self, redis: Any, keys: Keys, *, signing: SigningKeys | None = None) -> None:
        """`redis` reads bytes."""
        self.redis = redis
        self.keys = keys
        self.client = uuid4().hex
        self.results: dict[str, list[Result]] = {}
        """All of each attempt: more than one would be an outcome that is given twice."""
        self.started: list[StartedMessage] = []
        self.logs: list[LogMessage] = []
        self.progress: list[ProgressMessage] = []
        self._signing = signing
        self._count = 0
        self._read = {keys.events(self.client): "0-0", keys.log(self.client): "0-0"}
        self.live()

    # What it sends.

    def live(self, *, seconds: float = 60.0) -> None:
        """Renew its own lease."""
        self.redis.set(self.keys.client(self.client), "1", px=int(seconds * 1000))

    def task(self, handler: str, params: Mapping[str, Any] | None = None, **more: Any) -> TaskMessage:
        """An attempt that is not handed in yet. `more` are fields of the message."""
        self._count += 1
        task = f"t{self._count}"
        run = {"job": "exam", "run_id": self.client, "task": task, "max_attempts": 1}
        data = body.write({"params": dict(params or {}), "shared": {}, "run": run})
        made = TaskMessage(
            **{
                "id": f"{self.client}/{task}/1",
                "handler": handler,
                "client": self.client,
                "body": data,
                "max_deliveries": 3,
                **more,
            }
        )
        return self._signing.sign(made) if self._signing else made

    def submit(self, handler: str, params: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Hand an attempt in, once; gives its id."""
        task = self.task(handler, params, **more)
        self.put(task.id, task.fields())
        return task.id

    def put(self, attempt_id: str, fields: Fields) -> str:
        """Hand in what may be no attempt at all; gives the entry."""
        keys = [self.keys.tasks, self.keys.submitted(attempt_id)]
        _code, entry = self.script(Script.SUBMIT, keys, _DAY_MS, 0, "", *flat(fields))
        return str(entry.decode())

    def forge(self, fields: Fields) -> str:
        """Add an entry to the queue behind the back of the protocol; gives the entry."""
        return str(self.redis.xadd(self.keys.tasks, fields).decode())

    def cancel(self, attempt_id: str, *, hard: bool = False, grace_ms: int = 10_000) -> str:
        """Call an attempt back; gives what became of it."""
        k = self.keys
        keys = [k.tasks, k.control, k.cancel, k.events(self.client), k.submitted(attempt_id)]
        entry = self.redis.get(k.submitted(attempt_id)) or b"0-0"
        result = ResultMessage(attempt_id, 1, 0, "", 0, Status.CANCELLED, b'{"value":null,"error":null}')
        entry = b"0-0" if entry == b"done" else entry
        arguments = (GROUP, entry, attempt_id, _DAY_MS, int(hard), grace_ms, *flat(result.fields()))
        return str(self.script(Script.CANCEL, keys, *arguments).decode())

    def script(self, script: Script, keys: list[str], *arguments: Any) -> Any:
        """Carry out one operation of the protocol."""
        return self.redis.eval(script.text.decode(), len(keys), *keys, *arguments)

    # What it finds.

    def result(self, attempt_id: str, seconds: float = _PATIENCE_SECONDS) -> Result:
        """The result of an attempt, when it is there."""
        self.wait_for([attempt_id], seconds)
        return self.results[attempt_id][0]

    def run(self, handler: str, params: Mapping[str, Any] | None = None, **more: Any) -> Result:
        """Hand an attempt in and wait for its result."""
        return self.result(self.submit(handler, params, **more))

    def wait_for(self, attempt_ids: list[str], seconds: float = _PATIENCE_SECONDS) -> None:
        """Return when all of these have a result."""
        end = time.monotonic() + seconds
        missing = set(attempt_ids)
        while missing := {it for it in missing if it not in self.results}:
            assert time.monotonic() < end, f"no result of {len(missing)} of {len(attempt_ids)}: {sorted(missing)[:5]}"
            self.look()

    def look(self) -> None:
        """Read what has come."""
        for key, entries in self.redis.xread(self._read, count=1000, block=_LOOK_MS):
            for entry, fields in entries:
                self._read[key.decode()] = entry.decode()
                self._take(message_of(fields))

    def lines(self, attempt_id: str) -> list[str]:
        """The text of the lines that an attempt wrote, as they came."""
        return [line[2] for message in self.logs if message.id == attempt_id for line in message.lines]

    def read_log_of(self, result: Result) -> None:
        """Read the log until the last line of an attempt has come."""
        while _order(self._read[self.keys.log(self.client)]) < _order(result.message.last_log or "0-0"):
            self.look()

    @property
    def duplicates(self) -> list[str]:
        """Attempts with more than one result."""
        return [it for it, results in self.results.items() if len(results) > 1]

    def pending(self) -> int:
        """How many entries some worker owns."""
        return int(self.redis.xpending(self.keys.tasks, GROUP)["pending"])

    def _take(self, message: Message | None) -> None:
        match message:
            case ResultMessage():
                self.results.setdefault(message.id, []).append(Result(message, self._fetched(message)))
            case LogMessage():
                self.logs.append(message)
            case ProgressMessage():
                self.progress.append(message)
            case StartedMessage():
                self.started.append(message)
            case None:
                raise AssertionError("a worker sent a message of an unknown kind")

    def _fetched(self, message: ResultMessage) -> bytes | None:
        if not message.ref:
            return None
        found = self.redis.get(self.keys.blob(message.ref.removeprefix("blob:")))
        assert found is not None, f"{message.ref} is not there"
        return bytes(found)


def _order(entry: str) -> tuple[int, int]:
    ms, _, number = entry.partition("-")
    return int(ms), int(number)

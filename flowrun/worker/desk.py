"""Desk: what deliveries have in common. It examines and unpacks messages, and sends what comes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..attempt import Attempt
from ..dataclass import dataclass
from ..errors import ExpressionError
from ..frq import body
from ..frq.blob import INLINE_LIMIT, get_blob, put_blob
from ..frq.consumer import Claimed, Consumer
from ..frq.message import ResultMessage, StartedMessage, TaskMessage
from ..frq.pipeline import Pipeline
from ..frq.signature import SigningKeys
from ..frq.status import ErrorCode, Status
from ..frq.task_body import attempt_of, shared_of
from ..secrets.disguises import SHORTEST
from ..secrets.mask import Mask
from ..shared_values import SharedValues
from .answer import Answer, refused
from .backlog import Backlog
from .crews import Crews
from .holdings import Holdings
from .metrics import Metrics
from .moment import now_ms
from .reach import Reach
from .voice import Spoken, Wire

_TRACEPARENT = "TRACEPARENT"
"""The span of which the run is a part: a task has it in its environment, as it has beside the run."""


class Packed(NamedTuple):
    """An attempt, ready to be performed."""

    attempt: Attempt
    shared: SharedValues
    mask: Mask
    """Hides the secrets that were added here."""


@dataclass(eq=False, slots=True)
class Desk:
    """What deliveries have in common."""

    consumer: Consumer
    pipeline: Pipeline
    reach: Reach
    crews: Crews
    holdings: Holdings[Any]
    metrics: Metrics
    backlog: Backlog
    environ: Mapping[str, str]
    """Where secrets are found, by name."""
    keys: SigningKeys | None
    """None: signatures are not asked for."""
    say: Callable[[str], None]

    async def refusal(self, claimed: Claimed, message: TaskMessage) -> Answer | None:
        """Why an attempt is not to be performed, if that can be said without a look into it."""
        if self.keys is not None and not self.keys.accepts(claimed.fields):
            return refused(Status.REJECTED, ErrorCode.BAD_SIGNATURE, "this worker takes only tasks signed with its key")
        if claimed.is_cancelled:
            return refused(Status.CANCELLED, "cancelled", "called back before it began")
        if message.deadline_ms and now_ms() > message.deadline_ms:
            return refused(Status.EXPIRED, ErrorCode.DEADLINE, "its deadline passed before a worker was free")
        if await self.reach.insist(lambda: self.consumer.is_orphan(claimed, message.client)):
            return refused(Status.EXPIRED, ErrorCode.CLIENT_GONE, "the run that asked for it is gone")
        handlers = (await self.crews.ready()).offer.schemas
        if message.handler not in handlers:
            why = f"this worker offers no {message.handler!r}; it offers: {', '.join(handlers)}"
            return refused(Status.REJECTED, ErrorCode.NO_HANDLER, why)
        return None

    async def unpacked(self, message: TaskMessage) -> Packed:
        """The attempt of a message. Raises ValueError if it has none, or if a secret is not here."""
        data = message.body
        if message.ref:
            data = await self.reach.insist(lambda: get_blob(self.pipeline, self.consumer.keys, message.ref))
        said = body.read(data, message.content_type)
        attempt, shared = attempt_of(message, said), SharedValues()
        shared.restore(shared_of(said))
        secrets = self._secrets_of(attempt)
        span = {_TRACEPARENT: message.traceparent} if message.traceparent else {}
        if secrets or span:
            attempt = replace(attempt, env={**span, **attempt.env, **secrets})
        return Packed(attempt, shared, Mask(value for value in secrets.values() if len(value.strip()) >= SHORTEST))

    def _secrets_of(self, attempt: Attempt) -> dict[str, str]:
        names = [name for name in attempt.secrets if name not in attempt.given]
        try:
            lacking = [name for name in names if name not in self.environ]
        except ExpressionError as error:  # the file `.env` cannot be read
            raise ValueError(f"this worker cannot look for secrets: {error}") from None
        if lacking:
            raise ValueError(f"this worker has no secret {', '.join(lacking)} in its environment")
        return {name: self.environ[name] for name in names}

    def wire(self, claimed: Claimed, message: TaskMessage) -> Wire:
        """Where an attempt is heard."""

        async def send(lines: Sequence[Spoken]) -> str:
            return await self.reach.insist(lambda: self._sent(message.client, lines))

        return Wire(message.id, message.attempt, claimed.delivery, send)

    async def _sent(self, client: str, messages: Sequence[Spoken]) -> str:
        sent = await asyncio.gather(*(self.consumer.log(client, one.fields()) for one in messages))
        return sent[-1]

    def tell_started(self, claimed: Claimed, message: TaskMessage, at_ms: int) -> None:
        """The client hears that an attempt has begun; nobody waits for that."""
        started = StartedMessage(message.id, message.attempt, claimed.delivery, self.consumer.name, at_ms)
        self.consumer.started(message.client, started)

    async def finish(self, claimed: Claimed, message: TaskMessage, answer: Answer, last_log: str = "") -> None:
        """Give the result, if the lease is still ours."""
        ref = ""
        if len(answer.body) > INLINE_LIMIT:
            ref = await self.reach.insist(lambda: put_blob(self.pipeline, self.consumer.keys, answer.body))
        result = ResultMessage(
            **self._names(claimed, message),
            status=answer.status,
            body=b"" if ref else answer.body,
            last_log=last_log,
            content_type=answer.content_type,
            ref=ref,
        )
        self._count(
            message, answer, await self.reach.insist(lambda: self.consumer.finish(claimed, message.client, result))
        )

    async def bury(self, claimed: Claimed, message: TaskMessage | None, reason: str, answer: Answer) -> None:
        """Put an attempt among the dead letters, and tell its client, if it is known."""
        client, result = "", None
        if message is not None:
            client = message.client
            result = ResultMessage(**self._names(claimed, message), status=answer.status, body=answer.body)
        self.say(f"entry {claimed.entry} is a dead letter now: {answer.why}")
        if not await self.reach.insist(lambda: self.consumer.bury(claimed, reason, client, result)):
            self.metrics.fenced.inc()

    async def give_back(self, *claimed: Claimed) -> None:
        """Let others have attempts that this worker does not perform."""
        pairs = {one.entry: one.delivery for one in claimed}
        self.metrics.released.inc(await self.reach.insist(lambda: self.consumer.release(pairs)))

    def _names(self, claimed: Claimed, message: TaskMessage) -> dict[str, Any]:
        return {
            "id": message.id,
            "attempt": message.attempt,
            "delivery": claimed.delivery,
            "worker": self.consumer.name,
            "at_ms": now_ms(),
        }

    def _count(self, message: TaskMessage, answer: Answer, is_ours: bool) -> None:
        if not is_ours:
            self.metrics.fenced.inc()
            return
        is_known = message.handler in self.crews.schemas
        self.metrics.tasks(message.handler if is_known else "", answer.status.value).inc()

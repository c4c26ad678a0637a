"""Parcels: what is sent for an attempt, and what is taken of its result."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from ..attempt import Attempt, Outcome
from ..dataclass import dataclass
from ..frq.blob import get_blob, put_blob
from ..frq.keys import Keys
from ..frq.message import ResultMessage, TaskMessage
from ..frq.outgoing import has_files, outgoing
from ..frq.patience import Patience
from ..frq.pipeline import Pipeline
from ..frq.signature import SigningKeys
from ..frq.verdict import kept, outcome_of_result
from ..values.file_store import FileStore
from .executor import Workplace

_SMALL = 1 << 16
"""Bytes of a result up to which no thread is needed to keep it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an executor promises for its attempts."""

    max_deliveries: int
    lease_seconds: float
    worker_wait_seconds: float
    give_up_after_seconds: float
    retries_lost: bool
    max_inline_bytes: int
    window: int | None
    keys: SigningKeys | None
    traceparent: str
    """The span of which attempts are parts, in the form of W3C; empty: there is none."""


class Parcels:
    """Packs and unpacks. What is large goes beside the queue, and into a file of the run."""

    def __init__(self, pipeline: Pipeline, keys: Keys, patience: Patience, workplace: Workplace, terms: Terms) -> None:
        self._pipeline = pipeline
        self._keys = keys
        self._patience = patience
        self._workplace = workplace
        self._terms = terms

    async def message(self, attempt: Attempt) -> TaskMessage:
        """What is sent for an attempt. Raises what `outgoing` raises."""
        make = partial(
            outgoing,
            attempt,
            self._workplace.shared.texts(),
            self._store_of(attempt),
            max_deliveries=self._terms.max_deliveries,
            traceparent=self._terms.traceparent,
            encodes_parameters=self._workplace.hands_live,
        )
        return await asyncio.to_thread(make) if has_files(attempt) else make()

    async def sendable(self, message: TaskMessage) -> TaskMessage:
        """A large body beside it, every time: Redis may have lost that, too. And signed. Raises GivenUpError."""
        if len(message.body) > self._terms.max_inline_bytes:
            ref = await self._patience.insist(lambda: put_blob(self._pipeline, self._keys, message.body))
            message = replace(message, body=b"", ref=ref)
        keys = self._terms.keys
        return message if keys is None else keys.sign(message)

    async def body_of(self, result: ResultMessage) -> bytes:
        """The body, wherever it is. Raises GivenUpError, and UnreadableError if it is gone."""
        if not result.ref:
            return result.body
        return await self._patience.insist(lambda: get_blob(self._pipeline, self._keys, result.ref))

    async def outcome(self, attempt: Attempt, message: TaskMessage, result: ResultMessage, body: bytes) -> Outcome:
        """What a result means for the engine; shared values are those of the run from now on."""
        outcome = outcome_of_result(message, result, body, self._keys.queue, retries_lost=self._terms.retries_lost)
        for key, text in outcome.shared.items():
            self._workplace.shared.put(key, text)
        store, limit = self._store_of(attempt), self._workplace.max_result_bytes
        if len(body) < _SMALL:
            return kept(outcome, store, limit)
        return await asyncio.to_thread(kept, outcome, store, limit)

    def _store_of(self, attempt: Attempt) -> FileStore:
        return FileStore(self._workplace.root, attempt.job_name, attempt.run_id)

"""RedisExecutor: attempts are performed by workers elsewhere, in any language, that serve a queue in Redis."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from ..attempt import Attempt, Outcome
from ..errors import DefinitionError
from ..frq.address import DEFAULT_URL, Address, Tls
from ..frq.blob import HARD_LIMIT, INLINE_LIMIT
from ..frq.keys import DEFAULT_PREFIX, DEFAULT_QUEUE, Keys
from ..frq.signature import SigningKeys
from ..jobdefinition.quantities import Seconds
from .executor import Emit, Executor, Workplace, executor

if TYPE_CHECKING:
    from ..frq.connection import Connection
    from .redis_carrier import RedisCarrier

_MOST_UNDER_WAY = 2000


def _url() -> str:
    return os.environ.get("FLOWRUN_REDIS_URL", DEFAULT_URL)


@executor
class RedisExecutor(Executor):
    """Full isolation on other machines: a task goes on whatever happens to this one, and is found at a restart."""

    needs_class: ClassVar[bool] = False
    outlives_runner: ClassVar[bool] = True
    counts_timeout: ClassVar[bool] = True

    url: str = Field(default_factory=_url, repr=False)
    """Where Redis is; without it, what `FLOWRUN_REDIS_URL` says."""
    queue: str = DEFAULT_QUEUE
    """Which workers: those that serve this queue."""
    prefix: str = DEFAULT_PREFIX
    """What the keys of flowrun in this Redis begin with."""
    max_deliveries: int = Field(default=5, ge=1, le=1000)
    """So often an attempt is handed out if workers are lost with it; 1: at most once."""
    lease: Seconds = Field(default=15.0, ge=1, le=600)
    """That of the workers: so long one may be silent before another takes over."""
    worker_wait: Seconds = Field(default=300.0, gt=0)
    """A task that no live worker offers fails after this time."""
    give_up_after: Seconds = Field(default=600.0, gt=0)
    """The run ends, to be continued later, when Redis was away for so long."""
    on_lost: Literal["fail", "retry"] = "fail"
    """When so many workers were lost with an attempt as `max_deliveries` says; `retry`: `max_attempts` counts it."""
    insecure: bool = False
    """Redis on another host may be spoken to without TLS."""
    tls_ca: Path | None = None
    """The authority that signed the certificate of Redis; without it, those of this machine."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    """A certificate of our own, where Redis asks for one."""
    hmac_key_file: Path | None = None
    """Keys with which tasks are signed, one a line; the first signs."""
    max_inline_bytes: int = Field(default=INLINE_LIMIT, ge=1024, le=HARD_LIMIT)
    """Larger parameters are put beside the queue."""
    window: int | None = Field(default=None, ge=1)
    """So many attempts are in Redis at the same time, others wait here; without it, two for each slot of a worker."""

    __slots__ = ("_carrier",)  # not a private attribute: that is slow, and it is asked for in every attempt

    _workplace: Workplace = PrivateAttr()

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if find_spec("redis") is None or find_spec("hiredis") is None:
            raise ValueError("the executor needs the extra \"redis\": pip install 'flowrun-jobs[redis]'")
        self._address()
        Keys(self.prefix, self.queue)
        return self

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._carrier: RedisCarrier | None = None
        for name in ("tls_ca", "tls_cert", "tls_key", "hmac_key_file"):
            if (path := getattr(self, name)) is not None:
                setattr(self, name, workplace.root / path)

    def offers(self) -> Mapping[str, Any] | None:
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        from ..frq.offers import offers

        with ThreadPoolExecutor(1) as thread:  # a program may have an event loop of its own in this one
            return thread.submit(lambda: asyncio.run(offers(self._connection()))).result()

    @property
    def max_slots(self) -> int | None:
        return _MOST_UNDER_WAY

    async def on_create(self) -> None:
        from .redis_carrier import RedisCarrier  # only a job that uses it loads a client of Redis
        from .redis_parcels import Terms

        for path in (self.tls_ca, self.tls_cert, self.tls_key):
            if path is not None and not path.is_file():
                raise DefinitionError(f"executor redis: there is no file {path}")
        terms = Terms(
            max_deliveries=self.max_deliveries,
            lease_seconds=self.lease,
            worker_wait_seconds=self.worker_wait,
            give_up_after_seconds=self.give_up_after,
            retries_lost=self.on_lost == "retry",
            max_inline_bytes=self.max_inline_bytes,
            window=self.window,
            keys=self._keys(),
            traceparent=os.environ.get("TRACEPARENT", ""),
        )
        self._carrier = RedisCarrier(self._connection(), self._workplace, terms)
        await self._carrier.open()

    async def on_destroy(self) -> None:
        if self._carrier is not None:
            await self._carrier.close()

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        return await self._its_carrier.carry(attempt, emit)

    async def abort(self, attempt: Attempt) -> None:
        await self._its_carrier.abort(attempt)

    async def kill(self, attempt: Attempt) -> None:
        await self._its_carrier.kill(attempt)

    @property
    def _its_carrier(self) -> RedisCarrier:
        carrier = self._carrier
        if carrier is None:
            raise RuntimeError("the executor was not created")
        return carrier

    def _connection(self) -> Connection:
        from ..frq.connection import Connection

        return Connection(self._address(), Keys(self.prefix, self.queue), name="flowrun-runner")

    def _address(self) -> Address:
        return Address.parse(self.url, Tls(self.tls_ca, self.tls_cert, self.tls_key), is_insecure=self.insecure)

    def _keys(self) -> SigningKeys | None:
        if self.hmac_key_file is None:
            return None
        try:
            return SigningKeys.read(self.hmac_key_file)
        except (OSError, ValueError) as error:
            raise DefinitionError(f"executor redis: hmac_key_file: {error}") from None

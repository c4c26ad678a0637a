"""Link: the connection of one run to the scheduler of a Dask cluster."""

from __future__ import annotations

import asyncio
import contextlib
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from itertools import count
from typing import Any
from uuid import uuid4

from distributed import Client, Future
from distributed.versions import VersionMismatchWarning

from ...dataclass import dataclass
from ...errors import DefinitionError, ServiceUnreachableError
from ...version import __version__
from . import on_worker
from .hush import hush
from .order import kept_key
from .project import Project
from .settings import Endpoint
from .versions import differences

Hear = Callable[[str, str, list[Any]], None]
"""Told what a worker has to say: its id, its address, its news."""

_LAST_WAIT_SECONDS = 2.0
_EQUIP_SECONDS = 10.0
_SEND_SECONDS = 0.001
"""Dask's client would collect for 10 ms what it sends; here ready tasks come together anyway, and a chain waits."""


@dataclass(frozen=True, slots=True)
class Where:
    """On which workers of the cluster attempts may run, and which first."""

    workers: Sequence[str] = ()
    resources: Mapping[str, float] = field(default_factory=dict)
    priority: int = 0


class Link:
    """A client of Dask that knows the project. It is not mended: when the connection is lost, another one is made."""

    def __init__(self, client: Any, endpoint: Endpoint, project: Project, where: Where) -> None:
        self._client = client
        self._stream = client.scheduler_comm
        self._stream.interval = _SEND_SECONDS
        self._endpoint = endpoint
        self._project = project
        self._where = where
        self._topic = f"flowrun-{uuid4().hex}"
        self._numbers = count()
        self.allowed_failures = 0

    @classmethod
    async def opened(cls, endpoint: Endpoint, project: Project, where: Where, hear: Hear, seconds: float) -> Link:
        """Connect, and bring the project to the workers that are there.

        Raises ServiceUnreachableError if there is no cluster, or none that can perform the tasks.
        """
        hush.begin()
        try:
            link = cls(await _connected(endpoint, seconds), endpoint, project, where)
        except BaseException:
            hush.end()
            raise
        try:
            await link._settle(hear)
        except OSError as error:
            await link.close()
            raise _unreachable(endpoint, error) from error
        except BaseException:
            await link.close()
            raise
        return link

    @property
    def is_whole(self) -> bool:
        """The connection has not been lost since it was made."""
        return self._client.status == "running" and self._client.scheduler_comm is self._stream

    @property
    def id(self) -> str:
        """What the scheduler knows this client by."""
        return str(self._client.id)

    def kept(self, name: str) -> Any:
        """The future of a value that a worker has left on the cluster for this client."""
        return Future(kept_key(self._topic, name), self._client, state="memory")  # type: ignore[arg-type]  # it is a name

    def submit(self, orders: Mapping[str, bytes], arriving: Mapping[str, list[Any]]) -> list[Any]:
        """Hand over attempts, all at once; `arriving` are the futures of what they need of the cluster."""
        needed = [[arriving.get(attempt, []) for attempt in orders]] if arriving else []
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # the values are large, and must go there
            futures: list[Any] = self._client.map(
                on_worker.perform,
                list(orders.values()),
                *needed,
                key=[(self._topic, attempt, next(self._numbers)) for attempt in orders],
                topic=self._topic,
                pure=False,
                retries=0,
                workers=list(self._where.workers) or None,
                resources=dict(self._where.resources) or None,
                priority=self._where.priority,
            )
        return futures

    async def fetched(self, future: Any) -> bytes | None:
        """The outcome that was too long to be told."""
        outcome: bytes | None = await future
        return outcome

    async def command(self, attempts: Sequence[str], verb: bytes, workers: Sequence[str] | None) -> set[str]:
        """Ask attempts to end, or kill them, on these workers or on all. Gives those that were found."""
        answers = await self._run(on_worker.command, list(attempts), verb, workers=workers)
        return {attempt for found in answers.values() if isinstance(found, list) for attempt in found}

    async def withdraw(self, futures: Sequence[Any]) -> None:
        """Nobody waits for these any more; workers that have them kill them."""
        await self._client.cancel(futures)

    async def equip(self, workers: Sequence[str] | None = None) -> None:
        """Bring the project to these workers, or to all. Raises ServiceUnreachableError if one of them has no use."""
        for address, answer in (await self._run(on_worker.equip, self._project, workers=workers)).items():
            if answer and not isinstance(answer, OSError):  # one that is just being lost
                raise ServiceUnreachableError(f"the Dask worker {address} {_told(answer)}")

    async def close(self, unwanted: Sequence[Any] = ()) -> None:
        """Say goodbye, if there is still somebody; nobody waits for what is `unwanted`."""
        with contextlib.suppress(Exception):  # the workers see for themselves that nobody waits
            async with asyncio.timeout(_LAST_WAIT_SECONDS):
                if self.is_whole:
                    await self.withdraw(unwanted)
                    await self._run(on_worker.dismiss)
                    await self._client.run_on_scheduler(on_worker.forget, self._topic)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LAST_WAIT_SECONDS):
                await self._client.close()
        hush.end()

    async def _settle(self, hear: Hear) -> None:
        try:
            facts = await self._client.run_on_scheduler(on_worker.look_at_scheduler, self._topic)
        except ImportError as error:
            raise ServiceUnreachableError(f"the Dask scheduler at {self._endpoint.address} {_told(error)}") from error
        self.allowed_failures = facts["allowed_failures"]
        lines = differences(await self._client.get_versions())
        if facts["flowrun"] != __version__:
            lines.append(f"the scheduler has flowrun {facts['flowrun']}, and the runner has {__version__}")
        if lines:
            rest = f"; and {len(lines) - 5} more" if len(lines) > 5 else ""
            raise ServiceUnreachableError(
                f"the Dask cluster at {self._endpoint.address} has other versions: {'; '.join(lines[:5])}{rest}. "
                "Install the same versions everywhere"
            )
        self._client.subscribe_topic(
            self._topic, lambda event: hear(event[1]["by"], event[1]["worker"], event[1]["news"])
        )
        with contextlib.suppress(TimeoutError):  # a worker that does not answer now asks later
            async with asyncio.timeout(_EQUIP_SECONDS):
                await self.equip()

    async def _run(self, function: Callable[..., Any], *arguments: Any, workers: Any = None) -> dict[str, Any]:
        answers: dict[str, Any] = await self._client.run(
            function, *arguments, topic=self._topic, workers=workers, on_error="return"
        )
        return answers


async def _connected(endpoint: Endpoint, seconds: float) -> Any:
    client = _client(endpoint, seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # said in our own words
            await client
    except (OSError, TimeoutError, ValueError) as error:
        with contextlib.suppress(Exception):
            await client.close()
        raise _unreachable(endpoint, error) from error
    return client


def _client(endpoint: Endpoint, seconds: float) -> Any:
    try:
        return Client(  # type: ignore[no-untyped-call]
            endpoint.address,
            security=endpoint.security,
            asynchronous=True,
            set_as_default=False,
            timeout=seconds,
            direct_to_workers=False,
            name="flowrun",
        )
    except OSError as error:  # it has read the files for TLS, and connects only later
        raise DefinitionError(f"the files under `tls` cannot be used: {error.strerror or error}") from error


def _unreachable(endpoint: Endpoint, error: BaseException) -> ServiceUnreachableError:
    text = (str(error.__cause__ or error).splitlines() or ["no answer in time"])[0]
    reason = re.sub(r"^in <[^>]*>: ", "", text)
    return ServiceUnreachableError(f"no Dask scheduler answers at {endpoint.address}: {reason}")


def _told(answer: object) -> str:
    """What is wrong with a worker or scheduler, after its name."""
    if "No module named 'flowrun" in str(answer):
        return f"has not this flowrun: {answer}. Install flowrun-jobs[dask] {__version__} there"
    return str(answer) if isinstance(answer, str) else f"failed: {type(answer).__name__}: {answer}"

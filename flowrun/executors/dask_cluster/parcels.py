"""Parcels: what is sent for an attempt, and what is taken of its outcome."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ... import values
from ...attempt import Attempt, Outcome, Reason
from ...values.file_store import FileStore
from ..executor import Workplace
from .kept import Kept, task_of
from .order import Order, needs_of, travelling
from .sent import Sent


class Parcels:
    """Packs and unpacks. What is large goes into a file of the run, or stays on the cluster."""

    def __init__(self, workplace: Workplace, staying: Collection[str]) -> None:
        """`staying`: the tasks whose results may stay on the cluster if they are large."""
        self.kept = Kept()
        self._workplace = workplace
        self._staying = staying

    def packed(self, sent: Sent, shared: Mapping[str, str], keeper: str) -> bytes | Outcome:
        """The order for an attempt; its outcome if it cannot be sent. `keeper` is our client."""
        attempt, on_cluster = sent.attempt, self.kept.names
        needs = needs_of(attempt)
        if lost := self.kept.said_of_lost(needs):
            return _without_input(lost)
        sent.needs = [name for name in needs if name in on_cluster]
        is_encoding = self._workplace.hands_live
        try:
            travels = travelling(attempt, self._store_of(attempt), on_cluster, encodes_parameters=is_encoding)
            return Order(travels, shared, keeper, tuple(sent.needs)).packed()
        except Exception as error:  # a value of the user's: its own code says whether it can be encoded
            message = f"a parameter cannot be handed over: {type(error).__name__}: {error}"
            return Outcome.failed(message, Reason.NOT_STARTED).but(error_types=("NotStarted",))

    def arriving(self, sent: Sent) -> list[Any]:
        """The futures of what Dask brings to the worker of an attempt."""
        return self.kept.futures(sent.needs)

    def without_arriving(self, sent: Sent) -> Outcome:
        """Dask could not bring it."""
        return _without_input(self.kept.said_of_lost(sent.needs, is_certain=True))

    def left(self, sent: Sent, name: str, future: Any) -> None:
        """The worker has left the result of an attempt on the cluster."""
        if task_of(sent.attempt) in self._staying:
            self.kept.add(name, future, sent.attempt, self._store_of(sent.attempt))
        else:
            sent.left = future

    async def whole(self, sent: Sent, outcome: Outcome) -> Outcome:
        """The outcome with the result that its worker has left on the cluster."""
        try:
            data = await sent.left
        except Exception as error:  # Dask has several for it
            message = f"its result was lost with its worker: {type(error).__name__}: {error}"
            return Outcome.failed(message, Reason.LOST).but(error_types=("Lost",))
        finally:
            sent.left.release()  # Dask's own frames may hold it for a while
        return outcome.but(result=str(data, "utf-8", "surrogatepass"))

    def taken(self, sent: Sent, outcome: Outcome) -> Outcome:
        """The outcome for the engine; shared values are those of the run from now on."""
        for key, text in outcome.shared.items():
            self._workplace.shared.put(key, text)
        if outcome.result is None:
            return outcome
        return outcome.but(result=values.put_aside(outcome.result, self._store_of(sent.attempt)))

    def _store_of(self, attempt: Attempt) -> FileStore:
        return FileStore(self._workplace.root, attempt.job_name, attempt.run_id)


def _without_input(why: str) -> Outcome:
    return Outcome.failed(why, Reason.LOST).but(error_types=("Lost",), is_final=True)

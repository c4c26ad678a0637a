"""Order: one attempt on its way to a Dask worker, as plain bytes that nobody in between looks into."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ... import values
from ...attempt import Attempt
from ...dataclass import dataclass
from ...values.file_store import FileStore
from ...values.stayed import filled, names_in

_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be performed, and the shared values as they are at its start."""

    attempt: Attempt
    shared: Mapping[str, str]
    keeper: str = ""
    """The client of Dask for which a large result is left on the cluster."""
    needs: tuple[str, ...] = ()
    """Names of values on the cluster that Dask brings to the worker."""

    def packed(self) -> bytes:
        """As bytes."""
        return json.dumps([self.attempt.body(), dict(self.shared), self.keeper, self.needs]).encode()

    @classmethod
    def unpacked(cls, data: bytes, arrived: Sequence[bytes] = ()) -> Order:
        """The order of these bytes, with what it needs."""
        body, shared, keeper, needs = json.loads(data)
        order = cls(Attempt.from_body(body), shared, keeper, tuple(needs))
        return order._with(dict(zip(needs, arrived, strict=True))) if needs else order

    def _with(self, arrived: Mapping[str, bytes]) -> Order:
        def data(name: str, _tag: str) -> str:
            return str(arrived[name], "utf-8", "surrogatepass")

        given = {name: filled(text, data) for name, text in self.attempt.given.items()}
        return replace(self, attempt=replace(self.attempt, given=given))


def kept_key(topic: str, name: str) -> tuple[str, str, str]:
    """What Dask knows a value by that stays on the cluster."""
    return (topic, "kept", name)


def travelling(
    attempt: Attempt, store: FileStore, on_cluster: Collection[str] = (), *, encodes_parameters: bool
) -> Attempt:
    """The attempt with everything it needs: a worker elsewhere cannot read values that are in files of this machine.

    What is `on_cluster` is left as it stands. Raises TypeError for a parameter of a job in Python that cannot be
    encoded.
    """
    given = {name: _whole(text, store, on_cluster) for name, text in attempt.given.items()}
    plain = attempt.parameters
    if encodes_parameters:
        plain = {name: value for name, value in attempt.parameters.items() if isinstance(value, _PLAIN)}
        more = {name: value for name, value in attempt.parameters.items() if name not in plain}
        given = {name: values.encode(value) for name, value in more.items()} | given
    return replace(attempt, parameters=plain, given=given)


def needs_of(attempt: Attempt) -> list[str]:
    """Names of what an attempt is given that stayed where it was made, each once."""
    return list(dict.fromkeys(name for text in attempt.given.values() for name in names_in(text)))


def _whole(text: str, store: FileStore, on_cluster: Collection[str]) -> str:
    """The text without files. What is on the cluster has a text of its own meanwhile, which nothing else looks like."""
    if '"$file"' not in text:
        return text
    left: dict[str, str] = {}

    def leave(name: str, tag: str) -> str:
        if name not in on_cluster:
            return tag
        left[f'"{name}"'] = tag
        return f'"{name}"'

    text = filled(text, leave)
    if '"$file"' in text:
        text = values.encode(values.decode(text, store))
    for name, tag in left.items():
        text = text.replace(name, tag)
    return text

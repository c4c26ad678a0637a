"""Order: one attempt on its way to a Dask worker, as plain bytes that nobody in between looks into."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from ... import values
from ...attempt import Attempt
from ...dataclass import dataclass
from ...values.file_store import FileStore

_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be performed, and the shared values as they are at its start."""

    attempt: Attempt
    shared: Mapping[str, str]

    def packed(self) -> bytes:
        """As bytes."""
        return json.dumps([self.attempt.body(), dict(self.shared)]).encode()

    @classmethod
    def unpacked(cls, data: bytes) -> Order:
        """The order of these bytes."""
        body, shared = json.loads(data)
        return cls(Attempt.from_body(body), shared)


def travelling(attempt: Attempt, store: FileStore, *, encodes_parameters: bool) -> Attempt:
    """The attempt with everything it needs: a worker elsewhere cannot read values that are in files of this machine.

    Raises TypeError for a parameter of a job in Python that cannot be encoded.
    """
    given = {name: _whole(text, store) for name, text in attempt.given.items()}
    plain = attempt.parameters
    if encodes_parameters:
        plain = {name: value for name, value in attempt.parameters.items() if isinstance(value, _PLAIN)}
        more = {name: value for name, value in attempt.parameters.items() if name not in plain}
        given = {name: values.encode(value) for name, value in more.items()} | given
    return replace(attempt, parameters=plain, given=given)


def _whole(text: str, store: FileStore) -> str:
    return values.encode(values.decode(text, store)) if '"$file"' in text else text

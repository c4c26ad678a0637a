"""Outgoing: the message that is sent for an attempt, with everything that must leave this machine and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .. import values
from ..attempt import Attempt
from ..values.file_store import FileStore
from .blob import BLOB_LIMIT
from .body import write
from .inline import inlined
from .keys import attempt_id
from .message import TaskMessage
from .task_body import task_body

_SCALARS = (str, int, float, bool, type(None))


def outgoing(
    attempt: Attempt,
    shared: Mapping[str, str],
    store: FileStore,
    *,
    max_deliveries: int,
    traceparent: str = "",
    encodes_parameters: bool = False,
) -> TaskMessage:
    """The message. `encodes_parameters`: those of a job in Python may be values that JSON does not know.

    Raises ValueError or TypeError for what cannot be sent, and CheckpointInvalidError for files that are gone.
    """
    if secret := sorted(set(attempt.secrets) & set(attempt.given)):
        raise ValueError(
            f"the parameter {secret[0]!r} has a secret, and secrets do not leave this machine: name it under "
            "`secrets:`, and the worker takes it from its own environment"
        )
    travelling = _with_everything(attempt, store, encodes_parameters=encodes_parameters)
    data = write(task_body(travelling, shared))
    if len(data) > BLOB_LIMIT:
        raise ValueError(
            f"parameters and shared values take {len(data):,} bytes, more than {BLOB_LIMIT:,}: "
            "hand over the path of a file instead"
        )
    return TaskMessage(
        id=attempt_id(attempt.run_id, attempt.task, attempt.number),
        handler=attempt.variant,
        client=attempt.run_id,
        body=data,
        attempt=attempt.number,
        max_deliveries=1 if attempt.at_most_once else max_deliveries,
        timeout_ms=round((attempt.timeout_seconds or 0) * 1000),
        traceparent=traceparent,
    )


def has_files(attempt: Attempt) -> bool:
    """Files must be read before it can be sent."""
    return any('"$file"' in text for text in attempt.given.values())


def _with_everything(attempt: Attempt, store: FileStore, *, encodes_parameters: bool) -> Attempt:
    given = {name: inlined(text, store) for name, text in attempt.given.items()}
    if encodes_parameters:
        plain = {name: value for name, value in attempt.parameters.items() if isinstance(value, _SCALARS)}
        others = attempt.parameters.keys() - plain.keys() - given.keys()
        given |= {name: values.encode(attempt.parameters[name]) for name in others}
        return replace(attempt, parameters=plain, given=given)
    return replace(attempt, given=given) if given else attempt

"""Record: what a task was given and made when it last completed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..attempt import Outcome
from ..dataclass import dataclass
from .file_digests import FileDigest
from .grounds import Grounds

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What a task was given and made when it last completed."""

    task: str
    run_id: str
    at: datetime
    grounds: Grounds
    outputs: Mapping[str, FileDigest]
    outcome: Outcome

    def values(self) -> list[str]:
        """The encoded values in the outcome."""
        return [text for text in (self.outcome.result, *self.outcome.shared.values()) if text is not None]

    def text(self) -> str:
        """The JSON form."""
        grounds = self.grounds
        body = {
            "version": _VERSION,
            "task": self.task,
            "run": self.run_id,
            "at": self.at.isoformat(),
            "variant": grounds.variant,
            "salt": grounds.salt,
            "parameters": grounds.parameters,
            "key": grounds.key,
            "env": grounds.env,
            "source": _bodies(grounds.source),
            "inputs": _bodies(grounds.inputs),
            "outputs": _bodies(self.outputs),
            "outcome": self.outcome.body(),
        }
        return json.dumps(body, indent=1)


def record_of(text: str) -> Record:
    """The record with this JSON form. Raises ValueError for any other text."""
    try:
        body = json.loads(text)
        if body["version"] != _VERSION:
            raise ValueError("it is of another version")
        grounds = Grounds(
            salt=str(body["salt"]),
            variant=str(body["variant"]),
            source=_digests(body["source"]),
            parameters=_texts(body["parameters"]),
            key=_texts(body["key"]),
            env=_texts(body["env"]),
            inputs=_digests(body["inputs"]),
        )
        return Record(
            task=str(body["task"]),
            run_id=str(body["run"]),
            at=datetime.fromisoformat(body["at"]),
            grounds=grounds,
            outputs=_digests(body["outputs"]),
            outcome=_outcome(body["outcome"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is damaged: {error}") from error


def _outcome(body: dict[str, Any]) -> Outcome:
    outcome = Outcome.from_body(body)
    texts = [outcome.result, *outcome.shared, *outcome.shared.values()]
    if not outcome.is_completed or not all(text is None or isinstance(text, str) for text in texts):
        raise ValueError("its outcome is damaged")
    return outcome


def _bodies(digests: Mapping[str, FileDigest]) -> dict[str, list[Any]]:
    return {name: [digest.text, *(digest.traits or ())] for name, digest in digests.items()}


def _digests(bodies: dict[str, list[Any]]) -> dict[str, FileDigest]:
    return {name: FileDigest(str(text), tuple(map(int, traits)) or None) for name, (text, *traits) in bodies.items()}


def _texts(body: dict[str, str]) -> dict[str, str]:
    return {str(name): str(text) for name, text in body.items()}

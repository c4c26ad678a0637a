"""Inline: values that stand in files of the project, put into the text, so that it can leave this machine."""

from __future__ import annotations

import json
from binascii import b2a_base64
from typing import Any

from ..values.compact_json import compact
from ..values.file_store import FileStore


def inlined(text: str, store: FileStore) -> str:
    """The text of a value with everything in it. Nothing of the value is made: no class is needed, no code runs.

    Raises CheckpointInvalidError if a file is not there as it was.
    """
    if '"$file"' not in text:
        return text

    def with_content(found: dict[str, Any]) -> Any:
        if len(found) != 1 or not isinstance(place := found.get("$file"), dict):
            return found
        return _content(place, store)

    return compact(json.loads(text, object_hook=with_content))


def _content(place: dict[str, Any], store: FileStore) -> Any:
    kind, data = place["kind"], store.get_bytes(place["name"], place["size"])
    if kind == "text":
        return str(data, "utf-8", "surrogatepass")
    if kind == "json":
        return json.loads(inlined(str(data, "utf-8", "surrogatepass"), store))
    encoded = b2a_base64(data, newline=False).decode()
    if kind == "memoryview":
        form = {name: place[name] for name in ("format", "shape") if name in place}
        return {"$memoryview": [encoded, *([form] if form else [])]}
    return {f"${kind}": encoded}

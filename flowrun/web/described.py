"""What the specification says of every route besides its own answer."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from .refusal import MEDIA_TYPE, RefusalBody

_SCHEMA = TypeAdapter(RefusalBody).json_schema(ref_template="#/components/schemas/{model}")
_PROBLEM = _SCHEMA.pop("$defs")

_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/RefusalBody"}}}

REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request cannot be answered.", "content": _CONTENT},
    "5XX": {"description": "The server cannot answer.", "content": _CONTENT},
}
"""How every route may refuse."""

SCHEMAS: dict[str, Any] = {"RefusalBody": _SCHEMA, **_PROBLEM}
"""What they refer to."""

NOT_CHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "What the caller has is still right."}}
"""How a route with an ETag may answer, too."""

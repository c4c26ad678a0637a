"""Component: what every section of a job file shares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Component(BaseModel):
    """What every section shares: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        # `use_attribute_docstrings` would read the source whenever flowrun starts.
        from .descriptions import descriptions_of

        answer = handler(schema)
        properties = handler.resolve_ref_schema(answer).get("properties", {})
        for name, text in descriptions_of(cls).items():
            properties[cls.model_fields[name].alias or name]["description"] = text
        return answer

"""Schema: the JSON Schema of job files, with the parameters of the classes of a project, for editors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from .bundled import BUNDLED
from .checkpointer.checkpointer import checkpointers
from .defaults import filled_parameters
from .discovery import Discovery, find
from .executors.executor import executors
from .extensions.extension import extensions
from .jobdefinition.keypath import GROUPS
from .jobdefinition.model import JobDefinition
from .loggers.logger import loggers
from .registry import Registry
from .secrets.secrets import sources
from .task import tasks

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = {"type": "string", "pattern": r"\$(ENV|VAR|SYS|\{)\{"}
_NO_PART_OF_A_KEY = re.compile(r"[^\w.]")
_NARROW = frozenset({"const", "enum", "format", "pattern", "minLength", "maxLength"})
_SCALARS = frozenset({"integer", "number", "boolean"})
_ABOUT = ("title", "description", "default")
_REGISTRIES: Mapping[str, Registry[Any]] = {
    "TaskDefinition": tasks,
    "LoggerDefinition": loggers,
    "ExtensionDefinition": extensions,
    "CheckpointerDefinition": checkpointers,
    "ExecutorDefinition": executors,
    "SecretsDefinition": sources,
}


def job_schema(discovery: Discovery, announced: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> Schema:
    """The schema (draft 2020-12) of one job file: all keys, and for each class of the project its parameters.

    `announced` are the schemas of the parameters of classes that only workers elsewhere have, by their names.

    What an included file may bring is not asked for in a file with `include:`. Everywhere a value may be a variable,
    as in `$VAR{rows:1000}`, or an expression.
    """
    schema = JobDefinition.model_json_schema(schema_generator=_Generator)
    definitions: Schema = schema.pop("$defs")
    definitions = {name: _with_variables(definition) for name, definition in definitions.items()}
    whole = {}
    for name, registry in _REGISTRIES.items():
        classes = dict(_classes(registry, discovery))
        part = definitions[name]
        _accept_other_spellings(part, registry.kind)
        whole[f"Whole{name}"] = _whole(registry.kind, classes)
        _choose_parameters(part, registry.kind, classes)
        definitions |= _parameter_definitions(registry.kind, classes)
    _choose_announced(definitions["TaskDefinition"], announced)
    definitions |= {definition_key(tasks.kind, name): _announced(name, schema) for name, schema in announced.items()}
    schema = _with_variables(schema)
    schema["properties"]["aliases"] = {"description": "Free space for anchors."}
    schema.pop("required", None)
    return {
        "$schema": DIALECT,
        **schema,
        "if": {"required": ["include"]},
        "else": {"properties": _pointing_at_whole(schema["properties"])},
        "$defs": {**definitions, **whole},
    }


def parameter_schema(cls: type[BaseModel]) -> Schema | None:
    """The schema of the parameters of one class, as they are when a task begins. None: its own hooks cannot say it."""
    try:
        return cls.model_json_schema(schema_generator=_Generator)
    except Exception:  # the class may bring hooks of its own for its schema
        return None


class _Generator(GenerateJsonSchema):
    """Takes a type that JSON Schema cannot say for anything, instead of giving up."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> Schema:
        return {}


def _classes(registry: Registry[Any], discovery: Discovery) -> Iterator[tuple[str, type[BaseModel]]]:
    """Every name that a job file of this project may use. Of a name that two classes claim there is none."""
    names = [entry.name for entry in registry if discovery.has(entry)]
    for name in sorted({*names, *BUNDLED.get(registry.kind, ())}):
        found = find(registry, name, discovery)
        if len(found) == 1 and (cls := found[0].made()) is not None:
            yield name, cls


def _accept_other_spellings(part: Schema, kind: str) -> None:
    properties = part["properties"]
    properties["variant"] = properties[kind]
    part["required"] = []
    part["not"] = {"required": [kind, "variant"]}
    if "dependencies" in properties:
        properties["depends_on"] = properties["dependencies"]
        part["not"] = {"anyOf": [part["not"], {"required": ["dependencies", "depends_on"]}]}


def _choose_parameters(part: Schema, kind: str, classes: Mapping[str, type[BaseModel]]) -> None:
    """The class decides what stands under `parameters`."""
    if not classes:
        return
    names = {"anyOf": [{"const": name, "description": _first_line(cls)} for name, cls in classes.items()]}
    called = {**part["properties"][kind], **_or_variable(names)}
    part["properties"] |= {kind: called, "variant": called}
    part["allOf"] = [_choice(kind, name) for name in classes]


def _choice(kind: str, name: str) -> Schema:
    return {"if": _is_called(kind, name), "then": {"properties": {"parameters": {"$ref": _reference(kind, name)}}}}


def _choose_announced(part: Schema, names: Iterable[str]) -> None:
    """The same for classes that workers have."""
    for name in names:
        part["properties"][tasks.kind]["anyOf"][0]["anyOf"].append({"const": name, "description": "On workers."})
        part["allOf"].append(_choice(tasks.kind, name))


def _announced(name: str, schema: Mapping[str, Any]) -> Schema:
    """The schema that workers announce; what it refers to is in itself."""
    wider = _with_expressions(_with_variables(dict(schema)))
    wider.pop("required", None)
    return {**wider, "$id": f"urn:flowrun:{definition_key(tasks.kind, name)}"}


def _whole(kind: str, classes: Mapping[str, type[BaseModel]]) -> Schema:
    """What an entry must have if nothing is merged into it: a class, and the parameters without a default."""
    rules = []
    for called, cls in classes.items():
        required = [key for key in _needed(cls) if key not in filled_parameters(cls)]
        if required:
            then = {"required": ["parameters"], "properties": {"parameters": {"required": required}}}
            rules.append({"if": _is_called(kind, called), "then": then})
    named = [{"required": [kind]}, {"required": ["variant"]}]
    if kind != tasks.kind:
        return {"allOf": [{"anyOf": named}, *rules]}
    members = {"additionalProperties": {"$ref": "#/$defs/WholeTaskDefinition"}}
    return {
        "allOf": [{"anyOf": [*named, *({"required": [group]} for group in GROUPS)]}, *rules],
        "properties": dict.fromkeys(GROUPS, members),
    }


def _needed(cls: type[BaseModel]) -> list[str]:
    return [field.alias or key for key, field in cls.model_fields.items() if field.is_required()]


def _pointing_at_whole(sections: Mapping[str, Schema]) -> Schema:
    pointing: Schema = {}
    for section, schema in sections.items():
        for name in _REGISTRIES:
            reference = {"$ref": f"#/$defs/Whole{name}"}
            if schema.get("$ref") == f"#/$defs/{name}":
                pointing[section] = reference
            elif schema.get("additionalProperties") == {"$ref": f"#/$defs/{name}"}:
                pointing[section] = {"additionalProperties": reference}
    return pointing


def _is_called(kind: str, name: str) -> Schema:
    return {"anyOf": [{"required": [key], "properties": {key: {"const": name}}} for key in (kind, "variant")]}


def _reference(kind: str, name: str) -> str:
    return f"#/$defs/{definition_key(kind, name)}"


def definition_key(kind: str, name: str) -> str:
    """Where the parameters of a class stand below `$defs`.

    It is without what means something in a reference: `@task(name=...)` takes any name.
    """
    plain = _NO_PART_OF_A_KEY.sub(lambda found: f"-{ord(found[0]):x}-", name)
    return f"{kind}.{plain}"


def _parameter_definitions(kind: str, classes: Mapping[str, type[BaseModel]]) -> Schema:
    definitions: Schema = {}
    for name, cls in classes.items():
        template = f"{_reference(kind, name)}.{{model}}"
        try:
            schema = cls.model_json_schema(ref_template=template, schema_generator=_Generator)
        except Exception:  # the class may bring hooks of its own for its schema
            schema = {"type": "object"}
        schema.pop("required", None)
        nested = schema.pop("$defs", {})
        definitions[definition_key(kind, name)] = _with_expressions(_with_variables(schema))
        for model, below in nested.items():
            definitions[f"{definition_key(kind, name)}.{model}"] = _with_expressions(_with_variables(below))
    return definitions


def _with_variables(schema: Any) -> Any:
    """The schema that also takes a variable wherever a number, a date or the like is asked for."""
    if not isinstance(schema, dict):
        return schema
    wider: Schema = {}
    for key, value in schema.items():
        match key:
            case "properties" | "$defs" | "patternProperties":
                wider[key] = {name: _with_variables(below) for name, below in value.items()}
            case "anyOf" | "allOf" | "prefixItems":
                wider[key] = [_with_variables(below) for below in value]
            case "oneOf":  # a variable may fit more than one
                wider["anyOf"] = [_with_variables(below) for below in value]
            case "items" | "additionalProperties":
                wider[key] = _with_variables(value)
            case _:
                wider[key] = value
    if wider.get("type") in _SCALARS or not _NARROW.isdisjoint(wider):
        about = {key: wider.pop(key) for key in _ABOUT if key in wider}
        return {**_or_variable(wider), **about}
    return wider


def _with_expressions(schema: Schema) -> Schema:
    """The schema of a class that also takes an expression in the place of a list or a mapping."""
    properties = {name: _or_expression(below) for name, below in schema.get("properties", {}).items()}
    return {**schema, "properties": properties} if properties else schema


def _or_expression(schema: Schema) -> Schema:
    takes_one = _VARIABLE in schema.get("anyOf", ())
    if takes_one or (schema.get("type") not in ("array", "object") and schema.keys().isdisjoint(("$ref", "anyOf"))):
        return schema
    about = {key: schema[key] for key in _ABOUT if key in schema}
    return {**_or_variable({key: value for key, value in schema.items() if key not in _ABOUT}), **about}


def _or_variable(schema: Schema) -> Schema:
    return {"anyOf": [schema, _VARIABLE]}


def _first_line(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0]

"""JSON Schema 2020-12, the part that is taken: which schemas these are, and whether a value is valid under one.

Taken are type, enum, const, properties, required, additionalProperties, items, minItems, maxItems, minLength,
maxLength, minimum, maximum, exclusiveMinimum, exclusiveMaximum; what only describes is passed over. Everything else,
pattern and $ref among it, is a fault of the graph: a constraint that nobody checks would be worse than none.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from psmp.rules.orchestration.canonical import canonical
from psmp.words.orchestration.graph import Schema

Path = tuple[str | int, ...]

TYPES: Final = ("null", "boolean", "integer", "number", "string", "array", "object")
DESCRIBING: Final = frozenset(
    {"$schema", "$comment", "title", "description", "default", "examples", "deprecated", "format"}
)
_COUNTS: Final = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
_NUMBERS: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_SUBSCHEMAS: Final = frozenset({"items", "additionalProperties"})


def is_number(value: object) -> bool:
    """Whether JSON calls it a number: Python's booleans are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def kind_of(value: object) -> str:
    """The narrowest of the seven types; a whole number is an integer however it is written."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema admits by its ``type``; an integer is a number too."""
    named = schema.get("type", TYPES)
    return (named,) if isinstance(named, str) else tuple(named)


def choices(schema: Mapping[str, Any]) -> list[Any] | None:
    """The values that ``enum`` and ``const`` leave; None where neither is given."""
    if "const" in schema:
        return [schema["const"]]
    named = schema.get("enum")
    return None if named is None else list(named)


def faults_in(schema: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """What is wrong with a schema itself, each with its place in it."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield path, "a schema is an object, true or false"
        return
    for word, said in schema.items():
        yield from _faults_of_word(word, said, (*path, word))


def _faults_of_word(word: str, said: object, path: Path) -> Iterator[tuple[Path, str]]:
    if word == "properties":
        if isinstance(said, dict):
            for name, each in said.items():
                yield from faults_in(each, (*path, name))
        else:
            yield path, "properties are an object"
    elif word in _SUBSCHEMAS:
        yield from faults_in(said, path)
    elif word not in _FORMS:
        if word not in DESCRIBING:
            yield path, f"{word} is not among the keywords that are taken"
    elif not _FORMS[word](said):
        yield path, f"{word} cannot be that"


def _is_count(said: object) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0


def _is_types(said: object) -> bool:
    named = [said] if isinstance(said, str) else said
    return isinstance(named, list) and bool(named) and all(each in TYPES for each in named)


def _is_names(said: object) -> bool:
    return isinstance(said, list) and all(isinstance(each, str) for each in said)


def _is_anything(said: object) -> bool:
    return said is said  # noqa: PLR0124 - every value will do


_FORMS: Final[Mapping[str, Callable[[object], bool]]] = MappingProxyType(
    {
        "type": _is_types,
        "enum": lambda said: isinstance(said, list) and bool(said),
        "const": _is_anything,
        "required": _is_names,
        **dict.fromkeys(_COUNTS, _is_count),
        **dict.fromkeys(_NUMBERS, is_number),
    }
)


def breach(schema: Schema, value: Any, at: str = "") -> str | None:  # noqa: ANN401 - JSON is any of its types
    """Why a value is not valid under a schema without faults, and where; None when it is valid."""
    if isinstance(schema, bool):
        return None if schema else f"{at or 'it'} is not taken at all"
    here = at or "it"
    kind = kind_of(value)
    types = types_of(schema)
    if kind not in types and not (kind == "integer" and "number" in types):
        return f"{here} is {kind}, not {' or '.join(types)}"
    if not _is_chosen(schema, value):
        return f"{here} is none of the values that are named"
    match kind:
        case "integer" | "number":
            return _number_breach(schema, value, here)
        case "string":
            return _length_breach(schema, len(value), "Length", here)
        case "array":
            return _length_breach(schema, len(value), "Items", here) or next(
                filter(None, (breach(schema.get("items", True), each, f"{at}/{n}") for n, each in enumerate(value))),
                None,
            )
        case "object":
            return _object_breach(schema, value, at)
        case _:
            return None


def _is_chosen(schema: Mapping[str, Any], value: object) -> bool:
    spelled = canonical(value)
    constant = "const" not in schema or canonical(schema["const"]) == spelled
    return constant and ("enum" not in schema or any(canonical(each) == spelled for each in schema["enum"]))


def _number_breach(schema: Mapping[str, Any], value: float, here: str) -> str | None:
    if value < schema.get("minimum", value) or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]):
        return f"{here} is too small"
    if value > schema.get("maximum", value) or ("exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]):
        return f"{here} is too large"
    return None


def _length_breach(schema: Mapping[str, Any], length: int, of: str, here: str) -> str | None:
    if length < schema.get(f"min{of}", 0):
        return f"{here} is too short"
    return f"{here} is too long" if length > schema.get(f"max{of}", length) else None


def _object_breach(schema: Mapping[str, Any], value: Mapping[str, Any], at: str) -> str | None:
    missing = next((name for name in schema.get("required", ()) if name not in value), None)
    if missing is not None:
        return f"{at or 'it'} lacks {missing}"
    named, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = (breach(named.get(name, others), each, f"{at}/{name}") for name, each in value.items())
    return next(filter(None, found), None)

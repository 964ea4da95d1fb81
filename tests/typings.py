"""``python -m tests.typings`` writes the types of the TypeScript client, from the two descriptions of what is said.

``rest.ts`` comes from ``docs/openapi.json``, ``contract.ts`` from ``docs/contract``; a test fails when they drift.
A keyword or a form of JSON Schema that is not known here stops it; ``unknown`` is only what may be anything.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from psmp_gateway.rules.problems import PROBLEMS
from psmp_gateway.table import PREFIX

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "shared" / "typescript" / "src" / "generated"
_WIDTH: Final = 116

Schema = Mapping[str, Any]

_ABOUT: Final = frozenset({"title", "description", "discriminator", "default", "$schema", "$id", "$defs"})
_BOUNDS: Final = frozenset(
    {
        *("pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"),
        *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems"),
        *("minProperties", "maxProperties", "propertyNames", "format"),
    }
)
"""What JSON Schema can say and a type cannot: the server says it."""

_PLAIN: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_STORED: Final = "The event as it is stored"
"""So begins what the description says of fields that hold an event of the log."""


class Unknown(ValueError):
    """A schema says something that this does not know how to write as a type."""


class Module:
    """The types of one file. ``asked``: the roots of what is sent, in which whatever has a default can be left out.

    In what is answered the same is there, unless its default is null: nulls are never sent. So a type that is both
    sent and answered is written twice, as ``Dependency`` and ``DependencyInput``.
    """

    def __init__(self, schemas: Mapping[str, Schema], asked: Iterable[str], told: Iterable[str]) -> None:
        self._schemas = schemas
        self._asked, self._told = self._reached(asked), self._reached(told)
        self._double: set[str] = set()
        both = self._asked & self._told
        while more := {name for name in both - self._double if self._differs(name)}:
            self._double |= more

    def name(self, name: str, *, asked: bool) -> str:
        """How a type is called."""
        return f"{name}Input" if asked and name in self._double else name

    def lines(self) -> Iterator[str]:
        """Every type, by name."""
        for name in sorted(self._asked | self._told):
            if name in self._told or name not in self._double:
                yield from self._written(name, asked=name not in self._told)
            if name in self._double:
                yield from self._written(name, asked=True)

    def type(self, schema: Schema, *, asked: bool) -> str:  # noqa: PLR0911 - one for each form
        """A schema as an expression; raises ``Unknown``."""
        said = {key: value for key, value in schema.items() if key not in _ABOUT | _BOUNDS}
        match said:
            case {} if not said:
                return "unknown"
            case {"$ref": str(ref)} if len(said) == 1:
                return self.name(ref.rpartition("/")[2], asked=asked)
            case {"const": value} if said.keys() <= {"const", "type"}:
                return json.dumps(value)
            case {"enum": [*values]} if said.keys() <= {"enum", "type"}:
                return " | ".join(map(json.dumps, values))
            case {"anyOf": [*ways]} | {"oneOf": [*ways]} if len(said) == 1:
                return " | ".join(dict.fromkeys(self.type(each, asked=asked) for each in ways))
            case {"type": "array", "prefixItems": [*items]} if len(said) == 2:
                return f"{_array(asked)}[{', '.join(self.type(each, asked=asked) for each in items)}]"
            case {"type": "array", "items": dict(items)} if len(said) == 2:
                inner = self.type(items, asked=asked)
                return f"{_array(asked)}{f'({inner})' if ' ' in inner and not inner.startswith('{') else inner}[]"
            case {"type": "object", "additionalProperties": dict(values)} if len(said) == 2:
                return f"{{ [name: string]: {self.type(values, asked=asked)} }}"
            case {"type": "object", "patternProperties": dict(named)} if len(named) == 1 and _is_closed(said):
                return f"{{ [name: string]: {self.type(next(iter(named.values())), asked=asked)} }}"
            case {"type": "object"} if said.get("additionalProperties", True) is True and len(said) <= 2:
                stored = str(schema.get("description", "")).startswith(_STORED)
                return "Event" if stored else "{ [name: string]: unknown }"
            case {"type": str(plain)} if plain in _PLAIN and len(said) == 1:
                return _PLAIN[plain]
        raise Unknown(json.dumps(schema)[:300])

    def _written(self, name: str, *, asked: bool) -> list[str]:
        schema, called = self._schemas[name], self.name(name, asked=asked)
        if "properties" not in schema and schema.get("type") != "object":
            return [*_doc(schema), f"export type {called} = {self.type(schema, asked=asked)};", ""]
        return [*_doc(schema), f"export interface {called} {{", *self.fields(schema, asked=asked), "}", ""]

    def fields(self, schema: Schema, *, asked: bool) -> list[str]:
        """The properties of an object."""
        needed = frozenset(schema.get("required", ()))
        written: list[str] = []
        for name, field in schema.get("properties", {}).items():
            optional = name not in needed and (asked or field.get("default") is None)
            kept = _without_null(field) if optional else field
            written += (f"  {line}" for line in _doc(field))
            written.append(f"  {name}{'?' if optional else ''}: {self.type(kept, asked=asked)};")
        return written

    def _differs(self, name: str) -> bool:
        return self._written(name, asked=True) != self._written(name, asked=False)

    def _reached(self, roots: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += _refs(self._schemas[name])
        return found


def _is_closed(said: Schema) -> bool:
    return said.keys() - {"additionalProperties"} == {"type", "patternProperties"} and not said.get(
        "additionalProperties", False
    )


def _array(asked: bool) -> str:
    return "readonly " if asked else ""


def _without_null(schema: Schema) -> Schema:
    ways = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if not ways:
        return schema
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _refs(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            elif key != "$defs":
                yield from _refs(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from _refs(each)


def _doc(schema: Schema) -> list[str]:
    """What is said of it, as a comment of one line or of several."""
    said = " ".join(str(schema.get("description", "")).replace("``", "`").replace("*/", "* /").split())
    if not said:
        return []
    if len(said) + 8 <= _WIDTH:
        return [f"/** {said} */"]
    lines, line = list[str](), ""
    for word in said.split():
        if len(line) + len(word) + 4 > _WIDTH:
            lines, line = [*lines, line], ""
        line = f"{line} {word}" if line else word
    return ["/**", *(f" * {each}" for each in (*lines, line)), " */"]


def rest() -> str:
    """The types of the HTTP API, and a table of its routes."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    calls = [
        _Call(path.removeprefix(PREFIX), method.upper(), said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if method != "parameters"
    ]
    schemas = document["components"]["schemas"]
    asked = [name for call in calls for name in _refs(call.body)]
    told = [name for call in calls for name in (*_refs(call.told), *_refs(call.sent))]
    parameters = [name for call in calls for each in call.query for name in _refs(each)]
    module = Module(schemas, [*asked, *parameters], [*told, "Problem"])
    lines = [
        "// Written by `python -m tests.typings` from docs/openapi.json: do not change it by hand.",
        "",
        'import type { Event } from "./contract.js";',
        "",
        *module.lines(),
        *(line for call in calls for line in call.filter(module)),
        "/** The stable codes of problems that are known now. */",
        *_union("ProblemCode", map(json.dumps, PROBLEMS)),
        "",
        "/** Every route: what it takes and what it answers. */",
        "export interface Operations {",
        *(line for call in calls for line in call.lines(module)),
        "}",
        "",
        "/** Method and path of every route. */",
        "export const routes = {",
        *(f"  {call.name}: [{json.dumps(call.method)}, {json.dumps(call.path)}]," for call in calls),
        "} as const satisfies { [name in keyof Operations]: readonly [string, string] };",
    ]
    return "\n".join(lines) + "\n"


class _Call:
    """One route of the description."""

    def __init__(self, path: str, method: str, said: Schema) -> None:
        self.path, self.method, self.name = path, method, str(said["operationId"])
        self.about = {"description": said.get("summary") or said.get("description", "")}
        self.query = [each for each in said.get("parameters", ()) if each["in"] == "query"]
        self.places = [each for each in said.get("parameters", ()) if each["in"] == "path"]
        self.body = _json(said.get("requestBody", {}))
        answers = said["responses"]
        self.told = next((_json(answers[each]) for each in ("200", "201") if each in answers), {})
        self.sent = _json(answers.get("202", {}))

    @property
    def queried(self) -> str:
        """What its query is called."""
        return "".join(map(str.capitalize, self.name.split("_"))) + "Query"

    def filter(self, module: Module) -> Iterator[str]:
        """The type of its query."""
        if self.query:
            needed = [each["name"] for each in self.query if each.get("required")]
            fields = {each["name"]: each["schema"] | _said(each) for each in self.query}
            yield f"export interface {self.queried} {{"
            yield from module.fields({"properties": fields, "required": needed}, asked=True)
            yield "}"
            yield ""

    def lines(self, module: Module) -> Iterator[str]:
        """What it takes and answers."""
        places = "; ".join(f"{each['name']}: {module.type(each['schema'], asked=True)}" for each in self.places)
        yield from (f"  {line}" for line in _doc(self.about))
        yield f"  {self.name}: {{"
        yield f"    path: {f'{{ {places} }}' if places else 'undefined'};"
        yield f"    query: {self.queried if self.query else 'undefined'};"
        yield f"    body: {module.type(self.body, asked=True) if self.body else 'undefined'};"
        yield f"    told: {module.type(self.told, asked=False) if self.told else 'undefined'};"
        yield f"    sent: {module.type(self.sent, asked=False) if self.sent else 'never'};"
        yield "  };"


def _said(parameter: Schema) -> Schema:
    return {"description": parameter["description"]} if "description" in parameter else {}


def _json(said: Schema) -> Schema:
    schema: Schema = said.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def contract() -> str:
    """The types of commands and events, and of what is asked and answered over NATS."""
    folder = ROOT / "docs" / "contract"
    document = json.loads((folder / "asyncapi.json").read_text())
    schemas: dict[str, Schema] = dict(document["components"]["schemas"])
    kinds: dict[str, dict[str, str]] = {"EventEnvelope": {}, "CommandEnvelope": {}}
    for kind, message in document["components"]["messages"].items():
        if (file := folder / f"{kind}.v1.json").is_file():
            word = json.loads(file.read_text())
            envelope = message["payload"]["allOf"][0]["$ref"].rpartition("/")[2]
            kinds[envelope][kind] = word["title"]
            for name, schema in {**word.get("$defs", {}), word["title"]: word}.items():
                known = schemas.setdefault(name, schema)
                if _bare(known) != _bare(schema):
                    raise Unknown(f"{name} is two things")
    events, commands = kinds["EventEnvelope"], kinds["CommandEnvelope"]
    questions = [name for name in document["components"]["schemas"] if name.endswith("Question")]
    told = [name for name in document["components"]["schemas"] if name not in (*questions, "CommandEnvelope")]
    module = Module(schemas, [*commands.values(), *questions, "CommandEnvelope"], [*events.values(), *told])
    lines = [
        "// Written by `python -m tests.typings` from docs/contract: do not change it by hand.",
        "",
        *module.lines(),
        "/** Every kind of event with what it says. */",
        "export interface Events {",
        *(f"  {json.dumps(kind)}: {module.name(name, asked=False)};" for kind, name in events.items()),
        "}",
        "",
        "/** Every kind of command with what it asks for. */",
        "export interface Commands {",
        *(f"  {json.dumps(kind)}: {module.name(name, asked=True)};" for kind, name in commands.items()),
        "}",
        "",
        "/** An event of one kind, as it is stored. */",
        'export type EventOf<K extends keyof Events> = Omit<EventEnvelope, "type" | "data"> & {',
        "  type: `psmp.${K}.v1`;",
        "  data: Events[K];",
        "};",
        "",
        "/** Any event: its `type` says of which kind. */",
        "export type Event = { [K in keyof Events]: EventOf<K> }[keyof Events];",
    ]
    return "\n".join(lines) + "\n"


def _bare(schema: Schema) -> str:
    kept = {key: value for key, value in schema.items() if key not in _ABOUT}
    return json.dumps(kept, sort_keys=True).replace("#/components/schemas/", "#/$defs/")


def _union(name: str, members: Iterable[str]) -> Iterator[str]:
    yield f"export type {name} ="
    yield from (f"  | {each}" for each in members)
    yield "  ;"


FILES: Final = {"rest.ts": rest, "contract.ts": contract}


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, made in FILES.items():
        (FOLDER / name).write_text(made())


if __name__ == "__main__":
    main()

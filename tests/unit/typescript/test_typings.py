"""The types of the TypeScript client are those of what the gateway and the contract describe."""

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

import psmp
from tests import typings
from tests.typings import FILES, FOLDER, Module, Unknown

CLIENT = FOLDER.parents[1]


@pytest.mark.parametrize("name", FILES)
def test_the_types_are_those_of_the_descriptions(name: str) -> None:
    assert (FOLDER / name).read_text() == FILES[name](), "python -m tests.typings"


def test_the_client_has_the_version_of_psmp() -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    lock = json.loads((CLIENT / "package-lock.json").read_text())
    assert package["version"] == lock["version"] == psmp.__version__


def test_the_lock_names_no_address_and_the_client_needs_nothing_at_run_time() -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    lock = json.loads((CLIENT / "package-lock.json").read_text())
    assert "dependencies" not in package
    assert all("resolved" not in each and ("integrity" in each or not path) for path, each in lock["packages"].items())


def module(**schemas: Any) -> Module:
    return Module(schemas, asked=schemas, told=schemas)


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "string", "pattern": "^a$", "format": "date"}, "string"),
        ({"title": "Anything", "default": None}, "unknown"),
        ({"const": ""}, '""'),
        ({"enum": ["a", "b"], "type": "string"}, '"a" | "b"'),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]'),
        (
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2},
            "[number, string]",
        ),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "{ [name: string]: number }"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"type": "object", "additionalProperties": True}, "{ [name: string]: unknown }"),
    ],
)
def test_a_schema_is_written_as_a_type(schema: Any, written: str) -> None:  # noqa: ANN401 - JSON
    assert module().type(schema, asked=False) == written


@pytest.mark.parametrize(
    "schema",
    [
        {"not": {}},
        {"type": "array"},
        {"type": "string", "contentEncoding": "base64"},
        {"anyOf": [], "type": "string"},
        {"type": []},
    ],
)
def test_what_is_not_known_stops_it(schema: Any) -> None:  # noqa: ANN401 - JSON
    with pytest.raises(Unknown):
        module().type(schema, asked=False)


def test_what_has_a_default_can_be_left_out_when_asked_and_is_there_when_told() -> None:
    need = {
        "properties": {
            "name": {"type": "string"},
            "extras": {"type": "array", "items": {"type": "string"}, "default": []},
            "marker": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        },
        "required": ["name"],
        "type": "object",
    }
    asks = {"properties": {"needs": {"type": "array", "items": {"$ref": "#/x/Need"}}}, "required": ["needs"]}
    told, asked = "\n".join(module(Need=need, Asks=asks).lines()).split("export interface NeedInput")
    assert "  extras: string[];\n  marker?: string;" in told
    assert "  extras?: readonly string[];\n  marker?: string;" in asked
    assert "needs: Need[];" in told
    assert "export interface AsksInput {\n  needs: readonly NeedInput[];" in told + asked


def test_a_name_that_stands_for_two_things_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "docs" / "contract"
    copied.mkdir(parents=True)
    for file in (typings.ROOT / "docs" / "contract").iterdir():
        (copied / file.name).write_text(file.read_text())
    kind = copied / "artifact.declared.v1.json"
    kind.write_text(kind.read_text().replace('"maxLength": 214', '"maxLength": 215'))
    monkeypatch.setattr(typings, "ROOT", tmp_path)
    with pytest.raises(Unknown, match="two things"):
        FILES["contract.ts"]()


def test_what_the_readme_shows_is_run() -> None:
    shown = re.findall(r"^```ts\n(.*?)^```$", (CLIENT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    text = (CLIENT / "test" / "readme.test.ts").read_text()
    played = [
        textwrap.dedent(each) for each in re.findall(r"^ *// \w+\n(.*?)^ *// end$", text, re.MULTILINE | re.DOTALL)
    ]
    assert [re.sub(r'^import .* from "psmp.*";\n\n', "", each) for each in shown] == played

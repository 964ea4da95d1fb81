"""What is called fitting fits, what is called a mismatch is shown by a value, and all else is called unproven."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator  # comes with schemathesis; knows nothing of ours

from psmp.rules.orchestration.canonical import canonical, digest
from psmp.rules.orchestration.fitting import fit
from psmp.rules.orchestration.schemas import TYPES, breach, faults_in, kind_of
from psmp.words.orchestration.graph import Schema

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, 1.0, -2.5]), st.text("xy", max_size=3)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
COUNTS = st.integers(0, 3)
BOUNDS = st.integers(-3, 3) | st.sampled_from([0.5, -1.5, 2.0])


def plain() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True),
            "minimum": BOUNDS,
            "maximum": BOUNDS,
            "exclusiveMinimum": BOUNDS,
            "exclusiveMaximum": BOUNDS,
            "minLength": COUNTS,
            "maxLength": COUNTS,
            "minItems": COUNTS,
            "maxItems": COUNTS,
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "description": st.just("a word on it"),
        },
    )


def schemas() -> st.SearchStrategy[Any]:
    leaves = st.booleans() | plain() | st.builds(lambda v: {"enum": v}, st.lists(VALUES, min_size=1, max_size=3))
    leaves = leaves | st.builds(lambda v: {"const": v}, VALUES)
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda base, more: base | more,
            plain(),
            st.fixed_dictionaries(
                {},
                optional={
                    "items": inner,
                    "additionalProperties": inner,
                    "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
                },
            ),
        ),
        max_leaves=4,
    )


@given(schemas(), VALUES)
def test_law_a_value_is_valid_just_where_another_validator_says_so(schema: Schema, value: object) -> None:
    assert not list(faults_in(schema))
    assert (breach(schema, value) is None) == Draft202012Validator(schema).is_valid(value)


@given(schemas(), schemas(), st.lists(VALUES, max_size=20))
def test_law_what_fits_is_taken_and_what_does_not_is_shown(output: Schema, taken: Schema, values: list[object]) -> None:
    gives, takes = Draft202012Validator(output), Draft202012Validator(taken)
    found = fit(output, taken)
    if found.answer == "FITS":
        assert all(takes.is_valid(value) for value in values if gives.is_valid(value))
    elif found.answer == "MISMATCH":
        assert gives.is_valid(found.witness)
        assert not takes.is_valid(found.witness)
        assert found.reason
    else:
        assert found.reason


@given(schemas())
def test_law_every_schema_without_named_values_fits_itself(schema: Schema) -> None:
    assert fit(schema, schema).answer != "MISMATCH"
    assert fit(schema, {}).answer == "FITS"


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("output", "taken", "answer"),
    [
        (OBJECT, OBJECT, "FITS"),
        (OBJECT, {"type": "object", "properties": {"a": {"type": "number"}}}, "FITS"),
        (OBJECT, {**OBJECT, "required": ["a", "b"]}, "MISMATCH"),
        (OBJECT, {**OBJECT, "additionalProperties": False}, "MISMATCH"),
        ({**OBJECT, "additionalProperties": False}, OBJECT, "FITS"),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "number", "minimum": 1}, "FITS"),
        ({"type": "number", "exclusiveMinimum": 0}, {"type": "number", "minimum": 1}, "MISMATCH"),
        ({"type": "integer", "exclusiveMaximum": 1.5}, {"maximum": 1}, "FITS"),
        ({"type": "integer", "maximum": 1.5}, {"exclusiveMaximum": 2}, "FITS"),
        ({"type": "string", "maxLength": 3}, {"type": "string", "maxLength": 4}, "FITS"),
        ({"type": "string"}, {"type": "string", "maxLength": 4}, "MISMATCH"),
        ({"type": "string"}, {"type": "string", "maxLength": 9999}, "UNPROVEN"),
        ({"type": "array", "items": {"type": "null"}}, {"items": {"type": "string"}}, "MISMATCH"),
        ({"type": "array", "maxItems": 0}, {"items": False}, "FITS"),
        ({"type": "array", "items": {"type": "null"}}, {"items": {"type": ["null", "string"]}}, "FITS"),
        ({"type": "array", "items": False}, {"maxItems": 0}, "UNPROVEN"),
        ({"type": "array"}, {"minItems": 1}, "MISMATCH"),
        ({"enum": ["a", 1]}, {"type": ["string", "integer"]}, "FITS"),
        ({"enum": ["a", 1], "type": "string"}, {"enum": ["a"]}, "FITS"),
        ({"const": "b"}, {"enum": ["a"]}, "MISMATCH"),
        ({"type": "boolean"}, {"enum": [True, False]}, "UNPROVEN"),
        ({"type": "null"}, {"type": "boolean"}, "MISMATCH"),
        ({"type": "boolean"}, {"type": "boolean"}, "FITS"),
        (True, False, "MISMATCH"),
        (True, {"type": "string"}, "MISMATCH"),
        (False, {"type": "string"}, "FITS"),
        ({"type": "object", "required": ["a"], "properties": {"a": False}}, {"required": ["b"]}, "UNPROVEN"),
        ({"type": "object", "properties": {"a": {"const": 1}}}, {"properties": {"a": {"const": 2}}}, "MISMATCH"),
    ],
)  # fmt: skip
def test_what_is_decided_and_what_is_not(output: Schema, taken: Schema, answer: str) -> None:
    assert fit(output, taken).answer == answer


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        (7, ()),
        ({"$ref": "#"}, ("$ref",)),
        ({"type": "text"}, ("type",)),
        ({"type": []}, ("type",)),
        ({"enum": []}, ("enum",)),
        ({"required": "a"}, ("required",)),
        ({"minItems": -1}, ("minItems",)),
        ({"maxLength": True}, ("maxLength",)),
        ({"minimum": "1"}, ("minimum",)),
        ({"properties": []}, ("properties",)),
        ({"properties": {"a": {"items": {"not": {}}}}}, ("properties", "a", "items", "not")),
        ({"additionalProperties": None}, ("additionalProperties",)),
    ],
)
def test_a_schema_that_is_not_taken_is_named_where_it_is_not(schema: object, place: tuple[str, ...]) -> None:
    assert [path for path, _ in faults_in(schema)] == [place]


def test_a_breach_says_where() -> None:
    of = {"properties": {"a": {"items": {"type": "integer", "maximum": 3}}}}
    assert breach(of, {"a": [1, 4]}) == "/a/1 is too large"
    assert breach(of, {"a": [1, "x"]}) == "/a/1 is string, not integer"
    assert kind_of({}) == "object"
    assert kind_of(()) == "array"


def test_equal_values_have_one_spelling() -> None:
    assert canonical({"b": (1.0, 0.5), "a": "é"}) == '{"a":"é","b":[1,0.5]}'.encode()
    assert digest([1]) == digest([1.0])
    assert digest([1]) != digest([True])

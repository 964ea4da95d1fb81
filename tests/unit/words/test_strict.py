"""JSON that two readers could read differently is refused, with the place of the fault."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from psmp.words.strict import MAX_BYTES, MAX_DEPTH, MAX_INTEGER, Fault, Malformed, parse, pointer

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t"), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def faults(raw: bytes) -> list[tuple[str, str]]:
    """Where and why ``raw`` is refused."""
    with pytest.raises(Malformed) as caught:
        parse(raw)
    return [(fault.pointer, fault.problem) for fault in caught.value.faults]


def nested(levels: int, opening: str = "[", inner: str = "") -> bytes:
    closing = {"[": "]", '{"a":': "}"}[opening]
    return (opening * levels + (inner or ("" if opening == "[" else "1")) + closing * levels).encode()


@pytest.mark.parametrize(
    ("raw", "place", "problem"),
    [
        (b'{"a":1,"b":2,"a":3}', "/a", "stands twice"),
        (b'{"x":[0,{"y":{"k":1,"k":1}}]}', "/x/1/y/k", "stands twice"),
        (b'{"a~b/c":{"d":1,"d":1}}', "/a~0b~1c/d", "stands twice"),
        (b'{"\\u0061":1,"a":2}', "/a", "stands twice"),
        (b'{"\\u0000":1,"\\u0000":2}', "", "stands twice"),
        (b'{"a":NaN}', "/a", "NaN is not JSON"),
        (b'{"a":[1,Infinity]}', "/a/1", "Infinity is not JSON"),
        (b"-Infinity", "", "-Infinity is not JSON"),
        (b'{"a":1e400}', "/a", "too large"),
        (b'{"a":-1e400}', "/a", "too large"),
        (b'{"a":9007199254740992}', "/a", "9007199254740991"),
        (b'{"a":-9007199254740992}', "/a", "9007199254740991"),
        (b'{"a":' + b"9" * 5000 + b"}", "/a", "9007199254740991"),
        (b'{"a":["x","\\u0000"]}', "/a/1", "control character U+0000 at 0"),
        (b'{"a":"one\\rtwo"}', "/a", "control character U+000D at 3"),
        (b'{"a":"\\u001b[31m"}', "/a", "control character U+001B at 0"),
        (b'{"a":"\x7f"}', "/a", "control character U+007F at 0"),
        ('{"a":"é\x85"}'.encode(), "/a", "control character U+0085 at 1"),
        (b'{"a":{"\\u0007":1}}', "/a", "control character U+0007"),
        (b'{"a":"\\ud800"}', "/a", "lone surrogate U+D800 at 0"),
        (b'{"a":"\\udc00\\ud800"}', "/a", "lone surrogate U+DC00 at 0"),
        (b'"\xed\xa0\x80"', "", "not UTF-8 at byte 1"),
        (b'{"a":"\xff"}', "", "not UTF-8 at byte 6"),
        (b'\xef\xbb\xbf{"a":1}', "", "not JSON at line 1, column 1"),
        (b'{"a":1', "", "not JSON at line 1, column 7"),
        (b"{'a':1}", "", "not JSON"),
        (b"[1,]", "", "not JSON"),
        (b"01", "", "not JSON"),
        (b'"a\nb"', "", "not JSON"),
        (b"", "", "not JSON"),
        (b"1 2", "", "not JSON"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_its_place(raw: bytes, place: str, problem: str) -> None:
    ((where, why),) = faults(raw)
    assert where == place
    assert problem in why


def test_more_than_64_kib_is_refused_and_exactly_64_kib_is_taken() -> None:
    fits = b'"' + b"a" * (MAX_BYTES - 2) + b'"'
    assert parse(fits) == "a" * (MAX_BYTES - 2)
    assert faults(fits + b" ") == [("", "65537 bytes, at most 65536 are taken")]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_sixteen_levels_are_taken_and_seventeen_are_refused(opening: str) -> None:
    assert to_json(parse(nested(MAX_DEPTH, opening))) == nested(MAX_DEPTH, opening)
    ((where, why),) = faults(nested(MAX_DEPTH + 1, opening))
    assert where == ("/0" if opening == "[" else "/a") * MAX_DEPTH
    assert why == "nested deeper than 16"


@pytest.mark.parametrize("levels", [250, 30_000])
def test_very_deep_nesting_is_refused_without_running_out_of_stack(levels: int) -> None:
    ((_, why),) = faults(nested(levels))
    assert why == "nested deeper than 16"


def test_brackets_in_texts_neither_make_nor_hide_depth() -> None:
    many = to_json({"a": "[" * 100, "b": ["}{" * 20, '"][', "\\"]})
    assert to_json(parse(many)) == many
    hiding = to_json(["]"])
    for _ in range(MAX_DEPTH):
        hiding = b'["]",' + hiding + b',"["]'
    assert [why for _, why in faults(hiding)] == ["nested deeper than 16"]


def test_quotes_and_backslashes_in_texts_do_not_hide_control_characters() -> None:
    assert parse(to_json('\\"\n\t\\\\u0000')) == '\\"\n\t\\\\u0000'
    for text in ("\\\x00", '"\x00', "\\\\\x1b", '\\"\x08'):
        ((where, why),) = faults(to_json({"a": text}))
        assert (where, why.split(" at")[0][:17]) == ("/a", "control character")


def test_keys_too_long_to_read_are_cut_where_a_fault_is_told() -> None:
    ((where, _),) = faults(b'{"' + b"k" * 5000 + b'":NaN}')
    assert where == "/" + "k" * 100 + "..."


def test_newlines_tabs_and_every_script_are_taken() -> None:
    for text in ("zeile\n\teins", "первый", "最初の", "🙂", "\u2028", "\u200b", "é"):
        assert parse(json.dumps(text).encode()) == text
        assert parse(json.dumps(text, ensure_ascii=False).encode()) == text


def test_whitespace_between_values_is_taken() -> None:
    assert parse(b'\r\n {"a" : [ 1 ,\t2 ] }\n') == {"a": [1, 2]}


def test_a_fault_reads_as_a_sentence() -> None:
    assert str(Malformed(Fault("/a/0", "wrong"), Fault("", "cut off"))) == "/a/0: wrong; document: cut off"
    assert pointer(("a", 0, "b/~")) == "/a/0/b~1~0"


@given(JSON)
def test_every_value_that_can_be_taken_comes_back_as_it_was(value: Any) -> None:  # noqa: ANN401
    for raw in (to_json(value), json.dumps(value).encode(), json.dumps(value, indent=1, ensure_ascii=False).encode()):
        parsed = parse(raw)
        assert parsed == value
        assert to_json(parsed) == to_json(value)
        assert from_json(to_json(parsed)) == value


ALPHABET = st.sampled_from(
    [b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"a", b"\\u0000", b"\\n", b"1", b"e9", b"\x7f", b"\xc2\x85", b" "]
)


@given(st.binary(max_size=200) | st.lists(ALPHABET, max_size=60).map(b"".join))
@example(b"[" * 70_000)
@example(b'{"a":' * 10_000)
@example(b"1" * 4301)
@example(b"\\")
def test_no_bytes_make_it_raise_anything_but_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert parse(raw) == json.loads(raw)


@given(st.lists(ALPHABET, max_size=30).map(b"".join))
def test_the_quick_proof_and_the_thorough_walk_agree(inner: bytes) -> None:
    quick, slow = b'{"a":"' + inner + b'"}', b'{"a": "' + inner + b'"}'
    verdicts = []
    for raw in (quick, slow):  # a space makes it go the other way
        try:
            verdicts.append(parse(raw))
        except Malformed as refusal:
            verdicts.append([(fault.pointer, fault.problem.partition(" at line")[0]) for fault in refusal.faults])
    assert verdicts[0] == verdicts[1]

"""Ids are one subject token each, and UUIDs of version 7 in the order of their time."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.words.ids import SYSTEM, ProjectKey, uuid7
from psmp.words.subjects import is_id

MILLISECONDS = st.integers(0, 2**48 - 1)
RANDOMNESS = st.binary(min_size=10, max_size=10)


@given(MILLISECONDS, RANDOMNESS)
def test_an_id_is_a_uuid_of_version_7_that_tells_its_time(milliseconds: int, randomness: bytes) -> None:
    made = uuid.UUID(uuid7(milliseconds, randomness))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == milliseconds


@given(MILLISECONDS, MILLISECONDS, RANDOMNESS, RANDOMNESS)
def test_ids_sort_by_the_time_they_were_made(first: int, second: int, one: bytes, other: bytes) -> None:
    if first < second:
        assert uuid7(first, one) < uuid7(second, other)


@given(MILLISECONDS, RANDOMNESS, RANDOMNESS)
def test_randomness_is_kept_but_for_the_six_bits_that_tell_the_version(now: int, one: bytes, other: bytes) -> None:
    kept = int("0FFF3FFFFFFFFFFFFFFF", 16)
    same = int.from_bytes(one, "big") & kept == int.from_bytes(other, "big") & kept
    assert (uuid7(now, one) == uuid7(now, other)) is same


@pytest.mark.parametrize("token", ["a", "A-b_9", "0", "a" * 64, "rag-chatbot"])
def test_letters_digits_hyphens_and_underscores_make_an_id(token: str) -> None:
    assert is_id(token)


@pytest.mark.parametrize(
    "token", ["", "-a", "_a", "a" * 65, "a.b", "a b", "*", ">", "a\n", "a\x00", "é", "\u0430", "a/b", "$JS"]
)
def test_everything_else_is_no_id(token: str) -> None:
    assert not is_id(token)


def test_a_key_is_written_tenant_first() -> None:
    assert str(ProjectKey("acme", "rag")) == "acme/rag"
    assert str(SYSTEM) == "psmp/system"

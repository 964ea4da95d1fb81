"""NKeys are spelled as NATS spells them, and each API key has one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.wire import nkeys
from psmp.words.nkeys import RAW, NotASeed, read_seed, seed_of, spelled_public, spelled_seed

seeds = st.binary(min_size=RAW, max_size=RAW)


@given(seeds)
def test_a_seed_is_read_as_it_was_spelled(seed: bytes) -> None:
    assert spelled_seed(seed).startswith("SU")
    assert spelled_public(seed).startswith("U")
    assert len(spelled_public(seed)) == 56
    assert read_seed(spelled_seed(seed)) == seed


@given(seeds, st.integers(2, 57), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_mistyped_seed_is_none(seed: bytes, place: int, letter: str) -> None:
    made = spelled_seed(seed)
    mistyped = made[:place] + letter + made[place + 1 :]
    if mistyped != made:
        with pytest.raises(NotASeed):
            read_seed(mistyped)


def test_what_is_no_users_seed_is_none() -> None:
    for text in ("", "!", "A" * 58, spelled_public(bytes(RAW))):
        with pytest.raises(NotASeed):
            read_seed(text)
    with pytest.raises(NotASeed, match="no user's"):
        read_seed(_account_seed())


def _account_seed() -> str:
    from psmp.words import nkeys as words  # noqa: PLC0415 - only here

    return words._spelled(bytes([18 << 3, 0]) + bytes(RAW))


def test_the_user_of_a_key_is_its_own_and_tells_nothing_of_it() -> None:
    one, other = "psmp_00000000_" + "a" * 49, "psmp_00000000_" + "b" * 49
    assert seed_of(one) == seed_of(one) != seed_of(other)
    assert nkeys.public(seed_of(one)) != nkeys.public(seed_of(other))
    assert len(nkeys.sign(seed_of(one), b"nonce")) == 64

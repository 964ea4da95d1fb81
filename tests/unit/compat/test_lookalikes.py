"""Names that are easily taken for one another are noticed, and the index finds what a look at every name finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psmp.compat.lookalikes import SHORTEST, Lookalikes, look, one_letter_apart

DECLARED = ["requests", "numpy", "pandas", "scikit-learn", "langchain", "boto", "torch", "django", "pillow"]


@pytest.mark.parametrize(
    ("name", "taken_for"),
    [
        ("request", "requests"),
        ("requestss", "requests"),
        ("reqeusts", "requests"),
        ("nunpy", "numpy"),
        ("numpу", "numpy"),  # noqa: RUF001 - the Cyrillic letter is what is noticed
        ("scikit-1earn", "scikit-learn"),
        ("t0rch", "torch"),
        ("langchian", "langchain"),
        ("\u03c1\u03b9llow", "pillow"),
    ],
)
def test_a_name_that_is_easily_taken_for_another_is_noticed(name: str, taken_for: str) -> None:
    assert Lookalikes(DECLARED).of(name) == (taken_for,)


@pytest.mark.parametrize("name", ["requests", "boto3", "orch", "fastapi", "pandas-stubs", "torchvision"])
def test_others_are_not(name: str) -> None:
    assert Lookalikes(DECLARED).of(name) == ()


def test_a_name_counts_until_it_was_removed_as_often_as_it_was_added() -> None:
    names = Lookalikes(["numpy", "numpy", "nunpy"])
    names.remove("numpy")
    assert names.of("nunpy") == ("numpy",)
    names.remove("numpy")
    assert names.of("nunpy") == ()
    names.remove("nunpy")
    assert names.of("numpy") == ()


def test_of_several_that_are_alike_the_others_stay() -> None:
    names = Lookalikes(["lib-abc1", "lib-abc2", "lib-abd1", "lib-abe1"])
    assert names.of("lib-abc1") == ("lib-abd1", "lib-abe1")
    names.remove("lib-abd1")
    assert names.of("lib-abc1") == ("lib-abe1",)
    names.remove("lib-abc1")
    assert names.of("lib-abe1") == ()
    assert names.of("lib-abd2") == ("lib-abc2",)


words = st.text("abc1", min_size=SHORTEST - 1, max_size=7)


@given(st.lists(st.tuples(words, st.booleans()), max_size=16))
def test_what_came_and_went_leaves_no_trace(history: list[tuple[str, bool]]) -> None:
    names, left = Lookalikes(), list[str]()
    for name, stays in history:
        names.add(name)
        if stays:
            left.append(name)
    for name, stays in history:
        if not stays:
            names.remove(name)
    for name, _ in history:
        assert names.of(name) == Lookalikes(left).of(name)


@settings(max_examples=500)
@given(st.lists(words, max_size=12), words)
def test_the_index_finds_whatever_a_look_at_every_name_finds(names: list[str], name: str) -> None:
    alike = {each for each in names if each != name and (one_letter_apart(name, each) or look(name) == look(each))}
    assert Lookalikes(names).of(name) == tuple(sorted(alike))


@given(words, words)
def test_likeness_is_mutual(one: str, other: str) -> None:
    assert one_letter_apart(one, other) == one_letter_apart(other, one)

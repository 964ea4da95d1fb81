"""Any question to a tree is answered from its kept hashes alone, and few of them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.ledger.merkle import (
    Frontier,
    Nodes,
    leaf,
    node,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from psmp.ledger.tiles import Place, needed, over, path, reading, spans, summit, tiles, tiles_of

SIZES = st.integers(1, 1500)


def leaf_of(number: int) -> bytes:
    return leaf(number.to_bytes(4, "big"))


def grown(size: int) -> tuple[list[Frontier], dict[Place, bytes]]:
    """A tree at each of its sizes, and everything that is kept of it."""
    trees, kept = [Frontier()], dict[Place, bytes]()
    for number in range(size):
        tree, ended = trees[-1].grown(leaf_of(number))
        trees.append(tree)
        kept[0, number] = leaf_of(number)
        kept |= {(level, index): each for level, index, each in tiles_of(tree.size, ended)}
    return trees, kept


TREES, ALL = grown(1800)


def answered(question: Callable[[Nodes], object], known: dict[Place, bytes], size: int) -> object:
    """The answer from nothing but what it says that it needs, of a tree that has no more leaves."""
    wanted = needed(question, known)
    assert all((index + 1) * 256**level <= size for level, index in wanted)
    return question(reading(known, {place: ALL[place] for place in wanted}))


def test_a_tile_is_kept_for_each_256_leaves_and_each_256_tiles() -> None:
    tree, kept = Frontier(), list[tuple[int, int]]()
    for number in range(65_536):
        tree, ended = tree.grown(bytes(28) + number.to_bytes(4, "big"))
        kept += [(level, index) for level, index, _ in tiles_of(tree.size, ended)]
    assert kept == [*((1, index) for index in range(256)), (2, 0)]


def test_a_tile_is_the_hash_over_those_below() -> None:
    assert summit(ALL, (1, 3)) == ALL[1, 3]
    assert over((1, 3)) == {(0, index) for index in range(768, 1024)}


@given(size=SIZES)
def test_the_places_of_a_frontier_are_those_that_it_is_made_of(size: int) -> None:
    tree = TREES[size]
    assert answered(lambda nodes: Frontier.at(nodes, size), {}, size) == tree
    assert needed(lambda nodes: Frontier.at(nodes, size), tree.places) == set()
    assert answered(lambda nodes: Frontier.at(nodes, size), tree.places, size) == tree


@given(size=SIZES, data=st.data())
def test_every_proof_from_kept_hashes_verifies(size: int, data: st.DataObject) -> None:
    root = TREES[size].root
    index, older = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    before = TREES[older]
    inclusion = answered(lambda nodes: prove_inclusion(nodes, index, size), {}, size)
    assert isinstance(inclusion, list)
    assert verify_inclusion(leaf_of(index), index, size, inclusion, root)
    for known in ({}, before.places):
        consistency = answered(lambda nodes: prove_consistency(nodes, older, size), known, size)
        assert isinstance(consistency, list)
        assert verify_consistency(older, size, before.root, root, consistency)
    assert answered(lambda nodes: root_of(nodes, size), {}, size) == root


@given(older=SIZES, more=st.integers(1, 300))
def test_who_knows_the_tree_before_needs_little_more_than_what_is_new(older: int, more: int) -> None:
    size = older + more
    wanted = needed(
        lambda nodes: (Frontier.at(nodes, size), prove_consistency(nodes, older, size)), TREES[older].places
    )
    assert len([place for place in wanted if place[0] == 0]) <= more
    assert len(wanted) <= more + 8


def test_what_is_past_the_end_of_a_tree_is_not_made_up() -> None:
    with pytest.raises(KeyError):
        reading({}, {(0, 0): leaf_of(0)})(1, 0)
    assert reading({}, {(0, 0): leaf_of(0), (0, 1): leaf_of(1)})(1, 0) == node(leaf_of(0), leaf_of(1))


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 40))))
def test_spans_are_the_places_and_nothing_else(places: set[Place]) -> None:
    found = list(spans(places))
    assert [(level, index) for level, first, past in found for index in range(first, past)] == sorted(places)
    touching = [each for each in found if any(each[0] == other[0] and each[2] == other[1] for other in found)]
    assert touching == []


def test_the_tiles_of_a_tree_are_those_of_the_example_in_the_specification() -> None:
    found = list(tiles(70_000))
    assert [each for each in found if each[2] < 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert len(found) == 273 + 1 + 1 + 1 + 1
    assert list(tiles(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles(0)) == []


@pytest.mark.parametrize(
    ("tile", "place"),
    [
        ((0, 0, 256), "tile/0/000"),
        ((1, 1_234_067, 256), "tile/1/x001/x234/067"),
        ((2, 999, 17), "tile/2/999.p/17"),
        (("entries", 1000, 1), "tile/entries/x001/000.p/1"),
    ],
)
def test_a_tile_lies_where_the_specification_has_it(tile: tuple[int | str, int, int], place: str) -> None:
    assert path(*tile) == place

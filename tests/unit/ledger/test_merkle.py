"""The tree against the definition in RFC 6962 and against vectors that others have published."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.ledger.merkle import (
    EMPTY,
    Frontier,
    leaf,
    node,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

INPUTS = tuple(
    bytes.fromhex(each)
    for each in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
)
"""The leaves of the test vectors of Certificate Transparency, and the roots of their first 1 to 8."""
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
MOST = 130


def defined(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash, as RFC 6962 defines it."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while 2 * half < len(leaves):
        half *= 2
    return node(defined(leaves[:half]), defined(leaves[half:]))


class Tree:
    """All leaves at hand; counts how often a subtree is asked for."""

    def __init__(self, size: int) -> None:
        self.leaves = [leaf(number.to_bytes(4, "big")) for number in range(size)]
        self.asked = 0

    def nodes(self, level: int, index: int) -> bytes:
        self.asked += 1
        found = self.leaves[index << level : (index + 1) << level]
        assert len(found) == 1 << level, "only complete subtrees are asked for"
        return defined(found)


sizes = st.integers(1, MOST)


def test_roots_are_those_that_others_have_published() -> None:
    tree = Frontier()
    assert tree.root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for data, root in zip(INPUTS, ROOTS, strict=True):
        tree = tree.append(leaf(data))
        assert tree.root.hex() == root


@given(st.integers(0, MOST))
def test_a_frontier_has_the_root_of_all_that_was_appended(size: int) -> None:
    tree, frontier = Tree(size), Frontier()
    for each in tree.leaves:
        frontier = frontier.append(each)
    assert frontier.root == root_of(tree.nodes, size) == defined(tree.leaves)


@pytest.mark.parametrize(("size", "subtrees"), [(1, 0), (3, 1), (0, 1), (4, 2)])
def test_a_frontier_that_cannot_be_is_refused(size: int, subtrees: int) -> None:
    with pytest.raises(ValueError, match=r"complete subtrees of 32 bytes$"):
        Frontier(size, (EMPTY,) * subtrees)
    with pytest.raises(ValueError, match=r"complete subtrees of 32 bytes$"):
        Frontier(1, (b"short",))


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_every_leaf_is_proved_to_be_where_it_is_and_nowhere_else(case: tuple[int, int]) -> None:
    index, size = case
    tree = Tree(size)
    root, proof = defined(tree.leaves), prove_inclusion(tree.nodes, index, size)
    assert verify_inclusion(tree.leaves[index], index, size, proof, root)
    for other in range(size):
        if other != index:
            assert not verify_inclusion(tree.leaves[index], other, size, proof, root)
            assert not verify_inclusion(tree.leaves[other], index, size, proof, root)


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))))
def test_every_tree_is_proved_to_begin_with_every_smaller_one(case: tuple[int, int]) -> None:
    older, newer = case
    tree = Tree(newer)
    roots = defined(tree.leaves[:older]), defined(tree.leaves)
    proof = prove_consistency(tree.nodes, older, newer)
    assert verify_consistency(older, newer, *roots, proof)
    forged = list(tree.leaves)
    if older:
        forged[older // 2] = leaf(b"forged")
        assert not verify_consistency(older, newer, defined(forged[:older]), roots[1], proof)
        assert not verify_consistency(older, newer, roots[0], defined(forged), proof)


@given(sizes, st.data())
def test_a_proof_that_was_altered_proves_nothing(size: int, data: st.DataObject) -> None:
    tree = Tree(size)
    index, older = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root = defined(tree.leaves)
    inclusion, consistency = prove_inclusion(tree.nodes, index, size), prove_consistency(tree.nodes, older, size)
    for proof in altered(inclusion):
        assert not verify_inclusion(tree.leaves[index], index, size, proof, root)
    for proof in altered(consistency):
        assert not verify_consistency(older, size, defined(tree.leaves[:older]), root, proof)


def altered(proof: list[bytes]) -> list[list[bytes]]:
    """A hash too many, one too few, one that is another, two that have changed places."""
    found = [[*proof, EMPTY], [EMPTY, *proof]]
    for place in range(len(proof)):
        found += [proof[:place] + proof[place + 1 :], [*proof[:place], EMPTY, *proof[place + 1 :]]]
    for first, second in pairwise(range(len(proof))):
        swapped = list(proof)
        swapped[first], swapped[second] = proof[second], proof[first]
        found.append(swapped)
    return found


def test_what_is_not_in_a_tree_is_neither_proved_nor_verified() -> None:
    tree = Tree(4)
    for index in (-1, 4):
        with pytest.raises(ValueError, match=f"^there is no leaf {index} in a tree of 4$"):
            prove_inclusion(tree.nodes, index, 4)
        assert not verify_inclusion(tree.leaves[0], index, 4, [], defined(tree.leaves))
    with pytest.raises(ValueError, match=r"^a tree of 4 leaves does not extend one of 5$"):
        prove_consistency(tree.nodes, 5, 4)
    assert not verify_consistency(5, 4, EMPTY, EMPTY, [])
    assert not verify_consistency(3, 4, defined(tree.leaves[:3]), defined(tree.leaves), [])


def test_a_proof_asks_for_no_more_subtrees_than_the_tree_is_high() -> None:
    tree = Tree(1000)
    prove_inclusion(tree.nodes, 537, 1000)
    assert tree.asked <= 2 * 10
    tree.asked = 0
    prove_consistency(tree.nodes, 700, 1000)
    assert tree.asked <= 3 * 10

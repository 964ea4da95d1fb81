"""The Merkle tree of RFC 6962, section 2.1: roots, inclusion proofs and consistency proofs.

A tree is seen through ``Nodes``: a function that gives the hash of a complete subtree by its level and its index there,
so that a proof takes as many look-ups as it has hashes, however large the tree is. Hashes are 32 bytes of SHA-256.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

SIZE: Final = 32
"""Bytes of a hash."""

EMPTY: Final = sha256(b"").digest()
"""The root of a tree without leaves."""

Nodes = Callable[[int, int], bytes]
"""``nodes(level, index)`` is the hash over the leaves from ``index << level`` on, ``1 << level`` of them."""


def leaf(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree that only grows, reduced to what its next root needs: its complete subtrees, the largest first.

    Invariant: there is one subtree for each bit that is set in ``size``.
    """

    size: int = 0
    subtrees: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size.bit_count() != len(self.subtrees) or not {SIZE}.issuperset(map(len, self.subtrees)):
            raise ValueError(
                f"a tree of {self.size} leaves has {self.size.bit_count()} complete subtrees of {SIZE} bytes"
            )

    @classmethod
    def at(cls, nodes: Nodes, size: int) -> Self:
        """The first ``size`` leaves of a tree."""
        subtrees: list[bytes] = []
        start = 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                subtrees.append(nodes(level, start >> level))
                start += 1 << level
        return cls(size, tuple(subtrees))

    def append(self, leaf_hash: bytes) -> Self:
        """The tree with one more leaf."""
        return self.grown(leaf_hash)[0]

    def grown(self, leaf_hash: bytes) -> tuple[Self, list[bytes]]:
        """The tree with one more leaf, and the complete subtrees that end with it: the n-th has ``1 << n`` leaves."""
        stack, size = list(self.subtrees), self.size
        ended = [leaf_hash]
        while size & 1:
            ended.append(node(stack.pop(), ended[-1]))
            size >>= 1
        return type(self)(self.size + 1, (*stack, ended[-1])), ended

    @property
    def places(self) -> dict[tuple[int, int], bytes]:
        """Its complete subtrees by level and index, as ``Nodes`` are asked for them."""
        levels = [level for level in reversed(range(self.size.bit_length())) if self.size >> level & 1]
        return {(level, (self.size >> level) - 1): each for level, each in zip(levels, self.subtrees, strict=True)}

    @property
    def root(self) -> bytes:
        """The Merkle tree hash."""
        if not self.subtrees:
            return EMPTY
        *others, root = self.subtrees
        for left in reversed(others):
            root = node(left, root)
        return root


def root_of(nodes: Nodes, size: int) -> bytes:
    """The root of the first ``size`` leaves."""
    return _hash(nodes, 0, size) if size else EMPTY


def prove_inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """The audit path of leaf ``index`` (from 0) in the tree of ``size`` leaves, from the leaf up (2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    return list(_path(nodes, index, 0, size))


def prove_consistency(nodes: Nodes, older: int, newer: int) -> list[bytes]:
    """That the tree of ``newer`` leaves begins with that of ``older`` (2.1.2); nothing to prove from or to itself."""
    if not 0 <= older <= newer:
        raise ValueError(f"a tree of {newer} leaves does not extend one of {older}")
    return list(_subproof(nodes, older, 0, newer, whole=True)) if 0 < older < newer else []


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows that leaf ``index`` of the tree with that ``root`` is ``leaf_hash`` (RFC 9162 2.1.3)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf_hash
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(older: int, newer: int, older_root: bytes, newer_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the newer tree begins with the older one (RFC 9162, 2.1.4.2)."""
    if not 0 <= older <= newer:
        return False
    if older in (0, newer):
        begins = older_root == (EMPTY if older == 0 else newer_root)
        return begins and not proof
    hashes = [older_root, *proof] if older.bit_count() == 1 else list(proof)
    if not hashes:
        return False
    place, last = older - 1, newer - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for step in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node(step, old), node(step, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and (old, new) == (older_root, newer_root)


def _split(size: int) -> int:
    """The largest power of two that is smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _hash(nodes: Nodes, start: int, end: int) -> bytes:
    """The hash over the leaves ``[start, end)``; ``start`` is where a subtree of that size begins."""
    size = end - start
    if size.bit_count() == 1:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(size)
    return node(_hash(nodes, start, middle), _hash(nodes, middle, end))


def _path(nodes: Nodes, index: int, start: int, end: int) -> Iterator[bytes]:
    if end - start == 1:
        return
    middle = start + _split(end - start)
    if index < middle:
        yield from _path(nodes, index, start, middle)
        yield _hash(nodes, middle, end)
    else:
        yield from _path(nodes, index, middle, end)
        yield _hash(nodes, start, middle)


def _subproof(nodes: Nodes, older: int, start: int, end: int, *, whole: bool) -> Iterator[bytes]:
    """SUBPROOF of 2.1.2; ``whole``: what was covered so far is all of the older tree, whose root the reader has."""
    if older == end:
        if not whole:
            yield _hash(nodes, start, end)
        return
    middle = start + _split(end - start)
    if older <= middle:
        yield from _subproof(nodes, older, start, middle, whole=whole)
        yield _hash(nodes, middle, end)
    else:
        yield from _subproof(nodes, older, middle, end, whole=False)
        yield _hash(nodes, start, middle)

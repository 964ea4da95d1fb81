"""The smallest ways to give way where two by two clash: sets that have one of each pair."""

from collections.abc import Iterable, Sequence
from typing import Final

MOST_COVERS: Final = 16
"""How many are kept while they are looked for."""


def covers(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """Minimal sets with a member in each of ``pairs``, smallest first: all of them up to ``MOST_COVERS``, else some."""
    found: list[frozenset[str]] = [frozenset()]
    for pair in pairs:
        hits = [cover for cover in found if not cover.isdisjoint(pair)]
        misses = [cover for cover in found if cover.isdisjoint(pair)]
        grown = (cover | {member} for cover in misses for member in pair)
        found = _minimal([*hits, *grown])[:MOST_COVERS]
    # What was cut away may have been part of a set that stayed: such a set is still a cover, but not minimal.
    return tuple(map(_named, _minimal(_thinned(cover, pairs) for cover in found)))


def _minimal(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Those of ``sets`` that contain no other, smallest first."""
    kept: list[frozenset[str]] = []
    for one in sorted(set(sets), key=lambda each: (len(each), _named(each))):
        if not any(small <= one for small in kept):
            kept.append(one)
    return kept


def _thinned(cover: frozenset[str], pairs: Sequence[tuple[str, str]]) -> frozenset[str]:
    for member in _named(cover):
        without = cover - {member}
        if not any(without.isdisjoint(pair) for pair in pairs):
            cover = without
    return cover


def _named(cover: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(cover))

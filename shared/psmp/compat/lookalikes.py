"""Names that are easily taken for another: one letter apart, or written with letters that only look alike."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

SHORTEST: Final = 5
"""Names shorter than this are not compared by letters: too many of them are one letter apart by right."""

_TWINS: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "2": "z"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Lookalikes:
    """The names of a project, kept so that one that resembles another is found without looking at all of them.

    Two names that are at most one letter apart share their first or their second half, give or take a place; two that
    differ by a swap have the same letters.
    """

    __slots__ = ("_by_key", "_counts")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_key: dict[str, tuple[str, ...]] = {}
        self._counts: dict[str, int] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """From now on ``name`` is one of them, once more if it is already."""
        self._counts[name] = self._counts.get(name, 0) + 1
        if self._counts[name] > 1:
            return
        for key in _keys(name):
            self._by_key[key] = (*self._by_key.get(key, ()), name)

    def remove(self, name: str) -> None:
        """``name`` is one of them once less."""
        self._counts[name] -= 1
        if self._counts[name]:
            return
        del self._counts[name]
        for key in _keys(name):
            left = tuple(each for each in self._by_key[key] if each != name)
            if left:
                self._by_key[key] = left
            else:
                del self._by_key[key]

    def of(self, name: str) -> tuple[str, ...]:
        """The others that ``name`` resembles, sorted."""
        look_key, *keys = _near(name)
        alike = {other for other in self._by_key.get(look_key, ()) if other != name}
        for key in keys:
            for other in self._by_key.get(key, ()):
                if other != name and one_letter_apart(name, other):
                    alike.add(other)
        return tuple(sorted(alike))


def look(name: str) -> str:
    """What ``name`` looks like: letters that are easily confused become one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    plain = "".join(map(_latin, plain))
    for pair, single in _PAIRS:
        plain = plain.replace(pair, single)
    return plain.translate(_TWINS)


@lru_cache(maxsize=16_384)
def one_letter_apart(one: str, other: str) -> bool:
    """Whether a letter changed, added, left out or swapped with its neighbour makes one of the other.

    Digits do not count: ``boto`` and ``boto3``, ``psycopg2`` and ``psycopg3`` are different by right.
    """
    if min(len(one), len(other)) < SHORTEST or one == other:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return (a[1:] == b[1:] and (a[0] + b[0]).isalpha()) or (
            a[:2] == b[1::-1] and a[2:] == b[2:] and a[:2].isalpha()
        )
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[1:] == shorter and longer[0].isalpha()


def _keys(name: str) -> tuple[str, ...]:
    return _look_key(name), _swap_key(name), *_halves(name, len(name))


@lru_cache(maxsize=8192)
def _near(name: str) -> tuple[str, ...]:
    """Where to look for what resembles ``name``: what looks like it, then what may be one letter apart."""
    around = (key for step in (-1, 0, 1) for key in _halves(name, len(name) + step))
    return _look_key(name), _swap_key(name), *around


def _look_key(name: str) -> str:
    return f"={look(name)}"


def _swap_key(name: str) -> str:
    return f"~{''.join(sorted(name))}"


def _halves(name: str, length: int) -> Iterator[str]:
    """The keys under which a name of ``length`` lies that is ``name`` but for one letter in its other half."""
    half = length // 2
    yield f"{length}<{name[:half]}"
    yield f"{length}>{name[len(name) - (length - half) :]}"


def _latin(letter: str) -> str:
    """The Latin letter that a Cyrillic or Greek one looks like."""
    return _ALIKE.get(letter, letter)


_ALIKE: Final = dict(zip("аеорсухіјѕԁвнкмтοανρτυκι", "aeopcyxijsdbhkmtoavptuki", strict=True))

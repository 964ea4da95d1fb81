"""Names that are easily taken for another: one letter apart, or written with letters that only look alike."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

SHORTEST: Final = 5
"""Names shorter than this are not compared by letters: too many of them are one letter apart by right."""

_TWINS: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "2": "z"})
_ZEROS: Final = str.maketrans("123456789", "000000000")
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


class Lookalikes:
    """The names of a project, and for each those that it resembles: found when it comes, remembered while it stays.

    Names are looked for by their skeletons, in which every digit is 0, since digits do not count: two skeletons that
    are one letter apart have two thirds of three in common, give or take a place, or are a swap of the same letters.
    """

    __slots__ = ("_alike", "_by_key", "_by_skeleton", "_counts")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._counts: dict[str, int] = {}
        self._alike: dict[str, frozenset[str]] = {}
        self._by_skeleton: dict[str, tuple[str, ...]] = {}
        self._by_key: dict[str, tuple[str, ...]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """From now on ``name`` is one of them, once more if it is already."""
        self._counts[name] = self._counts.get(name, 0) + 1
        if self._counts[name] > 1:
            return
        for other in self._found(name):
            self._alike[name] = self._alike.get(name, frozenset()) | {other}
            self._alike[other] = self._alike.get(other, frozenset()) | {name}
        bare = skeleton(name)
        if bare not in self._by_skeleton:
            for key in _keys(bare):
                _put(self._by_key, key, bare)
        _put(self._by_skeleton, bare, name)
        _put(self._by_key, _look_key(name), name)

    def remove(self, name: str) -> None:
        """``name`` is one of them once less."""
        self._counts[name] -= 1
        if self._counts[name]:
            return
        del self._counts[name]
        for other in self._alike.pop(name, ()):
            self._alike[other] -= {name}
            if not self._alike[other]:
                del self._alike[other]
        bare = skeleton(name)
        _take(self._by_skeleton, bare, name)
        _take(self._by_key, _look_key(name), name)
        if bare not in self._by_skeleton:
            for key in _keys(bare):
                _take(self._by_key, key, bare)

    def of(self, name: str) -> tuple[str, ...]:
        """The others that ``name`` resembles, sorted; it need not be one of them."""
        return tuple(sorted(self._alike.get(name, ()) if name in self._counts else self._found(name)))

    def _found(self, name: str) -> set[str]:
        alike = {other for other in self._by_key.get(_look_key(name), ()) if other != name}
        for bare in self._near(skeleton(name)):
            alike.update(other for other in self._by_skeleton[bare] if one_letter_apart(name, other))
        return alike

    def _near(self, bare: str) -> set[str]:
        """The skeletons that are one letter from this one."""
        keys = (_swap_key(bare), *(key for step in (-1, 0, 1) for key in _thirds(bare, len(bare) + step)))
        near = {other for key in keys for other in self._by_key.get(key, ())}
        return {other for other in near if one_letter_apart(bare, other)}


def look(name: str) -> str:
    """What ``name`` looks like: letters that are easily confused become one."""
    plain = name.lower() if name.isascii() else _latin(name)
    for pair, single in _PAIRS:
        plain = plain.replace(pair, single)
    return plain.translate(_TWINS)


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


def skeleton(name: str) -> str:
    """The name with a 0 for each digit."""
    return name.translate(_ZEROS)


def _put(index: dict[str, tuple[str, ...]], key: str, name: str) -> None:
    index[key] = (*index.get(key, ()), name)


def _take(index: dict[str, tuple[str, ...]], key: str, name: str) -> None:
    names = index[key]
    place = names.index(name)
    if len(names) > 1:
        index[key] = names[:place] + names[place + 1 :]
    else:
        del index[key]


def _keys(bare: str) -> tuple[str, ...]:
    return _swap_key(bare), *_thirds(bare, len(bare))


def _look_key(name: str) -> str:
    return f"={look(name)}"


def _swap_key(bare: str) -> str:
    return f"~{''.join(sorted(bare))}"


def _thirds(bare: str, length: int) -> Iterator[str]:
    """The keys under which a skeleton of ``length`` lies that is ``bare`` but for one letter in one of its thirds."""
    first, second = length // 3, length // 3 + (length + 1) // 3
    head, tail = bare[:first], bare[second - length :]
    longer = len(bare) - length
    yield f"{length}1{bare[first + longer :]}"
    yield f"{length}2{head} {tail}"
    yield f"{length}3{bare[:second]}"


def _latin(name: str) -> str:
    """The name with the Latin letter that each Cyrillic or Greek one looks like, and without accents."""
    bare = (c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return "".join(_ALIKE.get(c, c) for c in bare)


_ALIKE: Final = dict(zip("аеорсухіјѕԁвнкмтοανρτυκι", "aeopcyxijsdbhkmtoavptuki", strict=True))

"""What the tests of path claims draw from, and what is true of two claims by counting every line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from hypothesis import settings
from hypothesis import strategies as st

from psmp.compat.paths.index import PathIndex
from psmp.words.values import Hunk, Mode, Passage, PathClaim

often = settings(max_examples=100, deadline=None)
seldom = settings(max_examples=40, deadline=None)

PATHS = ("src", "src/", "src/a.py", "src/b", "src/b/c.py", "Src/a.py", "src/A.PY", "d.py")
LINES = 8
MODES: tuple[Mode, ...] = ("write", "write", "write", "create", "delete", "read")
BASES = (None, "x", "y", "z")

Declaration = tuple[str, tuple[PathClaim, ...]]
Latest = Mapping[str, tuple[PathClaim, ...]]


def agent_of(artifact: str) -> str:
    return f"agent-{int(artifact[1:]) % 3}"


@st.composite
def line_ranges(draw: st.DrawFn) -> tuple[int, int] | tuple[int, int, str]:
    start = draw(st.integers(1, LINES))
    end = draw(st.integers(start, LINES))
    digest = draw(st.sampled_from([None, "p", "q"]))
    return (start, end) if digest is None else (start, end, digest)


@st.composite
def hunk_lists(draw: st.DrawFn) -> tuple[Hunk, ...]:
    cuts = sorted(draw(st.lists(st.integers(1, LINES), max_size=4)))
    plain = [(start, end, draw(st.integers(0, 3))) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    digests = st.sampled_from(["p", "q"])
    return tuple((*hunk, draw(digests), draw(digests)) if draw(st.booleans()) else hunk for hunk in plain)


@st.composite
def claims(draw: st.DrawFn, paths: Sequence[str] = PATHS) -> PathClaim:
    path = draw(st.sampled_from(paths))
    mode = draw(st.sampled_from(MODES))
    base = draw(st.sampled_from(BASES))
    ranges: tuple[tuple[int, int] | tuple[int, int, str], ...] | None = None
    if mode == "create":
        ranges = draw(st.sampled_from([None, ((1, 1, "x"),), ((1, 1, "p"),), ((1, 1),)]))
    elif mode == "write" and not path.endswith("/") and draw(st.booleans()):
        ranges = tuple(draw(st.lists(line_ranges(), max_size=3)))
    passages = None
    moved = draw(st.sampled_from([None, None, "e.py", "f.py"])) if mode == "delete" and path[-1] != "/" else None
    if moved is not None and draw(st.booleans()):
        ranges = tuple(draw(st.lists(line_ranges(), max_size=3)))
    if base is not None and (mode == "write" or ranges is not None) and draw(st.integers(0, 2)) == 0:
        older = st.sampled_from([each for each in BASES if each is not None])
        passages = tuple(Passage(base=draw(older), hunks=draw(hunk_lists())) for _ in range(draw(st.integers(1, 2))))
    if path.endswith("/"):
        ranges = None
    return PathClaim(path=path, mode=mode, base=base, ranges=ranges, passages=passages, moved=moved)


declarations = st.tuples(st.integers(0, 5).map(lambda number: f"a{number}"), st.lists(claims(), max_size=3).map(tuple))
crowds = st.tuples(
    st.integers(0, 5).map(lambda number: f"a{number}"),
    st.lists(claims(("d.py",)), max_size=3).map(tuple),
)
histories = st.one_of(st.lists(declarations, max_size=10), st.lists(crowds, max_size=8))


def told(history: Iterable[Declaration]) -> PathIndex:
    index = PathIndex()
    for place, (artifact, said) in enumerate(history):
        index.put(artifact, agent_of(artifact), 1 + place % 3, said)
    return index


def segments(path: str) -> tuple[str, ...]:
    return tuple(path.removesuffix("/").split("/"))


# What is true, by counting. A place is the gap before a line (2n) or the line itself (2n + 1).

Change = tuple[frozenset[int], tuple[str, ...] | None]


def places(start: int, end: int) -> frozenset[int]:
    return frozenset(range(2 * start, 2 * end + 1))


def changes(words: Iterable[PathClaim]) -> list[Change] | None:
    """The changes that claims of one artifact on one base make: places that hang together, and what comes there."""
    ranges: set[tuple[int, int, str | None]] = set()
    for word in words:
        if word.ranges is None:
            return None
        ranges |= {(each[0], each[1], each[2] if len(each) == 3 else None) for each in word.ranges}
    found: list[set[tuple[int, int, str | None]]] = []
    for one in ranges:
        near = [group for group in found if any(places(*one[:2]) & places(*each[:2]) for each in group)]
        found = [group for group in found if group not in near] + [{one}.union(*near)]
    return [_change(group) for group in found]


def _change(group: set[tuple[int, int, str | None]]) -> Change:
    every = frozenset().union(*(places(*each[:2]) for each in group))
    over = any(_inner(*one[:2]) & places(*other[:2]) for one in group for other in group if one != other)
    digests = [each[2] for each in sorted(group, key=lambda each: (each[0], each[1], each[2] or ""))]
    known = tuple(each for each in digests if each is not None)
    return every, known if len(known) == len(digests) and not over else None


def _inner(start: int, end: int) -> frozenset[int]:
    return frozenset(range(2 * start + 1, 2 * end))


def left(older: Iterable[Change], newer: Iterable[Change], hunks: Sequence[Hunk]) -> tuple[list[Change], list[Change]]:
    """What each still has to change: not what a hunk, with digests, says that the other's base has already."""
    shifts = [sum(each[2] - (each[1] - each[0]) for each in hunks[:place]) for place in range(len(hunks))]
    named = [(hunk, shift) for hunk, shift in zip(hunks, shifts, strict=True) if len(hunk) == 5]
    there = [(places(hunk[0], hunk[1]), (hunk[4],)) for hunk, _ in named]
    back = [(places(hunk[0] + shift, hunk[0] + shift + hunk[2]), (hunk[3],)) for hunk, shift in named]
    return [each for each in older if each not in there], [each for each in newer if each not in back]


def carried(change: Change, hunks: Sequence[Hunk]) -> Change:
    """Where the places of an older base are on the newer, by going through the gaps and lines one by one."""
    every, digests = change
    met = [hunk for hunk in hunks if every & places(*hunk[:2])]
    if met:
        every = every.union(*(places(*hunk[:2]) for hunk in met))
        every = frozenset(range(min(every), max(every) + 1))
        digests = None
    first, last = min(every), max(every)
    before = sum(2 * (hunk[2] - (hunk[1] - hunk[0])) for hunk in hunks if max(places(*hunk[:2])) < first)
    inside = sum(2 * (hunk[2] - (hunk[1] - hunk[0])) for hunk in met)
    return frozenset(range(first + before, last + before + inside + 1)), digests


def collide(one: Iterable[Change], other: Iterable[Change]) -> bool:
    return any(mine[0] & theirs[0] and (mine[1] is None or mine != theirs) for mine in one for theirs in other)


def judged(one: Sequence[PathClaim], other: Sequence[PathClaim]) -> str:
    """What claims of two agents are to each other, each sequence of one artifact, path, mode and base."""
    mine, theirs = one[0], other[0]
    modes = {mine.mode, theirs.mode}
    if "read" in modes:
        return "apart"
    if segments(mine.path) != segments(theirs.path):
        short, long = sorted((segments(mine.path), segments(theirs.path)), key=len)
        return "clash" if long[: len(short)] == short and modes != {"delete"} else "apart"
    if modes == {"delete"}:
        return "apart" if mine.moved == theirs.moved else "clash"
    if modes == {"create"}:
        return "apart" if _content(mine) is not None and _content(mine) == _content(theirs) else "clash"
    if "create" in modes:
        maker, users = (mine, other) if mine.mode == "create" else (theirs, one)
        known = {users[0].base, *(passage.base for word in users for passage in word.passages or ())}
        return "clash" if users[0].base is None else "apart" if _content(maker) in known else "unknown"
    gone = mine if mine.mode == "delete" else theirs
    if "delete" in modes and (gone.moved is None or any(word.ranges is None for word in (*one, *other))):
        return "clash"
    return _lines(one, other)


def _lines(one: Sequence[PathClaim], other: Sequence[PathClaim]) -> str:
    mine, theirs = changes(one), changes(other)
    if mine is None or theirs is None:
        return "clash"
    if one[0].base == other[0].base:
        return "clash" if collide(mine, theirs) else "apart"
    ways = [
        collide([carried(change, passage.hunks) for change in still], against)
        for older, base, newer, words in ((mine, one[0].base, theirs, other), (theirs, other[0].base, mine, one))
        for word in words
        for passage in word.passages or ()
        if passage.base == base
        for still, against in [left(older, newer, passage.hunks)]
    ]
    if any(ways):
        return "clash"
    return "apart" if ways or not mine or not theirs else "unknown"


def _content(word: PathClaim) -> str | None:
    known = word.ranges is not None and len(word.ranges) == 1 and word.ranges[0][:2] == (1, 1)
    return word.ranges[0][2] if known and word.ranges and len(word.ranges[0]) == 3 else None


def _groups(said: Iterable[PathClaim]) -> Iterator[list[PathClaim]]:
    found: dict[tuple[object, ...], list[PathClaim]] = {}
    for word in said:
        base = None if word.mode == "create" else word.base
        content = _content(word) if word.mode == "create" else None
        found.setdefault((word.path, word.mode, base, content, word.moved), []).append(word)
    yield from found.values()


Pairs = dict[str, set[tuple[str, str]]]


def by_comparison(latest: Latest) -> tuple[Pairs, Pairs]:
    """Every clash and every doubt, by the path it is on, from comparing every two claims.

    There is no doubt about two artifacts whose claims on that very path clash.
    """
    clashes, doubts, certain = Pairs(), Pairs(), Pairs()
    for one, other in combinations(sorted(latest), 2):
        if agent_of(one) == agent_of(other):
            continue
        for mine, theirs in product(_groups(latest[one]), _groups(latest[other])):
            names = sorted((segments(mine[0].path), segments(theirs[0].path)), key=len)
            kind = judged(mine, theirs)
            if kind == "clash":
                clashes.setdefault("/".join(names[0]), set()).add((one, other))
            if kind != "apart" and names[0] == names[1]:
                (doubts if kind == "unknown" else certain).setdefault("/".join(names[0]), set()).add((one, other))
    only = {path: pairs - certain.get(path, set()) for path, pairs in doubts.items()}
    return clashes, {path: pairs for path, pairs in only.items() if pairs}

"""Which claims on one path cannot stand together, in an order that does not depend on who came first.

Every function yields pairs of claims of different agents, perhaps more than once, and does no more steps between two of
them than there are claims on the path and below it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final

from psmp.compat.paths.claims import Claim
from psmp.compat.paths.passages import Range, carry, made
from psmp.compat.paths.tree import Node
from psmp.words.values import Hunk

Pair = tuple[Claim, Claim]

Release = tuple[str, str]
"""An artifact and a path that it gives up its claims on."""

NOTHING: Final[frozenset[Release]] = frozenset()

_RIVALS: Final = 2

_Camp = tuple[str, int]


def contests(node: Node, released: frozenset[Release] = NOTHING) -> Iterator[Pair]:
    """All pairs that clash on the path of ``node``, the weightiest first, as if ``released`` were given up."""
    if not node.writers and _is_quiet(node.claims):
        return
    writing = [claim for claim in node.claims if claim.mode != "read"]
    if released:
        writing = [claim for claim in writing if (claim.artifact, claim.path) not in released]
    inside = chain.from_iterable(_inside(node, claim, released) for claim in writing)
    if len({claim.agent for claim in writing}) < _RIVALS:
        yield from inside
        return
    by_mode: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in writing:
        by_mode[claim.mode].append(claim)
    changing, creating, deleting = by_mode["write"], by_mode["create"], by_mode["delete"]
    moving = [claim for claim in deleting if claim.carries]
    yield from _across([claim for claim in deleting if not claim.carries], changing)
    yield from _parted(deleting)
    if creating:
        yield from _across([claim for claim in deleting if claim.base is None], creating)
        yield from _twice(creating)
    yield from inside
    yield from _across([claim for claim in changing if claim.ranges is None], [*changing, *moving])
    if creating:
        yield from _across(creating, [claim for claim in changing if claim.base is None])
    met = _in_lines([claim for claim in (*changing, *moving) if claim.ranges])
    yield from (pair for pair in met if not pair[0].mode == pair[1].mode == "delete")


def _inside(node: Node, claim: Claim, released: frozenset[Release]) -> Iterator[Pair]:
    for other in node.others_below(claim.agent) if node.writers else ():
        undone = claim.mode == other.mode == "delete"
        if not undone and (other.artifact, other.path) not in released:
            yield claim, other


def _across(some: Sequence[Claim], others: Sequence[Claim]) -> Iterator[Pair]:
    if not some or not others:
        return
    agents = Counter(claim.agent for claim in others)
    for one in some:
        if agents[one.agent] < len(others):
            yield from ((one, other) for other in others if other.agent != one.agent)


def _parted(deleting: Sequence[Claim]) -> Iterator[Pair]:
    """Deletions of the same path by two agents that would have it live on at different places, or not at all."""
    if any(claim.moved is not None for claim in deleting):
        ways = {way: [claim for claim in deleting if claim.moved == way] for way in {each.moved for each in deleting}}
        for way, claims in ways.items():
            yield from _across(claims, [claim for other, each in ways.items() if other != way for claim in each])


def _twice(creating: Sequence[Claim]) -> Iterator[Pair]:
    """Creations of the same path by two agents that are not known to be of the same content."""
    agents = Counter(claim.agent for claim in creating)
    digests = Counter(claim.digest for claim in creating if claim.digest is not None)
    both = Counter((claim.agent, claim.digest) for claim in creating if claim.digest is not None)
    for one in creating:
        alike = 0 if one.digest is None else digests[one.digest] - both[one.agent, one.digest]
        if agents[one.agent] + alike < len(creating):
            for other in creating:
                if other.agent != one.agent and (one.digest is None or one.digest != other.digest):
                    yield one, other


def _in_lines(writing: Sequence[Claim]) -> Iterator[Pair]:
    """Changes of lines that meet, on one base or carried to one."""
    lanes: defaultdict[str | None, list[Claim]] = defaultdict(list)
    passages: defaultdict[tuple[str, str | None, tuple[Hunk, ...]], list[Claim]] = defaultdict(list)
    for claim in writing:
        lanes[claim.base].append(claim)
        for older, hunks in claim.passages:
            passages[older, claim.base, hunks].append(claim)
    for lane in lanes.values():
        if len(lane) > 1 and _is_close(lane):
            rows = [(lines, claim, 0) for claim in lane for lines in claim.ranges or ()]
            yield from _sweep(rows, lambda one, other: one[0] != other[0])
    for (older, base, hunks), newer in passages.items():
        if older != base and older in lanes:
            there = made(hunks)
            left = [
                (lines, claim) for claim in lanes[older] for lines in claim.ranges or () if lines not in there.of_older
            ]
            carried = carry([lines for lines, _ in left], hunks)
            rows = [(lines, claim, 0) for lines, (_, claim) in zip(carried, left, strict=True)]
            rows += [
                (lines, claim, 1) for claim in newer for lines in claim.ranges or () if lines not in there.of_newer
            ]
            yield from _sweep(rows, lambda one, other: one[0] != other[0] and one[1] != other[1])


def _is_quiet(claims: Sequence[Claim]) -> bool:
    """Whether it is seen at once that no two clash, as it is nearly always: they write lines apart on one base."""
    if len(claims) < _RIVALS:
        return True
    base = claims[0].base
    if all(claim.base == base and claim.ranges is not None and claim.mode == "write" for claim in claims):
        return not _is_close(claims)
    return False


def _is_close(claims: Sequence[Claim]) -> bool:
    """Whether any two ranges of the claims meet: quicker than to know which."""
    reached = 0
    for start, end in sorted([lines[:2] for claim in claims for lines in claim.ranges or ()]):
        if start <= reached:
            return True
        reached = end
    return False


def _sweep(rows: Sequence[tuple[Range, Claim, int]], rival: Callable[[_Camp, _Camp], bool]) -> Iterator[Pair]:
    """The pairs whose ranges meet, by going through the lines once from the top.

    ``active`` has the claims that reach down to the present line, by agent and side; who has ended is taken out when a
    rival comes by.
    """
    alike: defaultdict[Range, list[tuple[Claim, int]]] = defaultdict(list)
    for lines, claim, side in rows:
        alike[lines].append((claim, side))
    active: dict[_Camp, list[tuple[int, Claim]]] = {}
    for lines in sorted(alike, key=lambda each: (each[0], each[1], each[2] or "")):
        start, end, digest = lines
        for claim, side in alike[lines]:
            mine = claim.agent, side
            for camp in [camp for camp in active if rival(mine, camp)]:
                active[camp] = [each for each in active[camp] if each[0] >= start]
                yield from ((other, claim) for _, other in active[camp])
                if not active[camp]:
                    del active[camp]
            if digest is None:
                active.setdefault(mine, []).append((end, claim))
        if digest is not None:
            for claim, side in alike[lines]:
                active.setdefault((claim.agent, side), []).append((end, claim))

"""A clash on a path with its evidence: who clashes with whom, why, and the ways out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from psmp.compat.paths.claims import Claim, Relation, relate
from psmp.compat.paths.contests import Pair, Release, contests
from psmp.compat.paths.covers import covers
from psmp.compat.paths.telling import done, held, reason
from psmp.compat.paths.tree import Node
from psmp.words.values import Change, Conflict, Party, Severity, Suggestion

MOST_CAUSES: Final = 32
"""How many clashing pairs are listed."""

MOST_SUGGESTIONS: Final = 5
"""How many ways out are listed."""

MOST_CHANGES: Final = 20
"""How many claims a suggestion asks to be given up at most."""

MOST_TOLD: Final = 5
"""How many of them are named."""


@dataclass(frozen=True, slots=True)
class PathClash:
    """Claims on path ``subject``, or on it and on what lies below, that cannot stand together.

    ``causes`` are the clashing pairs as sorted artifact ids: two claims clash by themselves, so no smaller and no other
    minimal set does. ``parties`` are their claims that clash. ``complete`` is false where there may be more than
    listed; the severity is right even then. ``suggestions`` come with the fewest artifacts first. Nothing here depends
    on the order of arrival.
    """

    subject: str
    severity: Severity
    causes: tuple[tuple[str, str], ...]
    parties: tuple[Claim, ...]
    complete: bool
    text: str
    suggestions: tuple[Suggestion, ...]

    def word(self, name: str, versions: Mapping[str, int]) -> Conflict:
        """The clash as conflict ``name``; ``versions`` has the version of each party's artifact."""
        return Conflict(
            id=name,
            kind="path",
            subject=self.subject,
            severity=self.severity,
            environments=(),
            causes=self.causes,
            parties=tuple(
                Party(
                    artifact=each.artifact,
                    version=versions[each.artifact],
                    agent=each.agent,
                    constraint=done(each),
                    sequence=each.sequence,
                )
                for each in self.parties
            ),
            text=self.text,
            suggestions=self.suggestions,
            complete=self.complete,
        )


def judge(node: Node, subject: str) -> PathClash | None:
    """The clash on path ``subject``, which ``node`` is; None where all can stand together."""
    pairs: dict[tuple[str, str], Pair] = {}
    claims: set[Claim] = set()
    complete = True
    for one, other in contests(node):
        cause = (one.artifact, other.artifact) if one.artifact < other.artifact else (other.artifact, one.artifact)
        if cause not in pairs and len(pairs) == MOST_CAUSES:
            complete = False
            break
        pairs.setdefault(cause, (one, other) if one.artifact < other.artifact else (other, one))
        claims |= {one, other}
    if not pairs:
        return None
    causes = tuple(sorted(pairs))
    told = [pairs[cause] for cause in causes]
    ways = _ways(causes, claims) if complete else _ways_by_greed(node)
    return PathClash(
        subject,
        Severity.HIGH if all(relate(*pair) is Relation.MEET for pair in told) else Severity.CRITICAL,
        causes,
        tuple(sorted(claims, key=_place)),
        complete,
        reason(subject, told, complete=complete),
        _suggested(node, ways, told),
    )


def _ways(causes: Sequence[tuple[str, str]], claims: Iterable[Claim]) -> list[list[Claim]]:
    """For each minimal set of artifacts that could give way, what they would release."""
    by_artifact: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=_place):
        by_artifact[claim.artifact].append(claim)
    return [[claim for artifact in cover for claim in by_artifact[artifact]] for cover in covers(causes)]


def _ways_by_greed(node: Node) -> list[list[Claim]]:
    """A way out of what is too much to be looked at whole: who stands in the way of most gives way, again and again."""
    given: list[Claim] = []
    while len(given) <= MOST_CHANGES:
        left = list(islice(contests(node, _released(given)), MOST_CAUSES))
        if not left:
            return [given]
        counts = Counter(claim for pair in left for claim in pair)
        given.append(min(counts, key=lambda claim: (-counts[claim], _place(claim))))
    return []


def _suggested(node: Node, ways: Iterable[list[Claim]], pairs: Sequence[Pair]) -> tuple[Suggestion, ...]:
    """At most ``MOST_SUGGESTIONS`` ways out, each applied and found to stand."""
    found: list[Suggestion] = []
    for way in ways:
        released = _released(way)
        if len(released) <= MOST_CHANGES and not any(True for _ in contests(node, released)):
            owners = {claim.artifact: claim.agent for claim in way}
            changes = tuple(
                Change(artifact=artifact, agent=owners[artifact], name=path, constraint="", action="release")
                for artifact, path in sorted(released)
            )
            found.append(Suggestion(n=len(found) + 1, changes=changes, text=_told(way, pairs)))
            if len(found) == MOST_SUGGESTIONS:
                break
    return tuple(found)


def _released(way: Iterable[Claim]) -> frozenset[Release]:
    return frozenset((claim.artifact, claim.path) for claim in way)


def _told(way: Sequence[Claim], pairs: Sequence[Pair]) -> str:
    told = [f"{claim.agent} gives up {held(claim)} in {claim.artifact}" for claim in way[:MOST_TOLD]]
    if len(way) > MOST_TOLD:
        told.append(f"and {len(way) - MOST_TOLD} more alike")
    text = "; ".join(told)
    rivals = {claim for pair in pairs if way[0] in pair for claim in pair} - {way[0]}
    in_lines = all(claim.mode == "write" and claim.ranges for claim in (*way, *rivals))
    if len(way) == 1 and in_lines and len(agents := {claim.agent for claim in rivals}) == 1:
        return f"{text}, or takes {agents.pop()}'s change as its base"
    return text


def _place(claim: Claim) -> tuple[str, ...]:
    return claim.artifact, claim.path, claim.mode, claim.base or "", claim.digest or "", claim.moved or ""

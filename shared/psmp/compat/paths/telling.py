"""Claims on files, and why two of them clash, in words."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from psmp.compat.paths.claims import Claim, Relation, meeting, relate
from psmp.compat.paths.passages import Range

MOST_SENTENCES: Final = 3
"""How many clashing pairs get a sentence of their own."""

MOST_RANGES: Final = 5
"""How many ranges of a claim are named."""

_REVISION: Final = re.compile(r"[0-9a-f]{16,}")


def reason(subject: str, pairs: Sequence[tuple[Claim, Claim]], *, complete: bool) -> str:
    """Why the claims of ``pairs`` clash on ``subject``, in a sentence for each pair, bounded."""
    involved = {claim.artifact: claim.agent for pair in pairs for claim in pair}
    agents = Counter(involved.values())
    told = [_sentence(subject, one, other, agents) for one, other in pairs[:MOST_SENTENCES]]
    sentences = [f"{'Also, because' if place else 'Because'} {said}" for place, said in enumerate(told)]
    unsaid = len(pairs) - len(told)
    if unsaid:
        clashes = "combination clashes" if unsaid == 1 else "combinations clash"
        sentences.append(f"{'' if complete else 'At least '}{unsaid} more {clashes}.")
    return " ".join(sentences)


def done(claim: Claim) -> str:
    """What a claim does, as a party's part in a clash."""
    at, to = (f" {word} {name}" if name else "" for word, name in (("at", shown(claim.base)), ("to", claim.moved)))
    return f"{_verb(claim)}{_part(claim.ranges, claim)}{claim.path}{to}{at}"


def held(claim: Claim) -> str:
    """What is given up with a claim."""
    if claim.mode in {"delete", "create"}:
        doing = "creating" if claim.mode == "create" else "deleting" if claim.moved is None else "moving"
        return f"{doing} {claim.path}"
    return f"{_part(claim.ranges, claim)}{claim.path}"


def doubt(claim: Claim, other: Claim) -> str:
    """Why it is not known whether two claims clash, and what would settle it."""
    if "create" in {claim.mode, other.mode}:
        maker, user = (claim, other) if claim.mode == "create" else (other, claim)
        return (
            f"{maker.agent} creates {maker.path} and {user.agent} {_verb(user).strip()} it at {shown(user.base)}: "
            f"whether that is the file that {maker.agent} creates is not known; "
            "a digest of what is created that is the other's base, or that a passage leads from, would settle it"
        )
    bases = " and ".join(shown(each.base) if each.base else "no known base" for each in (claim, other))
    return (
        f"{claim.agent} and {other.agent} both write lines of {claim.path}, at {bases}: "
        "whether they meet is not known; one base for both, or the passage from one base to the other, would settle it"
    )


def shown(base: str | None) -> str:
    """A base as people write it: short where it is the id of a revision, and nothing that a terminal would obey."""
    text = base or ""
    short = text[:7] if _REVISION.fullmatch(text) else text
    return "".join(each if each.isprintable() else "\ufffd" for each in short)


def _sentence(subject: str, one: Claim, other: Claim, agents: Counter[str]) -> str:
    relation = relate(one, other)
    if relation is Relation.INSIDE:
        upper, lower = (one, other) if one.key == subject.removesuffix("/") else (other, one)
        end = "what the one writes the other deletes" if "delete" in {one.mode, other.mode} else "their changes meet"
        return (
            f"{_named(upper, agents)} {_verb(upper)}{_part(upper.ranges, upper)}{upper.path} and "
            f"{_named(lower, agents)} {_verb(lower)}{_part(lower.ranges, lower)}{lower.path}, which lies in it, {end}."
        )
    found = meeting(one, other) if relation is Relation.MEET and one.ranges and other.ranges else None
    if found is not None:
        first = f"{_named(found.older, agents)} {_verb(found.older)}{_part((found.lines,), found.older)}{subject}"
        second = f"{_named(found.newer, agents)} {_verb(found.newer)}{_part((found.others,), found.newer)}it"
        return f"{first} and {second}, {_where(found.older, found.newer, found.carried)}, their changes meet."
    ends = {
        Relation.LOST: _lost(one, other),
        Relation.TWICE: "one would take the place of the other",
    }
    first = f"{_named(one, agents)} {_verb(one)}{_part(one.ranges, one)}{subject}"
    second = f"{_named(other, agents)} {_verb(other)}{_part(other.ranges, other)}it"
    return f"{first} and {second}, {ends.get(relation, 'their changes meet')}."


def _lost(one: Claim, other: Claim) -> str:
    if one.mode == other.mode:
        both = one.moved is not None and other.moved is not None
        return "they move it to two places" if both else "what the one moves the other deletes"
    moved = one.moved or other.moved
    return "what the one writes the other moves" if moved else "what the one writes the other deletes"


def _where(older: Claim, newer: Claim, carried: Range) -> str:
    if older.base == newer.base:
        return f"both at {shown(older.base)}" if older.base else "neither saying at which base"
    lines = f"[{carried[0]}, {carried[1]})"
    return f"the first at {shown(older.base)}, which are lines {lines} at the second's {shown(newer.base)}"


def _named(claim: Claim, agents: Counter[str]) -> str:
    return f"{claim.agent} ({claim.artifact})" if agents[claim.agent] > 1 else claim.agent


def _verb(claim: Claim) -> str:
    if claim.moved is not None:
        return "moves and writes " if claim.ranges else "moves "
    return {"write": "writes ", "create": "creates ", "delete": "deletes ", "read": "reads "}[claim.mode]


def _part(ranges: Sequence[Range] | None, claim: Claim) -> str:
    """Which part of the file, to stand between verb and path."""
    if claim.mode != "write" and not (claim.moved and ranges):
        return ""
    if ranges is None:
        return "all of "
    if not ranges:
        return "the mode of "
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return f"before line {ranges[0][0]} of "
    told = [f"[{start}, {end})" for start, end, _ in ranges[:MOST_RANGES]]
    if len(ranges) > MOST_RANGES:
        told.append(f"{len(ranges) - MOST_RANGES} more")
    return f"lines {', '.join(told)} of "

"""Between which bases nobody has said yet how a file came from the one to the other."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from psmp.compat.paths.claims import Claim
from psmp.compat.paths.names import normal
from psmp.words.values import Hunk, Passage, PathClaim

MOST_PASSAGES: Final = 20
"""How many passages one claim carries."""


class Gap(NamedTuple):
    """One claims on ``path`` at base ``ours``, others at ``theirs``, or they create it as ``theirs``."""

    path: str
    theirs: str
    ours: str
    created: bool = False


def gaps(mine: Iterable[PathClaim], others: Iterable[Claim]) -> tuple[Gap, ...]:
    """Where claims of ``others`` cannot be compared with ``mine`` for want of a passage, sorted."""
    by_path: dict[str, list[Claim]] = {}
    for other in others:
        by_path.setdefault(other.path, []).append(other)
    found: set[Gap] = set()
    for claim in mine:
        path, said = normal(claim.path), {each.base for each in claim.passages or ()}
        found.update(gap for other in by_path.get(path, ()) if (gap := _gap(claim, other)) and gap.theirs not in said)
    return tuple(sorted(found))


def _gap(claim: PathClaim, other: Claim) -> Gap | None:
    if claim.base is None or claim.mode == "read":
        return None
    if claim.base in {other.base, other.digest, *(base for base, _ in other.passages)}:
        return None
    if other.digest is not None:
        return Gap(other.path, other.digest, claim.base, created=True)
    lines = bool(claim.ranges and other.ranges) and other.writes
    return Gap(other.path, other.base, claim.base) if lines and other.base is not None else None


def bridged(mine: Iterable[PathClaim], known: Mapping[Gap, tuple[Hunk, ...]]) -> tuple[PathClaim, ...]:
    """The claims with the passages that are ``known`` now; of more than a claim carries the last are left out.

    Claims of one path and base count as one, so the first of them says it for all.
    """
    waiting: dict[tuple[str, str | None], list[Passage]] = {}
    for gap, hunks in known.items():
        waiting.setdefault((gap.path, gap.ours), []).append(Passage(base=gap.theirs, hunks=hunks))
    claims: list[PathClaim] = []
    for claim in mine:
        more = waiting.pop((normal(claim.path), claim.base), [])
        passages = (*(claim.passages or ()), *more)[:MOST_PASSAGES]
        claims.append(claim.model_copy(update={"passages": passages}) if more else claim)
    return tuple(claims)

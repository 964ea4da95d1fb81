"""Why demands clash: every minimal clashing set and every minimal correction, over all environments."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Final

from psmp.compat.board import Board, Group, Layer
from psmp.compat.cores import corrections_of, dissect, one_core
from psmp.compat.ecosystem import Span
from psmp.compat.requirement import PYTHON, Ask, Requirement, Stake, stakes

MOST_CAUSES: Final = 32
"""How many minimal clashing sets are listed."""

Core = Sequence[Sequence[Stake]]
"""Groups of stakes, alike within a group: one of each group clash, and no group can be spared."""

Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Why nothing is left, in the environments of ``mask``; in those of each of ``worlds`` the same counts.

    ``causes`` and ``corrections`` are sorted artifact ids, smallest first; ``cores`` are the causes, those who ask the
    same together. ``complete`` is false where there may be more than listed.
    """

    mask: int
    worlds: tuple[int, ...]
    cores: tuple[Core, ...]
    causes: tuple[Ids, ...]
    corrections: tuple[Ids, ...]
    parties: tuple[Requirement, ...]
    complete: bool


def prove(board: Board, group: Group, requirements: Sequence[Requirement], known: Sequence[Ids] = ()) -> Proof | None:
    """Why nothing is left for ``group``; None where all that there is to say is ``known``.

    ``requirements`` are all that are on the board, sorted. Causes that hold a ``known`` one (from a smaller group) are
    left out; corrections put those right too.
    """
    there = worlds(board, group, requirements)
    proofs = [_world(mask, stakes(counting, board.span_of)) for mask, counting in there.items()]
    if len(proofs) == 1 and not known and len(proofs[0].causes) <= MOST_CAUSES:
        return proofs[0]
    return _news(proofs, known)


def _news(proofs: Sequence[Proof], known: Sequence[Ids]) -> Proof | None:
    """What ``proofs`` say together that is not known, cut to what may be listed; None if that is nothing."""
    whole = proofs[0] if len(proofs) == 1 else _joined(proofs)

    def is_news(cause: Ids) -> bool:
        return not any(set(one) <= set(cause) for one in known)

    causes = tuple(filter(is_news, whole.causes))
    if not causes:
        return None
    wanted = frozenset(causes)
    involved = {artifact for cause in causes for artifact in cause}
    return Proof(
        sum(proof.mask for proof in proofs if any(map(is_news, proof.causes))),
        whole.worlds,
        tuple(core for core in whole.cores if not wanted.isdisjoint(_choices(core))),
        causes[:MOST_CAUSES],
        whole.corrections,
        tuple(party for party in whole.parties if party.artifact in involved),
        whole.complete and len(causes) <= MOST_CAUSES,
    )


def core_of(board: Board, group: Group) -> tuple[Ask, ...]:
    """One minimal set of what is asked that leaves nothing for ``group``, where it fails first; none where it stands.

    That is the bare verdict: it says neither who asks it nor what else clashes. Every order of arrival gives the same.
    """
    failing = board.empty(group)
    if not failing:
        return ()
    first = failing & -failing
    bases = [requirement.ask for requirement in _bases(board, first)]
    asks = bases + sorted(board.counting(group.scopes, first))
    return tuple(asks[place] for place in one_core(board.spans_of(asks)) if place >= len(bases))


def worlds(board: Board, group: Group, requirements: Iterable[Requirement]) -> dict[int, tuple[Requirement, ...]]:
    """What counts in each cell in which nothing is left; cells in which the same counts are one."""
    masks: dict[tuple[Requirement, ...], int] = {}
    concerned = [each for each in requirements if each.ask.scope in group.scopes]
    for cell in board.cells(Layer(group)):
        if cell.span.is_empty:
            where = board.environments.where
            counting = tuple(each for each in concerned if where(each.ask.marker).sure & cell.mask)
            bases = _bases(board, cell.mask)
            masks[(*bases, *counting)] = masks.get((*bases, *counting), 0) | cell.mask
    return {mask: counting for counting, mask in masks.items()}


def _bases(board: Board, mask: int) -> tuple[Requirement, ...]:
    """What the environments themselves demand, as a requirement that is nobody's."""
    if board.subject.ecosystem != PYTHON:
        return ()
    bases = {board.base(place) for place in range(mask.bit_length()) if mask >> place & 1} - {""}
    return tuple(Requirement("", "", board.subject, Ask(base)) for base in sorted(bases))


def _world(mask: int, demands: Sequence[Stake]) -> Proof:
    """The proof for environments in which the same counts."""
    groups = _alike(demands)
    anatomy = dissect([group[0].span for group in groups])
    cores = sorted((_core(groups, places) for places in anatomy.cores), key=_by_size)
    choices = [_choices(core) for core in cores]
    causes = minimal(chain.from_iterable(choices))
    wanted = frozenset(causes)
    corrections = (tuple(stake for place in places for stake in groups[place]) for places in anatomy.corrections)
    involved = {artifact for cause in causes[:MOST_CAUSES] for artifact in cause}
    return Proof(
        mask,
        (mask,),
        tuple(core for core, its in zip(cores, choices, strict=True) if not wanted.isdisjoint(its)),
        causes,
        tuple(one for one in _sorted(corrections) if "" not in one),
        tuple(party for stake in demands if stake.artifact in involved for party in stake.requirements),
        anatomy.complete and all(len(its) <= MOST_CAUSES for its in choices),
    )


def _joined(proofs: Sequence[Proof]) -> Proof:
    """One proof for all environments: what is minimal everywhere, and what puts all of them right."""
    causes = minimal(cause for proof in proofs for cause in proof.causes)
    wanted = frozenset(causes)
    cores: dict[tuple[Ids, ...], Core] = {}
    for core in (core for proof in proofs for core in proof.cores):
        if not wanted.isdisjoint(_choices(core)):
            cores.setdefault(tuple(tuple(stake.artifact for stake in group) for group in core), core)
    corrections, all_corrections = corrections_of(causes[:MOST_CAUSES])
    return Proof(
        sum(proof.mask for proof in proofs),
        tuple(proof.mask for proof in proofs),
        tuple(sorted(cores.values(), key=_by_size)),
        causes,
        corrections,
        tuple(sorted({party for proof in proofs for party in proof.parties})),
        all_corrections and len(causes) <= MOST_CAUSES and all(proof.complete for proof in proofs),
    )


def minimal(sets: Iterable[Ids]) -> tuple[Ids, ...]:
    """Those of which no other is a part, smallest first."""
    kept: list[Ids] = []
    for one in sorted(set(sets), key=lambda one: (len(one), one)):
        if not any(set(small) <= set(one) for small in kept):
            kept.append(one)
    return tuple(kept)


def _alike(demands: Iterable[Stake]) -> list[list[Stake]]:
    """The stakes grouped by what they admit, largest group first; who admits everything clashes with nobody."""
    groups: dict[Span, list[Stake]] = {}
    for stake in demands:
        if not stake.is_free:
            groups.setdefault(stake.span, []).append(stake)
    return sorted(groups.values(), key=len, reverse=True)


def _core(groups: Sequence[Sequence[Stake]], places: Iterable[int]) -> Core:
    """The groups of a core but the environment's own; whoever asks the same as that is in it by right."""
    chosen = (groups[place] for place in places)
    return sorted((group for group in chosen if group[0].artifact), key=lambda group: group[0].artifact)


def _by_size(core: Core) -> tuple[int, list[str]]:
    return len(core), [group[0].artifact for group in core]


def _choices(core: Core) -> list[Ids]:
    """Every way to take one stake of each group, cut after ``MOST_CAUSES``."""
    return [tuple(sorted(stake.artifact for stake in one)) for one in islice(product(*core), MOST_CAUSES + 1)]


def _sorted(sets: Iterable[Iterable[Stake]]) -> tuple[Ids, ...]:
    named = (tuple(sorted(stake.artifact for stake in one)) for one in sets)
    return tuple(sorted(named, key=lambda one: (len(one), one)))

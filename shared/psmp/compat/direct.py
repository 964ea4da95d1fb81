"""The direct check: do all demands on one subject admit one version, in every scope and environment?"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from psmp.compat.board import BUILD, DEV, MIXED, RUNTIME, Board, Group
from psmp.compat.environments import Environments
from psmp.compat.explain import explain, listed
from psmp.compat.proof import Ids, Proof, prove
from psmp.compat.references import version_of
from psmp.compat.requirement import PYTHON, Ask, Requirement, Subject
from psmp.compat.suggest import Places, suggest
from psmp.words.values import Scope, Suggestion

SCOPE_OF: Final[tuple[tuple[Group, Scope], ...]] = ((RUNTIME, "runtime"), (DEV, "dev"), (BUILD, "build"))
"""The groups that can clash, and the scope that such a clash is named by."""


@dataclass(frozen=True, slots=True)
class Clash:
    """The demands on ``subject`` admit no version in ``scope``, in ``environments``.

    ``causes`` are the minimal clashing sets as sorted artifact ids, smallest first; ``parties`` all requirements of the
    artifacts in them. ``complete`` is false where there may be more than listed. Nothing here depends on the order of
    arrival.
    """

    subject: Subject
    scope: Scope
    kind: Literal["version", "python", "reference"]
    environments: tuple[str, ...]
    causes: tuple[Ids, ...]
    corrections: tuple[Ids, ...]
    parties: tuple[Requirement, ...]
    complete: bool
    text: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to say of one subject: clashes, what cannot be known and why, and what is only a warning."""

    clashes: tuple[Clash, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


_FINE: Final = Finding()


def check(
    requirements: Iterable[Requirement],
    environments: Environments,
    taken: Collection[str] = (),
    torn: Collection[str] = (),
) -> Finding:
    """Judge the requirements on one subject together. Raises ``InvalidConstraint``.

    ``torn`` are artifacts that clash with themselves on another subject.
    """
    listed_all = sorted(requirements)
    board = Board.of(listed_all[0].subject, environments, (each.ask for each in listed_all))

    def is_torn(artifact: str) -> bool:
        own = (each.ask for each in listed_all if each.artifact == artifact)
        return artifact in torn or clashes_alone(board, own)

    return find(board, lambda: listed_all, taken, is_torn)


def clashes_alone(board: Board, asks: Iterable[Ask]) -> bool:
    """Whether these of the asks on a board clash among themselves."""
    if board.is_plain or not any(group in board.failing for group, _ in SCOPE_OF):
        return False
    failing = Board.of(board.subject, board.environments, asks).failing
    return any(group in failing for group, _ in SCOPE_OF)


def find(
    board: Board,
    requirements: Callable[[], Sequence[Requirement]],
    taken: Collection[str],
    is_torn: Callable[[str], bool],
) -> Finding:
    """What there is to say of a board; ``requirements`` gives, sorted, all that are on it; a clash alone asks for them.

    ``taken`` are the names of environments that others use; ``is_torn`` says whether an artifact clashes with itself,
    on whatever it may be.
    """
    if board.is_plain:
        return _FINE
    failing = board.failing
    clashes: list[Clash] = []
    known: tuple[Ids, ...] = ()
    if any(group in failing for group, _ in SCOPE_OF):
        on_board = requirements()
        for group, scope in SCOPE_OF:
            proof = prove(board, group, on_board, known if group is DEV else ()) if group in failing else None
            if proof is not None:
                clashes.append(_clash(board, group, scope, proof, on_board, Places(taken, is_torn)))
                known = proof.causes if group is RUNTIME else known
    return Finding(tuple(clashes), tuple(_unknown(board)), tuple(_warnings(board)))


def _clash(
    board: Board, group: Group, scope: Scope, proof: Proof, requirements: Sequence[Requirement], places: Places
) -> Clash:
    python = board.subject.ecosystem == PYTHON
    sourced = any(party.ask.reference for party in proof.parties)
    environments = board.environments.named(proof.mask)
    everywhere = proof.mask == board.environments.everywhere and not python
    return Clash(
        board.subject,
        scope,
        "python" if python else "reference" if sourced else "version",
        environments,
        proof.causes,
        proof.corrections,
        proof.parties,
        proof.complete,
        explain(board.subject, group, proof, () if everywhere else environments),
        suggest(board, group, proof, requirements, places),
    )


def witness(board: Board) -> str:
    """A constraint that admits what all admit; where environments differ, one for each of them. "" is anything."""
    if board.spelled is None:
        board.spelled = _witness(board)
    return board.spelled


def _witness(board: Board) -> str:
    spell, everywhere = board.subject.algebra.spell, board.environments.everywhere
    scopes: tuple[Scope, ...] = ("runtime", "dev")
    if not any(ask.scope in scopes for ask in board.held):
        scopes = ("build",)
    asked = board.constraints(scopes, everywhere)
    alike = board.is_plain and not any(ask.marker for ask in board.held)
    if alike or not board.subject.algebra.meet(asked).is_empty:
        return spell(asked)
    each = {name: spell(board.constraints(scopes, 1 << place)) for place, name in enumerate(board.environments.names)}
    return "; ".join(f"{constraint or 'any'} on {name}" for name, constraint in each.items())


def _unknown(board: Board) -> Iterable[str]:
    """What the algebra cannot know, and why."""
    name = board.subject.label
    for group, _ in SCOPE_OF:
        possible = board.empty(group, possible=True)
        doubtful = possible and possible & ~board.empty(group)
        if doubtful:
            wheres = ((ask.marker, board.environments.where(ask.marker)) for ask in board.held)
            markers = sorted({marker for marker, where in wheres if where.possible & ~where.sure & doubtful})
            there = listed(board.environments.named(doubtful))
            yield f"{name}: whether {listed(markers)} holds on {there} is not known; if so, the {group.name} clashes"
    if board.sourced:
        references = sorted({ask.reference for ask in board.held if ask.reference})
        blind = [each for each in references if version_of(each, board.subject.name) is None]
        limits = sorted({ask.constraint for ask in board.held if ask.constraint})
        if blind and limits and not any(board.empty(group) for group, _ in SCOPE_OF):
            yield f"{name}: which version {listed(blind)} has is not known; {listed(limits)} is not held against it"


def _warnings(board: Board) -> Iterable[str]:
    """What does not clash, and should be known."""
    name = board.subject.label
    if any(board.only_prereleases(group) for group, _ in SCOPE_OF):
        yield f"prerelease-only: {name}: only pre-releases satisfy everybody"
    mixed = board.empty(MIXED)
    apart = mixed and mixed & ~board.empty(RUNTIME) & ~board.empty(BUILD)
    if apart:
        there = "" if apart == board.environments.everywhere else f" on {listed(board.environments.named(apart))}"
        yield f"build-differs: {name}: no version satisfies both the runtime and the build scope{there}"

"""Ways out of a clash: what to change so that everything can stand together again, best first."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import count, islice, product
from operator import and_
from typing import Any, Final, Literal

from psmp.compat.board import GROUPS, Board, Group
from psmp.compat.cores import dissect
from psmp.compat.ecosystem import Constraint, InvalidConstraint, Weight
from psmp.compat.proof import Ids, Proof, worlds
from psmp.compat.requirement import PYTHON, Ask, Requirement
from psmp.words.values import Change, Suggestion

MOST: Final = 5
"""How many suggestions are listed."""

MOST_CORRECTIONS: Final = 8
"""From how many corrections suggestions are made."""

MOST_READINGS: Final = 3
"""How many ways to give way are tried for one correction."""

MOST_CHANGES: Final = 20
"""Only the smallest correction may need more changes than this."""

MOST_ISOLATED: Final = 3
"""Only so many artifacts are sent into environments of their own at once."""


@dataclass(frozen=True, slots=True)
class _Option:
    """A suggestion before it is ranked: its changes, each with its words, and what it leaves."""

    changes: tuple[Change, ...]
    told: tuple[str, ...]
    weight: Weight
    isolating: bool = False
    only_prereleases: bool = False

    @property
    def touched(self) -> int:
        return len({change.artifact for change in self.changes})


def suggest(
    board: Board, group: Group, proof: Proof, requirements: Sequence[Requirement], taken: Collection[str] = ()
) -> tuple[Suggestion, ...]:
    """At most ``MOST`` ways out, each applied and found to stand; among them one by isolation where that helps.

    The best is first: fewest artifacts touched, then what changes no environment, then the loosest change, then the
    newest version. ``taken`` are the names of environments that others use.
    """
    case = _Case(board, group, requirements, taken)
    options: list[_Option] = []
    for correction in proof.corrections[:MOST_CORRECTIONS]:
        if correction is proof.corrections[0] or len(correction) <= MOST_CHANGES:
            options.extend(case.requiring(correction))
            options.extend(case.isolating(correction, proof.causes))
    ranked = _ranked(options)
    isolated = next((option for option in ranked if option.isolating), None)
    best = ranked[:MOST]
    if isolated is not None and isolated not in best:
        best = [*best[: MOST - 1], isolated]
    return tuple(Suggestion(n=n, changes=each.changes, text=_told(each.told)) for n, each in enumerate(best, start=1))


class _Case:
    """One clash, and all that is demanded on its subject."""

    def __init__(self, board: Board, group: Group, requirements: Sequence[Requirement], taken: Collection[str]) -> None:
        self._board, self._group = board, group
        self._all, self._taken = requirements, taken
        self._subject, self._algebra = board.subject, board.subject.algebra
        self._failing = [each for each in GROUPS if board.empty(each)]
        self._worlds = tuple(worlds(board, group, requirements))

    def requiring(self, correction: Ids) -> Iterator[_Option]:
        """What those that give way can demand instead: what the others demand, and of their own what still fits."""
        giving = [each for each in self._all if each.artifact in correction and self._counts(each)]
        staying = [each for each in self._all if each.artifact not in correction and self._counts(each)]
        references = {each.ask.reference for each in staying if each.ask.reference}
        demanded = self._parsed(staying)
        own = self._own(giving)
        for kept in self._readings(giving, staying, own):
            moved = self._moved(giving, references, kept)
            asks = {each: self._instead(each, staying, references, kept) for each in moved}
            board = self._stands(asks) if asks else None
            if board is not None:
                left, spelled = self._algebra.meet([*demanded, *kept]), self._algebra.spell([*demanded, *kept])
                changes = tuple(self._changes(moved, asks))
                told = tuple(dict.fromkeys(self._requires(change, moved) for change in changes))
                only = board.only_prereleases(self._group)
                yield _Option(changes, told, self._algebra.weigh(left, spelled), only_prereleases=only)

    def isolating(self, correction: Ids, causes: Collection[Ids]) -> Iterator[_Option]:
        """Each of those that give way gets an environment of its own, where it can stand alone."""
        if self._subject.ecosystem == PYTHON or len(correction) > MOST_ISOLATED:
            return
        changes: list[Change] = []
        for artifact in correction:
            if (artifact,) in causes:
                return
            mine = [each for each in self._all if each.artifact == artifact]
            name, agent = self._free(artifact), mine[0].agent
            constraint = self._algebra.join([self._algebra.parse(each.ask.constraint) for each in mine])
            changes.append(
                Change(
                    artifact=artifact,
                    agent=agent,
                    name=self._subject.name,
                    constraint=constraint,
                    action="isolate",
                    environment=name,
                )
            )
        told = tuple(f"{each.agent} -> an environment of its own for {each.artifact}" for each in changes)
        yield _Option(tuple(changes), told, Weight(0, None), isolating=True)

    def _counts(self, requirement: Requirement, mask: int = -1) -> bool:
        where = self._board.environments.where(requirement.ask.marker).sure & sum(self._worlds)
        return requirement.ask.scope in self._group.scopes and bool(where & mask)

    def _parsed(self, requirements: Iterable[Requirement]) -> list[Constraint[Any]]:
        return [self._algebra.parse(each.ask.constraint) for each in requirements]

    def _own(self, giving: Iterable[Requirement]) -> list[Constraint[Any]]:
        """The clauses of those that give way."""
        clauses = sorted({clause for constraint in self._parsed(giving) for clause in constraint.clauses})
        return [self._algebra.parse(clause) for clause in clauses]

    def _readings(
        self, giving: Sequence[Requirement], staying: Sequence[Requirement], own: Sequence[Constraint[Any]]
    ) -> Iterator[list[Constraint[Any]]]:
        """Which of their own clauses those that give way can keep beside what is demanded of them everywhere."""
        ways = []
        for mask in self._worlds:
            bases = {self._board.base(place) for place in range(mask.bit_length()) if mask >> place & 1} - {""}
            there = self._parsed(each for each in staying if self._counts(each, mask))
            left = self._algebra.meet([*there, *map(self._algebra.parse, bases)])
            mine = {clause.text for clause in self._own(each for each in giving if self._counts(each, mask))}
            places = [place for place, clause in enumerate(own) if clause.text in mine]
            ways.append(self._dropped(left, own, places))
        for one in islice(product(*ways), MOST_READINGS):
            dropped = set().union(*one)
            yield [clause for place, clause in enumerate(own) if place not in dropped]

    def _dropped(
        self,
        left: Any,  # noqa: ANN401 - a set of versions of any ecosystem
        own: Sequence[Constraint[Any]],
        places: Sequence[int],
    ) -> list[tuple[int, ...]]:
        """The places of the clauses that have to go, so that the others fit into what is left; each way to do so."""
        narrowed = [left & own[place].span for place in places]
        if not reduce(and_, narrowed, left).is_empty:
            return [()]
        return [tuple(places[number] for number in one) for one in dissect(narrowed).corrections] if narrowed else []

    def _moved(
        self, giving: Sequence[Requirement], references: Collection[str], kept: Iterable[Constraint[Any]]
    ) -> list[Requirement]:
        """Of those that give way the needs that cannot stay as they are, with all of the same scope and marker."""
        texts = {clause.text for clause in kept}
        lost = {
            _entry(each)
            for each in giving
            if references or each.ask.reference or any(own.text not in texts for own in self._own([each]))
        }
        return [each for each in giving if _entry(each) in lost]

    def _instead(
        self,
        requirement: Requirement,
        staying: Iterable[Requirement],
        references: Collection[str],
        kept: Iterable[Constraint[Any]],
    ) -> Ask:
        """What a requirement asks after giving way: what is demanded wherever it counts, and what it keeps."""
        if references:
            return requirement.ask._replace(constraint="", reference=min(references))
        mask = self._board.environments.where(requirement.ask.marker).sure
        demanded = self._parsed(each for each in staying if self._counts(each, mask))
        alike = [each for each in self._all if _entry(each) == _entry(requirement)]
        clauses = {clause.text for clause in self._own(alike)}
        mine = (clause for clause in kept if clause.text in clauses)
        return requirement.ask._replace(constraint=self._algebra.spell([*demanded, *mine]), reference="")

    def _stands(self, asks: dict[Requirement, Ask]) -> Board | None:
        """The board after the change, if the group then stands and no other falls; None otherwise."""
        try:
            changed = (asks.get(each, each.ask) for each in self._all)
            board = Board.of(self._subject, self._board.environments, changed)
        except InvalidConstraint:
            return None
        failing = [each for each in GROUPS if board.empty(each)]
        stands = self._group not in failing and all(each in self._failing for each in failing)
        return board if stands else None

    def _changes(self, moved: Sequence[Requirement], asks: dict[Requirement, Ask]) -> Iterator[Change]:
        """One change for each artifact, or one for each of its needs where not all of them change alike."""
        action: Literal["python"] | None = "python" if self._subject.ecosystem == PYTHON else None
        for artifact in sorted({each.artifact for each in moved}):
            mine = [each for each in moved if each.artifact == artifact]
            alike = len({(asks[each].constraint, asks[each].reference) for each in mine}) == 1
            others = [each.ask.scope for each in self._all if each.artifact == artifact]
            whole = alike and len(mine) == len(others) and set(others) == {"runtime"}
            single = {_entry(each): each for each in mine}
            for each in mine[:1] if whole else single.values():
                ask = asks[each]
                yield Change(
                    artifact=artifact,
                    agent=each.agent,
                    name=self._subject.name,
                    constraint=ask.constraint,
                    action=action,
                    scope=None if whole else ask.scope,
                    marker=None if whole else ask.marker or None,
                    reference=ask.reference or None,
                )

    def _requires(self, change: Change, giving: Sequence[Requirement]) -> str:
        """A change in half a line."""
        name = self._subject.shown
        joint = "@" if self._subject.ecosystem == "npm" else ""
        wanted = f"{name}{joint}{change.constraint}" if change.constraint else f"any {name}"
        wanted = f"{name} @ {change.reference}" if change.reference else wanted
        mine = [each.ask for each in giving if each.artifact == change.artifact]
        mine = [
            ask
            for ask in mine
            if change.scope is None or (ask.scope, ask.marker) == (change.scope, change.marker or "")
        ]
        parsed = [self._algebra.parse(ask.constraint) for ask in mine]
        was = next((f"@ {ask.reference}" for ask in mine if ask.reference), self._algebra.join(parsed))
        where = f" where {change.marker}" if change.marker else ""
        return f"{change.agent} -> {wanted}{where} in {change.artifact} (was {was})"

    def _free(self, artifact: str) -> str:
        """A name for an environment that nobody uses yet: the artifact's own if possible."""
        names = (artifact if number == 1 else f"{artifact[:60]}-{number}" for number in count(1))
        return next(name for name in names if name not in self._taken)


def _entry(requirement: Requirement) -> tuple[str, str, str]:
    """What tells a need from the others of its package."""
    return requirement.artifact, requirement.ask.scope, requirement.ask.marker


def _ranked(options: Iterable[_Option]) -> list[_Option]:
    """Best first; ties are settled by what the changes say, so that no order of arrival shows."""
    ranked = sorted(options, key=lambda option: option.told)
    requiring = [option for option in ranked if not option.isolating]
    requiring.sort(key=lambda option: option.weight.newest, reverse=True)
    requiring.sort(key=lambda option: (option.touched, option.only_prereleases, option.weight.tightness))
    ordered = [*requiring, *(option for option in ranked if option.isolating)]
    return sorted(ordered, key=lambda option: option.touched)


def _told(told: Sequence[str], most: int = 5) -> str:
    shown = list(told[:most])
    if len(told) > most:
        shown.append(f"and {len(told) - most} more alike")
    return "; ".join(shown)

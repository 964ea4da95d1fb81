"""Ways out of a clash: what to change so that everything can stand together again, best first."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import count, groupby, islice, product
from operator import and_
from typing import Any, Final, NamedTuple

from psmp.compat.board import DEV, RUNTIME, Board, Group
from psmp.compat.cores import corrections
from psmp.compat.ecosystem import Constraint, InvalidConstraint, Weight
from psmp.compat.proof import Ids, Proof, prove
from psmp.compat.requirement import PYTHON, Ask, Requirement
from psmp.words.values import Change, Scope, Suggestion

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


class Places(NamedTuple):
    """Who can be sent where: ``taken`` are the names of environments that others use.

    ``is_torn`` says whether an artifact clashes with itself, on whatever it may be. Such a one stays where it is: it
    would take its clash along, and where others clash over the same, one conflict would become two. That depends on
    nobody but itself, so what was listed stays good whatever others declare.
    """

    taken: Collection[str]
    is_torn: Callable[[str], bool]


def suggest(
    board: Board, group: Group, proof: Proof, requirements: Sequence[Requirement], places: Places
) -> tuple[Suggestion, ...]:
    """At most ``MOST`` ways out, each applied and found to stand; among them one by isolation where that helps.

    The best is first: fewest artifacts touched, then what changes no environment, then the loosest change, then the
    newest version.
    """
    case = _Case(board, group, proof, requirements, places)
    options: list[_Option] = []
    for correction in proof.corrections[:MOST_CORRECTIONS]:
        if correction is proof.corrections[0] or len(correction) <= MOST_CHANGES:
            options.extend(case.requiring(correction))
            options.extend(case.isolating(correction))
    ranked = _ranked(options)
    isolated = next((option for option in ranked if option.isolating), None)
    best = ranked[:MOST]
    if isolated is not None and isolated not in best:
        best = [*best[: MOST - 1], isolated]
    return tuple(Suggestion(n=n, changes=each.changes, text=_told(each.told)) for n, each in enumerate(best, start=1))


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """All that one artifact asks of the subject in one scope under one marker: what is changed, is changed as a whole.

    ``where`` are the environments in which it surely counts, ``there`` those of them in which it has a part in the
    clash, both as bit masks.
    """

    artifact: str
    agent: str
    asks: tuple[Ask, ...]
    constraints: tuple[Constraint[Any], ...]
    clauses: frozenset[str]
    references: frozenset[str]
    where: int
    there: int


class _Demand(NamedTuple):
    """What an entry asks after giving way, in the place of what it asked."""

    constraint: str
    reference: str = ""


class _Case:
    """One clash, and all that is demanded on its subject."""

    def __init__(
        self, board: Board, group: Group, proof: Proof, requirements: Sequence[Requirement], places: Places
    ) -> None:
        self._board, self._group, self._worlds, self._places = board, group, proof.worlds, places
        self._subject, self._algebra = board.subject, board.subject.algebra
        self._failing, self._mask = board.failing, sum(proof.worlds)
        self._asks: defaultdict[str, list[Ask]] = defaultdict(list)
        self._agents = {each.artifact: each.agent for each in requirements}
        entries: defaultdict[tuple[str, Scope, str], list[Ask]] = defaultdict(list)
        for each in requirements:
            self._asks[each.artifact].append(each.ask)
            entries[each.artifact, each.ask.scope, each.ask.marker].append(each.ask)
        self._entries = [self._entry(artifact, asks) for (artifact, *_), asks in entries.items()]
        # What clashes among dev because of the runtime scope is not told beside it: it must not be left when that is.
        self._all, hides = requirements, group is RUNTIME and DEV in self._failing
        self._beside = prove(board, DEV, requirements, proof.causes) if hides else None

    def _entry(self, artifact: str, asks: Sequence[Ask]) -> _Entry:
        where = self._board.environments.where(asks[0].marker).sure
        there = where & self._mask if asks[0].scope in self._group.scopes else 0
        constraints = tuple(self._parsed(asks))
        clauses = frozenset(clause for constraint in constraints for clause in constraint.clauses)
        references = frozenset(ask.reference for ask in asks if ask.reference)
        return _Entry(artifact, self._agents[artifact], tuple(asks), constraints, clauses, references, where, there)

    def _parsed(self, asks: Iterable[Ask]) -> list[Constraint[Any]]:
        return [self._algebra.parse(ask.constraint) for ask in asks]

    def requiring(self, correction: Ids) -> Iterator[_Option]:
        """What those that give way can demand instead: what the others demand, and of their own what still fits."""
        giving = [entry for entry in self._entries if entry.there and entry.artifact in correction]
        staying = [entry for entry in self._entries if entry.there and entry.artifact not in correction]
        references = [reference for entry in staying for reference in entry.references]
        demanded = [constraint for entry in staying for constraint in entry.constraints]
        for kept in self._readings(giving, staying):
            moved = self._moved(giving, references, kept)
            changed = {entry: self._instead(entry, staying, references, kept) for entry in moved}
            board = self._stands(changed) if changed else None
            if board is not None:
                left, spelled = self._algebra.meet([*demanded, *kept]), self._algebra.spell([*demanded, *kept])
                changes = tuple(self._changes(changed))
                told = tuple(dict.fromkeys(words for _, words in changes))
                weight = self._algebra.weigh(left, spelled)
                only = board.only_prereleases(self._group)
                yield _Option(tuple(change for change, _ in changes), told, weight, only_prereleases=only)

    def isolating(self, correction: Ids) -> Iterator[_Option]:
        """Each of those that give way gets an environment of its own, where it can stand alone."""
        if self._subject.ecosystem == PYTHON or len(correction) > MOST_ISOLATED:
            return
        if any(map(self._places.is_torn, correction)):
            return
        changes = tuple(
            Change(
                artifact=artifact,
                agent=self._agents[artifact],
                name=self._subject.name,
                constraint=self._algebra.join(self._parsed(self._asks[artifact])),
                action="isolate",
                environment=self._free(artifact),
            )
            for artifact in correction
        )
        told = tuple(f"{each.agent} -> an environment of its own for {each.artifact}" for each in changes)
        yield _Option(changes, told, Weight(0, None), isolating=True)

    def _readings(self, giving: Sequence[_Entry], staying: Sequence[_Entry]) -> Iterator[list[Constraint[Any]]]:
        """Which of their own clauses those that give way can keep beside what is demanded of them everywhere."""
        own = [self._algebra.parse(clause) for clause in sorted(frozenset().union(*(each.clauses for each in giving)))]
        ways = []
        for mask in self._worlds:
            bases = {self._board.base(place) for place in range(mask.bit_length()) if mask >> place & 1} - {""}
            there = [constraint for entry in staying if entry.there & mask for constraint in entry.constraints]
            left = self._algebra.meet([*there, *map(self._algebra.parse, bases)])
            mine = frozenset().union(*(entry.clauses for entry in giving if entry.there & mask))
            ways.append(self._dropped(left, own, [place for place, clause in enumerate(own) if clause.text in mine]))
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
        return [tuple(places[number] for number in one) for one in corrections(narrowed)] if narrowed else []

    def _moved(
        self, giving: Sequence[_Entry], references: Collection[str], kept: Iterable[Constraint[Any]]
    ) -> list[_Entry]:
        """Of those that give way the entries that cannot stay as they are."""
        texts = {clause.text for clause in kept}
        return [entry for entry in giving if references or entry.references or not entry.clauses <= texts]

    def _instead(
        self,
        entry: _Entry,
        staying: Iterable[_Entry],
        references: Collection[str],
        kept: Iterable[Constraint[Any]],
    ) -> _Demand:
        """What an entry asks after giving way: what is demanded wherever it counts, and what it keeps."""
        if references:
            return _Demand("", min(references))
        demanded = (constraint for each in staying if each.there & entry.where for constraint in each.constraints)
        mine = (clause for clause in kept if clause.text in entry.clauses)
        return _Demand(self._algebra.spell([*demanded, *mine]))

    def _after(self, changed: Mapping[_Entry, _Demand]) -> Iterator[Ask]:
        """All that is asked after the change."""
        for entry in self._entries:
            demand = changed.get(entry)
            yield from (
                entry.asks
                if demand is None
                else (ask._replace(constraint=demand.constraint, reference=demand.reference) for ask in entry.asks)
            )

    def _stands(self, changed: Mapping[_Entry, _Demand]) -> Board | None:
        """The board after the change, if the group then stands and no other falls; None otherwise."""
        try:
            board = Board.of(self._subject, self._board.environments, self._after(changed))
        except InvalidConstraint:
            return None
        failing = board.failing
        stands = self._group not in failing and all(each in self._failing for each in failing)
        hidden = self._group is RUNTIME and DEV in failing
        return board if stands and not (hidden and self._unmasks(board, changed)) else None

    def _unmasks(self, board: Board, changed: Mapping[_Entry, _Demand]) -> bool:
        """Whether of dev a clash would be told, or with somebody in it, that was not told beside this one."""
        demands = {(each.artifact, each.asks[0].scope, each.asks[0].marker): to for each, to in changed.items()}
        said = (
            each
            if (to := demands.get((each.artifact, each.ask.scope, each.ask.marker))) is None
            else replace(each, ask=each.ask._replace(constraint=to.constraint, reference=to.reference))
            for each in self._all
        )
        left = prove(board, DEV, sorted(said))
        if left is None or self._beside is None:
            return left is not None
        told = [set(cause) for cause in self._beside.causes]
        fresh = any(not any(one <= set(cause) for one in told) for cause in left.causes)
        more = {each.artifact for each in left.parties} - {each.artifact for each in self._beside.parties}
        return fresh or bool(more) or bool(left.mask & ~self._beside.mask)

    def _changes(self, changed: Mapping[_Entry, _Demand]) -> Iterator[tuple[Change, str]]:
        """One change for each artifact, or one for each of its entries where not all change alike; each with words."""
        for artifact, grouped in groupby(changed, key=lambda entry: entry.artifact):
            mine, asks = list(grouped), self._asks[artifact]
            alike = len({changed[entry] for entry in mine}) == 1
            moved = sum(len(entry.asks) for entry in mine)
            if alike and moved == len(asks) and all(ask.scope == "runtime" for ask in asks):
                yield self._change(mine[0], changed[mine[0]], asks, whole=True)
            else:
                yield from (self._change(entry, changed[entry], entry.asks, whole=False) for entry in mine)

    def _change(self, entry: _Entry, demand: _Demand, asked: Sequence[Ask], *, whole: bool) -> tuple[Change, str]:
        """From what was asked to the demand, and in half a line."""
        change = Change(
            artifact=entry.artifact,
            agent=entry.agent,
            name=self._subject.name,
            constraint=demand.constraint,
            action="python" if self._subject.ecosystem == PYTHON else None,
            scope=None if whole else entry.asks[0].scope,
            marker=None if whole else entry.asks[0].marker or None,
            reference=demand.reference or None,
        )
        name = self._subject.shown
        joint = "@" if self._subject.ecosystem == "npm" else ""
        wanted = f"{name}{joint}{change.constraint}" if change.constraint else f"any {name}"
        wanted = f"{name} @ {change.reference}" if change.reference else wanted
        was = next((f"@ {ask.reference}" for ask in asked if ask.reference), self._algebra.join(self._parsed(asked)))
        where = f" where {change.marker}" if change.marker else ""
        return change, f"{change.agent} -> {wanted}{where} in {change.artifact} (was {was})"

    def _free(self, artifact: str) -> str:
        """A name for an environment that nobody uses yet: the artifact's own if possible."""
        names = (artifact if number == 1 else f"{artifact[:60]}-{number}" for number in count(1))
        return next(name for name in names if name not in self._places.taken)


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

"""All demands of a project, kept so that one more declaration is judged without looking at the rest."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from sys import intern
from typing import Any, NamedTuple

from psmp.compat.board import Board
from psmp.compat.direct import SCOPE_OF, Finding, clashes_alone, find, witness
from psmp.compat.environments import Environments
from psmp.compat.lookalikes import Lookalikes
from psmp.compat.proof import core_of
from psmp.compat.requirement import Ask, Requirement, Subject, interned


class _Row(NamedTuple):
    """What one artifact requires: subject, ask and purpose of each requirement in turn; ``locations`` if there are any.

    Flat, because 5,000 objects or tuples of their own would cost a project twice the memory.
    """

    agent: str
    position: int
    environment: str
    said: tuple[Any, ...]
    locations: tuple[str, ...] = ()

    def pairs(self) -> tuple[tuple[Subject, Ask], ...]:
        return tuple(zip(self.said[::3], self.said[1::3], strict=True))

    def subjects(self) -> frozenset[Subject]:
        return frozenset(self.said[::3])

    def requirements(self, artifact: str, subject: Subject | None = None) -> Iterator[Requirement]:
        for place, about in enumerate(self.said[::3]):
            if subject is None or about == subject:
                ask, purpose = self.said[3 * place + 1 : 3 * place + 3]
                location = self.locations[place] if self.locations else ""
                yield Requirement(artifact, self.agent, about, ask, purpose, location, self.position)


_NOTHING = _Row("", 0, "", ())


class Demands:
    """The requirements of a project's artifacts, changed in place, with a board for each subject.

    It answers as ``check`` would from scratch, whatever came and went before.

    Invariant: ``_holders`` has, sorted, the artifacts that require something of each subject that has a board.
    """

    __slots__ = ("_boards", "_holders", "_in_use", "_names", "_rows", "environments")

    def __init__(self, environments: Environments) -> None:
        """Start with no artifact."""
        self.environments = environments
        self._rows: dict[str, _Row] = {}
        self._boards: dict[Subject, Board] = {}
        self._holders: dict[Subject, list[str]] = {}
        self._in_use: Counter[str] = Counter()
        self._names: dict[str, Lookalikes] = {}

    def put(self, artifact: str, requirements: Iterable[Requirement], environment: str = "") -> tuple[Subject, ...]:
        """From now on ``artifact`` requires this and nothing else; the subjects that it names or named, sorted.

        The requirements share one artifact, agent and position, else ValueError. ``environment`` is the named one that
        the artifact has for itself. Raises ``InvalidConstraint``, and nothing has changed then.
        """
        row = _row(artifact, tuple(requirements), environment)
        old, pairs = self._rows.get(artifact, _NOTHING), row.pairs()
        for subject, ask in pairs:
            subject.algebra.parse(ask.constraint), self.environments.where(ask.marker)
        for subject, ask in pairs:  # first what is new: what stays is then never taken away
            self._board(subject).add(ask)
        for subject, ask in old.pairs():
            self._boards[subject].remove(ask)
        before, now = old.subjects(), row.subjects()
        for subject in now - before:
            insort(self._holders[subject], artifact)
        for subject in before - now:
            self._leave(subject, artifact)
        if row.environment != old.environment:
            self._in_use += Counter(filter(None, (row.environment,)))
            self._in_use -= Counter(filter(None, (old.environment,)))
        if row is _NOTHING:
            self._rows.pop(artifact, None)
        else:
            self._rows[artifact] = row
        return tuple(sorted(before | now))

    def drop(self, artifact: str) -> tuple[Subject, ...]:
        """Forget what ``artifact`` requires, if anything; the subjects that it named, sorted."""
        return self.put(artifact, ())

    def find(self, subject: Subject) -> Finding:
        """What there is to say of a subject; nothing of one that nobody names."""
        board = self._boards.get(subject)
        return Finding() if board is None else find(board, lambda: self._on(subject), self._in_use, self.is_torn)

    def is_torn(self, artifact: str) -> bool:
        """Whether an artifact clashes with itself on anything."""
        asks: defaultdict[Subject, list[Ask]] = defaultdict(list)
        for subject, ask in self._rows.get(artifact, _NOTHING).pairs():
            asks[subject].append(ask)
        return any(clashes_alone(self._boards[subject], own) for subject, own in asks.items())

    def core(self, subject: Subject) -> tuple[Ask, ...]:
        """One minimal set of what is asked of a subject that clashes; nothing where everything can stand together."""
        board = self._boards.get(subject)
        if board is not None:
            for group, _ in SCOPE_OF:
                if core := core_of(board, group):
                    return core
        return ()

    def witness(self, subject: Subject) -> str:
        """A constraint that admits what all admit; where environments differ, one for each of them. "" is anything."""
        board = self._boards.get(subject)
        return witness(board) if board else ""

    def of(self, artifact: str) -> tuple[Requirement, ...]:
        """What ``artifact`` requires, as it was put."""
        return tuple(self._rows.get(artifact, _NOTHING).requirements(artifact))

    def environment_of(self, artifact: str) -> str:
        """The named environment that ``artifact`` has for itself; "" is the shared one."""
        return self._rows.get(artifact, _NOTHING).environment

    def subjects(self, artifact: str) -> tuple[Subject, ...]:
        """What ``artifact`` requires something of, sorted."""
        return tuple(sorted(self._rows.get(artifact, _NOTHING).subjects()))

    @property
    def everything(self) -> tuple[Subject, ...]:
        """Everything that somebody requires something of, sorted."""
        return tuple(sorted(self._boards))

    def is_shared(self, subject: Subject) -> bool:
        """Whether there is more than one demand on it."""
        board = self._boards.get(subject)
        return board is not None and (len(board.held) > 1 or sum(board.held.values()) > 1)

    def lookalikes(self, subject: Subject) -> tuple[str, ...]:
        """The names of other packages of the project that this one is easily taken for, sorted."""
        names = self._names.get(subject.ecosystem)
        return names.of(subject.name) if names else ()

    def _board(self, subject: Subject) -> Board:
        board = self._boards.get(subject)
        if board is None:
            self._names.setdefault(subject.ecosystem, Lookalikes()).add(subject.name)
            board = self._boards[subject] = Board(subject, self.environments)
            self._holders[subject] = []
        return board

    def _leave(self, subject: Subject, artifact: str) -> None:
        """The artifact requires nothing of it any more."""
        holders = self._holders[subject]
        del holders[bisect_left(holders, artifact)]
        if not holders:
            del self._boards[subject], self._holders[subject]
            self._names[subject.ecosystem].remove(subject.name)

    def _on(self, subject: Subject) -> list[Requirement]:
        told = (self._rows[artifact].requirements(artifact, subject) for artifact in self._holders[subject])
        return sorted(chain.from_iterable(told))


def _row(artifact: str, requirements: tuple[Requirement, ...], environment: str) -> _Row:
    if not requirements:
        return _Row("", 0, environment, ()) if environment else _NOTHING
    agent, position = requirements[0].agent, requirements[0].position
    if {(r.artifact, r.agent, r.position) for r in requirements} != {(artifact, agent, position)}:
        raise ValueError(f"requirements of {artifact} name more than one artifact, agent or position")
    said = [part for r in requirements for part in (r.subject, interned(r.ask), r.purpose)]
    locations = tuple([r.location for r in requirements])
    return _Row(intern(agent), position, environment, tuple(said), locations if any(locations) else ())

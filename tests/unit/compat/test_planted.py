"""Faults that are planted in the engine, and seen by the laws that the other tests hold it to.

Each plants one fault by replacing one function, and looks for a set of demands on which engine and oracle disagree; the
same search without the fault finds none.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

import pytest

from psmp.compat import board, proof, suggest
from psmp.compat.demands import Demands
from psmp.compat.direct import Clash, check
from psmp.compat.environments import Environments, Where
from psmp.compat.pypi.ranges import Span
from psmp.compat.requirement import Ask, Requirement
from tests.unit.compat import sets
from tests.unit.compat.oracle import CLAUSES
from tests.unit.compat.sets import HERE, requires

TRIES: Final = 400
CONSTRAINTS: Final = [clause.text for clause in CLAUSES]


def demands(chance: Random) -> list[Requirement]:
    """Up to five artifacts that demand something of one package."""
    return [
        requires(f"a{number}", f"agent-{number % 2}", constraint=",".join(chance.sample(CONSTRAINTS, 1 + number % 2)))
        for number in range(chance.randint(2, 5))
    ]


def verdict_is_wrong(said: list[Requirement]) -> bool:
    return bool(check(said, HERE).clashes) == bool(sets.admitted(said))


def causes_are_wrong(said: list[Requirement]) -> bool:
    return any(set(clash.causes) != sets.clashing_sets(said) for clash in check(said, HERE).clashes)


def a_way_out_is_wrong(said: list[Requirement]) -> bool:
    return any(not _stands(said, clash) for clash in check(said, HERE).clashes)


def _stands(said: list[Requirement], clash: Clash) -> bool:
    """Whether every suggestion without isolation leaves some version for all, by the oracle."""
    for suggestion in clash.suggestions:
        new = {change.artifact: change.constraint for change in suggestion.changes if change.action is None}
        after = [
            requires(each.artifact, each.agent, constraint=new.get(each.artifact, each.ask.constraint)) for each in said
        ]
        if new and check(after, HERE).clashes:
            return False
    return True


def the_index_is_wrong(said: list[Requirement]) -> bool:
    """Whether what came and went leaves a trace: everything is declared, the first half taken back."""
    index = Demands(HERE)
    for each in said:
        index.put(each.artifact, [each])
        index.find(each.subject)
    for each in said[: len(said) // 2]:
        index.drop(each.artifact)
    left = said[len(said) // 2 :]
    return index.find(left[0].subject) != check(left, HERE)


def a_marker_is_wrong(said: list[Requirement]) -> bool:
    """Whether demands that only count elsewhere make a clash here."""
    elsewhere = [
        requires(each.artifact, each.agent, ask=Ask(each.ask.constraint, marker="sys_platform == 'win32'"))
        for each in said
    ]
    return bool(check(elsewhere, HERE).clashes)


def finds(law: Callable[[list[Requirement]], bool]) -> bool:
    """Whether any of many sets breaks the law."""
    chance = Random(7)
    return any(law(demands(chance)) for _ in range(TRIES))


def bounds_touch(one: Span, other: Span) -> bool:
    """What is covered by a glance at one version, 1.1, as a careless engine might."""
    return one.contains("1.1") or not other.contains("1.1")


def everywhere(self: Environments, _marker: str) -> Where:
    return Where(self.everywhere, self.everywhere)


def unchecked(self: suggest._Case, changed: Mapping[suggest._Entry, suggest._Demand]) -> board.Board:
    """A change that is not checked again before it is listed."""
    return board.Board.of(self._subject, self._board.environments, self._after(changed))


def forgetful(self: board.Board, ask: Ask) -> None:
    """Taking a demand away without marking what it had narrowed."""
    self.held[ask] -= 1
    if not self.held[ask]:
        del self.held[ask]


@pytest.mark.parametrize(
    ("law", "owner", "name", "fault"),
    [
        (verdict_is_wrong, Span, "covers", bounds_touch),
        (a_way_out_is_wrong, suggest._Case, "_instead", lambda *_: suggest._Demand("<2")),
        (the_index_is_wrong, board.Board, "remove", forgetful),
        (a_marker_is_wrong, Environments, "where", everywhere),
        (causes_are_wrong, proof, "minimal", lambda causes: tuple(sorted(set(causes)))[:1]),
    ],
    ids=["verdict", "suggestion", "index", "marker", "causes"],
)
def test_a_planted_fault_is_caught(
    law: Callable[[list[Requirement]], bool], owner: object, name: str, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not finds(law)
    if law is a_way_out_is_wrong:
        monkeypatch.setattr(owner, "_stands", unchecked)
    monkeypatch.setattr(owner, name, fault)
    assert finds(law)

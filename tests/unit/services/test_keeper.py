"""What the keeper decides: a table of situations and the transition that each asks for."""

import pytest

from psmp.rules.lifecycle import TRANSITIONS, By
from psmp.words.events import ProjectTransitioned
from psmp.words.values import Phase
from psmp_keeper.rules import transition as due
from tests.unit.services.history import BLOCKED, PLANNED, STARTED, Said, clash, cleared, declared, detected, project

CLASH = (declared("backend"), detected("backend", clash("C-1", "backend")))
AMENDED = (declared("backend", version=2), cleared("backend", "C-1"))
RESOLVING = ProjectTransitioned(origin=Phase.BLOCKED, to=Phase.RESOLVING, reason="gone")


@pytest.mark.parametrize(
    ("history", "to"),
    [
        ((), None),
        ((PLANNED,), None),
        ((PLANNED, *CLASH), Phase.BLOCKED),
        ((PLANNED, STARTED, *CLASH), Phase.BLOCKED),
        ((PLANNED, *CLASH, BLOCKED), None),
        ((PLANNED, *CLASH, *AMENDED), None),
        ((PLANNED, *CLASH, BLOCKED, *AMENDED), Phase.RESOLVING),
        ((PLANNED, *CLASH, BLOCKED, *AMENDED, RESOLVING), Phase.IN_PROGRESS),
        ((PLANNED, *CLASH, BLOCKED, RESOLVING), Phase.BLOCKED),
    ],
)
def test_the_phase_follows_the_open_conflicts(history: tuple[Said, ...], to: Phase | None) -> None:
    transition = due(project(*history))
    assert (transition and transition.to) == to
    if transition is not None:
        assert TRANSITIONS[transition.origin][transition.to] is By.KEEPER
        assert transition.reason


def test_what_is_due_is_due_once() -> None:
    history: list[Said] = [PLANNED, *CLASH]
    written = []
    while transition := due(project(*history)):
        written.append(transition.to)
        history.append(transition)
    history += AMENDED
    while transition := due(project(*history)):
        written.append(transition.to)
        history.append(transition)
    assert written == [Phase.BLOCKED, Phase.RESOLVING, Phase.IN_PROGRESS]


def test_a_block_names_its_conflicts_and_says_why() -> None:
    transition = due(project(PLANNED, *CLASH))
    assert transition is not None
    assert transition.conflicts == ("C-1",)
    assert transition.reason == "C-1 is why."

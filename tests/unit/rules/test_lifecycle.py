"""The lifecycle is one table, and the table is sound."""

import re
from itertools import product
from pathlib import Path

import pytest

from psmp.rules.lifecycle import OPEN, TRANSITIONS, WORKING, By, IllegalTransition, advance, by_request, diagram, named
from psmp.words.values import Phase

ROOT = Path(__file__).parents[3]
LEGAL = {(origin, to) for origin, row in TRANSITIONS.items() for to in row}


def test_every_phase_has_a_row() -> None:
    assert set(TRANSITIONS) == set(Phase)


def test_every_phase_can_be_reached() -> None:
    reached, new = set[Phase](), {Phase.INITIALIZED}
    while new:
        reached |= new
        new = {to for origin in new for to in TRANSITIONS[origin]} - reached
    assert reached == set(Phase)


def test_archived_is_final_and_nothing_else_is() -> None:
    assert [phase for phase in Phase if not TRANSITIONS[phase]] == [Phase.ARCHIVED]


def test_the_table_is_the_one_that_was_agreed() -> None:
    i, p, w, b, r, c, a = Phase
    assert [phase.value[0] for phase in (i, p, w, b, r, c, a)] == list("IPIBRCA")
    on, held = {(i, p), (p, w), (w, c)}, {(p, b), (w, b), (b, r), (r, w), (r, b)}
    assert on | held | {(i, a), (p, a), (w, a), (r, a), (c, a)} == LEGAL


@pytest.mark.parametrize(("origin", "to"), list(product(Phase, Phase)))
def test_what_the_table_lacks_is_refused_with_the_legal_ones_named(origin: Phase, to: Phase) -> None:
    if (origin, to) in LEGAL:
        assert advance(origin, to) is to
        return
    with pytest.raises(IllegalTransition) as caught:
        advance(origin, to)
    refusal = caught.value
    assert (refusal.origin, refusal.to, refusal.legal) == (origin, to, tuple(TRANSITIONS[origin]))
    assert all(phase in str(refusal) for phase in refusal.legal)


def test_initialized_cannot_become_completed() -> None:
    with pytest.raises(
        IllegalTransition,
        match=r"^INITIALIZED > COMPLETED is not in the lifecycle; from INITIALIZED legal is: PLANNING, ARCHIVED$",
    ):
        advance(Phase.INITIALIZED, Phase.COMPLETED)
    with pytest.raises(IllegalTransition, match="from ARCHIVED legal is: nothing, it is final"):
        advance(Phase.ARCHIVED, Phase.PLANNING)


def test_only_the_keeper_blocks_and_unblocks() -> None:
    derived = {(origin, to) for origin, row in TRANSITIONS.items() for to, by in row.items() if by is By.KEEPER}
    assert all(Phase.BLOCKED in pair or pair == (Phase.RESOLVING, Phase.IN_PROGRESS) for pair in derived)
    assert by_request(Phase.IN_PROGRESS) == (Phase.COMPLETED, Phase.ARCHIVED)
    assert by_request(Phase.BLOCKED) == ()
    assert by_request(Phase.RESOLVING) == (Phase.ARCHIVED,)


def test_agents_run_while_there_is_work_and_say_what_they_made_even_while_blocked() -> None:
    assert {Phase.PLANNING, Phase.IN_PROGRESS} == WORKING
    assert WORKING | {Phase.BLOCKED, Phase.RESOLVING} == OPEN


def test_phases_are_named_in_a_sentence() -> None:
    assert named((Phase.BLOCKED, Phase.COMPLETED)) == "BLOCKED, COMPLETED"
    assert named(()) == "nothing, it is final"


def test_the_diagram_shows_every_transition_once() -> None:
    arrows = re.findall(r"^ +(\w+) --> (\w+): \w+$", diagram(), re.MULTILINE)
    assert sorted(arrows) == sorted((origin.value, to.value) for origin, to in LEGAL)


def test_the_diagram_in_the_documentation_is_this_one() -> None:
    page = (ROOT / "docs" / "lifecycle.md").read_text()
    assert f"```mermaid\n{diagram()}```" in page

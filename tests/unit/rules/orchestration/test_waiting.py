"""Who is waited for, said once for those who look and for those who are called."""

import pytest

from psmp.rules.orchestration.running import Run
from psmp.rules.orchestration.waiting import waited_for
from psmp.words.orchestration.seen import Awaited
from tests.orchestrated import MAEG, begun, does, report, start
from tests.unit.rules.orchestration.graphs import agent, document, waits


@pytest.fixture(scope="module")
def run() -> Run:
    """One whose only result has three checks by persons, two of them by leads."""
    roles = ("lead", "security", "lead")
    checks = [{"check": "HUMAN_REVIEW", "role": role, "seconds": 60 + n} for n, role in enumerate(roles)]
    world = begun(document([agent(1, checks=checks)], [waits("root", "n1"), waits("n1", "all", "BARRIER")]))
    does(world, "n1", report(start(world, "n1")))
    assert world.state is not None
    return world.state.runs[MAEG]


def test_each_role_is_waited_for_once_whatever_it_has_to_look_at(run: Run) -> None:
    assert list(waited_for(run)) == [
        Awaited(what="review", node="n1", role=role, text=f"the result of n1 waits for the word of a {role}")
        for role in ("lead", "security")
    ]


def test_who_is_called_away_from_the_graph_is_told_which_one(run: Run) -> None:
    texts = [each.text for each in waited_for(run, f" of {MAEG}")]
    assert texts[0] == f"the result of n1 of {MAEG} waits for the word of a lead"

"""A thousand random graphs with random failures, told again from what was stored: the same order, the same root.

Whoever takes over after any fact goes on as if nothing had happened.
"""

from random import Random

import pytest

from psmp.rules.orchestration.deciding import denied, due
from psmp.rules.orchestration.running import Run, evolve
from psmp.rules.orchestration.stored import kept, restored
from psmp.words.orchestration.facts import BerAgentGenerated, Fact, SubPacDispatched, SubPacFailed
from tests.unit.rules.orchestration.graphs import Document, agent, document, flows, waits
from tests.unit.rules.orchestration.test_run_laws import played

GRAPHS = 1000
PARTS = 10
TAKEN_OVER = 200


def drawn(chance: Random) -> Document:
    """A graph of up to six agents, each behind some of those before it."""
    nodes, edges, leading = list[Document](), list[Document](), set[int]()
    count = chance.randint(1, 6)
    for number in range(1, count + 1):
        takes = list[str]()
        others = sorted(chance.sample(range(1, number), min(number - 1, chance.randint(0, 2))))
        leading.update(others)
        for each in others:
            if chance.random() < 0.6:
                takes.append(f"in{each}")
                edges.append(flows(f"n{each}", f"n{number}", out=f"in{each}"))
            else:
                edges.append(waits(f"n{each}", f"n{number}"))
        if not others:
            edges.append(waits("root", f"n{number}"))
        nodes.append(agent(number, takes=takes))
    edges += [waits(f"n{each}", "all", "BARRIER") for each in range(1, count + 1) if each not in leading]
    chance.shuffle(nodes)
    return document(nodes, edges, attempts=chance.randint(1, 3))


def order(facts: list[Fact]) -> list[tuple[str, int]]:
    """In which order what was let start."""
    return [(fact.node, fact.attempt) for fact in facts if isinstance(fact, SubPacDispatched)]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_replay_reconstructs_the_identical_order_of_execution(part: int) -> None:
    failures = 0
    for seed in range(part * GRAPHS // PARTS, (part + 1) * GRAPHS // PARTS):
        chance = Random(seed)
        play = played(drawn(chance), seed)
        stored = [(type(fact), fact.model_dump_json()) for fact in play.facts]
        run: Run | None = None
        told = list[Fact]()
        for kind, said in stored:
            fact = kind.model_validate_json(said)
            assert denied(run, fact) is None
            if run is not None and isinstance(fact, SubPacDispatched):
                assert fact in due(run), "the orchestrator would say it again"
            run = evolve(run, fact)
            told.append(fact)
            failures += isinstance(fact, SubPacFailed)
            failures += isinstance(fact, BerAgentGenerated) and fact.ber.verdict == "FAIL"
        assert order(told) == order(play.facts)
        assert run == play.run
    assert failures > GRAPHS // PARTS // 10, "many of them fail on the way"


@pytest.mark.parametrize("part", range(PARTS))
def test_law_whoever_takes_over_after_any_fact_says_what_was_left_to_say(part: int) -> None:
    for seed in range(part * TAKEN_OVER // PARTS, (part + 1) * TAKEN_OVER // PARTS):
        play = played(drawn(Random(seed)), seed)
        run: Run | None = None
        left = list[Fact]()
        for fact in map(stored, play.facts):
            assert not left or fact == left[0], "it was left to say"
            run = evolve(run, fact)
            taken_over = restored(kept(run))
            assert taken_over == run, "a snapshot of any moment is all of it"
            left = said_alone(taken_over)
        assert run == play.run
        assert not left


def stored(fact: Fact) -> Fact:
    """As it is read in the log."""
    return type(fact).model_validate_json(fact.model_dump_json())


def said_alone(run: Run) -> list[Fact]:
    """All that an orchestrator says of a run before it waits for somebody else."""
    said = list[Fact]()
    while facts := due(run):
        for fact in facts:
            run = evolve(run, fact)
        said += facts
    return said

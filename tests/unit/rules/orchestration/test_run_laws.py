"""Whatever happens, a run does everything once, in order, and ends in one settlement or with a person."""

from itertools import count
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from psmp.rules.orchestration.canonical import digest
from psmp.rules.orchestration.deciding import correction, denied, due, for_a_person
from psmp.rules.orchestration.running import Run, begun, evolve
from psmp.rules.orchestration.settling import inclusion, is_included
from psmp.words.orchestration.facts import (
    BerAgentGenerated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
    SubPacStarted,
    WrapOrchAccepted,
)
from tests.unit.rules.orchestration.graphs import Document, documents, shape
from tests.unit.rules.orchestration.play import AT_WORK, BAD, FINE, Play, started


def played(of: Document, seed: int) -> Play:
    """A run in which agents answer in any order, and now and then fail, are corrected, or are asked again."""
    chance, play, changes = Random(seed), started(of), count(2)
    for _ in range(400):
        if play.run.root is not None:
            break
        open_ = [node for node in play.run.shape.agents if play.state(node) in AT_WORK]
        free = [node for node in open_ if play.state(node) == "EXECUTING" or not play.run.unmet(node)]
        stuck = for_a_person(play.run)
        assert free or stuck, play.states
        node = chance.choice([*free, *stuck])
        work = play.run.work[node]
        if work.state == "FAILED" or chance.random() < 0.03:
            done = [each for each in play.run.shape.agents if play.state(each) == "COMPLETE"]
            node = node if work.state == "FAILED" else chance.choice(done or [node])
            work = play.run.work[node]
            if work.state in {"FAILED", "COMPLETE"}:
                sub_pac = play.run.shape.agents[node].sub_pac
                pack = correction(work, by="ann")
                play.say(
                    SubPacIssued(maeg="MAEG-P1", node=node, sub_pac=sub_pac, attempt=work.attempt + 1, correction=pack)
                )
        elif work.state != "BER_PENDING" and chance.random() < 0.1:
            play.say(SubPacFailed(maeg="MAEG-P1", node=node, attempt=work.attempt, cause="EXECUTION_ERROR"))
        elif work.state == "DISPATCHED":
            play.say(SubPacStarted(maeg="MAEG-P1", node=node, attempt=work.attempt))
        elif work.state == "EXECUTING":
            out = next(changes) if chance.random() < 0.5 else 1
            play.say(SubPacExecuted(maeg="MAEG-P1", node=node, attempt=work.attempt, fence=1, outputs={"out": out}))
        else:
            play.say(play.ber(node, BAD if chance.random() < 0.1 else FINE))
        play.go_on()
        check(play.run)
    return play


def check(run: Run) -> None:
    """What a run counts is what can be counted."""
    states = {node: run.of(node).state for node in run.shape.agents}
    assert {node: len(run.unmet(node)) for node in run.shape.order} == dict(run.waits)
    assert run.ready == {node for node, state in states.items() if state == "ISSUED" and not run.unmet(node)}
    assert run.failed == {node for node, state in states.items() if state == "FAILED"}
    assert run.pending == {node for node, state in states.items() if state == "PDO_PENDING"}
    assert run.complete == list(states.values()).count("COMPLETE")
    for node in run.shape.agents:
        now, then = run.inputs(node), run.of(node).inputs
        if now is not None:
            assert (node in run.stale) == (then is not None and digest(now) != then)


@given(documents(), st.integers(0, 2**32))
@settings(deadline=None)
def test_law_a_run_ends_settled_whatever_fails_on_the_way(of: Document, seed: int) -> None:
    play = played(of, seed)
    wrap = play.settle()
    passed, dispatched = set[str](), set[tuple[str, int]]()
    run = begun(shape(of))
    for fact in play.facts[1:]:
        if isinstance(fact, SubPacDispatched):
            assert (fact.node, fact.attempt) not in dispatched
            dispatched.add((fact.node, fact.attempt))
            behind = [each for each in run.shape.before[fact.node] if each in run.shape.agents]
            assert passed.issuperset(behind)
        if isinstance(fact, BerAgentGenerated) and fact.ber.verdict == "PASS":
            passed.add(fact.node)
        if isinstance(fact, SubPacIssued | SubPacFailed):
            passed.discard(fact.node)
    size = len(wrap.pdo_orch.children)
    assert [child.node for child in wrap.pdo_orch.children] == list(play.run.shape.agents)
    for index, child in enumerate(wrap.pdo_orch.children):
        assert is_included(child.pdo, index, size, inclusion(wrap.pdo_orch, index), wrap.pdo_orch.root)
    assert sum(isinstance(fact, WrapOrchAccepted) for fact in play.facts) == 1
    assert due(play.run) == ()


@given(documents(), st.integers(0, 2**32))
@settings(deadline=None)
def test_law_the_same_facts_give_the_same_order_and_the_same_root(of: Document, seed: int) -> None:
    first, second = played(of, seed), played(of, seed)
    assert first.facts == second.facts
    stored = [type(fact).model_validate_json(fact.model_dump_json()) for fact in first.facts]
    run: Run | None = None
    for fact in stored:
        assert denied(run, fact) is None
        run = evolve(run, fact)
    assert run == first.run
    assert run is not None
    assert run.root is not None


@given(documents())
def test_law_where_nothing_fails_each_node_is_done_once(of: Document) -> None:
    play = started(of)
    while play.run.root is None:
        node = min(node for node in play.run.shape.agents if play.state(node) == "DISPATCHED")
        play.done(node)
    attempts = [fact.attempt for fact in play.facts if isinstance(fact, SubPacDispatched)]
    assert attempts == [1] * len(play.run.shape.agents)

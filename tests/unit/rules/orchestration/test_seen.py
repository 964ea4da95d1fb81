"""How a run is told to whoever asks, at every point of one in which everything befalls."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Record
from psmp.log.view import View
from psmp.rules.orchestration.drawn import mermaid
from psmp.rules.orchestration.running import STATES, Run
from psmp.rules.orchestration.seen import line, seen, settled
from psmp.rules.orchestration.settling import inclusion, is_included, proofs
from psmp.words.events import SubPacFailed
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.codes import Denied, Gs
from psmp.words.orchestration.seen import Orchestration, SeenNode, Settlement
from tests.histories import KEY
from tests.orchestrated import LEAD, MAEG, begun, does, report, start, told
from tests.recording import Recording
from tests.unit.rules.orchestration.graphs import agent, document, documents, fan, shape, waits
from tests.unit.rules.orchestration.play import Play
from tests.unit.rules.orchestration.play import settled as settled_play
from tests.unit.rules.orchestration.test_run_laws import played


@pytest.fixture(scope="module")
def world() -> Recording:
    return told()


@pytest.fixture(scope="module")
def every(world: Recording) -> list[Orchestration]:
    """How the first graph stood after each event of its project."""
    return list(moments(world, MAEG))


def moments(world: Recording, maeg: str) -> Iterator[Orchestration]:
    view = View(ProjectKey(*KEY), PROJECT_FOLD)
    for record in world.records:
        view.advance(Record(record.position, view.key, "", record.body))
        if view.state is not None and maeg in view.state.runs:
            yield seen(KEY.project, view.state.runs[maeg])


def node(found: Orchestration, name: str) -> SeenNode:
    return next(each for each in found.nodes if each.id == name)


def test_a_graph_is_told_with_whose_it_is_and_what_it_was_registered_as(every: list[Orchestration]) -> None:
    first = every[0]
    assert (first.id, first.project, first.pac, first.state, first.created_by) == (
        MAEG,
        KEY.project,
        "P1",
        "OPEN",
        LEAD,
    )
    assert [each.id for each in first.nodes] == ["root", "n1", "n2", "all", "end"]
    assert (node(first, "root").state, node(first, "root").agent, node(first, "n1").state) == (
        *("PASSED", None),
        "NOT_ISSUED",
    )
    assert [(each.source, each.target, each.kind, each.carries) for each in first.edges][1] == (
        *("n1", "n2", "DATA_FLOW"),
        {"out": "one"},
    )
    assert [(each.node, each.of, each.passed, each.open) for each in first.barriers] == [("all", 1, 0, False)]


def test_every_event_that_changes_a_graph_changes_its_tag_and_no_other_does(every: list[Orchestration]) -> None:
    for one, other in pairwise(every):
        same = one.sequence == other.sequence
        assert same is (one == other), (one, other)
    assert len({each.sequence for each in every}) > 20


def test_a_nodes_token_review_reasons_and_costs_are_told_as_they_come(every: list[Orchestration]) -> None:
    first = [node(each, "n1") for each in every]
    assert {each.token.state for each in first if each.token} == {"live", "used"}
    failed = next(each for each in first if each.state == "FAILED")
    assert (failed.reasons, failed.failures, failed.cost_micros) == (("no tests are reported",), 1, 1000)
    assert failed.review is not None
    assert failed.review.verdict == "FAIL"
    again = next(each for each in first if (each.state, each.attempt) == ("DISPATCHED", 2))
    assert (again.reasons, again.review, again.cost_micros) == (("no tests are reported",), None, 1000)
    disk = next(each for each in first if each.failures == 2)
    assert disk.reasons == ("EXECUTION_ERROR: the disk is full",)
    assert (first[-1].state, first[-1].reasons, first[-1].cost_micros) == ("COMPLETE", (), 1500)
    assert first[-1].pdo
    assert first[-1].artifacts == ("app",)
    assert {each.since for each in first} > {first[-1].since}
    second = [node(each, "n2") for each in every]
    assert "expired" in {each.token.state for each in second if each.token}
    assert ("n1",) in {each.waits_for for each in second}


def test_what_waits_for_a_person_is_told_until_that_person_has_spoken(every: list[Orchestration]) -> None:
    waited = [each.for_a_person for each in every if each.for_a_person]
    assert list(dict.fromkeys((said.what, said.node, said.role) for each in waited for said in each)) == [
        ("failed", "n1", None),
        ("review", "n2", "lead"),
        ("approval", None, "lead"),
    ]
    asked = next(each for each in every if each.for_a_person and each.for_a_person[0].what == "review")
    review = node(asked, "n2").review
    assert review is not None
    assert (review.verdict, review.waits_for, review.words) == ("PENDING", ("lead",), ())
    done = node(every[-1], "n2").review
    assert done is not None
    assert (done.verdict, done.waits_for, [each.by for each in done.words]) == ("PASS", (), [LEAD])
    assert (every[-1].for_a_person, every[-1].approver, every[-1].approved_by) == ((), "lead", LEAD)


def test_a_settled_graph_tells_its_root_its_settlement_and_the_proof_of_every_outcome(world: Recording) -> None:
    run = world.state.runs[MAEG]
    found, whole = seen(KEY.project, run), settled(KEY.project, run)
    assert isinstance(whole, Settlement)
    assert found.wrap is not None
    assert (found.state, found.wrap.root) == ("SETTLED", found.root)
    assert found.wrap.checkpoint == whole.wrap.checkpoint == run.checkpoint
    assert (found.wrap.sequence, whole.sequence) == (found.sequence, found.sequence)
    assert [each.open for each in found.barriers] == [True]
    assert {each.state for each in found.nodes} == {"PASSED", "COMPLETE"}
    for each in whole.proofs:
        assert is_included(each.pdo, each.index, len(whole.proofs), each.proof, whole.wrap.pdo_orch.root)
    assert not is_included("0" * 64, 0, len(whole.proofs), whole.proofs[0].proof, whole.wrap.pdo_orch.root)


def test_what_is_not_settled_has_no_settlement(world: Recording) -> None:
    run = world.state.runs["MAEG-P2"]
    assert (seen(KEY.project, run).state, seen(KEY.project, run).abandoned) == ("ABANDONED", "it was the wrong plan")
    refused = settled(KEY.project, run)
    assert isinstance(refused, Denied)
    assert refused.code is Gs.WRAP_PARTIAL_EXECUTION


def test_two_persons_of_different_roles_are_waited_for_and_each_is_told() -> None:
    checks = [{"check": "HUMAN_REVIEW", "role": role, "seconds": 60} for role in ("lead", "security")]
    world = begun(document([agent(1, checks=checks)], [waits("root", "n1"), waits("n1", "all", "BARRIER")]))
    does(world, "n1", report(start(world, "n1")))
    found = seen(KEY.project, world.state.runs[MAEG])
    assert [each.role for each in found.for_a_person] == ["lead", "security"]
    review = node(found, "n1").review
    assert review is not None
    assert review.waits_for == ("lead", "security")


def test_the_line_of_a_list_says_the_same_as_the_whole(world: Recording) -> None:
    run = world.state.runs[MAEG]
    assert line(KEY.project, run).model_dump().items() <= seen(KEY.project, run).model_dump().items()


def test_a_graph_is_drawn_with_every_node_in_the_colour_of_its_state_and_what_flows() -> None:
    play = settled_play()
    drawn = mermaid(seen("p", play.run)).splitlines()
    assert drawn[0] == "flowchart TD"
    assert '    n0(["root<br/>ORCH_ROOT"]):::done' in drawn
    assert '    n1["n1<br/>agent-1, code<br/>COMPLETE"]:::done' in drawn
    assert '    n1 -->|"out"| n4' in drawn
    assert "    n1 --> n3" in drawn
    assert sum(each.startswith("    classDef ") for each in drawn) == 4
    started = Play(fan())
    assert '    n1["n1<br/>agent-1, code<br/>NOT_ISSUED"]:::waiting' in mermaid(seen("p", started.run))
    started.go_on()
    failing = SubPacFailed(maeg="MAEG-P1", node="n1", attempt=1, cause="EXECUTION_ERROR")
    started.say(failing)
    assert "<br/>FAILED" in mermaid(seen("p", started.run))
    started.go_on()
    assert "DISPATCHED, attempt 2" in mermaid(seen("p", started.run))


@given(documents(), st.integers(0, 2**32))
def test_whatever_befalls_a_run_it_can_be_told(of: dict[str, object], seed: int) -> None:
    run: Run = played(of, seed).run
    found = seen("p", run)
    assert Orchestration.model_validate_json(found.model_dump_json(exclude_none=True)) == found
    assert {each.id for each in found.nodes} == set(shape(of).order)
    assert all((each.state in STATES) is (each.agent is not None) for each in found.nodes)
    assert all(set(each.waits_for) == set(run.unmet(each.id)) for each in found.nodes)


def test_the_proofs_of_all_are_those_of_each() -> None:
    orch = settled_play().settle().pdo_orch
    assert proofs(orch) == tuple(inclusion(orch, place) for place in range(len(orch.children)))

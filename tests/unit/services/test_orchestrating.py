"""What intake, keeper and orchestrator decide about graphs of agents, case by case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic_core import to_json

from psmp.log.folds import PROJECT_FOLD
from psmp.rules.orchestration.stored import kept, restored
from psmp.words.commands import (
    AbandonMaeg,
    AmendArtifact,
    CorrectSubPac,
    DeclareArtifact,
    FinishSlot,
    SubmitMaeg,
    WithdrawArtifact,
)
from psmp.words.envelope import open_event, written
from psmp.words.events import AlertRaised, CommandRefused, SlotFinished, SubPacFailed
from psmp.words.orchestration.facts import SubPacDispatched
from psmp.words.orchestration.packing import MOST_BYTES, Unpackable, pack, unpack
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Dependency, Phase, Severity
from psmp_intake.rules import decide
from psmp_intake.rules.assignments import Heard
from psmp_orchestrator import rules as orchestrator
from psmp_replay.replay import Replay
from psmp_watchdog import glance
from tests.histories import KEY
from tests.orchestrated import LEAD, MAEG, SECOND, answer, begun, declaration, does, report, start, submission, told
from tests.unit.rules.orchestration.graphs import agent, document, fan, waits
from tests.unit.rules.world import TERMS


class TestWork:
    def test_what_goes_beyond_scope_or_lane_is_refused(self) -> None:
        world = begun()
        assert answer(world, "agent-1", declaration()).code is Code.NO_ASSIGNMENT
        fence = start(world, "n1")
        assert answer(world, "agent-1", declaration(fence, "etc/passwd")).code is Gs.SUB_PAC_SCOPE_EXPANSION
        assert world.ask("agent-1", declaration(None)), "it has one slot alone"
        beyond = AmendArtifact(artifact="app", paths=declaration(None, "docs/x.md").paths)
        assert answer(world, "agent-1", beyond).code is Gs.SUB_PAC_SCOPE_EXPANSION
        assert world.ask("agent-1", FinishSlot(fence=fence, failure="no time"))
        assert answer(world, "agent-1", beyond).code is Gs.SUB_PAC_SCOPE_EXPANSION, "without a slot too"
        lane = document(
            [agent(1)],
            [waits("root", "n1"), waits("n1", "all", "BARRIER")],
            lanes=[{"lane": "code", "types": ["data"]}],
        )
        other = begun(lane)
        refused = answer(other, "agent-1", declaration(start(other, "n1")))
        assert (refused.code, bool(refused.hint)) == (Gs.SUB_PAC_LANE_VIOLATION, True)

    def test_what_was_taken_back_comes_too_late(self) -> None:
        world = begun()
        does(world, "n1", report(start(world, "n1")))  # it fails: nothing was declared
        does(world, "n1", declaration(fence := start(world, "n1")), report(fence))
        fence = start(world, "n2")
        assert world.ask(LEAD, CorrectSubPac(maeg=MAEG, node="n1", reason="other numbers"))
        world.rest(watch=False)
        does(world, "n1", report(start(world, "n1"), out=5))
        assert world.state.runs[MAEG].of("n2").attempt == 2, "its inputs have changed"
        assert answer(world, "agent-2", report(fence)).code is Code.SLOT_LOST
        late = declaration(fence).model_copy(update={"artifact": "late"})
        assert answer(world, "agent-2", late).code is Code.SLOT_LOST
        assert answer(world, "agent-2", report(99)).code is Code.SLOT_LOST
        assert answer(world, "agent-2", FinishSlot(fence=fence)).code is Code.NOT_DECLARED

    def test_in_a_project_that_was_given_up_nothing_is_reported_any_more(self) -> None:
        world = begun(fan())
        wish, heard = report(start(world, "n1")), Heard(KEY, written(world.now))
        assert not isinstance(decide(world.state, "agent-1", wish, heard), Refused)
        refused = decide(replace(world.state, phase=Phase.ARCHIVED), "agent-1", wish, heard)
        assert isinstance(refused, Refused)
        assert refused.code is Code.PROJECT_NOT_OPEN

    def test_what_was_there_before_the_graph_may_be_amended(self) -> None:
        world = begun(SECOND)
        assert world.ask("zoe", declaration().model_copy(update={"artifact": "old"}))
        assert world.ask("zoe", AmendArtifact(artifact="old", summary="new"))

    def test_withdrawn_artifacts_are_no_evidence(self) -> None:
        world = begun()
        fence = start(world, "n1")
        does(world, "n1", declaration(fence), WithdrawArtifact(artifact="app", reason="no", fence=fence), report(fence))
        ber = world.state.runs[MAEG].of("n1")
        assert ber.attempt == 2, "no artifact was declared"

    def test_a_conflict_that_does_not_block_fails_the_review(self) -> None:
        world = begun(fan(), strict_mode=False)
        evidence = [start(world, node) for node in ("n1", "n2")]
        assert world.ask("agent-1", declaration(evidence[0], "src/a.py"))
        other = declaration(evidence[1], "src/a.py").model_copy(update={"artifact": "twin"})
        assert world.ask("agent-2", other)
        world.rest(watch=False)
        assert list(world.state.conflicts) == ["C-1"]
        assert world.state.blockers == ()
        does(world, "n2", report(evidence[1]))
        correction = world.state.runs[MAEG].of("n2").correction
        assert correction is not None
        assert [(each.check, each.text) for each in correction.findings] == [("NO_OPEN_CONFLICT", "C-1 is open")]


class TestSubmitting:
    def test_every_fault_is_told_with_its_place(self) -> None:
        world = begun()
        assert answer(world, LEAD, submission()).code is Code.GRAPH_EXISTS
        broken = {**SECOND, "nodes": [{**SECOND["nodes"][0]}, {"node": "x"}], "edges": SECOND["edges"][:1]}
        refused = answer(world, LEAD, submission(broken))
        assert refused.code is Code.INVALID_GRAPH
        assert refused.faults is not None
        assert f"{len(refused.faults)} faults: " in refused.reason
        told = CommandRefused(
            command="maeg.submit", code=refused.code, reason=refused.reason, faults=refused.faults
        )  # fmt: skip
        assert CommandRefused.model_validate_json(to_json(told)) == told
        one = answer(world, LEAD, SubmitMaeg(graph="AAAA"))
        assert (one.code, one.reason[:8]) == (Code.INVALID_GRAPH, "1 fault:")
        assert one.faults is not None
        assert "zlib" in one.faults[0].problem

    def test_what_is_packed_is_unpacked_and_no_more_than_that(self) -> None:
        assert unpack(pack(b"{}")) == b"{}"
        for wrong in ("!", "AAAA", pack(b"x" * (MOST_BYTES + 1)), pack(b"{}")[:-8], pack(b"{}") + "AAAA"):
            with pytest.raises(Unpackable):
                unpack(wrong)


class TestKeeping:
    def test_what_may_not_be_now_is_not_said_whatever_calls_for_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        world = begun(fan())
        early = SubPacDispatched(maeg=MAEG, node="n3", attempt=1, inputs="ab" * 32)
        monkeypatch.setattr("psmp.rules.orchestration.deciding.due", lambda *_, **__: (early,))
        assert orchestrator.due(world.state, written(world.now), TERMS) == []

    def test_a_slot_that_was_given_back_without_a_report_is_a_failure(self) -> None:
        """As an older intake wrote it, which took that."""
        world = begun(fan())
        fence = start(world, "n1")
        cause = orchestrator.provenance(world.last.id, world.last.correlationid, None)
        world.say(SlotFinished(agent="agent-1", fence=fence), cause)
        world.rest(watch=False)
        work = world.state.runs[MAEG].of("n1")
        assert (work.attempt, work.failures) == (2, 1)
        assert work.correction is not None
        assert work.correction.reason == "its slot was given back without a report"

    def test_the_end_of_a_slot_is_nothing_to_an_attempt_that_has_begun_since(self) -> None:
        world = begun()
        does(world, "n1", declaration(fence := start(world, "n1")), report(fence))
        fence = start(world, "n2")
        assert world.ask(LEAD, CorrectSubPac(maeg=MAEG, node="n1", reason="other numbers"))
        world.rest(watch=False)
        does(world, "n1", report(start(world, "n1"), out=5))
        before = world.state.runs[MAEG].of("n2")
        assert (before.state, before.attempt) == ("DISPATCHED", 2)
        assert world.ask("agent-2", FinishSlot(fence=fence, failure="it was taken back"))
        world.rest(watch=False)
        assert world.state.runs[MAEG].of("n2") == before

    def test_a_run_that_was_written_down_is_read_back_whatever_stands_in_it(self) -> None:
        world = begun(fan())
        does(world, "n1", report(start(world, "n1")))
        start(world, "n2")
        run = world.state.runs[MAEG]
        assert restored(kept(run)) == run
        with pytest.raises(ValueError, match="no graph"):
            restored(replace(kept(run), packed=pack(b"{}")))
        assert PROJECT_FOLD.load(PROJECT_FOLD.dump(world.state)) == world.state

    def test_a_slot_whose_term_is_over_is_a_failure_and_so_is_one_that_is_silent(self) -> None:
        for term, cause in ((10, "EXECUTION_ERROR"), (3600, "AGENT_SILENT")):
            world = begun(fan(), term_seconds=term)
            start(world, "n1")
            world.now += timedelta(seconds=20 if term == 10 else 40)
            world.rest()
            failed = [open_event(each.body).data for each in world.records if each.kind == SubPacFailed.KIND]
            assert {each.cause for each in failed if isinstance(each, SubPacFailed) and each.node == "n1"} == {cause}


class TestCorners:
    def test_everything_that_was_decided_of_a_graph_is_decided_the_same(self) -> None:
        world = told()
        replay = Replay(KEY, world.inputs)
        assert {replay.take(record).outcome for record in world.records} == {"same"}

    def test_a_wrap_and_a_word_that_nothing_called_for_are_different(self) -> None:
        world = begun(fan())
        root = orchestrator.provenance(world.last.id, world.last.correlationid, None)
        replay = Replay(KEY, world.inputs)
        for record in world.records:
            replay.take(record)
        length = len(world.records)
        world.say(AlertRaised(alert="maeg-P1-n1-failed", severity=Severity.HIGH, text="x"), root)
        assert replay.take(world.records[length]).outcome == "different"

    def test_a_review_waits_for_verdicts_and_for_what_blocks(self) -> None:
        world = begun(fan())
        fences = [start(world, node) for node in ("n1", "n2")]
        needs = [DeclareArtifact(artifact=f"a{fence}", type="code", fence=fence,
                 dependencies=(Dependency(name="numpy", constraint=constraint),))
                 for fence, constraint in zip(fences, (">=2", "<2"), strict=True)]  # fmt: skip
        assert world.ask("agent-1", needs[0])
        assert world.ask("agent-1", report(fences[0]))
        assert orchestrator.due(world.state, written(world.now), TERMS) == [], "the verdict is awaited"
        assert world.ask("agent-2", needs[1])
        world.rest(watch=False)
        assert world.state.blockers == ("C-1",)
        assert world.state.runs[MAEG].of("n1").state in {"BER_PENDING", "COMPLETE"}
        assert world.ask("agent-2", report(fences[1]))
        world.rest(watch=False)
        assert world.state.runs[MAEG].of("n2").state == "BER_PENDING", "the conflict is being resolved"
        assert world.ask("agent-2", AmendArtifact(artifact=f"a{fences[1]}", dependencies=()))
        world.rest(watch=False)
        assert world.state.runs[MAEG].of("n3").state == "DISPATCHED"

    def test_what_is_given_up_takes_nothing_more_and_what_is_not_taken_is_said(self) -> None:
        world = begun(fan())
        assert world.ask(LEAD, AbandonMaeg(maeg=MAEG, reason="no"))
        again = answer(world, LEAD, CorrectSubPac(maeg=MAEG, node="n1", reason="x"))
        assert "was given up: no" in again.reason
        narrow = fan()
        narrow["nodes"][4]["inputs"]["one"] = {"enum": [1, 2]}
        narrow["nodes"][1]["outputs"]["out"] = {"enum": [1, 2]}
        other = begun(narrow)
        does(other, "n1", report(start(other, "n1"), out=3))
        correction = other.state.runs[MAEG].of("n1").correction
        assert correction is not None
        assert correction.findings[0].check == "OUTPUTS_VALID"

    def test_the_watchdog_sees_the_slots_of_nodes_without_their_graphs(self) -> None:
        world = begun(fan())
        start(world, "n1")
        seen = None
        for record in world.records:
            envelope = open_event(record.body)
            if record.kind.partition(".")[0] in {"project", "slot"} or record.kind == "subpac.executed":
                seen = glance.evolve(seen, envelope)
        assert seen is not None
        assert [slot.assignment for slot in seen.slots.held.values()] == [None]
        does(world, "n1", report(max(world.state.slots.held)))
        for record in world.records:
            if record.kind == "subpac.executed":
                seen = glance.evolve(seen, open_event(record.body))
        assert seen is not None
        assert seen.slots.held == {}
        start(world, "n2")
        kept_slots = glance.kept(world.state).slots.held.values()
        assert ([slot.assignment for slot in kept_slots], glance.kept(world.state).runs) == ([None], {})

"""What intake, keeper and orchestrator decide about graphs of agents, case by case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic_core import to_json

from psmp.log.folds import PROJECT_FOLD
from psmp.rules.orchestration import tokens
from psmp.rules.orchestration.stored import kept, restored
from psmp.rules.orchestration.tokens import Claims, Shown
from psmp.words.commands import (
    AbandonMaeg,
    AmendArtifact,
    ApproveMaeg,
    Command,
    CorrectSubPac,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    ReviewSubPac,
    SubmitMaeg,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.envelope import open_event, written
from psmp.words.events import AlertRaised, CommandRefused, SlotRefused, SubPacFailed
from psmp.words.orchestration.packing import MOST_BYTES, Unpackable, pack, unpack
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Dependency, Phase, Severity
from psmp_intake.rules import decide
from psmp_intake.rules.assignments import Heard
from psmp_orchestrator import rules as orchestrator
from psmp_replay.replay import Replay
from psmp_watchdog import glance
from tests.histories import KEY
from tests.orchestrated import LEAD, MAEG, SECOND, begun, declaration, does, report, start, submission, token, told
from tests.recording import Recording
from tests.unit.rules.orchestration.graphs import agent, document, fan, waits
from tests.unit.rules.world import CHECKPOINT, SIGNER, TERMS


def answer(world: Recording, who: str, command: Command, at: str = "") -> Refused:
    """The refusal that a command gets; it says what to do, and nothing is written."""
    found = decide(world.state, who, command, Heard(KEY, at or written(world.now)))
    assert isinstance(found, Refused), found
    assert found.reason
    return found


class TestTokens:
    def test_a_token_lets_its_agent_start_once(self) -> None:
        world = begun(fan())
        said = token(world, "n1")
        start(world, "n1")
        assert answer(world, "agent-1", RequestSlot(token=said)).code is Code.TOKEN_SPENT

    def test_a_token_that_waits_in_the_queue_is_not_shown_a_second_time(self) -> None:
        world = begun(fan(), max_concurrent_agents=1, slots_per_agent=3)
        start(world, "n2")
        said = token(world, "n1")
        assert world.ask("agent-1", RequestSlot(token=said, wait_seconds=50))
        refused = answer(world, "agent-1", RequestSlot(token=said, wait_seconds=50))
        assert (refused.code, "shown already" in refused.reason) == (Code.TOKEN_SPENT, True)
        does(world, "n2", report(world.state.runs[MAEG].of("n2").fence))
        assert world.state.runs[MAEG].of("n1").state == "EXECUTING"

    def test_what_lapsed_while_its_agent_waited_is_refused_by_the_keeper(self) -> None:
        world = begun(fan(), max_concurrent_agents=1)
        fence = start(world, "n2")
        assert world.ask("agent-1", RequestSlot(token=token(world, "n1"), wait_seconds=900))
        world.now += timedelta(seconds=100)
        world.rest(watch=False)
        assert world.state.runs[MAEG].of("n1").state == "DISPATCHED", "while it waits its token counts"
        assert world.ask(LEAD, AbandonMaeg(maeg=MAEG, reason="no more"))
        assert world.ask("agent-2", FinishSlot(fence=fence, failure="given up"))
        world.rest(watch=False)
        (told,) = [open_event(each.body).data for each in world.records if each.kind == SlotRefused.KIND]
        assert isinstance(told, SlotRefused)
        assert told.reason == "n1 is not dispatched any more by the token that was shown"

    def test_each_step_of_the_verification_is_taken(self) -> None:
        world = begun(fan())
        run, at = world.state.runs[MAEG], written(world.now)
        held = run.of("n1").token
        assert held is not None
        said = tokens.claims(KEY, run, "n1", held)

        def code(at: str = at, who: str = "agent-1", **changes: Any) -> object:
            claims = Claims.model_validate(said.model_dump() | changes)
            shown = Shown(tokens.made(claims, SIGNER), who, KEY, at)
            refused = tokens.verified(shown, run, claims)
            return refused.code if refused else None

        assert code() is None
        assert code(aud="acme/other") is Code.TOKEN_INVALID  # 1
        assert code(session=held.id) is Code.TOKEN_INVALID  # 1
        assert code(node="n3") is Code.TOKEN_INVALID  # 2: n3 was never dispatched
        assert code(who="agent-2") is Gs.AGENT_SIDE_CHANNEL  # 3
        assert code(attempt=2) is Code.TOKEN_SPENT  # 4
        assert code(at=held.until) is Code.TOKEN_EXPIRED  # 5
        forged = Shown(tokens.made(said, replace(SIGNER, seed=bytes(range(32)))), "agent-1", KEY, at)
        refused = tokens.verified(forged, run, said)
        assert refused is not None
        assert refused.code is Code.TOKEN_INVALID  # 2
        early = replace(run, waits={**run.waits}, stale=frozenset({"n1"}))
        refused = tokens.verified(Shown(tokens.made(said, SIGNER), "agent-1", KEY, at), early, said)  # 6
        assert refused is not None
        assert (refused.code, refused.reason) == (Gs.DISPATCH_DEPENDENCY_UNMET, "what n1 takes in has changed")
        assert tokens.verified(forged, None, said) is not None

    def test_a_token_made_again_is_the_same_and_what_is_none_is_read_as_none(self) -> None:
        world = begun(fan())
        assert token(world, "n1") == token(world, "n1")
        assert tokens.read(token(world, "n1")) is not None
        assert [tokens.read(each) for each in ("", "a.b", "a.b.c", f"x.{'e30'}.y")] == [None] * 4
        run = world.state.runs[MAEG]
        sent = tokens.dispatch(KEY, run, "n1", SIGNER)
        assert sent is not None
        assert (sent.token, sent.agent, sent.inputs, sent.task) == (token(world, "n1"), "agent-1", {}, "do it")
        other = replace(SIGNER, seed=bytes(range(32)))
        assert tokens.dispatch(KEY, run, "n1", other) is None
        assert tokens.dispatch(KEY, run, "n3", SIGNER) is None

    def test_whose_predecessor_is_done_again_does_not_start(self) -> None:
        world = begun(fan())
        for node in ("n1", "n2"):
            does(world, node, report(start(world, node)))
        said = token(world, "n3")
        assert world.ask(LEAD, CorrectSubPac(maeg=MAEG, node="n1", reason="better"))
        refused = answer(world, "agent-3", RequestSlot(token=said))
        assert (refused.code, "n3 waits for sync, n1" in refused.reason) == (Gs.DISPATCH_DEPENDENCY_UNMET, True)
        world.rest(watch=False)
        does(world, "n1", report(start(world, "n1")))
        start(world, "n3")

    def test_whoever_has_done_all_its_nodes_is_free(self) -> None:
        world = begun(fan())
        assert answer(world, "agent-3", RequestSlot()).code is Gs.DISPATCH_DEPENDENCY_UNMET
        assert answer(world, "agent-1", RequestSlot()).code is Gs.DISPATCH_DEPENDENCY_UNMET
        does(world, "n1", report(start(world, "n1")))
        assert world.ask("agent-1", RequestSlot())
        assert answer(world, "agent-1", report(max(world.state.slots.held))).code is Code.NO_ASSIGNMENT


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


class TestPersons:
    def test_who_does_not_govern_says_nothing_and_nobody_judges_its_own(self) -> None:
        world = begun(resolvers=("agent-2",))
        for wish in (
            submission(),
            ApproveMaeg(maeg=MAEG, reason="x"),
            AbandonMaeg(maeg=MAEG, reason="x"),
            CorrectSubPac(maeg=MAEG, node="n1", reason="x"),
        ):
            assert answer(world, "agent-1", wish).code is Code.NOT_ALLOWED
        review = ReviewSubPac(maeg=MAEG, node="n2", role="lead", agrees=True, reason="x")
        assert "has worked on n2 itself" in answer(world, "agent-2", review).reason
        assert "has worked on" in answer(world, "agent-2", ApproveMaeg(maeg=MAEG, reason="x")).reason

    def test_what_is_not_there_is_not_known(self) -> None:
        world = begun()
        assert answer(world, LEAD, AbandonMaeg(maeg="MAEG-no", reason="x")).code is Code.UNKNOWN_GRAPH
        nowhere = CorrectSubPac(maeg=MAEG, node="all", reason="x")
        assert answer(world, LEAD, nowhere).code is Code.UNKNOWN_GRAPH

    def test_a_review_is_asked_for_by_role_and_once(self) -> None:
        world = begun(document(
            [agent(1, checks=[{"check": "HUMAN_REVIEW", "role": "lead", "seconds": 60}])],
            [waits("root", "n1"), waits("n1", "all", "BARRIER")],
        ))  # fmt: skip
        review = ReviewSubPac(maeg=MAEG, node="n1", role="lead", agrees=False, reason="no")
        assert answer(world, LEAD, review).code is Code.ILLEGAL_TRANSITION
        does(world, "n1", report(start(world, "n1")))
        guest = review.model_copy(update={"role": "guest"})
        assert "it waits for a lead" in answer(world, LEAD, guest).reason
        assert list(world.state.alerts) == ["maeg-P1-n1-review"]
        assert world.ask(LEAD, review)
        assert "has spoken" in answer(world, LEAD, review).reason
        world.rest(watch=False)
        assert (world.state.runs[MAEG].of("n1").attempt, world.state.alerts) == (2, {})
        does(world, "n1", report(start(world, "n1")))
        world.now += timedelta(seconds=61)
        world.rest(watch=False)
        assert world.state.runs[MAEG].of("n1").attempt == 3, "nobody spoke in time"

    def test_of_two_roles_each_has_to_agree_and_is_called_until_it_has_spoken(self) -> None:
        checks = [
            {"check": "HUMAN_REVIEW", "role": "lead", "seconds": 60},
            {"check": "HUMAN_REVIEW", "role": "security", "seconds": 120},
        ]
        world = begun(document([agent(1, checks=checks)], [waits("root", "n1"), waits("n1", "all", "BARRIER")]))
        does(world, "n1", report(start(world, "n1")))
        assert list(world.state.alerts) == ["maeg-P1-n1-review", "maeg-P1-n1-review-2"]
        lead = ReviewSubPac(maeg=MAEG, node="n1", role="lead", agrees=True, reason="good")
        security = lead.model_copy(update={"role": "security"})
        assert world.ask(LEAD, lead)
        world.rest(watch=False)
        work = world.state.runs[MAEG].of("n1")
        assert work.ber is not None
        assert [each.verdict for each in work.ber.findings[-2:]] == ["PASS", "PENDING"]
        assert (work.state, list(world.state.alerts)) == ("BER_PENDING", ["maeg-P1-n1-review-2"])
        assert "has spoken" in answer(world, LEAD, lead).reason
        world.now += timedelta(seconds=61)  # the lead's time is over, who has spoken; that of the other is not
        world.rest(watch=False)
        assert world.state.runs[MAEG].of("n1").state == "BER_PENDING"
        assert world.ask(LEAD, security)
        world.rest(watch=False)
        assert (world.state.runs[MAEG].of("n1").state, world.state.alerts) == ("COMPLETE", {})
        replay = Replay(KEY, world.inputs)
        assert {replay.take(record).outcome for record in world.records} == {"same"}

    def test_of_two_roles_one_that_refuses_is_enough_and_one_that_keeps_silent_too(self) -> None:
        checks = [{"check": "HUMAN_REVIEW", "role": role, "seconds": 60} for role in ("lead", "security")]
        world = begun(document([agent(1, checks=checks)], [waits("root", "n1"), waits("n1", "all", "BARRIER")]))
        does(world, "n1", report(start(world, "n1")))
        lead = ReviewSubPac(maeg=MAEG, node="n1", role="lead", agrees=True, reason="good")
        assert world.ask(LEAD, lead)
        assert world.ask(LEAD, lead.model_copy(update={"role": "security", "agrees": False}))
        world.rest(watch=False)
        assert world.state.runs[MAEG].of("n1").attempt == 2
        does(world, "n1", report(start(world, "n1")))
        assert world.ask(LEAD, lead)
        world.rest(watch=False)
        world.now += timedelta(seconds=61)
        world.rest(watch=False)
        work = world.state.runs[MAEG].of("n1")
        assert work.attempt == 3
        assert work.correction is not None
        assert [each.text for each in work.correction.findings] == ["no security spoke within 60 s"]

    def test_a_project_is_not_completed_over_a_part_nor_a_whole_settled_twice(self) -> None:
        world = begun(fan(approver="lead"))
        assert world.ask(LEAD, TransitionProject(to=Phase.IN_PROGRESS, reason="on"))
        done = TransitionProject(to=Phase.COMPLETED, reason="done")
        assert answer(world, LEAD, done).code is Gs.WRAP_PARTIAL_EXECUTION
        assert answer(world, LEAD, ApproveMaeg(maeg=MAEG, reason="x")).code is Gs.PDO_ORCH_INCOMPLETE
        for node in ("n1", "n2", "n3"):
            does(world, node, report(start(world, node)))
        assert orchestrator.settlement(world.state, MAEG, CHECKPOINT) is None, "a person has yet to agree"
        assert world.ask(LEAD, ApproveMaeg(maeg=MAEG, reason="good"))
        assert answer(world, LEAD, ApproveMaeg(maeg=MAEG, reason="good")).code is Code.ILLEGAL_TRANSITION
        assert orchestrator.settlement(world.state, MAEG, CHECKPOINT) is not None
        blocked = replace(world.state, phase=Phase.BLOCKED)
        assert orchestrator.settlement(blocked, MAEG, CHECKPOINT) is None, "what is blocked settles nothing"
        world.rest(watch=False)
        for wish in (ApproveMaeg(maeg=MAEG, reason="x"), AbandonMaeg(maeg=MAEG, reason="x")):
            assert answer(world, LEAD, wish).code is Gs.WRAP_PARTIAL_EXECUTION
        assert world.ask(LEAD, done)
        assert answer(world, LEAD, submission(SECOND)).code is Code.PROJECT_NOT_OPEN
        review = ReviewSubPac(maeg=MAEG, node="n1", role="lead", agrees=True, reason="x")
        assert answer(world, LEAD, review).code is Code.PROJECT_NOT_OPEN
        assert orchestrator.due(world.state, written(world.now), TERMS) == []


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

    def test_nonsense_is_no_token_and_what_was_there_before_is_not_of_the_graph(self) -> None:
        world = Recording()
        assert world.ask(LEAD, CreateProject(name="Site"))
        assert world.ask(LEAD, TransitionProject(to=Phase.PLANNING, reason="go"))
        assert world.ask("agent-1", declaration(path="etc/old"))
        assert world.ask(LEAD, submission())
        world.rest(watch=False)
        assert world.ask("agent-1", AmendArtifact(artifact="app", summary="still mine"))
        assert answer(world, "agent-1", RequestSlot(token="x" * 9)).code is Code.TOKEN_INVALID
        assert not world.ask("agent-1", report(1)), "no slot is held"

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

    def test_whoever_waits_while_its_predecessor_is_done_again_is_refused(self) -> None:
        world = begun(fan(), max_concurrent_agents=1)
        for node in ("n1", "n2"):
            does(world, node, report(start(world, node)))
        assert world.ask("zoe", RequestSlot())
        assert world.ask("agent-3", RequestSlot(token=token(world, "n3"), wait_seconds=900))
        assert world.ask(LEAD, CorrectSubPac(maeg=MAEG, node="n1", reason="better"))
        assert world.ask("zoe", FinishSlot(failure="done"))
        world.rest(watch=False)
        refused = [open_event(each.body).data for each in world.records if each.kind == SlotRefused.KIND]
        assert [each.reason for each in refused if isinstance(each, SlotRefused)] == ["n3 waits for sync, n1"]

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

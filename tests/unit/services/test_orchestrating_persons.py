"""What persons say on graphs of agents: by whose word, on what, how often, and what waits for it."""

from dataclasses import replace
from datetime import timedelta

from psmp.words.commands import AbandonMaeg, ApproveMaeg, CorrectSubPac, ReviewSubPac, TransitionProject
from psmp.words.envelope import written
from psmp.words.refusals import Code, Gs
from psmp.words.values import Phase
from psmp_orchestrator import rules as orchestrator
from psmp_replay.replay import Replay
from tests.histories import KEY
from tests.orchestrated import LEAD, MAEG, SECOND, answer, begun, does, report, start, submission
from tests.unit.rules.orchestration.graphs import agent, document, fan, waits
from tests.unit.rules.world import CHECKPOINT, TERMS


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

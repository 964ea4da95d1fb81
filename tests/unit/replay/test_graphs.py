"""What the orchestrator said of a graph is decided again by the clock of then; what nothing called for is different."""

from datetime import datetime, timedelta

from psmp.words.commands import CreateProject, TransitionProject
from psmp.words.envelope import Provenance
from psmp.words.events import AlertRaised
from psmp.words.orchestration.facts import BerAgentGenerated, SubPacDispatched, SubPacIssued, WrapOrchAccepted
from psmp.words.values import Phase, Policy, Severity
from psmp_orchestrator import rules as orchestrator
from psmp_replay.replay import Judged
from tests.orchestrated import LEAD, MAEG, begun, report, start, submission
from tests.recording import TRACE, Recording
from tests.unit.replay.stories import last
from tests.unit.rules.orchestration.graphs import agent, document, fan, waits
from tests.unit.rules.world import TERMS

MOMENT = timedelta(microseconds=500)
CHECKS = [{"check": "TESTS_REPORTED", "least": 1}, {"check": "HUMAN_REVIEW", "role": "lead", "seconds": 600}]


NOTHING = Judged("different", "there was nothing to be said")
MADE_UP = AlertRaised(alert="maeg-P1-n1-failed", severity=Severity.HIGH, text="x")


def registered() -> Recording:
    """A graph of which the orchestrator has everything to say."""
    world = Recording()
    assert world.ask(LEAD, CreateProject(name="Site", policy=Policy()))
    assert world.ask(LEAD, TransitionProject(to=Phase.PLANNING, reason="go"))
    assert world.ask(LEAD, submission(fan()))
    return world


def cause(world: Recording) -> Provenance:
    return orchestrator.provenance(world.last.id, world.last.correlationid, TRACE)


def test_a_review_whose_person_ran_out_of_time_while_it_was_written_is_decided_the_same() -> None:
    world = begun(document([agent(1, checks=CHECKS)], [waits("root", "n1"), waits("n1", "all", "BARRIER")]))
    assert world.ask("agent-1", report(start(world, "n1")))
    over = datetime.fromisoformat(world.state.runs[MAEG].of("n1").executed) + timedelta(seconds=600)
    world.now = over - MOMENT
    assert world.orchestrate()
    said = world.last.data
    assert isinstance(said, BerAgentGenerated)
    assert (said.ber.verdict, datetime.fromisoformat(world.last.time) > over) == ("PENDING", True)
    assert last(world).outcome == "same"


def test_a_settlement_that_nothing_called_for_is_different() -> None:
    world = begun(fan())
    world.say(WrapOrchAccepted(maeg=MAEG, root="ab" * 32, checkpoint=f"7 {'cd' * 32}"), cause(world))
    assert last(world) == NOTHING


def test_what_is_not_due_is_different_though_something_else_is() -> None:
    world = registered()
    world.say(MADE_UP, cause(world))
    assert last(world) == NOTHING


def test_what_is_due_but_follows_from_nothing_that_was_written_is_different() -> None:
    world = registered()
    due = orchestrator.due(world.state, world.state.time, TERMS)
    nothing = world.stamp().id
    world.say(due[0], orchestrator.provenance(nothing, nothing, None))
    assert last(world) == NOTHING
    world = registered()
    world.say(due[0], cause(world))
    assert last(world).outcome == "same"


def test_dispatches_without_a_token_have_no_time_at_which_they_end() -> None:
    """As they were written before there were tokens."""
    world = registered()
    told = orchestrator.due(world.state, world.state.time, TERMS)
    bare = [each.model_copy(update={"token": None}) if isinstance(each, SubPacDispatched) else each for each in told]
    assert [type(each) for each in bare] == [SubPacIssued] * 3 + [SubPacDispatched] * 2
    for each in bare:
        world.say(each, cause(world))
    assert world.state.runs[MAEG].of("n1").token is None
    world.now += timedelta(days=1)
    assert not world.orchestrate()
    world.say(MADE_UP, cause(world))
    assert last(world) == NOTHING

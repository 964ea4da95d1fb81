"""The ways out of every phase: found by trying what the rules really allow, in a fork of the world."""

from psmp.rules.alerts import of_conflict
from psmp.rules.lifecycle import OPEN, WORKING
from psmp.rules.planned import undone
from psmp.words.commands import (
    AcknowledgeAlert,
    ArchiveTask,
    FinishSlot,
    LeaveQueue,
    ResolveConflict,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.values import Phase
from tests.unit.rules.world import World

DAY = 86_400


def completed(world: World) -> None:
    """Whoever governs brings every project to its end by waiving what blocks it."""
    here = world.fork()
    here.rest(watch=False)
    if here.state.phase is Phase.INITIALIZED:
        assert _moved(here, Phase.PLANNING)
    for conflict in here.state.blockers if here.state.phase in OPEN else ():
        assert here.ask("ada", ResolveConflict(conflict=conflict, strategy="waive", reason="go", seconds=DAY))
    here.rest(watch=False)
    assert here.state.blockers == () or here.state.phase not in OPEN
    if here.state.phase is Phase.PLANNING:
        assert _moved(here, Phase.IN_PROGRESS)
    for waiting in here.state.slots.queue:
        assert here.ask(waiting.agent, LeaveQueue())
    for fence, slot in here.state.slots.held.items():
        assert here.ask(slot.agent, FinishSlot(fence=fence, failure="no time"))
    if here.state.phase is Phase.IN_PROGRESS:
        for task in undone(here.state.tasks):
            assert here.ask("ada", ArchiveTask(task=task.task, reason="no time"))
        assert _moved(here, Phase.COMPLETED)
    if here.state.phase is Phase.COMPLETED:
        assert _moved(here, Phase.ARCHIVED)
    here.rest(watch=False)
    assert here.state.phase is Phase.ARCHIVED


def mended(world: World) -> None:
    """Owners alone free a blocked project: by withdrawing what clashes. What a solver found, it must clear itself."""
    here = world.fork()
    here.rest(watch=False)
    if here.state.phase not in OPEN:
        return
    parties = {party.artifact for name in here.state.blockers for party in here.state.conflicts[name].parties}
    for name in sorted(parties):
        if not here.state.artifacts[name].withdrawn:
            owner = here.state.artifacts[name].agent
            assert here.ask(owner, WithdrawArtifact(artifact=name, reason="it clashes"))
    here.rest(watch=False)
    assert {here.state.conflicts[name].kind for name in here.state.blockers} <= {"transitive"}
    if not here.state.blockers:
        assert here.state.phase in {Phase.PLANNING, Phase.IN_PROGRESS}


def given_up(world: World) -> None:
    """Who has no hope for a blocked project takes its conflict in hand, for as long as it likes, and archives it."""
    here = world.fork()
    here.rest(watch=False)
    if here.state.phase is Phase.BLOCKED:
        _taken_in_hand(here, here.state.blockers[0])
    if here.state.phase in OPEN - WORKING:
        assert here.state.phase is Phase.RESOLVING
        assert _moved(here, Phase.ARCHIVED)


def _taken_in_hand(here: World, conflict: str) -> None:
    alert, escalate = of_conflict(conflict), ResolveConflict(conflict=conflict, strategy="escalate", reason="no hope")
    if alert not in here.state.alerts:
        assert here.ask("ada", escalate)
    assert not here.ask("ada", escalate), "it lies there"
    assert here.ask("ada", AcknowledgeAlert(alert=alert, reason="mine"))
    here.rest(watch=False)
    assert not here.ask("ada", escalate), "she has it in hand"
    assert here.state.alerts[alert].taken == "ada"


def _moved(world: World, to: Phase) -> bool:
    return world.ask("ada", TransitionProject(to=to, reason="it is time"))

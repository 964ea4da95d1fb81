"""Recorded projects, and what comes of them."""

from datetime import timedelta
from typing import Any, Final

from psmp.words.commands import (
    CreateProject,
    DeclareArtifact,
    RequestSlot,
    ResolveConflict,
    RetryLetter,
    TransitionProject,
)
from psmp.words.fidelity import Fidelity
from psmp.words.values import Dependency, Phase, Policy
from psmp_replay.replay import Judged, Replay
from tests.histories import KEY
from tests.recording import Recording

POLICY: Final = Policy(lease_seconds=30, stall_seconds=120, max_concurrent_agents=1, resolvers=("eve",))


def policy(**changes: Any) -> Policy:
    """The policy with something else in it."""
    return POLICY.model_copy(update=changes)


def begun(policy: Policy = POLICY) -> Recording:
    """Ada made a project and runs in it; bob waits."""
    world = Recording()
    assert world.ask("ada", CreateProject(name="RAG", policy=policy))
    assert world.ask("ada", TransitionProject(to=Phase.PLANNING, reason="go"))
    assert world.ask("ada", RequestSlot())
    assert world.ask("bob", RequestSlot(wait_seconds=20))
    return world


def needs(artifact: str, constraint: str) -> DeclareArtifact:
    """A declaration that needs numpy."""
    return DeclareArtifact(
        artifact=artifact, type="code", dependencies=(Dependency(name="numpy", constraint=constraint),)
    )


def clashing(policy: Policy = POLICY) -> Recording:
    """What two have declared clashes, and the project is blocked."""
    world = begun(policy)
    assert world.ask("ada", needs("api", ">=2"))
    assert world.ask("bob", needs("web", "<2"))
    world.rest(watch=False)
    return world


def whole() -> Recording:
    """All services have said something."""
    world = clashing()
    assert not world.ask("zoe", RequestSlot())
    told = world.state.resolutions.records["C-1"].told
    assert world.ask("eve", ResolveConflict(conflict="C-1", strategy="accept", reason="so", suggestion=1, seen=told))
    world.rest(watch=False)
    world.bury(3, "checker")
    assert world.ask("ada", RetryLetter(letter=3, reason="again"))
    world.now += timedelta(seconds=40)
    world.rest()
    for seconds in (200, 40):
        world.now += timedelta(seconds=seconds)
        world.rest()
    return world


def proposed() -> Recording:
    """Eve has the resolver find a way: bob is asked."""
    world = clashing()
    assert world.ask("eve", ResolveConflict(conflict="C-1", strategy="retry", reason="so"))
    assert world.resolve()
    assert world.records[-1].kind == "resolution.proposed"
    return world


def replayed(world: Recording) -> Fidelity:
    """What comes of all of it."""
    replay = Replay(KEY, world.inputs)
    for record in world.records:
        replay.take(record)
    return replay.report()


def last(world: Recording, skew: float = 0.0) -> Judged:
    """What comes of the last event."""
    replay = Replay(KEY, world.inputs, timedelta(seconds=skew))
    return [replay.take(record) for record in world.records][-1]

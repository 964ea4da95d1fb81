"""How fast a log is read back: opened, folded with its chain checked, and decided again.

``python -m tests.bench.replaying --events 1000000`` prints the times of so many events.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from pydantic_core import from_json

from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.words.commands import (
    AmendArtifact,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
)
from psmp.words.envelope import open_event
from psmp.words.values import Dependency, Phase, Policy
from psmp_replay.replay import Replay
from tests.bench.figures import Figure
from tests.bench.progress import progress, say
from tests.histories import KEY
from tests.recording import Recording

Tell = Callable[[str, int], Callable[[int], None]]


def _unsaid(_: str, __: int) -> Callable[[int], None]:
    """Say nothing of how far it is."""
    return lambda _: None


AGENTS: Final = 40
PROJECTS: Final = 10
EVENTS: Final = 20_000
ROUNDS: Final = 2


def recorded(seed: int) -> Recording:
    """A project of many agents, each of which runs, declares, amends and finishes; some clash and are resolved."""
    chance, world = random.Random(seed), Recording()
    world.ask("ada", CreateProject(name="bench", policy=Policy(auto_resolve=True, max_concurrent_agents=5)))
    world.ask("ada", TransitionProject(to=Phase.PLANNING, reason="go"))
    for turn in range(ROUNDS):
        for number in range(AGENTS):
            agent, artifact = f"agent-{number}", f"work-{number}"
            world.ask(agent, RequestSlot())
            needs = tuple(
                Dependency(
                    name=f"package-{chance.randrange(60)}-{each}", constraint=chance.choice((">=1", ">=2", "<3"))
                )
                for each in range(5)
            )
            if turn == 0:
                flexible = True if number % 2 else None
                said = DeclareArtifact(artifact=artifact, type="code", dependencies=needs, flexible=flexible)
                world.ask(agent, said)
            else:
                world.ask(agent, AmendArtifact(artifact=artifact, dependencies=needs))
            world.rest(watch=False)
            world.ask(agent, FinishSlot())
            world.rest(watch=False)
            world.now += timedelta(seconds=1)
    return world


def measured(events: int, said: Tell = _unsaid) -> Iterator[tuple[str, int, float]]:
    """What was done, with how many events, and the seconds that it took; logs are read again until there are so many.

    ``said`` is told how far each is.
    """
    worlds = [recorded(seed) for seed in range(PROJECTS)]
    length = sum(len(world.records) for world in worlds)
    times = -(-events // length)
    count = times * length
    for what, work in WORKS.items():
        tell, begun = said(what, count), time.perf_counter()
        for done in range(times):
            for world in worlds:
                work(world)
            tell((done + 1) * length)
        yield what, count, time.perf_counter() - begun


def _parse(world: Recording) -> None:
    for record in world.records:
        from_json(record.body)


def _open(world: Recording) -> None:
    for record in world.records:
        open_event(record.body)


def _fold(world: Recording) -> None:
    view = View(KEY, PROJECT_FOLD)
    for record in world.records:
        view.advance(record)


def _decide(world: Recording) -> None:
    replay = Replay(KEY, world.inputs)
    for record in world.records:
        replay.take(record)
    total = replay.report().total
    if total.same != len(world.records):
        raise RuntimeError(f"{total} of {len(world.records)}")


LIMIT: Final = "parsed as JSON alone"
WORKS: Final[Mapping[str, Callable[[Recording], None]]] = {
    LIMIT: _parse,
    "opened": _open,
    "folded, its chain checked": _fold,
    "decided again": _decide,
}


def replaying(events: int = EVENTS) -> list[Figure]:
    """The figures, in this process, with nothing else to do."""
    note = f"{PROJECTS} projects of {AGENTS} agents, with conflicts and their resolutions"
    return [
        Figure(f"replay: events {what}", count / seconds, "/s", better="higher", note=note)
        for what, count, seconds in measured(events)
    ]


def main() -> None:
    """Print how long it takes, each beside the limit: that the same bytes are parsed as JSON, and nothing else."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000, help="so many at least")
    limit = 0.0
    for what, count, seconds in measured(options.parse_args().events, progress):
        limit = limit or seconds
        say(what, count, seconds, "the limit" if what == LIMIT else f"{seconds / limit:,.1f} times the limit's")


if __name__ == "__main__":
    main()

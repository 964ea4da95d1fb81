"""How fast a log is read back: opened, folded with its chain checked, and decided again.

``python -m tests.bench.replaying --events 1000000`` prints the times of so many events.
"""

import argparse
import random
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Record
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
from tests.histories import KEY
from tests.recording import Recording

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


def measured(events: int) -> dict[str, tuple[int, float]]:
    """By what was done: how many events, and the seconds that it took; logs are read again until there are so many."""
    worlds = [recorded(seed) for seed in range(PROJECTS)]
    length = sum(len(world.records) for world in worlds)
    times = -(-events // length)
    count = times * length
    took: dict[str, tuple[int, float]] = {}
    begun = time.perf_counter()
    for _ in range(times):
        for world in worlds:
            for record in world.records:
                open_event(record.body)
    took["opened"] = count, time.perf_counter() - begun
    begun = time.perf_counter()
    for _ in range(times):
        for world in worlds:
            _fold(world.records)
    took["folded, its chain checked"] = count, time.perf_counter() - begun
    begun = time.perf_counter()
    for _ in range(times):
        for world in worlds:
            _decide(world)
    took["decided again"] = count, time.perf_counter() - begun
    return took


def _fold(records: Iterable[Record]) -> None:
    view = View(KEY, PROJECT_FOLD)
    for record in records:
        view.advance(record)


def _decide(world: Recording) -> None:
    replay = Replay(KEY, world.inputs)
    for record in world.records:
        replay.take(record)
    total = replay.report().total
    if total.same != len(world.records):
        raise RuntimeError(f"{total} of {len(world.records)}")


def replaying(events: int = EVENTS) -> list[Figure]:
    """The figures, in this process, with nothing else to do."""
    note = f"{PROJECTS} projects of {AGENTS} agents, with conflicts and their resolutions"
    return [
        Figure(f"replay: events {what}", count / seconds, "/s", better="higher", note=note)
        for what, (count, seconds) in measured(events).items()
    ]


def main() -> None:
    """Print how long it takes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000, help="so many at least")
    for what, (count, seconds) in measured(options.parse_args().events).items():
        print(f"{count:>10,} events {what:<26} {seconds:8.1f} s  {count / seconds:>9,.0f}/s")  # noqa: T201


if __name__ == "__main__":
    main()

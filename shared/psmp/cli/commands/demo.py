"""``psmp demo``: a story of agents, played on a real stack, and its outcome checked."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from psmp import __version__
from psmp.cli import settlements
from psmp.cli.clock import duration
from psmp.cli.commands.replay import differs, replayed
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, Answering
from psmp.cli.logbook import Logbook, at
from psmp.cli.output import Format, Output
from psmp.cli.running import MEANT_FOR_OTHERS, TENANT, addresses, everything, owner
from psmp.cli.walked import verified
from psmp.client import Client, connect
from psmp.log.port import Record
from psmp.stack import Stack, interruptible
from psmp.store.replay import Replayed
from psmp.store.verify import Verified
from psmp.story import checks as checking
from psmp.story import scenario as scenarios
from psmp.story import telling
from psmp.story.checks import Check
from psmp.story.graph import CREATOR, Staging
from psmp.story.observed import Observation
from psmp.story.player import Player
from psmp.story.scenario import Scenario
from psmp.wire.announced import running_dev
from psmp.wire.connection import Address
from psmp.words.ids import ProjectKey

CATCH_UP_WITHIN: Final = 30.0
"""Seconds that audit trail and projection may need for what the story wrote."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a story is played, and where an operator sees behind it; None where nobody said."""

    url: str
    tenant: str
    operator_url: str | None
    postgres_dsn: str | None
    keys: str | None


async def demo(
    *,
    scenario: Annotated[Path | None, Parameter(help="A story of your own; left out, the RAG chatbot's.")] = None,
    pace: Annotated[float, Parameter(help="Seconds to wait before each step, for reading along.")] = 0.0,
    attach: Annotated[bool, Parameter(help="Play on the psmp dev that runs, instead of a stack of its own.")] = False,
    answering: Answering = ANSWERING,
) -> Exit:
    """Play the story of six agents, one clash and the way out, on a real stack, and check its outcome."""
    out = answering.out
    story = scenarios.load(scenario)
    told = Told(out)
    if attach:
        return await _play_all(_running(), story, pace, told, second=scenario is None)
    for name in MEANT_FOR_OTHERS:
        os.environ.pop(name, None)
    planned = everything()
    stack = Stack(planned.plan)
    told.aside(f"starting NATS, Postgres and {len(planned.plan.services)} services, each a process of its own …")
    end = Exit.INTERRUPTED
    async with interruptible(stack.abort), stack:
        found = addresses(stack, planned.identities, planned.api)
        versions = f"nats-server {found.nats_version}, PostgreSQL {found.postgres_version}"
        told.aside(f"ready in {duration(found.ready_after)}: {versions}, psmp {__version__}")
        place = Place(found.url, TENANT, found.operator_url, found.postgres_dsn, found.keys)
        end = await _play_all(place, story, pace, told, second=scenario is None)
    told.aside("stopped; nothing is left running")
    return end


def _running() -> Place:
    said = running_dev(os.environ)
    if owner(said) is None:
        raise Complaint(Exit.UNREACHABLE, "no psmp dev runs", "psmp dev, in another terminal; or psmp demo alone")
    return Place(said["url"], said["tenant"], said.get("operator_url"), said.get("postgres_dsn"), said.get("keys"))


class Told:
    """What is said of a story: as it goes for people, at the end for programs."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._people = out.format is Format.TABLE
        self._report: dict[str, Any] = {}

    @property
    def out(self) -> Output:
        """Where it is said."""
        return self._out

    def aside(self, text: str) -> None:
        """Talk beside the story."""
        if self._people:
            self._out.say(text, "dim")

    def show(self, content: Any) -> None:  # noqa: ANN401 - whatever rich can print
        """A part of the story."""
        if self._people:
            self._out.show(content)

    def end(self, project: str, seen: list[Observation], checks: list[Check]) -> None:
        """How it came out."""
        self.show(telling.ending(seen, checks))
        self._report |= telling.report(project, seen, checks)

    def second(self, report: dict[str, Any], checks: list[Check]) -> None:
        """How the second story came out."""
        self.show(telling.ending([], checks))
        self._report["second"] = report
        self._report["held"] = self._report["held"] and report["held"]

    def close(self) -> None:
        """There is no more; programs are told all of it as one document."""
        if not self._people:
            self._out.one(self._report, lambda: "")


async def _play_all(place: Place, story: Scenario, pace: float, told: Told, *, second: bool) -> Exit:
    """The story, and the one of a graph of agents where it is not one of somebody's own."""
    end = await _play(place, story, pace, told)
    if second and end is Exit.DONE:
        end = await _play_second(place, told)
    told.close()
    return end


async def _play_second(place: Place, told: Told) -> Exit:
    told.show(settlements.opening())
    async with connect(place.url, tenant=place.tenant, agent=CREATOR) as client:
        staging = Staging(client)
        async for line in settlements.played(staging):
            told.show(line)
        seen, page = await settlements.tree(client, staging.project)
        told.show(page)
        checks = settlements.of_story(staging, seen)
        happened = [each async for each in client.events(staging.project, after=0, follow=False)]
    if place.operator_url and place.postgres_dsn and place.keys:
        key = ProjectKey(place.tenant, staging.project)
        async with at(Address(place.operator_url), place.postgres_dsn, "demo") as logbook:
            await _caught_up(logbook, key, len(happened))
            found, seconds = await settlements.bundled(logbook, key, Path(place.keys), told.out)
        told.show(settlements.proof(found, seconds))
        checks.append(settlements.of_proof(found))
    told.second(settlements.report(staging.project, seen, checks), checks)
    return Exit.FAULT if checking.failed(checks) else Exit.DONE


async def _play(place: Place, story: Scenario, pace: float, told: Told) -> Exit:
    seen: list[Observation] = []
    checks: list[Check] = []
    told.show(telling.opening(story))
    async with connect(place.url, tenant=place.tenant, agent=story.creator) as client:
        player = Player(client, story)
        took = await player.create()
        told.show(telling.created(story, player.project, took))
        async for each in player.play(pace):
            told.show(telling.step(each))
            seen.append(each)
            checks += checking.of_step(each)
        checks += await _of_outcome(client, place, player)
    told.end(player.project, seen, checks)
    failures = checking.failed(checks)
    return Exit.FAULT if failures else Exit.DONE


async def _of_outcome(client: Client, place: Place, player: Player) -> list[Check]:
    """The story's end, held against the log, the projection and the audit trail."""
    key = ProjectKey(place.tenant, player.project)
    status = await player.at_rest()
    happened = client.events(player.project, after=0, follow=False)
    seen = [each async for each in happened if each.sequence <= status.sequence]  # a package check may end at any time
    records = [Record(each.position, key, each.event.KIND, each.raw) for each in seen]
    checks = list(checking.of_log(key, records, status))
    if place.operator_url and place.postgres_dsn:
        async with at(Address(place.operator_url), place.postgres_dsn, "demo") as logbook:
            checks += await _of_record(logbook, key, len(records))
    return checks


async def _of_record(logbook: Logbook, key: ProjectKey, events: int) -> list[Check]:
    """The audit trail and the projection, once both have taken in everything."""
    trail, projection = await _caught_up(logbook, key, events)
    found = str(trail.fault or f"{trail.events} of {events} events, byte for byte")
    equal = f"{len(projection.digests)} tables, {projection.sequence} of {events} events"
    differing = projection.damage or ", ".join(each.row for each in projection.differences)
    return [
        Check(
            claim="the audit trail holds every event as the log does",
            held=trail.fault is None and trail.events >= events,
            found=found,
        ),
        Check(
            claim="every projection in Postgres is the log, replayed",
            held=not differs(projection) and projection.sequence >= events,
            found=f"differs: {differing}" if differing else f"{equal}, equal by hash",
        ),
    ]


async def _caught_up(logbook: Logbook, key: ProjectKey, events: int) -> tuple[Verified, Replayed]:
    """How trail and projection stand when they have all events, or after the time they may take."""
    deadline = time.monotonic() + CATCH_UP_WITHIN
    while True:
        (trail,), (projection,) = await verified(logbook, key), await replayed(logbook, key)
        if min(trail.events, projection.sequence) >= events or trail.fault or time.monotonic() > deadline:
            return trail, projection
        await asyncio.sleep(0.02)  # noqa: TID251 - bounded by the deadline above

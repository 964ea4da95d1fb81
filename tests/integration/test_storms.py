"""Storms of redeliveries, duplicates and any order: what was decided stays as it is, and so does its projection."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import direct_get
from psmp.log.view import View
from psmp.service.telemetry import Telemetry
from psmp.stack import NatsServer
from psmp.store.follower import Follower
from psmp.store.pool import Pool, open_pool
from psmp.store.projection import EVENT, STATE, canonical
from psmp.store.replay import SQL as SELECT
from psmp.wire.message import Message
from psmp.wire.settle import Delivery, Done
from psmp.words import subjects
from psmp.words.commands import (
    AmendArtifact,
    ArchiveTask,
    ChangeProject,
    ChangeTask,
    CreateProject,
    CreateTask,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.ids import ProjectKey
from psmp.words.values import Dependency, Phase, Target
from psmp_audit.ledger import LedgerWriter
from psmp_keeper.projector import Projector
from tests.following import until, until_true
from tests.in_process import SERVICES, Services, services

pytestmark = pytest.mark.integration

KEY, OTHER = ProjectKey("acme", "rag"), ProjectKey("acme", "other")
SEED = 4


def needs(artifact: str, constraint: str) -> DeclareArtifact:
    dependencies = (Dependency(name="langchain", constraint=constraint),)
    return DeclareArtifact(artifact=artifact, type="code", dependencies=dependencies)


STORY = (
    ("ada", CreateProject(name="RAG")),
    ("ada", TransitionProject(to=Phase.PLANNING, reason="go")),
    ("ada", RequestSlot()),
    ("ada", needs("api", ">=0.1")),
    ("bob", needs("notes", "==0.0.350")),
    ("bob", RequestSlot()),  # refused: blocked
    ("bob", AmendArtifact(artifact="notes", dependencies=())),
    ("eve", ChangeProject(name="Hers", reason="because")),  # refused: she does not govern it
    ("ada", ChangeProject(targets=(Target(python="3.12"), Target()), reason="both")),
    ("ada", CreateTask(task="docs", title="Write the docs", artifacts=("api",))),
    ("bob", WithdrawArtifact(artifact="notes", reason="done")),
    ("bob", ChangeTask(task="docs", agent="bob", status="IN_PROGRESS")),
    ("bob", ChangeTask(task="docs", status="DONE")),
    ("bob", CreateTask(task="more", title="And more", agent="eve")),
    ("bob", ArchiveTask(task="more", reason="there is enough")),
    ("ada", FinishSlot()),
    ("ada", TransitionProject(to=Phase.COMPLETED, reason="all is there")),
)


@pytest.fixture
async def here(fresh_nats: NatsServer) -> AsyncIterator[Services]:
    async with services(fresh_nats) as found:
        yield found


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database, "test")
    yield pool
    pool.terminate()


async def played(here: Services) -> None:
    for agent, command in STORY:
        for key in (KEY, OTHER):
            await here.ask(key, agent, command)
            for service in ("keeper", "checker"):
                await here.settled("PSMP_LOG", service)


async def deliveries(here: Services, stream: str, pattern: str) -> list[Delivery]:
    """Every message of a stream, as a consumer would deliver it for the second time."""
    found = await direct_get(here.nats, stream, {"seq": 1, "batch": 1000, "next_by_subj": pattern})
    read = [(message.headers or {}, message.data) for message in found]
    return [
        Delivery(Message(headers["Nats-Subject"], "", body), int(headers["Nats-Sequence"]), 2) for headers, body in read
    ]


async def stored(here: Services) -> list[bytes]:
    return [record.body for key in (KEY, OTHER) for record in await here.records(key)]


async def rows(pool: Pool) -> list[object]:
    found: list[object] = [tuple(row) for row in await pool.fetch("SELECT * FROM psmp.ledger ORDER BY position")]
    for table in (*STATE, EVENT):
        for key in (KEY, OTHER):
            live = [tuple(row) for row in await pool.fetch(SELECT[table.name], *key)]
            found.append(sorted(canonical(table, row) for row in live))
    return found


FOLLOWED = {"checker": ("artifact.declared", "artifact.amended", "artifact.withdrawn", "project.changed")}


async def test_what_is_delivered_again_and_again_in_any_order_changes_nothing(here: Services) -> None:
    async with here.running(*here.workers(*SERVICES)):
        await played(here)
    before = await stored(here)
    commands = await deliveries(here, "PSMP_COMMANDS", "psmp.cmd.>")
    events = await deliveries(here, "PSMP_LOG", "psmp.log.>")
    assert len(commands) == 2 * len(STORY)
    judged = [each for each in events if subjects.read_log(each.subject)[1] in FOLLOWED["checker"]]
    storm = [("intake", each) for each in commands] + [("keeper", each) for each in events]
    storm = 5 * (storm + [("checker", each) for each in judged])
    random.Random(SEED).shuffle(storm)
    fresh = Services(here.nats, here.log)  # as after a restart: nothing is remembered
    for handlers in (here.handlers, fresh.handlers):
        for start in range(0, len(storm), 50):
            part = storm[start : start + 50]
            outcomes = await asyncio.gather(*(handlers[service](delivery) for service, delivery in part))
            assert outcomes == [Done()] * len(part)
    assert await stored(here) == before
    view = View(KEY, PROJECT_FOLD)
    for record in await here.records(KEY):
        view.advance(record)
    assert view.state is not None
    assert view.state.phase is Phase.COMPLETED


async def test_a_follower_that_is_sent_the_whole_log_again_writes_the_same_rows(here: Services, pool: Pool) -> None:
    async with here.running(*here.workers(*SERVICES)):
        await played(here)
    end = (await here.records(OTHER))[-1].position
    telemetry = Telemetry("test", "test")
    followers: list[Follower[Any]] = [
        Follower(here.nats, pool, Projector(pool, here.log), telemetry),
        Follower(here.nats, pool, LedgerWriter(pool, here.log), telemetry),
    ]
    async with here.running(*followers):
        await until_true(lambda: all(each.position >= end for each in followers))
        before = await rows(pool)
        again = await deliveries(here, "PSMP_LOG", "psmp.log.>")
        random.Random(SEED).shuffle(again)
        for follower in followers:
            for delivery in again:
                follower._arrivals.put(delivery)
        for name in ("projector", "audit"):
            await here.nats.jetstream().reset_consumer("PSMP_LOG", name, seq=1)

        async def all_sent_again() -> bool:
            found = [await here.nats.jetstream().consumer_info("PSMP_LOG", name) for name in ("projector", "audit")]
            return all(each.num_pending == 0 for each in found)

        await until(all_sent_again)
        for key in (KEY, OTHER):
            await here.log.append(key, "agent.silenced", b"no event", expected=(await here.records(key))[-1].position)
        await until_true(lambda: all(each.position >= end + 2 for each in followers))
        assert await rows(pool) == before

"""Killing any one part during a load loses nothing that was promised and doubles nothing."""

import asyncio
import os
from collections import Counter

import pytest

import psmp
from psmp.ledger import receipts
from psmp.ledger.keys import Use, read_public
from psmp.ledger.notes import Verifier
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.view import INTAKE, View
from psmp.rules.project import Project
from psmp.stack.keyfiles import PUBLIC
from psmp.store.replay import replay_check
from psmp.store.verify import verify
from psmp.words.envelope import EventEnvelope, leaf_hash
from psmp.words.events import ArtifactAccepted, ArtifactAmended, ArtifactDeclared, ConflictCleared, ConflictDetected
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase
from tests.fidelity import faithful, replayed
from tests.system.conftest import Running
from tests.system.following import caught_up
from tests.system.load import Told, play

ROUNDS = int(os.environ.get("PSMP_CRASH_ROUNDS", "1"))
PROJECTS = 20
DECLARATIONS = 100
VICTIMS = ("intake", "checker", "keeper", "audit", "watchdog", "nats", "postgres")

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("victim", VICTIMS)
async def test_nothing_promised_is_lost_and_nothing_is_doubled(running: Running, victim: str, turn: int) -> None:
    projects = [f"{victim}-{turn}-{number}" for number in range(PROJECTS)]
    told = Told()
    before = running.stack.pid(victim)
    async with asyncio.TaskGroup() as group:
        group.create_task(play(running.client, projects, DECLARATIONS, told))
        await told.reach(PROJECTS * DECLARATIONS // 4)
        running.stack.kill(victim)
        await told.reach(PROJECTS * DECLARATIONS // 2)
    assert running.stack.pid(victim) != before
    assert sorted(told.outcomes) == sorted(ProjectKey("default", project) for project in projects)
    trusted = read_public((running.stack.folder / PUBLIC).read_text().splitlines())[Use.RECEIPT]
    for key, outcomes in told.outcomes.items():
        history, project = await folded(running.log, key)
        assert_each_command_has_one_effect(history)
        assert_what_was_told_is_what_is_stored(history, outcomes)
        assert_what_was_told_was_promised(outcomes, trusted)
        assert len(project.artifacts) == DECLARATIONS
        assert not project.conflicts
        assert {project.status_of(name) for name in project.artifacts} == {"ACTIVE"}
    assert faithful(await replayed(running.nats, sorted(told.outcomes))).same > PROJECTS * DECLARATIONS
    await caught_up(running.nats)
    await assert_ledger_and_projection_are_the_log(running, told)


async def folded(log: JetStreamEventLog, key: ProjectKey) -> tuple[dict[int, tuple[bytes, EventEnvelope]], Project]:
    """A project's whole log by position, with every link of its chain checked."""
    view: View[Project | None] = View(key, PROJECT_FOLD)
    history = {}
    async for record in log.read(key):
        history[record.position] = record.body, view.advance(record)
    assert view.state is not None
    return history, view.state


def assert_each_command_has_one_effect(history: dict[int, tuple[bytes, EventEnvelope]]) -> None:
    envelopes = [envelope for _, envelope in history.values()]
    effects = Counter(envelope.correlationid for envelope in envelopes if envelope.source == INTAKE)
    assert set(effects.values()) == {1}
    judged = [e.id for e in envelopes if isinstance(e.data, ArtifactDeclared | ArtifactAmended)]
    verdicts = Counter(
        e.causationid for e in envelopes if isinstance(e.data, ArtifactAccepted | ConflictDetected | ConflictCleared)
    )
    assert verdicts == Counter(judged)


def assert_what_was_told_is_what_is_stored(
    history: dict[int, tuple[bytes, EventEnvelope]], outcomes: list[psmp.Settled]
) -> None:
    for outcome in outcomes:
        assert outcome.position is not None
        raw, envelope = history[outcome.position]
        assert outcome.raw == raw
        assert outcome.command_id == envelope.correlationid


def assert_what_was_told_was_promised(outcomes: list[psmp.Settled], trusted: tuple[Verifier, ...]) -> None:
    for outcome in outcomes:
        assert outcome.receipt is not None
        receipt = receipts.verified(outcome.receipt.note, trusted)
        assert (receipt.sequence, receipt.leaf) == (outcome.sequence, leaf_hash(outcome.raw))


async def assert_ledger_and_projection_are_the_log(running: Running, told: Told) -> None:
    async for compared in replay_check(running.pool, running.log, told.outcomes, only=True):
        assert compared.differences == ()
        assert compared.damage == ""
    for key in told.outcomes:
        async for verified in verify(running.pool, key=key, log=running.log):
            assert verified.fault is None
            assert verified.ahead == 0
            assert verified.events > DECLARATIONS


async def test_a_project_is_at_work_again_after_every_clash(running: Running) -> None:
    await play(running.client, ["calm"], 50, Told())
    status = await running.client.wait_for("calm", Phase.PLANNING, Phase.IN_PROGRESS, timeout=60)
    assert status.conflicts == ()

"""What each service is to be allowed, and what nobody is."""

import asyncio
import itertools
from collections.abc import Mapping

import pytest

from psmp.stack.identities import OPTIONAL, READER, SETUP
from psmp.wire.assets import CONSUMERS, SERVICES, STREAMS
from psmp.wire.mended import MendedClient
from psmp.wire.pull import Puller
from psmp.wire.settle import Delivery
from psmp.words.events import EVENTS
from psmp.words.ids import ProjectKey
from tests.guarded import Guarded

WRITES: Mapping[str, frozenset[str]] = {
    "intake": frozenset(
        {
            "project.created",
            "project.changed",
            "project.transitioned",
            "task.created",
            "task.changed",
            "task.archived",
            "artifact.declared",
            "artifact.amended",
            "artifact.withdrawn",
            "slot.requested",
            "slot.granted",
            "slot.renewed",
            "slot.finished",
            "slot.failed",
            "slot.left",
            "resolution.requested",
            "resolution.answered",
            "alert.raised",
            "alert.acknowledged",
            "letter.retried",
            "letter.dropped",
            "command.refused",
            "subject.erased",
            "hold.placed",
            "hold.released",
            "retention.changed",
            "maeg.created",
            "maeg.approved",
            "maeg.abandoned",
            "subpac.executed",
            "subpac.reviewed",
            "subpac.issued",
            "webhook.added",
            "webhook.changed",
            "webhook.removed",
            "webhook.rotated",
            "webhook.tested",
        }
    ),
    "checker": frozenset(
        {
            "artifact.accepted",
            "conflict.detected",
            "conflict.cleared",
            "compatibility.started",
            "compatibility.checked",
        }
    ),
    "keeper": frozenset({"project.transitioned", "slot.granted", "slot.refused"}),
    "orchestrator": frozenset(
        {
            "subpac.issued",
            "subpac.dispatched",
            "subpac.failed",
            "ber.generated",
            "pdo.finalized",
            "pdo.aggregated",
            "wrap.accepted",
            "alert.raised",
            "alert.cleared",
        }
    ),
    "audit": frozenset(),
    "signer": frozenset(),
    "resolver": frozenset(
        {
            "resolution.requested",
            "resolution.proposed",
            "resolution.applied",
            "resolution.refused",
            "resolution.failed",
            "alert.raised",
        }
    ),
    "watchdog": frozenset(
        {
            "project.stalled",
            "project.recovering",
            "slot.expired",
            "slot.refused",
            "agent.silenced",
            "agent.returned",
            "resolution.refused",
            "waiver.expired",
            "alert.raised",
            "alert.cleared",
        }
    ),
    "gateway": frozenset(),
    "webhooks": frozenset({"webhook.ended"}),
}
KINDS = frozenset(event.KIND for event in EVENTS)
EVERY_SERVICE = (*SERVICES, *OPTIONAL)
EVERYBODY = (*EVERY_SERVICE, SETUP, READER)
CONSUMERS_OF: Mapping[str, tuple[tuple[str, str], ...]] = {
    "intake": (("PSMP_COMMANDS", "intake"), ("PSMP_LOG", "intake-letters")),
    "checker": (("PSMP_LOG", "checker"), ("PSMP_LOG", "solver")),
    "resolver": (("PSMP_LOG", "resolver"),),
    "keeper": (("PSMP_LOG", "keeper"), ("PSMP_LOG", "projector")),
    "orchestrator": (("PSMP_LOG", "orchestrator"),),
    "audit": (("PSMP_LOG", "audit"),),
    "signer": (),
    "watchdog": (("PSMP_DLQ", "letters"), ("PSMP_ADVISORIES", "advisories"), ("PSMP_LOG", "watchdog-letters")),
    "gateway": (),
    "webhooks": (("PSMP_LOG", "webhooks"),),
}
ANSWERS = frozenset({"keeper", "audit"})
"""Who hears questions for a checkpoint; the keeper leaves them to the audit writer."""
RESETS = {"keeper": "projector", "audit": "audit"}

DESTRUCTION = (
    *(f"$JS.API.STREAM.DELETE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.STREAM.PURGE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.STREAM.MSG.DELETE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.STREAM.RESTORE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.STREAM.SNAPSHOT.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.CONSUMER.DELETE.{stream}.{config['name']}" for stream, config in CONSUMERS),
    *(f"$JS.API.CONSUMER.PAUSE.{stream}.{config['name']}" for stream, config in CONSUMERS),
    "$JS.API.ACCOUNT.PURGE.PSMP",
    "$SYS.REQ.SERVER.PING",
    "psmp.evt.default.p.conflict.cleared",
    "_INBOX.CoderAgent.x",
)
SPOKEN = "psmp.cmd.default.p.CoderAgent.artifact.declare"
CONSTRUCTION = (
    *(f"$JS.API.STREAM.UPDATE.{stream['name']}" for stream in STREAMS),
    "$JS.API.STREAM.CREATE.MORE",
    *(f"$JS.API.CONSUMER.CREATE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.CONSUMER.CREATE.{stream}.{config['name']}" for stream, config in CONSUMERS),
    "$JS.API.CONSUMER.CREATE.PSMP_LOG.mine.psmp.log.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.PSMP_LOG.mine",
)
ERASURE = {f"$JS.API.STREAM.MSG.DELETE.{stream}" for stream in ("PSMP_KEYS", "PSMP_COMMANDS", "PSMP_DLQ")}
"""What intake may, to erase a person."""

_numbers = itertools.count(1)


@pytest.fixture
def key() -> ProjectKey:
    """A project that no other test knows."""
    return ProjectKey("default", f"s{next(_numbers)}")


async def pull_one(nats: MendedClient, stream: str, durable: str) -> Delivery:
    arrived: asyncio.Queue[Delivery] = asyncio.Queue()
    puller = Puller(nats, stream, durable, arrived.put_nowait, limit=1)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(puller.run())
        delivery = await arrived.get()
        puller.stop()
    return delivery


async def lasting(guarded: Guarded) -> dict[str, int]:
    """What is stored, but for turns: they end by themselves."""
    return {name: count for name, count in (await guarded.stored("psmp")).items() if not name.startswith("psmp.turn.")}

"""A client for one command, closed at its end."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import Reaching, Speaking
from psmp.client import Client, connect
from psmp.wire.announced import running_dev
from psmp.words.envelope import NOBODY, Person
from psmp.words.ids import OPERATOR, OWN_AGENTS, SYSTEM


@asynccontextmanager
async def asking(common: Reaching) -> AsyncIterator[Client]:
    """A client for questions; without an agent's name it asks in that of the person at the keyboard."""
    said = settings.defaults()
    agent = common.agent or said.agent or running_dev(os.environ).get("agent") or settings.reader()
    async with _connected(common, agent, said.tenant) as client:
        yield client


@asynccontextmanager
async def speaking(common: Reaching) -> AsyncIterator[Client]:
    """A client for commands; raises ``Complaint`` when nothing says in whose name."""
    said = settings.defaults()
    agent = common.agent or said.agent
    if agent is None and not is_system(common):
        raise Complaint(Exit.USAGE, "in whose name?", "add --agent NAME, set PSMP_AGENT, or write it down: psmp init")
    agent = agent or OPERATOR
    if agent.startswith(OWN_AGENTS):
        raise Complaint(Exit.NOT_ALLOWED, f"{agent} is a name of PSMP's own services", "speak in an agent's name")
    receipts, person, expected = None, NOBODY, None
    if isinstance(common, Speaking):
        receipts, person = common.receipts, Person(common.person, common.contact)
        expected = common.if_sequence
    if receipts is None and not os.environ.get("PSMP_RECEIPTS"):
        receipts = said.receipts
    async with _connected(common, agent, said.tenant, receipts, person) as client:
        yield client if expected is None else client.expecting(expected)


@asynccontextmanager
async def _connected(
    common: Reaching, agent: str, tenant: str | None, receipts: Path | None = None, person: Person = NOBODY
) -> AsyncIterator[Client]:
    if is_system(common):
        async with operating(common.timeout, receipts) as client:
            yield client
        return
    if not (common.url or running_dev(os.environ).get("url")):
        raise Complaint(Exit.USAGE, "nobody said where NATS is", "start psmp dev, or set PSMP_URL")
    async with connect(
        common.url,
        tenant=common.tenant or tenant,
        agent=agent,
        timeout=common.timeout,
        receipts=receipts,
        person=person.name,
        contact=person.contact,
    ) as client:
        yield client


def is_system(common: Reaching) -> bool:
    """Whether PSMP's own tenant is meant."""
    return (common.tenant or settings.defaults().tenant) == SYSTEM.tenant


@asynccontextmanager
async def operating(timeout: float, receipts: Path | None = None) -> AsyncIterator[Client]:
    """The operator's client, the only one that is heard in PSMP's own tenant."""
    url = settings.servers().nats_url
    if url is None:
        hint = "start psmp dev, or set PSMP_NATS_URL (an operator's)"
        raise Complaint(Exit.USAGE, f"nobody said where the operator of {SYSTEM} finds NATS", hint)
    credentials, ca = os.environ.get("PSMP_NATS_CREDENTIALS"), os.environ.get("PSMP_NATS_CA")
    async with connect(
        url,
        tenant=SYSTEM.tenant,
        agent=OPERATOR,
        timeout=timeout,
        credentials=credentials,
        ca=ca,
        receipts=receipts,
    ) as client:
        yield client

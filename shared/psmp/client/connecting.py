"""How a client comes to be: found, connected, and heard by NATS before it is handed out."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from psmp.client import arguments
from psmp.client.client import Client
from psmp.client.link import Link, unreachable
from psmp.client.place import Place, check, locate
from psmp.client.receipts import Receipts
from psmp.client.sending import Sender
from psmp.words import subjects

TIMEOUT: Final = 5.0


@asynccontextmanager
async def connect(
    url: str | None = None,
    *,
    tenant: str | None = None,
    agent: str | None = None,
    timeout: float = TIMEOUT,
    credentials: str | Path | None = None,
    ca: str | Path | None = None,
    patient: bool = False,
    receipts: str | Path | None = None,
    person: str | None = None,
    contact: str | None = None,
    key: str | None = None,
    privileged: bool = False,
) -> AsyncIterator[Client]:
    """A client, closed at the end of the block: ``async with psmp.connect(agent="coder") as client:``.

    ``url`` (``nats://`` or ``tls://``, it may carry ``user:password``), ``tenant``, ``agent``, ``credentials`` (a NATS
    creds file) and ``ca`` (a PEM file) come, when they are left out, from ``PSMP_URL``, ``PSMP_TENANT``,
    ``PSMP_AGENT``, ``PSMP_CREDENTIALS`` and ``PSMP_CA``, and without ``PSMP_URL`` from a running ``psmp dev``.
    ``timeout`` is how many seconds connecting, and later every command and question, may take. A connection that is
    lost later is made again. A ``patient`` client that is told to slow down waits as long as it is told, within its
    timeout, and sends again; others raise ``RateLimited``. The receipts of outcomes are added to the file ``receipts``
    (by default ``PSMP_RECEIPTS``, and kept nowhere without either), one JSON string a line.

    ``person`` and ``contact`` say which person speaks as the agent and how to reach it. They, and every ``reason`` that
    is given then, are stored sealed and can be erased; views by ``as_agent`` do not speak for that person.

    ``key`` (by default ``PSMP_KEY``) is an API key as ``psmp key create`` prints it: the connection is that of its own
    user, and never carries it; other logins are left out then. ``privileged``: say everything as a privileged client,
    which NATS takes from the keys of such clients alone.

    Raises ``Invalid`` when something is missing (creds files are read by the package ``nkeys``, which is not among
    ours), ``Unreachable`` when there is no NATS, ``NotAllowed`` when it does not take the credentials or does not let
    them speak as ``agent``.
    """
    seconds = arguments.seconds(timeout)
    place = locate(
        os.environ, url=url, tenant=tenant, agent=agent, credentials=credentials, ca=ca, receipts=receipts, key=key
    )
    check(place.address)
    speaker = arguments.person(person, contact)
    link, kept = Link(place.address), Receipts(place.receipts)
    kept.open()
    sender = Sender(link, kept)
    try:
        await _open(link, sender, place, seconds)
        yield Client(
            link, sender, place.tenant, place.agent, seconds, patient=patient, person=speaker, privileged=privileged
        )
    finally:
        kept.close()
        await link.close()


async def _open(link: Link, sender: Sender, place: Place, seconds: float) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    await link.open(f"psmp {place.tenant}/{place.agent}", subjects.inbox(place.agent), seconds)
    try:
        async with asyncio.timeout_at(deadline):
            await link.hear()
            await sender.mailbox(place.tenant, place.agent).ready()
    except TimeoutError:
        raise unreachable(f"cannot connect to {place.address.shown}: {link.trouble or 'no answer in time'}") from None

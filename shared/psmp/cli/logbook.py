"""The log and the database as an operator opens them: to read, never to write."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import Servers
from psmp.cli.letterbox import INBOX
from psmp.log.jetstream import STREAM, JetStreamEventLog
from psmp.store.pool import Pool, answering, open_pool
from psmp.wire.connection import Address, connect
from psmp.words import subjects
from psmp.words.ids import ProjectKey

_ANSWER_WITHIN: Final = 10.0
_FIRST_EVENTS: Final = tuple(f"{subjects.LOG}.*.*.{kind}" for kind in ("project.created", "retention.applied"))
"""What a log begins with; one of which the beginning was pruned, with the event that says so."""


@dataclass(frozen=True, slots=True)
class Logbook:
    """The log of every project, and the database that holds what was made of it."""

    nats: Client
    log: JetStreamEventLog
    pool: Pool

    async def keys(self) -> list[ProjectKey]:
        """Every project that has a log, by name; raises ``Complaint`` when the server does not say."""
        return await keys_of(self.nats)


async def keys_of(nats: Client) -> list[ProjectKey]:
    """As ``Logbook.keys``, for who has no need of a database."""
    found: set[ProjectKey] = set()
    for pattern in _FIRST_EVENTS:
        read = 0
        while True:
            said = await _subjects(nats, pattern, read)
            names = said.get("state", {}).get("subjects") or {}
            found |= {subjects.read_log(subject)[0] for subject in names}
            read += len(names)
            if read >= said.get("total", 0) or not names:
                break
    return sorted(found)


async def _subjects(nats: Client, pattern: str, offset: int) -> dict[str, Any]:
    request = json.dumps({"subjects_filter": pattern, "offset": offset}).encode()
    try:
        message = await nats.request(f"$JS.API.STREAM.INFO.{STREAM}", request, timeout=_ANSWER_WITHIN)
    except (NatsError, TimeoutError) as error:
        why = f"NATS does not say which projects there are: {str(error) or type(error).__name__}"
        raise Complaint(Exit.UNREACHABLE, why, "psmp doctor, with an operator's credentials") from None
    said: dict[str, Any] = json.loads(message.data)
    if "error" in said:
        raise Complaint(Exit.UNREACHABLE, f"{STREAM}: {said['error']['description']}", "psmp setup")
    return said


@asynccontextmanager
async def opened(servers: Servers, purpose: str) -> AsyncIterator[Logbook]:
    """Both, for the length of a block; raises ``Complaint`` when nothing says where they are."""
    found = servers.found()
    if found.nats_url is None or found.postgres_dsn is None:
        lacking = "NATS" if found.nats_url is None else "Postgres"
        hint = "start psmp dev, or set PSMP_NATS_URL (an operator's) and PSMP_POSTGRES_DSN"
        raise Complaint(Exit.USAGE, f"nobody said where {lacking} is", hint)
    async with at(servers.address(found.nats_url), found.postgres_dsn, purpose) as logbook:
        yield logbook


@asynccontextmanager
async def at(address: Address, postgres_dsn: str, purpose: str) -> AsyncIterator[Logbook]:
    """Both, at these addresses."""
    nats = await connect(address, f"psmp-{purpose}", inbox=INBOX)
    try:
        with answering():
            pool = await open_pool(postgres_dsn, f"psmp-{purpose}", size=2)
        try:
            yield Logbook(nats, JetStreamEventLog(nats), pool)
        finally:
            pool.terminate()
    finally:
        await nats.close()

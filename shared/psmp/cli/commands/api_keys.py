"""``psmp api-key``: keys of the HTTP API, made for one tenant, one agent and one role; shown once and never again."""

import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import asyncpg
from cyclopts import Parameter, validators

from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.pages import api_keys as pages
from psmp.client.place import DEFAULT_TENANT
from psmp.store import api_keys as store
from psmp.store.pool import AWAY, CONNECT_WITHIN, PostgresUnavailable
from psmp.words.api_keys import RANDOM_BYTES, ApiKey, Role, faults, name_of, token

if TYPE_CHECKING:
    from psmp.store.pool import Connection

LONGEST: Final = 3650


async def create(
    agent: Annotated[str, Parameter(help="In whose name it speaks.")],
    *,
    role: Annotated[Role, Parameter(help="What it is for.")] = Role.VIEWER,
    tenant: Annotated[str, Parameter(env_var="PSMP_TENANT", help="Whose projects it sees.")] = DEFAULT_TENANT,
    project: Annotated[tuple[str, ...], Parameter(help="Only for this project; can be said several times.")] = (),
    days: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=LONGEST), help="How long it lasts.")] = 90,
    note: Annotated[str, Parameter(help="What it was made for.")] = "",
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Make a key for the HTTP API. The key itself goes to stdout, once: only its SHA-256 is kept."""
    projects = frozenset(project) or None
    wrong = faults(tenant, agent, projects)
    if wrong:
        raise Complaint(Exit.USAGE, "; ".join(wrong), "ids are one letter or digit, then letters, digits, _ and -")
    text, now = token(secrets.token_bytes(RANDOM_BYTES)), clock.now()
    name = name_of(text) or ""
    key = ApiKey(name, tenant, agent, role, projects, now, now + timedelta(days=days), note=note)
    async with _connected(servers) as connection:
        await store.make(connection, text, key)
    out = answering.out
    out.one({"token": text, **_said(key)}, lambda: text)
    out.say(f"{name} speaks as {agent} of {tenant}, {role}, until {key.expires:%Y-%m-%d}; it is not shown again", "dim")
    if sys.stdout.isatty():
        out.say("keep it out of files that others read; psmp api-key revoke takes it back", "dim")
    return Exit.DONE


async def listing(
    *,
    all_: Annotated[bool, Parameter(name="--all", help="Those that are expired or revoked, too.")] = False,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """List the keys of the HTTP API."""
    async with _connected(servers) as connection:
        found = await store.all_of(connection)
    now = clock.now()
    shown = [each for each in found if all_ or each.is_good(now)]
    if not shown:
        answering.out.say("there are no keys; psmp api-key create makes one", "dim")
    answering.out.many(map(_said, shown), lambda: pages.listing(shown, now))
    return Exit.DONE


async def revoke(
    name: Annotated[str, Parameter(help="Its name, as psmp api-key list shows it.")],
    *,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Let a key open nothing any more; the gateway knows within a second."""
    async with _connected(servers) as connection:
        if not await store.revoke(connection, name, clock.now()):
            raise Complaint(Exit.NOT_FOUND, f"no key {name} opens anything", "psmp api-key list shows those that do")
    answering.out.one({"revoked": name}, lambda: f"{name} opens nothing any more")
    return Exit.DONE


def _said(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "tenant": key.tenant,
        "agent": key.agent,
        "role": key.role,
        "projects": None if key.projects is None else sorted(key.projects),
        "created": key.created.isoformat(),
        "expires": key.expires.isoformat(),
        "revoked": key.revoked.isoformat() if key.revoked else None,
        "note": key.note,
    }


@asynccontextmanager
async def _connected(servers: Servers) -> "AsyncIterator[Connection]":
    dsn = servers.found().postgres_dsn
    if dsn is None:
        raise Complaint(Exit.USAGE, "nobody said where Postgres is", "start psmp dev, or set PSMP_POSTGRES_DSN")
    try:
        connection = await asyncpg.connect(dsn, timeout=CONNECT_WITHIN)
    except AWAY as error:
        raise PostgresUnavailable(error) from None
    try:
        yield connection
    finally:
        await connection.close()

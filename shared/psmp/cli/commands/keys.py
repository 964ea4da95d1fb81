"""``psmp key``: identities of agents, people and programs. One key opens both doors, the HTTP API and NATS."""

import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import asyncpg
from cyclopts import Parameter, validators

from psmp.cli import admitting, clock
from psmp.cli.admitting import ADMITTING, Admitting
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.output import Output
from psmp.cli.pages import keys as pages
from psmp.client.place import DEFAULT_TENANT
from psmp.store import api_keys as store
from psmp.store.pool import AWAY, CONNECT_WITHIN, PostgresUnavailable
from psmp.wire import nkeys
from psmp.words.api_keys import RANDOM_BYTES, ApiKey, Role, faults, name_of, token
from psmp.words.nkeys import seed_of, spelled_seed

if TYPE_CHECKING:
    from psmp.store.pool import Connection

LONGEST: Final = 3650
LONGEST_OVERLAP: Final = 720

KeyName = Annotated[str, Parameter(help="Its name, as psmp key list shows it.")]
Days = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=LONGEST), help="How long it lasts.")]


async def create(
    agent: Annotated[str, Parameter(help="In whose name it speaks.")],
    *,
    role: Annotated[Role, Parameter(help="What it is for.")] = Role.VIEWER,
    tenant: Annotated[str, Parameter(env_var="PSMP_TENANT", help="Whose projects it sees.")] = DEFAULT_TENANT,
    project: Annotated[
        tuple[str, ...], Parameter(help="Only for this project, and only over HTTP; can be said several times.")
    ] = (),
    days: Days = 90,
    note: Annotated[str, Parameter(help="What it was made for.")] = "",
    privileged: Annotated[bool, Parameter(help="For a privileged client (docs/gateway.md).")] = False,
    http_only: Annotated[bool, Parameter(help="Give it no user on NATS.")] = False,
    servers: Servers = SERVERS,
    admission: Admitting = ADMITTING,
    answering: Answering = ANSWERING,
) -> Exit:
    """Make a key: an agent's API key and its user on NATS in one. It goes to stdout, once; no secret of it is kept."""
    projects = frozenset(project) or None
    wrong = faults(tenant, agent, projects)
    if wrong:
        raise Complaint(Exit.USAGE, "; ".join(wrong), "ids are one letter or digit, then letters, digits, _ and -")
    now = clock.now()
    about = ApiKey("", tenant, agent, role, projects, now, now + timedelta(days=days), note=note, privileged=privileged)
    text, key = _made(about, on_nats=projects is None and not http_only)
    async with _connected(servers) as connection:
        await store.make(connection, text, key)
        lets_in = await admission.apply(connection, servers, text if key.nkey else None)
    _tell(answering.out, text, key, lets_in)
    return Exit.DONE


async def listing(
    *,
    all_: Annotated[bool, Parameter(name="--all", help="Those that are expired or revoked, too.")] = False,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """List the keys, and what each is for."""
    async with _connected(servers) as connection:
        found = await store.all_of(connection)
    now = clock.now()
    shown = [each for each in found if all_ or each.is_good(now)]
    if not shown:
        answering.out.say("there are no keys; psmp key create makes one", "dim")
    answering.out.many(map(_said, shown), lambda: pages.listing(shown, now))
    return Exit.DONE


async def revoke(
    name: KeyName, *, servers: Servers = SERVERS, admission: Admitting = ADMITTING, answering: Answering = ANSWERING
) -> Exit:
    """Let a key open nothing any more; the gateway knows within a second."""
    async with _connected(servers) as connection:
        if not await store.revoke(connection, name, clock.now()):
            raise _unknown(name)
        told = await admission.apply(connection, servers, None)
    answering.out.one({"revoked": name, "nats": told.said}, lambda: f"{name} opens nothing any more")
    if told.hint:
        answering.out.say(told.hint, "dim")
    return Exit.DONE


async def rotate(
    name: KeyName,
    *,
    days: Days = 90,
    overlap: Annotated[
        int,
        Parameter(validator=validators.Number(gte=0, lte=LONGEST_OVERLAP), help="Hours that the old one goes on."),
    ] = 24,
    servers: Servers = SERVERS,
    admission: Admitting = ADMITTING,
    answering: Answering = ANSWERING,
) -> Exit:
    """Make another key that may do the same, and let the old one end soon. The new one goes to stdout, once."""
    now = clock.now()
    async with _connected(servers) as connection:
        old = await store.named(connection, name)
        if old is None or not old.is_good(now):
            raise _unknown(name)
        about = replace(old, created=now, expires=now + timedelta(days=days))
        text, key = _made(about, on_nats=old.nkey is not None)
        await store.make(connection, text, key)
        await store.end(connection, name, now + timedelta(hours=overlap))
        lets_in = await admission.apply(connection, servers, text if key.nkey else None)
    _tell(answering.out, text, key, lets_in)
    answering.out.say(f"{name} ends in {overlap} h", "dim")
    return Exit.DONE


async def apply(
    *, servers: Servers = SERVERS, admission: Admitting = ADMITTING, answering: Answering = ANSWERING
) -> Exit:
    """Write the NATS users of all keys into the file that nats.conf includes, and have the server read it."""
    if admission.nats_users is None:
        raise Complaint(
            Exit.USAGE, "which file?", "psmp key apply --nats-users deploy/tenants.conf; psmp dev does it itself"
        )
    async with _connected(servers) as connection:
        told = await admission.apply(connection, servers, None)
    answering.out.one({"nats": told.said}, lambda: told.said)
    if told.hint:
        answering.out.say(told.hint, "dim")
    return Exit.DONE


def _made(about: ApiKey, *, on_nats: bool) -> tuple[str, ApiKey]:
    """A new token, and the key ``about`` says it is."""
    text = token(secrets.token_bytes(RANDOM_BYTES))
    nkey = nkeys.public(seed_of(text)) if on_nats else None
    return text, replace(about, name=name_of(text) or "", nkey=nkey)


def _tell(out: Output, text: str, key: ApiKey, told: admitting.Told) -> None:
    secret = {"token": text, **({"nats_seed": spelled_seed(seed_of(text))} if key.nkey else {})}
    out.one({**secret, **_said(key), "nats": told.said}, lambda: text)
    what = "privileged " if key.privileged else ""
    out.say(
        f"{key.name} speaks as {key.agent} of {key.tenant}, {what}{key.role}, until {key.expires:%Y-%m-%d}; "
        f"it is not shown again",
        "dim",
    )
    doors = f"HTTP and NATS; an agent has it as PSMP_KEY, with PSMP_AGENT={key.agent} PSMP_TENANT={key.tenant}"
    out.say(f"it opens {doors if key.nkey else 'the HTTP API alone'}", "dim")
    if told.hint and key.nkey:
        out.say(told.hint, "dim")
    if sys.stdout.isatty():
        out.say("keep it out of files that others read; psmp key revoke takes it back", "dim")


def _unknown(name: str) -> Complaint:
    return Complaint(Exit.NOT_FOUND, f"no key {name} opens anything", "psmp key list shows those that do")


def _said(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "tenant": key.tenant,
        "agent": key.agent,
        "role": key.role,
        "projects": None if key.projects is None else sorted(key.projects),
        "privileged": key.privileged,
        "nats_user": key.nkey,
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

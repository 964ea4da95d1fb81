"""``psmp retention`` and ``psmp hold``: for how long what is archived is kept, and what is kept whatever is said."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Final

from cyclopts import Parameter
from nats.aio.client import Client
from rich.console import RenderableType

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Reason, Servers
from psmp.cli.logbook import Logbook, opened
from psmp.cli.opened import operating
from psmp.cli.output import Output
from psmp.cli.pages.layout import table
from psmp.cli.pages.settled import told
from psmp.client.clock import stamp
from psmp.client.place import DEFAULT_TENANT
from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.views import Views
from psmp.rules.retention import Run, Standing, kept, standing
from psmp.store.pool import Pool
from psmp.store.pool import answering as asked
from psmp.store.pruning import Left, Pruner, require_erasable
from psmp.store.retention import Archived, archived, vacuum
from psmp.wire.announced import running_dev
from psmp.wire.connection import connect
from psmp.wire.keyring import every
from psmp.wire.standing import last_word
from psmp.words import subjects
from psmp.words.envelope import open_event
from psmp.words.events import RetentionChanged
from psmp.words.ids import SYSTEM
from psmp.words.subjects import is_id

Tenant = Annotated[str | None, Parameter(env_var="PSMP_TENANT", help="The tenant; default: default.")]
Held = Annotated[str, Parameter(help="The project, as TENANT/PROJECT.")]
WITHIN: Final = 20.0
INBOX: Final = "_INBOX_retention"
_WORKED_ON: Final = frozenset({Standing.DUE, Standing.BEGUN})
_HINTS: Final[Mapping[Standing, str]] = {
    Standing.BEGUN: "a run was cut off: --prune --approver NAME goes on with it",
    Standing.HALTED: "a hold was placed while it was being pruned: what is left of it stays",
    Standing.UNSIGNED: "nothing of it is signed: pruned is only what a checkpoint covers",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One archived project, the bodies that are left of what is due, and what of them was pruned."""

    found: Archived
    standing: Standing
    days: int | None
    bodies: Left
    pruned: Left | None = None

    @property
    def plain(self) -> dict[str, object]:
        """As JSON."""
        key, since = self.found.key, self.found.since.isoformat()
        about = {"tenant": key.tenant, "project": key.project, "archived": since, "days": self.days}
        gone = self.pruned and self.pruned._asdict()
        return {**about, "standing": self.standing, "bodies": self.bodies._asdict(), "pruned": gone}


async def keep(
    *,
    days: Annotated[
        int | None, Parameter(help="How many days after it was archived a project's events are kept.")
    ] = None,
    for_ever: Annotated[bool, Parameter(help="Keep them for ever, as it is unless something else is said.")] = False,
    reason: Reason,
    tenant: Tenant = None,
    answering: Answering = ANSWERING,
) -> Exit:
    """Say for how long what a tenant has archived is kept. Nothing is pruned by it: psmp retention apply does that."""
    if (days is None) is not for_ever:
        raise Complaint(Exit.USAGE, "for how long?", "give either --days N or --for-ever")
    of_tenant = tenant or settings.defaults().tenant or DEFAULT_TENANT
    async with operating(WITHIN) as client:
        settled = await client.keep(of_tenant=of_tenant, days=days, reason=reason)
    return told(answering.out, settled)


async def add(project: Held, *, reason: Reason, answering: Answering = ANSWERING) -> Exit:
    """Lay a legal hold on a project: nothing of it is pruned while it lasts."""
    return await _hold(project, reason, answering, release=False)


async def release(project: Held, *, reason: Reason, answering: Answering = ANSWERING) -> Exit:
    """Take the legal hold from a project."""
    return await _hold(project, reason, answering, release=True)


async def _hold(text: str, reason: str, answering: Answering, *, release: bool) -> Exit:
    tenant, slash, project = text.partition("/")
    if not (slash and is_id(tenant) and is_id(project)):
        raise Complaint(Exit.USAGE, f"{text} names no project of a tenant", "write it so: acme/rag")
    async with operating(WITHIN) as client:
        settled = await client.hold(project, of_tenant=tenant, reason=reason, release=release)
    return told(answering.out, settled)


async def apply(
    *,
    approver: Annotated[str | None, Parameter(help="Who decided it; it is recorded: a role, no person's name.")] = None,
    prune_now: Annotated[bool, Parameter(name="--prune", help="Do it; left out, it is only shown.")] = False,
    tenant: Annotated[str | None, Parameter(help="Of one tenant; left out, of all.")] = None,
    retention_url: Annotated[
        str | None,
        Parameter(
            env_var="PSMP_RETENTION_URL",
            help="NATS as its user retention, who erases; left out, a running psmp dev.",
        ),
    ] = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Show what retention would prune now, or prune it: the bodies of events of archived projects, never a hash.

    They go from the log, from the ledger and from the projection, and so do commands and dead letters. What a run that
    was cut off has left is pruned by the next one, unless a legal hold was placed since.
    """
    if prune_now and not approver:
        raise Complaint(Exit.USAGE, "who decided it?", "add --approver; it is recorded beside what is pruned")
    out = answering.out
    async with opened(servers, "retention") as logbook:
        with asked():
            looking = _pruner(logbook.nats, logbook.log, logbook.pool)
            days = await _kept(logbook)
            lines = [await _look(looking, found, days) for found in await archived(logbook.pool, tenant)]
            if prune_now:
                async with _acting(servers, retention_url, logbook) as pruner:
                    lines = await _prune_all(pruner, lines, days, str(approver), out)
                await vacuum(logbook.pool)
    nothing = "no project is archived: there is nothing to prune"
    out.many((line.plain for line in lines), lambda: _page(lines) if lines else nothing)
    _hint(out, lines, done=prune_now)
    is_left = prune_now and any(line.standing in _WORKED_ON for line in lines)
    return Exit.FAULT if is_left else Exit.DONE


def _pruner(nats: Client, log: JetStreamEventLog, pool: Pool) -> Pruner:
    return Pruner(nats, pool, Decider(log, Views(log, PROJECT_FOLD), stamp))


@asynccontextmanager
async def _acting(servers: Servers, url: str | None, logbook: Logbook) -> AsyncIterator[Pruner]:
    """As the one who may erase; raises ``Complaint`` where nothing may be erased now, before anything is."""
    url = url or running_dev(os.environ).get("retention_url")
    if not url:
        hint = "set PSMP_RETENTION_URL, or give --retention-url"
        raise Complaint(Exit.USAGE, "nobody said where NATS is for the user retention, who alone may erase", hint)
    word = await last_word(logbook.nats)
    if word is not None and word.trouble:
        raise Complaint(
            Exit.INTEGRITY, f"nothing is pruned while log and ledger do not stand: {word.trouble}", word.hint
        )
    await require_erasable(logbook.nats)
    nats = await connect(servers.address(url), "psmp-retention", inbox=INBOX)
    try:
        yield _pruner(nats, JetStreamEventLog(nats), logbook.pool)
    finally:
        await nats.close()


async def _prune_all(
    pruner: Pruner, lines: list[Line], days: Mapping[str, int], approver: str, out: Output
) -> list[Line]:
    """Prune what is due, one project after the other."""
    moment = stamp()
    run, done = Run(moment.id, approver, clock.now()), []
    for line in lines:
        if line.standing not in _WORKED_ON:
            done.append(line)
            continue
        whole = await pruner.prune(line.found, line.days, run)
        after = await _look(pruner, line.found, days)
        done.append(replace(after, pruned=line.bodies - after.bodies))
        if not whole:
            out.say(f"{line.found.key}: not pruned to its end", "dim")
    return done


async def _look(pruner: Pruner, found: Archived, days: Mapping[str, int]) -> Line:
    seen, kept_for = await pruner.look(found), days.get(found.key.tenant)
    return Line(found, standing(seen.glance, kept_for, clock.now()), kept_for, seen.left)


async def _kept(logbook: Logbook) -> Mapping[str, int]:
    """For how many days each tenant keeps what is archived."""
    said = await every(logbook.nats, "PSMP_LOG", subjects.log(SYSTEM, RetentionChanged.KIND))
    return kept(open_event(message.data).data for message in said)


def _hint(out: Output, lines: list[Line], *, done: bool) -> None:
    found = {line.standing for line in lines}
    if not done and Standing.DUE in found:
        out.say("nothing was pruned; --prune --approver NAME does it, and nobody can take it back", "dim")
    for each, hint in _HINTS.items():
        if each in found:
            out.say(f"{each}: {hint}", "dim")


def _page(lines: list[Line]) -> RenderableType:
    rows = [
        (
            str(line.found.key),
            clock.to_second(line.found.since.isoformat()),
            "for ever" if line.days is None else f"{line.days} d",
            line.standing,
            *_cells(line),
        )
        for line in lines
    ]
    return table("project", "archived", "kept", "standing", "log", "ledger", "events", "messages", rows=rows)


def _cells(line: Line) -> list[str]:
    """The bodies at each place: those that went, or those that are there."""
    if line.pruned is None:
        return list(map(str, line.bodies))
    pairs = zip(line.pruned, line.bodies, strict=True)
    return [f"{gone} pruned" + (f", {left} left" if left else "") for gone, left in pairs]

"""``psmp retention`` and ``psmp hold``: for how long what is archived is kept, and what is kept whatever is said."""

from dataclasses import dataclass
from typing import Annotated, Final

from cyclopts import Parameter
from rich.console import RenderableType

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Reason, Servers
from psmp.cli.logbook import Logbook, opened
from psmp.cli.opened import operating
from psmp.cli.pages.layout import table
from psmp.cli.pages.settled import told
from psmp.client.place import DEFAULT_TENANT
from psmp.rules.retention import Standing, is_held, kept, standing
from psmp.store.pool import answering as asked
from psmp.store.retention import Archived, archived, prune, vacuum
from psmp.wire.keyring import every
from psmp.words import subjects
from psmp.words.envelope import open_event
from psmp.words.events import Event, RetentionChanged
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.subjects import is_id

Tenant = Annotated[str | None, Parameter(env_var="PSMP_TENANT", help="The tenant; default: default.")]
Held = Annotated[str, Parameter(help="The project, as TENANT/PROJECT.")]
WITHIN: Final = 20.0


@dataclass(frozen=True, slots=True)
class Line:
    """One archived project, and what becomes or became of its bodies."""

    found: Archived
    standing: Standing
    days: int | None
    pruned: int | None = None

    @property
    def plain(self) -> dict[str, object]:
        """As JSON."""
        key, since = self.found.key, self.found.since.isoformat()
        about = {"tenant": key.tenant, "project": key.project, "archived": since, "days": self.days}
        return {**about, "standing": self.standing, "bodies": self.found.bodies, "pruned": self.pruned}


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
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Show what retention would prune now, or prune it: the bodies of events of archived projects, never a hash."""
    if prune_now and not approver:
        raise Complaint(Exit.USAGE, "who decided it?", "add --approver; it is recorded beside what is pruned")
    out = answering.out
    async with opened(servers, "retention") as logbook:
        with asked():
            lines = [await _look(logbook, found) for found in await archived(logbook.pool, tenant)]
            if prune_now:
                lines = [await _prune(logbook, line, str(approver)) for line in lines]
                await vacuum(logbook.pool)
    out.many((line.plain for line in lines), lambda: _page(lines))
    if not prune_now and any(line.standing is Standing.DUE for line in lines):
        out.say("nothing was pruned; --prune --approver NAME does it, and nobody can take it back", "dim")
    return Exit.DONE


async def _look(logbook: Logbook, found: Archived) -> Line:
    days = kept(await _events(logbook, SYSTEM, RetentionChanged.KIND)).get(found.key.tenant)
    held = is_held(await _events(logbook, found.key, "hold.*"))
    return Line(found, standing(found.since, days, clock.now(), held=held), days)


async def _prune(logbook: Logbook, line: Line, approver: str) -> Line:
    """Prune what is due, unless a hold was placed since it was looked at."""
    if line.standing is not Standing.DUE or not line.found.bodies:
        return line
    line = await _look(logbook, line.found)
    if line.standing is not Standing.DUE:
        return line
    reason = f"archived more than {line.days} days ago"
    pruned = await prune(logbook.pool, line.found, approver, reason)
    return Line(line.found, line.standing, line.days, pruned)


async def _events(logbook: Logbook, key: ProjectKey, kinds: str) -> list[Event]:
    found = await every(logbook.nats, "PSMP_LOG", subjects.log(key, kinds))
    return [open_event(message.data).data for message in found]


def _page(lines: list[Line]) -> RenderableType:
    rows = [
        (
            str(line.found.key),
            clock.to_second(line.found.since.isoformat()),
            "for ever" if line.days is None else f"{line.days} d",
            line.standing,
            str(line.found.bodies) if line.pruned is None else f"{line.pruned} pruned",
        )
        for line in lines
    ]
    return table("project", "archived", "kept", "standing", "bodies", rows=rows)

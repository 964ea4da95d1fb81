"""``psmp dlq``: dead letters, what they say, and what is to become of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Annotated

from cyclopts import Parameter
from rich.console import Group

from psmp.cli import letterbox
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, COMMON, SERVERS, Answering, Common, Reason, Servers
from psmp.cli.letterbox import Letterbox
from psmp.cli.opened import speaking
from psmp.cli.output import Format, stored
from psmp.cli.pages import letters as pages
from psmp.cli.pages.settled import line
from psmp.client import Client, Settled, connect
from psmp.wire.letterbox import Kept
from psmp.words.ids import OPERATOR, SYSTEM, ProjectKey

Number = Annotated[int, Parameter(help="Its number, as psmp dlq list shows it.")]


async def listing(
    project: Annotated[str | None, Parameter(help="Of one project; left out, of all of them.")] = None,
    *,
    waiting: Annotated[bool, Parameter(help="Only those of which nobody has said what is to become of them.")] = False,
    tenant: Annotated[str | None, Parameter(help="Of one tenant.")] = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """List dead letters: what was given up, by whom, why, and what became of it."""
    async with letterbox.opened(servers) as box:
        found = [each for each in await box.all() if _wanted(each, project, tenant, waiting=waiting)]
    out = answering.out
    if not found:
        such = "such " if project or tenant or waiting else ""
        out.say(f"there are no {such}dead letters", "dim")
    if found or out.format is not Format.TABLE:
        out.many(map(pages.plain, found), lambda: pages.listing(found))
    return Exit.DONE


def _wanted(kept: Kept, project: str | None, tenant: str | None, *, waiting: bool) -> bool:
    key = kept.letter.key
    return (
        (project is None or (key is not None and key.project == project))
        and (tenant is None or (key is not None and key.tenant == tenant))
        and (not waiting or kept.state in ("waiting", "unseen"))
    )


async def show(
    letter: Number,
    *,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Show one dead letter: where it comes from, why it was given up, its headers, its body, and what became of it."""
    async with letterbox.opened(servers) as box:
        kept = await box.one(letter)
    answering.out.one(pages.whole(kept), lambda: pages.shown_whole(kept))
    return Exit.DONE


async def retry(
    *letters: Number,
    reason: Reason,
    servers: Servers = SERVERS,
    common: Common = COMMON,
) -> Exit:
    """Have dead letters handled once more by the service that gave them up; in vain, each becomes a new letter."""
    return await _decide(letters, partial(Client.retry_letter, reason=reason), servers, common)


async def drop(
    *letters: Number,
    reason: Reason,
    servers: Servers = SERVERS,
    common: Common = COMMON,
) -> Exit:
    """Give dead letters up for good; their bytes stay in the stream, and the reason in the log."""
    return await _decide(letters, partial(Client.drop_letter, reason=reason), servers, common)


async def _decide(numbers: tuple[int, ...], say: Callable[..., object], servers: Servers, common: Common) -> Exit:
    if not numbers:
        raise Complaint(Exit.USAGE, "which dead letters?", "psmp dlq list --waiting shows those that wait")
    settled: list[Settled] = []
    async with letterbox.opened(servers) as box:
        known = {each.letter.number: each for each in await box.all()}
        chosen = [_waits(known.get(number), number) for number in numbers]
        for kept in chosen:
            async with _at_desk(kept.desk, box, common) as client:
                settled.append(await say(client, kept.desk.project, kept.letter.number))  # type: ignore[misc]
    common.out.many(map(stored, settled), lambda: Group(*map(line, settled)))
    return Exit.DONE


def _waits(kept: Kept | None, number: int) -> Kept:
    if kept is None:
        raise Complaint(Exit.NOT_FOUND, f"there is no dead letter {number}", "psmp dlq list shows those that there are")
    if kept.state == "unseen":
        problem = f"no alert was raised for dead letter {number} yet"
        raise Complaint(Exit.STALE, problem, "the watchdog does that: psmp doctor shows whether it runs")
    if kept.state != "waiting":
        last = kept.history[-1]
        problem = f"{last.actor} has {kept.state} dead letter {number} at {last.time}"
        raise Complaint(Exit.NOT_FOUND, problem, f"psmp dlq show {number}; retried in vain it has a new number")
    return kept


@asynccontextmanager
async def _at_desk(desk: ProjectKey, box: Letterbox, common: Common) -> AsyncIterator[Client]:
    """A client that may be heard in the project: an agent's, or the operator's own where it is nobody's project."""
    if desk != SYSTEM:
        async with speaking(replace(common, tenant=desk.tenant)) as client:
            yield client
        return
    address = box.address
    async with connect(
        address.url,
        tenant=SYSTEM.tenant,
        agent=OPERATOR,
        timeout=common.timeout,
        credentials=address.credentials,
        ca=address.ca,
    ) as client:
        yield client

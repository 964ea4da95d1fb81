"""``psmp restore``: the log written again from the ledger, or the ledger filled again from the log."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.output import Output
from psmp.cli.pages import restoring as pages
from psmp.cli.restoring import Bench, at_work, bench, checked, progress, projection_stands, report
from psmp.cli.running import everything
from psmp.log.jetstream import STREAM
from psmp.stack import Stack, keyfiles
from psmp.stack.identities import RESTORE, SETUP
from psmp.stack.whole import setup
from psmp.store.pool import answering as asked
from psmp.store.replay import rebuild
from psmp.store.restore import journal, leftover
from psmp.store.restore.aside import set_aside
from psmp.store.restore.consumers import floors, reset
from psmp.store.restore.diagnosis import Diagnosis
from psmp.store.restore.journal import Journal
from psmp.store.restore.refill import Refilled, finish, refill
from psmp.store.restore.reissue import reissue
from psmp.store.restore.walk import end_of
from psmp.wire.connection import Address, connect
from psmp.wire.standing import State, Word, say

Data = Annotated[Path | None, Parameter(help="The folder of a stopped psmp dev; left out, servers of your own.")]
Yes = Annotated[bool, Parameter(help="Do it; left out, it is only said what would be done.")]
File = Annotated[
    Path | None, Parameter(name="--checkpoints", env_var="PSMP_CHECKPOINT_FILE", help="The file of checkpoints.")
]
Aside = Annotated[Path | None, Parameter(help="Where to keep what is replaced; default: psmp-aside, there or here.")]
_STANDSTILL: Final = 60.0
_LOOK: Final = 0.1


async def log(
    *,
    data: Data = None,
    yes: Yes = False,
    trust: Annotated[
        Literal["ledger"] | None,
        Parameter(help="Vouch for the ledger where both have bytes and no checkpoint says which are right."),
    ] = None,
    aside: Aside = None,
    anew: Annotated[
        bool, Parameter(help="Write the whole log anew though nothing is amiss, as this version makes it.")
    ] = False,
    checkpoints: File = None,
    replicas: Annotated[int, Parameter(help="Servers that keep a copy of the log.")] = 1,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Write the log again from the ledger: the same bytes at the same positions. Cut off, the same again goes on."""
    out, folder = answering.out, aside or (data or Path()) / "psmp-aside"
    async with bench(data, servers, checkpoints) as found:
        await _require_rest(found)
        with asked():
            diagnosis = await found.diagnose(out)
            is_begun = diagnosis.unfinished or journal.begun(folder) is not None
            if diagnosis.nothing_to_do and not (anew or is_begun):
                return await _well(out, found, diagnosis)
            _require(diagnosis.against_log(trust or ""), diagnosis, out)
            is_tail = diagnosis.walked.is_tail and (found.rest is None or diagnosis.walked.log > 0)
            is_tail = is_tail and (diagnosis.unfinished or not anew)
            if not yes:
                end = "what was begun before that is finished" if is_begun else "the lost end that is written again"
                whole = "the whole log that is written anew, the old one set aside"
                return _told(out, diagnosis, end if is_tail else whole)
            done = await _write(found, diagnosis, folder, out, replicas=replicas, is_tail=is_tail)
            return await _end(out, found, diagnosis, done, folder)


async def _write(
    found: Bench, diagnosis: Diagnosis, folder: Path, out: Output, *, replicas: int, is_tail: bool
) -> Refilled:
    """Do it. What is in the way is moved aside first, and what it alone has goes behind what the ledger has."""
    walked = diagnosis.walked
    if not is_tail:
        leftover.keep(folder, walked.surplus)
        if found.rest is None:
            hint = f"docs/recovery.md: stop NATS, move the stream's folder aside, start it, and the same again {folder}"
            raise Complaint(Exit.INTEGRITY, f"{STREAM} cannot be mended where it is; it must be set aside", hint)
    begun = journal.begin(folder, Journal(await floors(found.nats), walked.intact))
    if found.rest is not None and not is_tail:
        await found.rest.set_aside(STREAM, folder / f"{clock.now():%Y%m%dT%H%M%SZ}")
        out.say(f"set {STREAM} aside in {folder}", "dim")
    done = await refill(found.nats, found.connection, leftover.kept(folder), progress(out, "written"))
    await finish(found.nats, replicas)
    await reset(found.nats, begun.settled, begun.intact)
    if not await projection_stands(found):
        await rebuild(found.pool)
        out.say("the projections are folded anew when the keeper runs", "dim")
    journal.finished(folder)
    return done


async def ledger(
    *,
    data: Data = None,
    yes: Yes = False,
    trust: Annotated[
        Literal["log"] | None,
        Parameter(help="Vouch for the log where both have bytes and no checkpoint says which are right."),
    ] = None,
    checkpoints: File = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Fill the ledger from the log; rows that are proved wrong are moved to a table beside it."""
    out = answering.out
    async with bench(data, servers, checkpoints) as found:
        with asked():
            diagnosis = await found.diagnose(out)
            if diagnosis.nothing_to_do:
                return await _well(out, found, diagnosis)
            _require(diagnosis.against_ledger(trust or ""), diagnosis, out)
            wrong = diagnosis.wrong_in_ledger(trust or "")
            if not yes:
                aside = f"; wrong rows of {', '.join(map(str, wrong))} are moved aside before" if wrong else ""
                return _told(out, diagnosis, f"the ledger that is filled from the log{aside}")
            moved = await set_aside(found.connection, found.nats, wrong, "psmp restore ledger") if wrong else 0
            taken = await reissue(found.connection, found.nats)
            if found.rest is None:
                await say(found.nats, Word(State.RESTORING))
                await _caught_up(found, out)
                return await _end(out, found, diagnosis, {"moved": moved, "checkpoints": taken})
    await _follow(data or Path(), out)
    async with bench(data, servers, checkpoints) as found:
        with asked():
            return await _end(out, found, diagnosis, {"moved": moved, "checkpoints": taken})


async def _follow(data: Path, out: Output) -> None:
    """Have the audit writer, alone but for the signer, take the log in."""
    planned = everything(data)

    async def consent(stack: Stack) -> None:
        def at(who: str) -> Address:
            return Address(stack.nats.url_for(planned.identities.service(who)))

        keyfiles.development(stack.folder)
        await setup(at(SETUP), stack.postgres_dsn)
        client = await connect(at(RESTORE), "psmp-restore", inbox="_INBOX_restore")
        await say(client, Word(State.RESTORING))
        await client.close()

    services = tuple(each for each in planned.plan.services if each.name in ("audit", "signer"))
    async with Stack(replace(planned.plan, services=services, prepare=consent)) as stack:
        url, dsn = stack.nats.url_for(planned.identities.service(RESTORE)), stack.postgres_dsn
        async with bench(None, Servers(nats_url=url, postgres_dsn=dsn), None) as found:
            await _caught_up(found, out)


async def _caught_up(found: Bench, out: Output) -> None:
    """Until the ledger has what the log has; raises ``Complaint`` when it does not get on."""
    clock_of = asyncio.get_running_loop().time
    tell, end = progress(out, "taken in"), await end_of(found.nats)
    last, since = -1, clock_of()
    while (position := await _taken(found)) < end:
        if position != last:
            last, since = position, clock_of()
        if clock_of() - since > _STANDSTILL:
            hint = "the audit writer must run, and its log says what holds it up; then the same again"
            raise Complaint(Exit.UNREACHABLE, f"the ledger stays at position {position} of {end}", hint)
        tell(position, end)
        await asyncio.sleep(_LOOK)  # noqa: TID251 - another process does it, and tells nobody


async def _taken(found: Bench) -> int:
    position: int = await found.connection.fetchval("SELECT position FROM psmp.follower WHERE name = 'audit'")
    return position


async def _require_rest(found: Bench) -> None:
    if found.rest is None and (busy := await at_work(found.nats)):
        raise Complaint(Exit.FAULT, f"services are at work: {'; '.join(busy[:4])}", "stop all of them first")


def _require(why: list[str], diagnosis: Diagnosis, out: Output) -> None:
    if why:
        out.one(report(diagnosis), lambda: pages.found(diagnosis))
        raise Complaint(Exit.INTEGRITY, "; ".join(why[:6]), "docs/recovery.md says what is left to do")


def _told(out: Output, diagnosis: Diagnosis, what: str) -> Exit:
    out.one(report(diagnosis), lambda: pages.found(diagnosis))
    out.say(f"next: the same with --yes. It is {what}", "dim")
    return Exit.INTEGRITY


async def _well(out: Output, found: Bench, diagnosis: Diagnosis) -> Exit:
    await say(found.nats, Word(State.WELL))
    out.one(report(diagnosis), lambda: pages.found(diagnosis))
    return Exit.DONE


async def _end(
    out: Output, found: Bench, diagnosis: Diagnosis, done: Refilled | dict[str, int], aside: Path | None = None
) -> Exit:
    """Check everything again, and say what was done."""
    wrong = await checked(found)
    told: dict[str, Any] = {**report(diagnosis), "done": pages.done(done), "wrong": wrong}
    out.one(told, lambda: pages.restored(done, wrong, aside))
    return Exit.INTEGRITY if wrong else Exit.DONE

"""``psmp checkpoints``, ``prove`` and ``tiles``: what is signed of the ledger, and what anybody can check it by."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from psmp.cli import clock, settings
from psmp.cli.database import Tenant, database, tenant_of
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, COMMON, SERVERS, Answering, Common, ProjectName, Servers
from psmp.cli.opened import asking
from psmp.cli.output import writing
from psmp.cli.pages.layout import table
from psmp.ledger.notes import Note
from psmp.store.checkpoints import Covered, covered, extended, included
from psmp.store.pool import Connection
from psmp.store.tlogtiles import Lacking, NoCheckpoint, write_tiles
from psmp.store.tree import ANCHOR
from psmp.words.ids import ProjectKey

Anchor = Annotated[bool, Parameter(help="The anchor log, whose records are the checkpoints of all projects.")]


async def checkpoints(
    project: ProjectName = None,
    *,
    now: Annotated[bool, Parameter(help="Have one made now that covers the project, and wait for it.")] = False,
    at_least: Annotated[
        int | None, Parameter(help="With --now: it need cover no more than the record of this number.")
    ] = None,
    servers: Servers = SERVERS,
    common: Common = COMMON,
) -> Exit:
    """Show the newest checkpoint of every log: how far it covers it, how old it is, who has signed it.

    With --now it is asked for as an agent does, over NATS; all else is read from Postgres, as an operator.
    """
    out = common.out
    if now:
        return await _made_now(project, at_least, common)
    if at_least is not None:
        raise Complaint(Exit.USAGE, "--at-least says what a new checkpoint must cover", "add --now")
    key = _key(project, common.tenant) if project else None
    async with _postgres(servers) as connection:
        found = await covered(connection, key)
    if key is not None and not found:
        raise Complaint(Exit.NOT_FOUND, f"there is no project {key}", "psmp projects lists those that there are")
    out.many(map(_plain, found), lambda: page(found))
    return Exit.DONE


async def _made_now(project: str | None, at_least: int | None, common: Common) -> Exit:
    name = settings.project_of(project)
    async with asking(common) as client:
        made = await client.checkpoint(name, at_least=at_least)
        key = ProjectKey(client.tenant, made.project)
    row = (str(key), str(made.sequence), clock.ago(made.signed_at, clock.now()), ", ".join(made.signers))
    common.out.one(
        {
            "tenant": key.tenant,
            "project": key.project,
            "covered": made.sequence,
            "position": made.position,
            "root": made.root,
            "number": made.number,
            "signed_at": made.signed_at,
            "signed_by": list(made.signers),
            "note": made.note,
        },
        lambda: table("log", "covers", "signed", "by", rows=[row], tight=("log", "covers")),
    )
    return Exit.DONE


async def prove(
    project: ProjectName = None,
    sequence: Annotated[int | None, Parameter(help="The number of a record; of a checkpoint, with --anchor.")] = None,
    *,
    since: Annotated[int | None, Parameter(help="Prove that the log extends its first so many records.")] = None,
    anchor: Anchor = False,
    tenant: Tenant = None,
    servers: Servers = SERVERS,
) -> Exit:
    """Print the proof that a record is in the ledger (C2SP tlog-proof), or that the ledger extends what it was."""
    if anchor and sequence is None and project is not None and project.isdecimal():
        sequence = int(project)  # the anchor log is no project: what stands first is the number
    key = ANCHOR if anchor else _key(project, tenant)
    hint = "psmp prove PROJECT SEQUENCE, or psmp prove PROJECT --since SIZE"
    if (sequence is None) == (since is None):
        raise Complaint(Exit.USAGE, "which record, or since when?", hint)
    if (1 if sequence is None else sequence) < 1 or (since or 0) < 0:
        raise Complaint(Exit.USAGE, "records are counted from 1", hint)
    async with _postgres(servers) as connection:
        proof = await _proved(connection, key, sequence, since)
    if proof is None:
        wanted = f"record {sequence}" if sequence is not None else f"{since} records"
        hint = "psmp checkpoints shows how far they cover; psmp checkpoints PROJECT --now has one made"
        raise Complaint(Exit.NOT_FOUND, f"no checkpoint of {_name(key)} covers {wanted}", hint)
    with writing() as stdout:
        stdout.write(proof)
    return Exit.DONE


async def _proved(connection: Connection, key: ProjectKey, sequence: int | None, since: int | None) -> str | None:
    if sequence is None:
        return await extended(connection, key, since or 0)
    proof = await included(connection, key, sequence)
    return str(proof) if proof else None


async def tiles(
    project: ProjectName = None,
    *,
    to: Annotated[Path, Parameter(help="The folder; what is whole in it already is left as it is.")],
    anchor: Anchor = False,
    tenant: Tenant = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Write a log as the files of C2SP tlog-tiles, for other people's tools to check."""
    key = ANCHOR if anchor else _key(project, tenant)
    async with _postgres(servers) as connection:
        try:
            written = await write_tiles(connection, key, to)
        except NoCheckpoint as error:
            raise Complaint(Exit.NOT_FOUND, str(error), "psmp checkpoints shows how far they cover") from None
        except Lacking as error:
            raise Complaint(Exit.INTEGRITY, str(error), "psmp verify says more") from None
    said = {"records": written.size, "files": written.files, "left_out": list(written.left_out)}
    left = f"; left out, with records too large or pruned: {', '.join(written.left_out)}" if written.left_out else ""
    answering.out.one(
        said, lambda: Text(f"{written.size} records of {_name(key)} in {written.files} files below {to}{left}")
    )
    return Exit.DONE


def _key(project: str | None, tenant: str | None) -> ProjectKey:
    named = project or settings.defaults().project
    if named is None:
        raise Complaint(Exit.USAGE, "which project?", "name it, or write it into psmp.toml: psmp init")
    return ProjectKey(tenant_of(tenant), named)


@asynccontextmanager
async def _postgres(servers: Servers) -> AsyncIterator[Connection]:
    """A connection on which everything is seen as of one moment."""
    async with (
        database(servers, "checkpoints") as pool,
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield connection


def page(found: list[Covered]) -> RenderableType:
    """One line for each log."""
    return table("log", "covers", "behind", "signed", "by", rows=map(_row, found), tight=("log", "covers", "behind"))


def _name(key: ProjectKey) -> str:
    return "the anchor log" if key == ANCHOR else str(key)


def _row(each: Covered) -> tuple[RenderableType, ...]:
    name = "anchor log" if each.key == ANCHOR else str(each.key)
    if each.newest is None:
        return name, "nothing", Text(str(each.behind), style="yellow"), "", ""
    behind = Text(str(each.behind), style="yellow" if each.behind else "")
    when = clock.ago(each.newest.signed_at.isoformat(), clock.now())
    return name, str(each.newest.size), behind, when, ", ".join(signers(each.newest.note))


def signers(note: str) -> list[str]:
    """Whose signatures a note has, by the names in it: nothing is verified here."""
    return list(dict.fromkeys(name for name, _ in Note.read(note.encode()).signatures))


def _plain(each: Covered) -> dict[str, Any]:
    newest = each.newest
    return {
        "tenant": each.key.tenant,
        "project": each.key.project,
        "records": each.records,
        "covered": newest.size if newest else 0,
        "signed_at": newest.signed_at.isoformat() if newest else None,
        "signed_by": signers(newest.note) if newest else [],
        "note": newest.note if newest else None,
    }

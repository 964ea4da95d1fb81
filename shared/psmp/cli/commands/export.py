"""``psmp export``: the record as a bundle that anybody can verify offline."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter
from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic import ValidationError
from rich.text import Text

from psmp.cli import settings
from psmp.cli.attesting import enclosed
from psmp.cli.clock import now
from psmp.cli.database import Since, Until, moment
from psmp.cli.exits import Exit
from psmp.cli.extracting import Asking, write_extract
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.known import require_kind
from psmp.cli.logbook import opened
from psmp.cli.offline import progress
from psmp.cli.output import Output
from psmp.cli.pages.wording import counted
from psmp.cli.sealing import by_signer
from psmp.ledger.extracts import Wanted
from psmp.ledger.origins import HERE
from psmp.ledger.signing import Bundle, Stated, Statement
from psmp.store.export.bundle import Elsewhere, Scope, Sign, bind
from psmp.store.export.sheets import NotWritten, fresh
from psmp.store.pool import Pool, open_pool
from psmp.store.pool import answering as asked
from psmp.words import subjects
from psmp.words.envelope import written

_ANSWER_WITHIN: Final = 10.0


async def export(
    path: Annotated[
        Path | None,
        Parameter(
            help="The folder to make, or an archive where it ends in .zip. Of json and csv the file, or nothing."
        ),
    ] = None,
    *,
    format: Annotated[  # noqa: A002 - the option's name
        Literal["jsonl", "json", "csv"], Parameter(help="A bundle to verify, or an extract: one document, or a table.")
    ] = "jsonl",
    since: Since = None,
    until: Until = None,
    agent: Annotated[str | None, Parameter(help="Of an extract: what this agent did, or what is about it.")] = None,
    kind: Annotated[
        str | None, Parameter(help="Of an extract: events of this kind, conflict.detected, or all of conflict.")
    ] = None,
    project: Annotated[str | None, Parameter(help="This project alone; left out, all of them.")] = None,
    tenant: Annotated[str | None, Parameter(help="This tenant's projects alone, or whose --project it is.")] = None,
    deployment: Annotated[
        str, Parameter(env_var="PSMP_DEPLOYMENT", help="What the deployment is called, as its services know it.")
    ] = HERE,
    unsigned: Annotated[bool, Parameter(help="Do without the signer: nobody then says who made the bundle.")] = False,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Write every record with what was signed of it, as of one moment; psmp verify PATH --keys FILE verifies it.

    With --format json or csv, write those records that are asked for: no proof, but for other programs.
    """
    if project is not None:
        tenant = tenant or settings.defaults().tenant or "default"
    require_kind(kind)
    wanted = Wanted(moment("since", since), moment("until", until), agent, kind)
    if format != "jsonl":
        asking = Asking(
            file=path,
            form=format,
            tenant=tenant,
            project=project,
            wanted=wanted,
            deployment=deployment,
            unsigned=unsigned,
        )
        return await write_extract(asking, servers, answering.out)
    if path is None or not wanted.everything:
        what = "a bundle leaves nothing out" if path else "where is the bundle to go?"
        raise Complaint(Exit.USAGE, what, "name a folder or a .zip; --format json or csv takes filters")
    async with _ledger(servers, unsigned=unsigned) as (pool, nats):
        manifest = await bound(path, pool, deployment, Scope(tenant, project), nats, answering.out)
    _tell(path, manifest, answering.out, signed=not unsigned)
    return Exit.DONE


def _tell(path: Path, manifest: Mapping[str, Any], out: Output, *, signed: bool) -> None:
    """What was written."""
    records = sum(log["count"] for log in manifest["logs"])
    said = {
        "path": str(path),
        "deployment": manifest["deployment"],
        "made_at": manifest["made_at"],
        "partial": manifest["partial"],
        "signed": signed,
        "logs": len(manifest["logs"]),
        "records": records,
    }
    told = f"{path}: {counted(records, 'record')} of {counted(len(manifest['logs']), 'project')}"
    out.one(said, lambda: Text(told + ("" if signed else ", signed by nobody")))


async def bound(
    path: Path, pool: Pool, deployment: str, scope: Scope, nats: Client | None, out: Output
) -> dict[str, Any]:
    """Write a bundle, signed where there is a signer to ask; its manifest. Raises ``Complaint``."""
    sign, sealing = (_signing(nats), by_signer(nats)) if nats else (None, None)
    try:
        with fresh(path) as pages, progress(out) as tell, asked():
            manifest = await bind(
                pool,
                pages,
                deployment,
                written(now()),
                scope=scope,
                files=await enclosed(pool, scope.tenant, scope.project, deployment, sealing),
                sign=sign,
                tell=lambda count: tell(str(path), count),
            )
            if not manifest["logs"]:
                what = f"{scope.tenant}/{scope.project}" if scope.project else scope.tenant or "any project"
                raise Complaint(
                    Exit.NOT_FOUND, f"the ledger has nothing of {what}", "psmp projects lists what there is"
                )
            return manifest
    except (NotWritten, Elsewhere) as error:
        raise Complaint(Exit.USAGE, str(error), error.hint) from None


@asynccontextmanager
async def _ledger(servers: Servers, *, unsigned: bool) -> AsyncIterator[tuple[Pool, Client | None]]:
    """The ledger, and where the signer is; raises ``Complaint`` where nothing says where they are."""
    if not unsigned:
        async with opened(servers, "export") as logbook:
            yield logbook.pool, logbook.nats
        return
    dsn = servers.found().postgres_dsn
    if dsn is None:
        raise Complaint(Exit.USAGE, "nobody said where Postgres is", "start psmp dev, or set PSMP_POSTGRES_DSN")
    pool = await open_pool(dsn, "psmp-export", size=1)
    try:
        yield pool, None
    finally:
        pool.terminate()


def _signing(nats: Client) -> Sign:
    async def sign(digest: str) -> str:
        return await _signed(nats, digest)

    return sign


async def _signed(nats: Client, digest: str) -> str:
    """The signer's note on a manifest; raises ``Complaint``."""
    body = Statement(statement=Bundle(sha256=digest)).model_dump_json().encode()
    try:
        message = await nats.request(subjects.SIGN_STATEMENT, body, timeout=_ANSWER_WITHIN)
        stated = Stated.model_validate_json(message.data)
    except (NatsError, TimeoutError, ValidationError) as error:
        why = f"the signer does not answer: {type(error).__name__}"
        raise Complaint(Exit.UNREACHABLE, why, "start psmp_signer, or do without it: --unsigned") from None
    if stated.refused is not None or stated.note.endswith("\n\n"):
        why = stated.refused.text if stated.refused else "it has no statement key"
        raise Complaint(
            Exit.UNREACHABLE, f"the signer does not sign: {why}", "psmp signing-key make statement, or --unsigned"
        )
    return stated.note

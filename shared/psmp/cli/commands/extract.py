"""``psmp extract``: records of the ledger for other programs, chosen by filters, as JSON or CSV."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from psmp.cli import clock
from psmp.cli.database import Since, Tenant, Until, database, moment, tenant_of
from psmp.cli.deployments import Deployment, deployment_of
from psmp.cli.exits import Exit
from psmp.cli.extracting import extracted
from psmp.cli.flags import SERVERS, Servers
from psmp.cli.logbook import opened
from psmp.cli.output import Format, Output
from psmp.cli.sealing import by_signer
from psmp.ledger.extracts import Wanted
from psmp.store.extract import Extract
from psmp.store.pool import answering as asked
from psmp.words.envelope import written


async def extract(
    project: Annotated[str | None, Parameter(help="One project; left out, all of the tenant.")] = None,
    *,
    format: Annotated[Literal["json", "csv"], Parameter(help="One document, or a table.")] = "json",  # noqa: A002 - the option's name
    since: Since = None,
    until: Until = None,
    agent: Annotated[str | None, Parameter(help="Only what this agent did, or what is about it.")] = None,
    kind: Annotated[str | None, Parameter(help="Only events of this kind: conflict.detected, or conflict.")] = None,
    unsigned: Annotated[bool, Parameter(help="Do not have the manifest signed: no signer is needed.")] = False,
    output: Annotated[Path | None, Parameter(help="The file to write; left out, standard output.")] = None,
    tenant: Tenant = None,
    deployment: Deployment = None,
    servers: Servers = SERVERS,
) -> Exit:
    """Write records of the ledger for other programs. What is left out makes it no proof; psmp verify needs all."""
    wanted = Wanted(moment("since", since), moment("until", until), agent, kind)
    name = deployment_of(deployment)
    async with AsyncExitStack() as exits:
        if unsigned:
            pool, sealing = await exits.enter_async_context(database(servers, "extract")), None
        else:
            logbook = await exits.enter_async_context(opened(servers, "extract"))
            pool, sealing = logbook.pool, by_signer(logbook.nats)
        made_at = written(clock.now())
        asking = Extract(pool, tenant_of(tenant), project, wanted, deployment=name, made_at=made_at)
        with asked():
            beside = await extracted(asking, format, sealing, output)
    out = Output(Format.TABLE)
    for file in beside:
        out.say(f"{file} written", "dim")
    if format == "csv" and output is None:
        out.say("standard output has no manifest; with --output FILE it stands beside the file", "dim")
    return Exit.DONE

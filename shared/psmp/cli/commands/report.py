"""``psmp report``: what the record says about the controls of SOC 2, GDPR or HIPAA, and what it does not."""

from typing import Annotated, Literal

from cyclopts import Parameter

from psmp.cli.database import Position, Since, Tenant, Until, database, moment, tenant_of
from psmp.cli.exits import Exit
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.known import require
from psmp.cli.output import Format, writing
from psmp.cli.publickeys import KeyFile, public_keys
from psmp.compliance.report import FRAMEWORKS, markdown, plain
from psmp.compliance.report import report as made_of
from psmp.ledger.keys import Use
from psmp.store.evidence import Scope, gather
from psmp.store.pool import answering as asked


async def report(
    framework: Annotated[Literal["soc2", "gdpr", "hipaa"], Parameter(help="Whose controls.")],
    *,
    since: Since = None,
    until: Until = None,
    keys: KeyFile = None,
    at: Position = None,
    checkpoint: Annotated[
        int | None, Parameter(help="As of this checkpoint, as an earlier report named it; left out, the newest.")
    ] = None,
    tenant: Tenant = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """What the record says about each control: covered, partly or not, the evidence, and what is not proved.

    Markdown, or JSON with -o json. Ends with 7 where the record does not hold.
    """
    trusted = public_keys(keys)[Use.LOG] if keys else ()
    scope = Scope(tenant_of(tenant), moment("since", since), moment("until", until), at, checkpoint, trusted)
    async with database(servers, "report") as pool:
        await require(pool, scope.tenant, None, named=tenant is not None)
        with asked():
            evidence = await gather(pool, scope)
    made = made_of(FRAMEWORKS[framework], evidence)
    if answering.output is Format.TABLE:
        with writing() as stdout:
            stdout.write(markdown(made))
    else:
        answering.out.one(plain(made), str)
    return Exit.DONE if made.holds else Exit.INTEGRITY

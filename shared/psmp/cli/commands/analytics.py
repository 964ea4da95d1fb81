"""``psmp analytics``: who causes which share of the conflicts, and how long it takes until they are gone."""

from typing import Annotated, Any

from cyclopts import Parameter

from psmp.cli.database import Position, Since, Tenant, Until, database, moment, tenant_of
from psmp.cli.exits import Exit
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.known import require
from psmp.cli.pages import analytics as pages
from psmp.store.analytics import Analysis, Asked, analyse
from psmp.words.envelope import written


async def analytics(
    project: Annotated[str | None, Parameter(help="One project; left out, all of the tenant.")] = None,
    *,
    since: Since = None,
    until: Until = None,
    at: Position = None,
    tenant: Tenant = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Who causes which share of the conflicts, how they end and how long that takes, refusals, slots and waits."""
    asked = Asked(tenant_of(tenant), project, moment("since", since), moment("until", until), at)
    async with database(servers, "analytics") as pool:
        await require(pool, asked.tenant, project, named=tenant is not None)
        found = await analyse(pool, asked)
    answering.out.one(_plain(asked, found), lambda: pages.page(asked, found))
    return Exit.DONE


def _plain(asked: Asked, found: Analysis) -> dict[str, Any]:
    return {
        "tenant": asked.tenant,
        "project": asked.project,
        "since": asked.since and written(asked.since),
        "until": asked.until and written(asked.until),
        "position": found.position,
        "moment": found.moment and written(found.moment),
        **found.parts,
    }

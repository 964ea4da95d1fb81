"""The database by itself, for questions that need no NATS, and the range of time that they are about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

from cyclopts import Parameter

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import Servers
from psmp.store.pool import Pool, answering, open_pool

Tenant = Annotated[str | None, Parameter(env_var="PSMP_TENANT", help="Whose it is; default: default.")]
Since = Annotated[str | None, Parameter(help="From this time on (2026-11-21T10:15:30Z, or a part of it).")]
Until = Annotated[str | None, Parameter(help="Up to this time, which is not in it any more.")]
Position = Annotated[
    int | None, Parameter(help="As of this position of the log, as an earlier answer named it; left out, as of now.")
]


@asynccontextmanager
async def database(servers: Servers, purpose: str) -> AsyncIterator[Pool]:
    """A pool on it; raises ``Complaint`` when nothing says where it is, ``PostgresUnavailable`` when it is away."""
    dsn = servers.found().postgres_dsn
    if dsn is None:
        raise Complaint(Exit.USAGE, "nobody said where Postgres is", "start psmp dev, or set PSMP_POSTGRES_DSN")
    with answering():
        pool = await open_pool(dsn, f"psmp-{purpose}", size=2)
        try:
            yield pool
        finally:
            pool.terminate()


def tenant_of(given: str | None) -> str:
    """The tenant that is meant."""
    return given or settings.defaults().tenant or "default"


def moment(name: str, text: str | None) -> datetime | None:
    """The time that an option says; raises ``Complaint`` where it says none."""
    if text is None:
        return None
    read = clock.moment(text)
    if read is None:
        raise Complaint(Exit.USAGE, f"--{name} {text}: not a time", "a time such as 2026-11-21T10:15:30Z")
    return read

"""``psmp setup``: your own NATS and Postgres, made ready for the services."""

from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.pages.layout import facts
from psmp.store.migrate import migrate
from psmp.store.restore.refill import require_finished
from psmp.wire.assets import CONSUMERS, STREAMS, prepare
from psmp.wire.connection import connect


async def setup(
    *,
    replicas: Annotated[
        int, Parameter(help="Servers that keep a copy of each stream; more than 1 needs a cluster.")
    ] = 1,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Make or update streams, consumers and tables; safe to run again at any time."""
    if not servers.nats_url and not servers.postgres_dsn:
        hint = "psmp setup --nats-url nats://setup:…@host:4222 --postgres-dsn postgresql://user@host/database"
        raise Complaint(Exit.USAGE, "which servers? (a stack of psmp dev is set up already)", hint)
    done: dict[str, list[str]] = {}
    if servers.nats_url:
        client = await connect(servers.address(servers.nats_url), "psmp-setup", inbox="_INBOX_setup")
        try:
            await require_finished(client)
            await prepare(client, replicas=replicas)
        finally:
            await client.close()
        done["streams"] = [str(stream["name"]) for stream in STREAMS]
        done["consumers"] = [str(config["name"]) for _, config in CONSUMERS]
    if servers.postgres_dsn:
        done["migrations"] = await migrate(servers.postgres_dsn)
    told = {name: ", ".join(each) or "up to date" for name, each in done.items()}
    out = answering.out
    out.one(done, lambda: facts((name, Text(each)) for name, each in told.items()))
    out.say("next: start the services, then psmp doctor", "dim")
    return Exit.DONE

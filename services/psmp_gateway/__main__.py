"""``python -m psmp_gateway``: the gateway as a process."""

import asyncio
import gc
from collections.abc import Sequence
from datetime import timedelta

from psmp.client.link import Link
from psmp.rules.limits import Buckets, Limit
from psmp.service.clock import now
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop, Statistics
from psmp.store.pool import Pool, open_pool
from psmp_gateway.app import gateway
from psmp_gateway.calls import Ports
from psmp_gateway.drain import Drain
from psmp_gateway.entrance import Entrance
from psmp_gateway.keys import Keys
from psmp_gateway.mcp import Models
from psmp_gateway.record import CONNECTIONS, Record
from psmp_gateway.rules.site import Site
from psmp_gateway.server import Door
from psmp_gateway.sessions import Sessions
from psmp_gateway.settings import GatewaySettings, read_trust
from psmp_gateway.signin import SignIn
from psmp_gateway.speaking import Speaking
from psmp_gateway.tail import Tail
from psmp_gateway.tokens import Issuer, client_for

CONNECTED_WITHIN = 30.0


async def build(context: Context[GatewaySettings]) -> Sequence[Loop]:
    """The gateway's loops: the keys, the end of the log, the sessions of models, and the door."""
    settings = context.settings
    pool = await open_pool(settings.postgres_dsn, "psmp-gateway", size=2)
    context.adapters.callback(pool.terminate)
    reads = await open_pool(settings.postgres_dsn, "psmp-gateway-record", size=CONNECTIONS)
    context.adapters.callback(reads.terminate)
    link = Link(settings.nats)
    context.adapters.push_async_callback(link.close)
    await link.open("psmp-gateway-link", "_INBOX_gateway", CONNECTED_WITHIN)
    await link.hear()
    keys, tail = Keys(pool, now), Tail(context.nats, link, held=settings.live_held)

    def describe() -> list[Statistics]:
        issuer = [] if entrance.issuer is None else [entrance.issuer.describe()]
        return [keys.describe(), tail.describe(), entrance.sessions.describe(), drain.describe(), *issuer]

    entrance, drain = _entrance(settings, keys, pool), Drain()
    if entrance.issuer is not None:
        context.adapters.push_async_callback(entrance.issuer.close)
    limits = Buckets(Limit(settings.key_requests_per_minute, settings.key_burst))
    record = Record(reads, context.log, context.nats, settings.deployment, settings.postgres_dsn)
    speaking = Speaking(link, settings.ask_seconds)
    ports = Ports(settings, context.nats, speaking, keys, tail, limits, describe, record, entrance, drain)
    models = Models(ports)
    application = await asyncio.to_thread(gateway, ports, models)  # a quarter of a second of looking at every route
    door = Door(application, settings.gateway_host, settings.gateway_port, settings.drain_seconds)
    _rest_the_collector()
    return [tail, keys, models, door, *([] if entrance.issuer is None else [entrance.issuer])]


def _entrance(settings: GatewaySettings, keys: Keys, pool: Pool) -> Entrance:
    sessions = Sessions(pool, keys, now, timedelta(hours=settings.session_hours))
    site = Site(settings.public_url)
    if settings.oidc_file is None:
        return Entrance(keys, sessions, site)
    trust = read_trust(settings.oidc_file)
    issuer = Issuer(trust, client_for(trust), now)
    if trust.client_id is None:
        return Entrance(keys, sessions, site, issuer)
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
    return Entrance(keys, sessions, site, issuer, SignIn(issuer, issuer.client, trust.client_id, secret))


def _rest_the_collector() -> None:
    """Have it look no more at what was there from the beginning: to do so stops every reader for tens of ms."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    run("gateway", build, GatewaySettings, writes=False, keeps_folds=False)

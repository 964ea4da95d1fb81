"""The whole of PSMP as one plan: NATS with every identity, Postgres, what they must hold, and the services."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import asyncpg

from psmp.ledger.origins import HERE
from psmp.stack import keyfiles
from psmp.stack.admission import Admission
from psmp.stack.api import Api, lacks_gateway
from psmp.stack.identities import OPTIONAL, READER, SETUP, Identities
from psmp.stack.services import Service
from psmp.stack.stack import Plan, Stack
from psmp.store.migrate import migrate
from psmp.store.restore.heads import standing
from psmp.store.restore.refill import require_finished
from psmp.store.restore.standing import Regressed, command
from psmp.wire.assets import SERVICES, prepare
from psmp.wire.connection import Address, connect

WITHOUT_POSTGRES: Final = frozenset({"intake", "checker", "resolver", "orchestrator", "signer", "watchdog", "webhooks"})
"""Services that are never told where Postgres is: what they decide does not wait for it."""

CHECKPOINT_FILE: Final = f"{keyfiles.FOLDER}/checkpoints.jsonl"
"""Where the audit writer of a stack keeps its checkpoints, in the folder of the data."""

PLACED: Final[Mapping[str, Mapping[str, str]]] = {
    "audit": {"PSMP_CHECKPOINT_FILE": CHECKPOINT_FILE, "PSMP_LOG_KEYS": keyfiles.PUBLIC},
    "signer": {"PSMP_SIGNER_KEYS": keyfiles.SIGNER, "PSMP_SIGNER_STATE": f"{keyfiles.FOLDER}/signed"},
    "checker": {"PSMP_RECEIPT_KEYS": keyfiles.RECEIPTS},
    "orchestrator": {"PSMP_DISPATCH_KEYS": keyfiles.DISPATCH},
    "intake": {"PSMP_RECEIPT_KEYS": keyfiles.RECEIPTS},
    "keeper": {"PSMP_RECEIPT_KEYS": keyfiles.RECEIPTS},
    "resolver": {"PSMP_RECEIPT_KEYS": keyfiles.RECEIPTS},
    "watchdog": {"PSMP_RECEIPT_KEYS": keyfiles.RECEIPTS},
    "webhooks": {"PSMP_WEBHOOK_KEYS": keyfiles.WEBHOOKS},
}
"""What services are told to find or keep in the folder of a stack's data."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A plan of everything, who may log in to it, and its HTTP API with a key of the developer's."""

    plan: Plan
    identities: Identities
    api: Api


def whole(
    data: Path | None = None,
    *,
    agents: Mapping[str, Sequence[str]] | None = None,
    nats_port: int | None = None,
    durable: bool = True,
    env: Mapping[str, str] | None = None,
    webhooks: Path | bool = False,
    api: Api | None = None,
) -> Whole:
    """Everything, with logins for ``agents`` by tenant. ``data``, ``nats_port`` and ``durable``: see ``Plan``.

    ``env`` is added to what the services find in their environment. The webhook sender runs where ``webhooks`` are
    wanted, or where it is a file of endpoints. ``api`` says where the gateway listens; without its extra none runs.
    """
    identities, api = Identities(agents), api or Api()
    absent = {"gateway"} if lacks_gateway() else set()

    async def hold(stack: Stack) -> None:
        keyfiles.development(stack.folder)
        await setup(Address(stack.nats.url_for(identities.service(SETUP))), stack.postgres_dsn)
        await check(Address(stack.nats.url_for(identities.service(READER))), stack.postgres_dsn, data)
        await api.admit(stack.postgres_dsn)

    told = {**(env or {}), "PSMP_GATEWAY_PORT": str(api.port)}
    told["PSMP_WEBHOOKS_FILE"] = str(webhooks) if isinstance(webhooks, Path) else ""
    services = tuple(
        Service(
            name=name,
            argv=(sys.executable, "-m", f"psmp_{name}"),
            login=identities.service(name),
            env={**({"PSMP_POSTGRES_DSN": ""} if name in WITHOUT_POSTGRES else {}), "PSMP_DEPLOYMENT": HERE, **told},
            placed=PLACED.get(name, {}),
        )
        for name in (*SERVICES, *(OPTIONAL if webhooks else ()))
        if name not in absent
    )

    async def attend(stack: Stack) -> NoReturn:
        await Admission(stack.nats, identities, stack.postgres_dsn).follow()

    plan = Plan(
        services=services,
        data=data,
        durable=durable,
        nats_config=identities.conf,
        nats_includes=identities.includes,
        nats_env=identities.env,
        nats_port=nats_port,
        prepare=hold,
        attend=attend,
    )
    return Whole(plan, identities, api)


async def check(nats: Address, postgres_dsn: str, data: Path | None) -> None:
    """Hold log, ledger and checkpoints against each other; raises ``Regressed`` when something is missing."""
    client = await connect(nats, "psmp-check", inbox="_INBOX_operator")
    connection = await asyncpg.connect(postgres_dsn)
    try:
        found = await standing(
            client, connection, data / CHECKPOINT_FILE if data else None, keyfiles.log_keys(data) if data else ()
        )
    finally:
        await connection.close()
        await client.close()
    if not found.holds:
        raise Regressed(found, command(found, *(("--data", shlex.quote(str(data))) if data else ())))


async def setup(nats: Address, postgres_dsn: str) -> None:
    """Make the streams, consumers and tables that the services need; safe to run again at any time.

    Raises ``NotRestored`` while the log is half written.
    """
    await migrate(postgres_dsn)
    client = await connect(nats, "psmp-setup", inbox="_INBOX_setup")
    try:
        await require_finished(client)
        await prepare(client)
    finally:
        await client.close()

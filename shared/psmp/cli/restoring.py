"""What ``psmp restore`` stands on: servers where nothing is at work, what is amiss there, and what must hold after."""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import Servers
from psmp.cli.logbook import Logbook
from psmp.cli.output import Output
from psmp.cli.publickeys import log_keys
from psmp.log.jetstream import STREAM, JetStreamEventLog, get
from psmp.stack.at_rest import AtRest, at_rest
from psmp.stack.whole import CHECKPOINT_FILE
from psmp.store import replay, verify
from psmp.store.pool import CONNECT_WITHIN, Connection, Pool, answering, open_pool
from psmp.store.restore.diagnosis import Diagnosis, diagnose
from psmp.store.restore.heads import Keys, standing
from psmp.wire.administration import ask
from psmp.wire.announced import running_dev
from psmp.wire.assets import CONSUMERS
from psmp.wire.beats import beats
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.wire.standing import State, Word, say
from psmp.words.envelope import leaf_hash

INBOX: Final = "_INBOX_restore"
SILENT_AFTER: Final = 35.0
"""Seconds after which a service that has said nothing is taken for gone; they beat every 30."""
_TELL_EVERY: Final = 2.0


@dataclass(frozen=True)
class Bench:
    """Both servers as who restores has them; ``rest`` where they are those of a stopped ``psmp dev``."""

    nats: MendedClient
    connection: Connection
    pool: Pool
    file: Path | None
    rest: AtRest | None
    keys: Keys = ()

    async def diagnose(self, out: Output) -> Diagnosis:
        """What is amiss."""
        return await diagnose(self.nats, self.connection, self.pool, self.file, progress(out, "compared"), self.keys)


@asynccontextmanager
async def bench(data: Path | None, servers: Servers, file: Path | None) -> AsyncIterator[Bench]:
    """The servers over ``data``, or those that are named; raises ``Complaint`` while anything is at work there."""
    async with AsyncExitStack() as exits:
        if data is not None:
            rest = await exits.enter_async_context(at_rest(data))
            address, dsn, file = Address(rest.restore_url), rest.postgres.dsn(), file or data / CHECKPOINT_FILE
        else:
            rest = None
            if servers.nats_url is None or servers.postgres_dsn is None:  # never a psmp dev that runs
                folder = running_dev(os.environ).get("data") or "FOLDER"
                hint = f"stop psmp dev, then psmp restore … --data {folder}; or set PSMP_NATS_URL and PSMP_POSTGRES_DSN"
                raise Complaint(Exit.USAGE, "what is to be restored?", hint)
            address, dsn = servers.address(servers.nats_url), servers.postgres_dsn
        nats = await connect(address, "psmp-restore", inbox=INBOX)
        exits.push_async_callback(nats.close)
        await _require_rights(nats)
        with answering():
            connection = await asyncpg.connect(dsn, timeout=CONNECT_WITHIN)
            exits.push_async_callback(connection.close)
            pool = await open_pool(dsn, "psmp-restore", size=3)
        exits.callback(pool.terminate)
        yield Bench(nats, connection, pool, file, rest, log_keys(data))


async def _require_rights(nats: Client) -> None:
    """Raises ``Complaint`` when nothing comes of a question that who restores may ask: NATS refuses without a word."""
    stream, config = CONSUMERS[0]
    try:
        await ask(nats, f"CONSUMER.INFO.{stream}.{config['name']}", {})
    except (NatsError, TimeoutError) as error:
        why = f"NATS does not answer who restores: {str(error) or type(error).__name__}"
        raise Complaint(Exit.UNREACHABLE, why, "is PSMP_NATS_URL that of the user restore?") from None


async def at_work(nats: Client) -> list[str]:
    """Which services are at work: who was heard lately, and whose consumers are being read."""
    found = []
    for stream, config in CONSUMERS:
        said = await ask(nats, f"CONSUMER.INFO.{stream}.{config['name']}", {})
        if said.get("num_waiting"):
            found.append(f"consumer {config['name']} is being read")
    present = clock.now()
    for each in await beats(nats):
        age = (present - each.heard).total_seconds()
        if not each.leaving and age < SILENT_AFTER:
            found.append(f"{each.instance} was heard {age:.0f} s ago")
    return found


def progress(out: Output, word: str) -> Callable[[int, int], None]:
    """Says now and then how far it is; says nothing of what is done at once."""
    told = time.monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_EVERY:
            told = time.monotonic()
            out.say(f"{word} {done:,} of {whole:,} positions", "dim")

    return tell


async def checked(bench: Bench) -> list[str]:
    """What does not hold afterwards: the standing, every record against the ledger, every projection; nothing is well.

    Where all holds that is said for all to hear.
    """
    wrong = list((await standing(bench.nats, bench.connection, bench.file, bench.keys)).told)
    log = JetStreamEventLog(bench.nats)
    keys = await Logbook(bench.nats, log, bench.pool).keys()
    wrong += [str(each.fault) async for each in verify.verify(bench.pool, log=log, known=keys) if each.fault]
    wrong += [
        f"the projection of {each.key} differs: {each.damage or len(each.differences)}"
        async for each in replay.replay_check(bench.pool, log, keys)
        if each.damage or each.differences
    ]
    if not wrong:
        await say(bench.nats, Word(State.WELL))
    return wrong


async def projection_stands(bench: Bench) -> bool:
    """Whether the log has, where the projection has come to, what the projection took in."""
    row = await bench.connection.fetchrow(
        "SELECT position, encode(leaf, 'hex') AS leaf FROM psmp.follower WHERE name = 'projector'"
    )
    if row is None or not row["position"]:
        return True
    message = await get(bench.nats, STREAM, {"seq": row["position"]})
    return message is not None and leaf_hash(message.data) == row["leaf"]


def report(found: Diagnosis) -> dict[str, Any]:
    """What was found, as JSON."""
    walked = found.walked
    return {
        "missing": list(found.standing.told),
        "log": walked.log,
        "ledger": walked.ledger,
        "equal": walked.equal,
        "lacking": list(map(str, walked.lacking)),
        "differing": list(map(str, walked.differing)),
        "log_alone": len(walked.surplus),
        "proved": {str(key): side for key, side in found.sides.items()},
        "broken": {str(key): first for key, first in found.faults.items()},
    }

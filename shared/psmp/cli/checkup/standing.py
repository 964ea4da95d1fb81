"""Log, ledger and checkpoints held against each other, and what the services were told of that."""

import shlex
from collections.abc import AsyncIterator
from typing import Final

import asyncpg
from nats.errors import Error as NatsError

from psmp.cli.checkup.finding import Finding, Health, well
from psmp.cli.letterbox import INBOX
from psmp.store.pool import AWAY, CONNECT_WITHIN, PostgresUnavailable
from psmp.store.restore.heads import Keys, standing
from psmp.store.restore.standing import MOST_TOLD, Regressed, command
from psmp.wire.connection import Address, NatsUnreachable, connect
from psmp.wire.mended import MendedClient
from psmp.wire.standing import State, last_word

SUBJECT: Final = "standing"
ALERT: Final = "LEDGER_REGRESSED"


async def look(address: Address, dsn: str | None, data: str | None = None, keys: Keys = ()) -> AsyncIterator[Finding]:
    """Whether log and ledger stand; nothing where NATS is away, which is found elsewhere.

    ``data`` is the folder of the ``psmp dev`` that is looked at, which whoever restores must name. ``keys`` are those
    of the logs, as far as they are known.
    """
    try:
        client = await connect(address, "psmp-doctor", inbox=INBOX)
    except NatsUnreachable:
        return
    try:
        yield await _heard(client, data)
        if dsn is not None:
            yield await _checked(client, dsn, data, keys)
    except (NatsError, ValueError, *AWAY) as error:
        told = str(error) or type(error).__name__
        yield Finding(SUBJECT, Health.UNKNOWN, f"cannot be looked at: {told}", "see what is said of NATS and Postgres")
    finally:
        await client.close()


async def _heard(client: MendedClient, data: str | None) -> Finding:
    """What the services go by."""
    word = await last_word(client)
    if word is None:
        return Finding(SUBJECT, Health.UNKNOWN, "nobody has looked yet", "start the audit writer")
    if word.state is State.WELL:
        return well(SUBJECT, "the services were told that all stands")
    return Finding(
        SUBJECT, Health.BAD, f"{ALERT}: nothing is decided: {'; '.join(word.missing)}", named(word.hint, data)
    )


async def _checked(client: MendedClient, dsn: str, data: str | None, keys: Keys) -> Finding:
    """What is so."""
    try:
        connection = await asyncpg.connect(dsn, timeout=CONNECT_WITHIN)
    except (*AWAY, ValueError) as error:
        return Finding(SUBJECT, Health.UNKNOWN, str(PostgresUnavailable(error)), "see what is said of Postgres")
    try:
        found = await standing(client, connection, keys=keys)
    finally:
        await connection.close()
    if found.forged:
        hint = "find out who wrote it: docs/ledger.md; what is forged is not believed, and stops nothing"
        return Finding("ledger", Health.BAD, "; ".join((*found.told, *found.forged[:MOST_TOLD])), hint)
    if found.holds:
        return well("ledger", "log, ledger and checkpoints stand")
    hint = Regressed(found, command(found)).hint
    return Finding("ledger", Health.BAD, f"{ALERT}: {'; '.join(found.told)}", named(hint, data))


def named(hint: str, data: str | None) -> str:
    """The command with the folder of a ``psmp dev``, which must be stopped for it."""
    if data is None or not hint.startswith("psmp restore "):
        return hint
    return f"stop psmp dev, then {hint.replace(' --yes', f' --data {shlex.quote(data)} --yes')}"

"""Lets the NATS users of new keys in while a stack runs, and those of revoked and expired ones no more."""

import asyncio
from datetime import UTC, datetime
from typing import Final, NoReturn

import asyncpg

from psmp.stack.errors import StackError
from psmp.stack.identities import TENANTS_CONF, Identities
from psmp.stack.keyed import accounts, has_user, keyed
from psmp.stack.nats_server import NatsServer
from psmp.store import api_keys
from psmp.store.pool import AWAY, Connection, PostgresUnavailable

EVERY: Final = 1.0
"""Seconds between two looks at the keys."""


class Admission:
    """Follows the keys in Postgres, and has NATS read its users anew when others have one.

    Invariant: ``_admitted`` are the public keys that NATS was told of last.
    """

    def __init__(self, nats: NatsServer, identities: Identities, postgres_dsn: str) -> None:
        self._nats, self._identities, self._dsn = nats, identities, postgres_dsn
        self._admitted: frozenset[str] = frozenset()
        self._accounts = len(accounts(identities.includes[TENANTS_CONF]))
        self._connection: Connection | None = None

    async def follow(self) -> NoReturn:
        """Until it is cancelled; what is away is asked again."""
        try:
            while True:
                try:
                    await self.look()
                except (*AWAY, PostgresUnavailable, StackError):
                    await self._leave()
                await asyncio.sleep(EVERY)
        finally:
            await self._leave()

    async def look(self) -> None:
        """Once. Raises what Postgres and NATS raise when they are away."""
        if self._connection is None:
            self._connection = await asyncpg.connect(self._dsn)
        found, now = await api_keys.all_of(self._connection), datetime.now(UTC)
        wanted = frozenset(each.nkey for each in found if each.nkey and has_user(each, now))
        if wanted != self._admitted:
            base = self._identities.includes
            told = {**base, TENANTS_CONF: keyed(base[TENANTS_CONF], found, now)}
            await self._nats.reload(told)
            if len(accounts(told[TENANTS_CONF])) > self._accounts:  # nats-server joins a new one to others at the next
                await self._nats.reload(told)
            self._accounts = len(accounts(told[TENANTS_CONF]))
            self._admitted = wanted

    async def _leave(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

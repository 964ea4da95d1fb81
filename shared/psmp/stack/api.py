"""The HTTP API of one stack: where it is, and a developer's key that is made for as long as the stack runs."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg

from psmp.stack.ports import LOOPBACK, free_port
from psmp.store import api_keys
from psmp.words.api_keys import RANDOM_BYTES, ApiKey, Role, name_of, token

TENANT: Final = "default"
AGENT: Final = "developer"
NOTE: Final = "of psmp dev"
_LASTS: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Api:
    """An admin's key to the tenant ``default``, and the port on which the gateway is to listen."""

    port: int = field(default_factory=free_port)
    token: str = field(default_factory=lambda: token(secrets.token_bytes(RANDOM_BYTES)), repr=False)

    @property
    def url(self) -> str:
        """Where the API begins."""
        return f"http://{LOOPBACK}:{self.port}/api/v1"

    async def admit(self, postgres_dsn: str) -> None:
        """Let the key in, and those of earlier runs of the same stack no more."""
        now = datetime.now(UTC)
        name = name_of(self.token) or ""
        key = ApiKey(
            name, TENANT, AGENT, Role.ADMIN, None, created=now, expires=now + _LASTS, note=NOTE, privileged=True
        )
        connection = await asyncpg.connect(postgres_dsn)
        try:
            await api_keys.revoke_noted(connection, NOTE, now)
            await api_keys.make(connection, self.token, key)
        finally:
            await connection.close()

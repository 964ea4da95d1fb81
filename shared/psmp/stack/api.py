"""The HTTP API of one stack: where it is, and a developer's key that is made for as long as the stack runs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

from psmp.stack.ports import LOOPBACK, free_port
from psmp.store import api_keys
from psmp.words.api_keys import RANDOM_BYTES, ApiKey, Role, name_of, token

TENANT: Final = "default"
AGENT: Final = "developer"
NOTE: Final = "of psmp dev"
PORT: Final = 4280
"""Where the gateway of ``psmp dev`` listens, if it can."""
NEEDED: Final = ("fastapi", "uvicorn")
"""What the gateway is made with, which the extra ``gateway`` brings."""
_LASTS: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Api:
    """An admin's key to the tenant ``default``, and the port on which the gateway is to listen."""

    port: int = field(default_factory=free_port)
    token: str = field(default_factory=lambda: token(secrets.token_bytes(RANDOM_BYTES)), repr=False)

    @property
    def url(self) -> str:
        """Where the API begins."""
        return f"{self.site}/api/v1"

    @property
    def site(self) -> str:
        """Where the gateway is."""
        return f"http://{LOOPBACK}:{self.port}"

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


Find = Callable[[str], ModuleSpec | None]


def lacks_gateway(find: Find = find_spec) -> str:
    """What is to be done before a gateway can run here; "" when it can."""
    return "" if all(map(find, NEEDED)) else "pip install 'psmp[gateway]'"


def lacks_dashboard(find: Find = find_spec) -> str:
    """What is to be done before a gateway has a dashboard to serve; "" when it has one."""
    spec = None if lacks_gateway(find) else find("psmp_gateway")
    if spec is None or spec.origin is None:
        return lacks_gateway(find)
    return "" if Path(spec.origin).with_name("built").joinpath("index.html").is_file() else "make dashboard"

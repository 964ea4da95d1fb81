"""A running stack with its gateway, and keys to it of every kind."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest_asyncio

from psmp.stack import Stack, free_port
from psmp.stack.whole import Whole, whole
from psmp.store import api_keys
from psmp.words.api_keys import RANDOM_BYTES, ApiKey, Role, name_of, token
from tests.api import Api
from tests.servers import UNLIMITED

HELD = 50
"""Events that the gateway of these tests holds for live readers: few, so that one can fall behind."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The stack; ``admin`` is the developer's key, ``other`` the same at the second gateway, where one runs."""

    stack: Stack
    planned: Whole
    admin: Api
    other: Api | None = None

    async def key(
        self,
        role: Role | str,
        agent: str = "ada",
        *,
        tenant: str = "default",
        projects: frozenset[str] | None = None,
        lasts: timedelta = timedelta(days=1),
        privileged: bool = False,
    ) -> Api:
        """A new key."""
        text, now = token(secrets.token_bytes(RANDOM_BYTES)), datetime.now(UTC)
        begin = min(now, now + lasts - timedelta(seconds=1))
        key = ApiKey(
            name_of(text) or "", tenant, agent, Role(role), projects, begin, now + lasts, privileged=privileged
        )
        connection = await asyncpg.connect(self.stack.postgres_dsn)
        await api_keys.make(connection, text, key)
        await connection.close()
        return Api(self.admin.url, text)

    async def revoke(self, api: Api) -> None:
        connection = await asyncpg.connect(self.stack.postgres_dsn)
        assert await api_keys.revoke(connection, name_of(api.token or "") or "", datetime.now(UTC))
        await connection.close()

    async def project(self, name: str, **more: object) -> None:
        """A project in which can be declared."""
        assert (await self.admin.post("/projects", {"project": name, **more})).status == 201
        moved = await self.admin.post(f"/projects/{name}/transition", {"to": "PLANNING", "reason": "a test"})
        assert moved.status == 200, moved

    async def declare(self, project: str, artifact: str, *needs: str, agent: str = "ada", **headers: str) -> int:
        """Declare an artifact and wait for the verdict; the position of what settled it."""
        named = [dict(zip(("name", "constraint"), each.split(" ", 1), strict=False)) for each in needs]
        body = {"artifact": artifact, "type": "code", "dependencies": named}
        path = f"/projects/{project}/artifacts"
        answer = await self.admin.speaking_as(agent).post(path, body, Prefer="wait", **headers)
        assert answer.status == 201, answer
        return int(answer.json["position"])


@asynccontextmanager
async def running(*, second: bool = False, **settings: str) -> AsyncIterator[Gateway]:
    """Everything as ``psmp dev`` starts it, but for the limits of rate, and for how much is held for live readers.

    With ``second`` another gateway runs beside the first, over the same servers; ``settings`` are added for both.
    """
    limits = {"PSMP_KEY_REQUESTS_PER_MINUTE": "0", "PSMP_LIVE_HELD": str(HELD), "PSMP_LIVE_BEAT_SECONDS": "0.5"}
    limits["PSMP_WEBHOOKS_ALLOW_HTTP"] = "true"
    planned = whole(durable=False, env={**UNLIMITED, **limits, **settings})
    plan, other = planned.plan, None
    if second:
        [one] = [each for each in plan.services if each.name == "gateway"]
        port = str(free_port())
        beside = replace(one, name="gateway-2", env={**one.env, "PSMP_GATEWAY_PORT": port})
        plan = replace(plan, services=(*plan.services, beside))
        other = Api(planned.api.url.replace(str(planned.api.port), port), planned.api.token)
    async with Stack(plan) as stack:
        yield Gateway(stack, planned, Api(planned.api.url, planned.api.token), other)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    """One gateway."""
    async with running() as found:
        yield found

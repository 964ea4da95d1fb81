"""Where API keys are kept: made and revoked by who has ``psmp_keys``, read by the gateway."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psmp.store.pool import Connection, Pool, answering
from psmp.store.statements import load
from psmp.words.api_keys import ApiKey, Role, digest, name_of

SQL: Final = load(__file__)


class NotAToken(ValueError):
    """What was to be kept is no token."""


async def make(connection: Connection, text: str, key: ApiKey) -> None:
    """Keep a key: what it stands for, and of its token ``text`` the digest. Raises ``PostgresUnavailable``."""
    if name_of(text) != key.name:
        raise NotAToken(key.name)
    projects = None if key.projects is None else sorted(key.projects)
    about = (
        key.tenant,
        key.agent,
        key.role.value,
        projects,
        key.created,
        key.expires,
        key.note,
        key.privileged,
        key.nkey,
    )
    with answering():
        await connection.execute(SQL["make"], key.name, digest(text), *about)


async def all_of(connection: Connection) -> list[ApiKey]:
    """Every key that there is or was, oldest first. Raises ``PostgresUnavailable``."""
    with answering():
        return [_key(row) for row in await connection.fetch(SQL["all"])]


async def named(connection: Connection, name: str) -> ApiKey | None:
    """The key of that name, as it is or was. Raises ``PostgresUnavailable``."""
    with answering():
        row = await connection.fetchrow(SQL["named"], name)
    return _key(row) if row else None


async def revoke(connection: Connection, name: str, now: datetime) -> bool:
    """Let a key open nothing any more; False when no key of that name does. Raises ``PostgresUnavailable``."""
    with answering():
        return bool((await connection.execute(SQL["revoke"], name, now)).endswith(" 1"))


async def end(connection: Connection, name: str, at: datetime) -> None:
    """Let a key open nothing from ``at`` on, if it did until then. Raises ``PostgresUnavailable``."""
    with answering():
        await connection.execute(SQL["end"], name, at)


async def revoke_noted(connection: Connection, note: str, now: datetime) -> None:
    """Revoke every key that has this note. Raises ``PostgresUnavailable``."""
    with answering():
        await connection.execute(SQL["revoke_noted"], note, now)


async def good(pool: Pool) -> Mapping[bytes, ApiKey]:
    """The keys that open something now, by the digest of their token. Raises ``PostgresUnavailable``."""
    with answering():
        return {row["digest"]: _key(row) for row in await pool.fetch(SQL["good"])}


def _key(row: Any) -> ApiKey:  # noqa: ANN401 - asyncpg's record
    return ApiKey(
        name=row["name"],
        tenant=row["tenant"],
        agent=row["agent"],
        role=Role(row["role"]),
        projects=None if row["projects"] is None else frozenset(row["projects"]),
        created=row["created"],
        expires=row["expires"],
        revoked=row["revoked"],
        note=row["note"],
        privileged=row["privileged"],
        nkey=row["nkey"],
    )

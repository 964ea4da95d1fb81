"""Analytics: who causes conflicts, how they end and how long that takes, asked of the views for that (migration 8)."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from psmp.store.pool import CHECK_WITHIN, Connection, Pool, checking
from psmp.store.statements import load

SQL: Final = load(__file__)
PARTS: Final = ("agents", "subjects", "severities", "resolved", "days", "blocked", "refusals", "slots", "waits")

Line = dict[str, Any]
"""One line of an answer; shares and seconds are floats."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about: a tenant, one ``project`` of it or all; ``since`` <= time < ``until``.

    Nothing behind ``position`` counts; None is all that the projection has.
    """

    tenant: str
    project: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """The answers, part by part, as of a position; ``moment`` is when the last event up to there was recorded.

    What goes on is counted up to ``moment``: there is no other clock.
    """

    position: int
    moment: datetime | None
    parts: dict[str, list[Line]] = field(default_factory=dict)


async def analyse(pool: Pool, asked: Asked) -> Analysis:
    """All parts, as of one moment. Raises asyncpg's errors."""
    async with checking(pool) as connection:
        return await parts_of(connection, asked)


async def parts_of(connection: Connection, asked: Asked) -> Analysis:
    """All parts, as the connection sees things."""
    whose = asked.tenant, asked.project
    newest = await connection.fetchrow(SQL["moment"], *whose, asked.position, timeout=CHECK_WITHIN)
    position, moment = newest or (None, None)
    if position is None:
        return Analysis(0, None, {name: [] for name in PARTS})
    bounds = *whose, asked.since, asked.until, position
    parts: dict[str, list[Line]] = {}
    for name in PARTS:
        more = (moment,) if name == "blocked" else ()
        rows = await connection.fetch(SQL[name], *bounds, *more, timeout=CHECK_WITHIN)
        parts[name] = [{key: _plain(value) for key, value in row.items()} for row in rows]
    return Analysis(position, moment, parts)


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value

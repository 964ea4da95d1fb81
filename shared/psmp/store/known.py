"""Which tenants and projects there are, as far as they are projected: so that a slip of the pen is no empty answer."""

from typing import Final

from psmp.store.pool import CHECK_WITHIN, Pool
from psmp.store.statements import load

SQL: Final = load(__file__)


async def tenants(pool: Pool) -> list[str]:
    """The tenants that have a project, by name. Raises asyncpg's errors."""
    return [tenant for (tenant,) in await pool.fetch(SQL["tenants"], timeout=CHECK_WITHIN)]


async def projects(pool: Pool, tenant: str) -> list[str]:
    """The tenant's projects, by name."""
    return [project for (project,) in await pool.fetch(SQL["projects"], tenant, timeout=CHECK_WITHIN)]

"""How many requests an agent and a tenant may make, by the clock of the server. Pure."""

from typing import Final

from psmp.rules.limits import MINUTE, Buckets, Limit

__all__ = ["MINUTE", "PRIVILEGED", "Buckets", "Limit", "Limits"]

PRIVILEGED: Final = 10
"""How many requests of a privileged agent count as one."""


class Limits:
    """What one intake has let through: of each agent, and of each tenant all together."""

    def __init__(self, agent: Limit, tenant: Limit) -> None:
        self._agents, self._tenants = Buckets(agent), Buckets(tenant)

    def ask(self, tenant: str, agent: str, now: int, *, privileged: bool = False) -> int:
        """Count a request made at ``now``, unless it is too much: then the seconds to wait, and nothing is counted."""
        name, share = f"{tenant}/{agent}", PRIVILEGED if privileged else 1
        lacking = max(self._agents.wait(name, now, share), self._tenants.wait(tenant, now))
        if lacking:
            return -(-lacking // 1_000_000_000)
        self._agents.take(name, now, share)
        self._tenants.take(tenant, now)
        return 0

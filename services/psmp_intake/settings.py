"""What intake needs to know besides what every service does: how much it takes of whom."""

from typing import Annotated

from pydantic import Field

from psmp.service.outcomes import AnsweringSettings
from psmp_intake.limits import Limit, Limits

PerMinute = Annotated[int, Field(ge=0, le=1_000_000)]
Burst = Annotated[int, Field(ge=1, le=1_000_000)]


class IntakeSettings(AnsweringSettings):
    """Requests a minute of one agent and of one tenant, 0 for no limit; ``burst`` is how many may come at once."""

    agent_requests_per_minute: PerMinute = 100
    agent_burst: Burst = 50
    tenant_requests_per_minute: PerMinute = 6000
    tenant_burst: Burst = 1000

    @property
    def limits(self) -> Limits:
        """A count that starts now."""
        return Limits(
            Limit(self.agent_requests_per_minute, self.agent_burst),
            Limit(self.tenant_requests_per_minute, self.tenant_burst),
        )

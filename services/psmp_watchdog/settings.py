"""What the watchdog needs to know besides what every service does: which services there are, and when to call."""

from typing import Annotated, Final

from pydantic import Field

from psmp.service.outcomes import AnsweringSettings
from psmp_watchdog.readings import Limits

EXPECTED: Final = "intake,checker,resolver,keeper,orchestrator,audit,signer,watchdog,gateway"


class WatchdogSettings(AnsweringSettings):
    """Times are in seconds.

    ``expected_services``, parted by commas, are those of which an instance must be alive. A figure must be bad for
    ``alert_after_seconds`` before it is an alert, a consumer stand still for ``stuck_after_seconds``.
    ``nats_monitor_url`` is NATS' monitoring page, which alone knows how much room the server has.
    """

    expected_services: Annotated[str, Field(pattern=r"^[a-z]+(,[a-z]+)*$")] = EXPECTED
    operations_seconds: Annotated[float, Field(gt=0, le=3600)] = 10.0
    alert_after_seconds: Annotated[float, Field(ge=0, le=86_400)] = 60.0
    stuck_after_seconds: Annotated[float, Field(ge=0, le=86_400)] = 120.0
    lag_limit: Annotated[int, Field(ge=1)] = 1000
    skew_limit_seconds: Annotated[float, Field(gt=0, le=86_400)] = 5.0
    disk_limit_percent: Annotated[int, Field(ge=11, le=100)] = 80
    nats_monitor_url: Annotated[str | None, Field(pattern=r"^https?://.+")] = None

    @property
    def services(self) -> tuple[str, ...]:
        """The expected services by name."""
        return tuple(dict.fromkeys(self.expected_services.split(",")))

    @property
    def limits(self) -> Limits:
        """When figures are bad."""
        return Limits(
            hold=self.alert_after_seconds,
            lag=self.lag_limit,
            stuck=self.stuck_after_seconds,
            skew=self.skew_limit_seconds,
            disk=self.disk_limit_percent / 100,
        )

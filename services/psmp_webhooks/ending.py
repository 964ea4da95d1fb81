"""Writes down that a webhook has ended, for its receiver wants nothing any more."""

from dataclasses import dataclass
from typing import Final

import structlog

from psmp.log.decider import LATEST, Decider, Decision
from psmp.log.port import EventLog
from psmp.log.view import View
from psmp.log.views import Views
from psmp.rules.project import Project
from psmp.service.clock import stamp
from psmp.words.envelope import EventEnvelope
from psmp.words.webhooks import place
from psmp_webhooks.registry import Registered
from psmp_webhooks.rules import ended, provenance

LOG: Final = structlog.get_logger()


class Ending:
    """Ends webhooks in the logs of their tenants, each once."""

    def __init__(self, log: EventLog, views: Views[Project | None]) -> None:
        self._decider = Decider(log, views, stamp)

    async def __call__(self, receiver: Registered, event: EventEnvelope) -> None:
        """End that webhook, by an event that its receiver did not want; raises ``Unreachable``."""
        if await self._decider.decide(place(receiver.tenant), _Ruling(receiver, event), seen=LATEST):
            LOG.warning("webhook_ended", correlation=event.correlationid, endpoint=receiver.name)


@dataclass(frozen=True, slots=True)
class _Ruling:
    """The rule for the end of one webhook."""

    receiver: Registered
    trigger: EventEnvelope

    def __call__(self, view: View[Project | None]) -> Decision | None:
        event = ended(view.state, self.receiver.webhook, self.receiver.version)
        origin = provenance(self.trigger.id, self.trigger.correlationid, self.trigger.traceparent)
        return (event, origin) if event is not None else None

"""The sender at work: takes an event, posts it to whoever wants it, and tries again those who did not take it.

At least once: who took it before a restart may get it again, under the same id. Events of one project may overtake one
another when one has to be tried again; ``sequence`` in the body says what came first.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from psmp.wire.settle import Delivery, Done, Later, Never, Outcome
from psmp.wire.webhooks import sign
from psmp.words import subjects
from psmp.words.envelope import EventEnvelope, open_event
from psmp.words.events import AlertRaised
from psmp.words.ids import ProjectKey
from psmp_webhooks.endpoints import Endpoint
from psmp_webhooks.post import Resolve, post, resolve
from psmp_webhooks.rules import Failed, Fate, Gone, Taken, Unanswered, fate

LOG: Final = structlog.get_logger()
AT_ONCE: Final = 8
"""How many posts one endpoint gets at the same time."""

POSTS: Final = Counter("psmp_webhook_posts", "Webhooks by what became of an attempt.", ["outcome"])
DISABLED: Final = Gauge("psmp_webhook_endpoints_disabled", "Endpoints that want nothing any more (410).")

STALE: Final = 86_400.0
"""Seconds after which nobody is told for the first time: what waited while no sender ran is news no more."""

_LETTER: Final = "letter-"
_HEADERS: Final = {"content-type": "application/cloudevents+json; charset=utf-8", "user-agent": "psmp-webhooks/1"}


def lane(delivery: Delivery) -> ProjectKey | None:
    """Events of one project are first tried one after another."""
    return subjects.read_log(delivery.subject)[0]


class Sender:
    """Posts events. ``now`` gives the Unix time, ``chance`` numbers from 0 to 1 that spread what is tried again.

    ``_taken`` has, by position, the endpoints that need not be tried again, while others of the same event must be.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        now: Callable[[], float],
        chance: Callable[[], float],
        *,
        resolve: Resolve = resolve,
    ) -> None:
        self._endpoints, self._now, self._chance, self._resolve = endpoints, now, chance, resolve
        self._limits = {each.name: asyncio.Semaphore(AT_ONCE) for each in endpoints}
        self._disabled: set[str] = set()
        self._taken: dict[int, set[str]] = {}

    async def handle(self, delivery: Delivery) -> Outcome:
        """One event to everybody who wants it."""
        key, kind = subjects.read_log(delivery.subject)
        taken = self._taken.get(delivery.position, set()) | self._disabled
        wanted = [each for each in self._endpoints if each.wants(key, kind) and each.name not in taken]
        if not wanted:
            self._taken.pop(delivery.position, None)
            return Done()
        event = open_event(delivery.body)
        if delivery.tries == 1 and self._now() - datetime.fromisoformat(event.time).timestamp() > STALE:
            LOG.warning("stale", correlation=event.correlationid, event_id=event.id, project=str(key), time=event.time)
            return Done()
        async with asyncio.TaskGroup() as group:
            tasks = {each.name: group.create_task(self._attempt(each, event, delivery)) for each in wanted}
        fates = {name: task.result() for name, task in tasks.items()}
        return self._settle(event, delivery, fates)

    async def _attempt(self, endpoint: Endpoint, event: EventEnvelope, delivery: Delivery) -> Fate:
        async with self._limits[endpoint.name]:
            try:
                headers = sign(event.id, int(self._now()), delivery.body, endpoint.secrets)
            except (OSError, ValueError) as error:  # the file with the secret has gone or was spoilt
                return fate(Unanswered(f"cannot be signed: {error}"), delivery.tries, self._chance())
            answer = await post(endpoint, delivery.body, {**_HEADERS, **headers}, resolve=self._resolve)
        found = fate(answer, delivery.tries, self._chance())
        about = {"endpoint": endpoint.name, "event_id": event.id, "project": str(event.key), "tries": delivery.tries}
        match found:
            case Taken():
                POSTS.labels("taken").inc()
            case Gone():
                self._disabled.add(endpoint.name)
                DISABLED.set(len(self._disabled))
                LOG.warning("endpoint_disabled", correlation=event.correlationid, **about)
            case Failed(reason, wait):
                POSTS.labels("failed" if wait is not None else "given_up").inc()
                LOG.warning("not_taken", correlation=event.correlationid, reason=reason, wait=wait, **about)
        return found

    def _settle(self, event: EventEnvelope, delivery: Delivery, fates: dict[str, Fate]) -> Outcome:
        failed = {name: each for name, each in fates.items() if isinstance(each, Failed)}
        waits = [each.wait for each in failed.values() if each.wait is not None]
        if waits:
            taken = self._taken.setdefault(delivery.position, set())
            taken.update(fates.keys() - failed.keys())
            return Later(max(waits))
        self._taken.pop(delivery.position, None)
        if not failed:
            return Done()
        reason = "; ".join(f"{name}: {each.reason}" for name, each in failed.items())
        if isinstance(event.data, AlertRaised) and event.data.alert.startswith(_LETTER):
            # That a letter lies there is told of no further: it would be a letter again, and so on for ever.
            LOG.error("given_up", correlation=event.correlationid, position=delivery.position, reason=reason)
            return Done()
        return Never(reason)

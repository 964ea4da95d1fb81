"""The sender at work: takes an event, posts it to whoever wants it, and tries again those who did not take it.

At least once: who took it before a restart may get it again, under the same id. Events of one project may overtake one
another when one has to be tried again; ``sequence`` in the body says what came first.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from psmp.wire.settle import Delivery, Done, Later, Never, Outcome
from psmp.wire.webhooks import sign
from psmp.words import subjects
from psmp.words.answers import WebhookHealth
from psmp.words.envelope import EventEnvelope, open_event
from psmp.words.events import AlertRaised, WebhookTested
from psmp.words.ids import ProjectKey
from psmp_webhooks.condition import Condition
from psmp_webhooks.endpoints import Receiver
from psmp_webhooks.places import Places
from psmp_webhooks.post import Resolve, post, resolve
from psmp_webhooks.registry import Registered, Registry, spelled
from psmp_webhooks.rules import Failed, Fate, Gone, Taken, Unanswered, fate

LOG: Final = structlog.get_logger()
AT_ONCE: Final = 8
"""How many posts one receiver gets at the same time."""
PLACES: Final = 64
"""How many events are posted at the same time, those of all tenants together."""

POSTS: Final = Counter("psmp_webhook_posts", "Webhooks by what became of an attempt.", ["outcome"])
DISABLED: Final = Gauge("psmp_webhook_endpoints_disabled", "Endpoints that want nothing any more (410).")

STALE: Final = 86_400.0
"""Seconds after which nobody is told for the first time: what waited while no sender ran is news no more."""

_LETTER: Final = "letter-"
_HEADERS: Final = {"content-type": "application/cloudevents+json; charset=utf-8", "user-agent": "psmp-webhooks/1"}

End = Callable[[Registered, EventEnvelope], Awaitable[None]]
"""Writes down that a webhook has ended, by an event that its receiver did not want."""


def lane(delivery: Delivery) -> ProjectKey | None:
    """Events of one project are first tried one after another."""
    return subjects.read_log(delivery.subject)[0]


class Sender:
    """Posts events. ``now`` gives the Unix time, ``chance`` numbers from 0 to 1 that spread what is tried again.

    ``_taken`` has, by position, those who need not be tried again, while others of the same event must be; ``_gone``
    whose receivers want nothing any more, by name, in the version that they had.
    """

    def __init__(
        self,
        endpoints: Sequence[Receiver],
        now: Callable[[], float],
        chance: Callable[[], float],
        *,
        resolve: Resolve = resolve,
        registry: Registry | None = None,
        end: End | None = None,
    ) -> None:
        self._endpoints, self._now, self._chance, self._resolve = endpoints, now, chance, resolve
        self._registry, self._end = registry, end
        self._limits: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._places = Places(PLACES)
        self._gone: dict[str, int] = {}
        self._taken: dict[int, set[str]] = {}
        self._conditions: defaultdict[str, Condition] = defaultdict(Condition)

    async def handle(self, delivery: Delivery) -> Outcome:
        """One event to everybody who wants it. Raises nats errors while nobody can say who that is."""
        key, kind = subjects.read_log(delivery.subject)
        if self._registry is not None:
            await self._registry.upto(delivery.position)
        if not self._wanted(key, kind, delivery):
            return await self._tell(key, kind, delivery)
        async with self._places.one(key.tenant):  # whoever has changed a webhook meanwhile finds it changed
            return await self._tell(key, kind, delivery)

    def health(self, tenant: str) -> tuple[WebhookHealth, ...]:
        """How posting goes by the webhooks of a tenant that the registry knows of."""
        known = self._registry.of(tenant) if self._registry is not None else {}
        return tuple(self._conditions[each.name].told(each.webhook) for each in known.values())

    async def _tell(self, key: ProjectKey, kind: str, delivery: Delivery) -> Outcome:
        wanted = self._wanted(key, kind, delivery)
        self._tidy(key.tenant, delivery.position, {each.name for each in wanted})
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

    def _wanted(self, key: ProjectKey, kind: str, delivery: Delivery) -> list[Receiver]:
        theirs = self._registry.of(key.tenant) if self._registry is not None else {}
        if kind == WebhookTested.KIND:
            event = open_event(delivery.body).data
            meant = theirs.get(event.webhook) if isinstance(event, WebhookTested) else None
            everybody: list[Receiver] = [meant] if meant is not None and meant.hears(delivery.position) else []
        else:
            everybody = [
                each for each in (*self._endpoints, *theirs.values()) if each.wants(key, kind, delivery.position)
            ]
        taken = self._taken.get(delivery.position, set())
        return [each for each in everybody if each.name not in taken and self._gone.get(each.name) != each.version]

    def _tidy(self, tenant: str, position: int, wanted: set[str]) -> None:
        """What is not to be posted any more waits no more; of a webhook that is no more nothing is kept."""
        known = self._registry.of(tenant) if self._registry is not None else {}
        for name in [each for each in self._conditions.keys() - wanted if each.startswith(f"{tenant}/")]:
            self._conditions[name].waiting.discard(position)
            if name.partition("/")[2] not in known:
                for kept in (self._conditions, self._limits, self._gone):
                    kept.pop(name, None)

    async def _attempt(self, receiver: Receiver, event: EventEnvelope, delivery: Delivery) -> Fate:
        async with self._limits[receiver.name]:
            try:
                headers = sign(event.id, int(self._now()), delivery.body, receiver.signing(self._now()))
            except (OSError, ValueError) as error:  # the file with the secret has gone or was spoilt
                found = fate(Unanswered(f"cannot be signed: {error}"), delivery.tries, self._chance())
            else:
                answer = await post(receiver, delivery.body, {**_HEADERS, **headers}, resolve=self._resolve)
                found = fate(answer, delivery.tries, self._chance())
        is_test = isinstance(event.data, WebhookTested)
        self._conditions[receiver.name].note(delivery.position, found, spelled(self._now()), once=is_test)
        about = {"endpoint": receiver.name, "event_id": event.id, "project": str(event.key), "tries": delivery.tries}
        match found:
            case Taken():
                POSTS.labels("taken").inc()
            case Gone():
                LOG.warning("endpoint_disabled", correlation=event.correlationid, **about)
                await self._end_of(receiver, event)
            case Failed(reason, wait):
                POSTS.labels("failed" if wait is not None else "given_up").inc()
                LOG.warning("not_taken", correlation=event.correlationid, reason=reason, wait=wait, **about)
        return found

    async def _end_of(self, receiver: Receiver, event: EventEnvelope) -> None:
        """Nothing more goes there; of a tenant's webhook that is written down, before the event counts as done."""
        if isinstance(receiver, Registered) and self._end is not None:
            await self._end(receiver, event)
        self._gone[receiver.name] = receiver.version
        DISABLED.set(len(self._gone))

    def _settle(self, event: EventEnvelope, delivery: Delivery, fates: dict[str, Fate]) -> Outcome:
        if isinstance(event.data, WebhookTested):  # whoever asked looks at what came of it, and asks again
            return Done()
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

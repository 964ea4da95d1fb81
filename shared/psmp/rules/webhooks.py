"""The webhooks of a tenant, as the log tells, and of what each one's secret is made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from psmp.words.envelope import EventEnvelope, written
from psmp.words.events import (
    WebhookAdded,
    WebhookChanged,
    WebhookEnded,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
)

WebhookEvent = WebhookAdded | WebhookChanged | WebhookRemoved | WebhookRotated | WebhookTested | WebhookEnded


@dataclass(frozen=True, slots=True)
class Seed:
    """What the log has of a secret: the command by which it came to be, whose that was, and when it was decided."""

    command: str
    by: str
    time: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook of a tenant. ``sequence`` is that of the event that made it what it is, ``ended`` when it ended.

    Invariant: ``older`` is what the secret before is made of, which counts ``until`` then; None where there was none.
    """

    url: str
    kinds: tuple[str, ...]
    by: str
    time: str
    sequence: int
    seed: Seed
    older: Seed | None = None
    until: str = ""
    ended: str | None = None
    reason: str = ""

    def seeds(self, now: str) -> tuple[Seed, ...]:
        """Of what the secrets are made that count ``now`` (RFC 3339, UTC), the newest first."""
        return (self.seed, self.older) if self.older is not None and now < self.until else (self.seed,)


Webhooks = Mapping[str, Webhook]
"""Webhooks by name."""


def after(webhooks: Webhooks, envelope: EventEnvelope, event: WebhookEvent) -> Webhooks:
    """The webhooks after ``event``; one that names no webhook of these changes nothing."""
    if isinstance(event, WebhookAdded):
        about = event.url, event.kinds, envelope.actor, envelope.time, envelope.sequence
        return {**webhooks, event.webhook: Webhook(*about, _seed(envelope))}
    known = webhooks.get(event.webhook)
    if known is None or isinstance(event, WebhookTested):
        return webhooks
    if isinstance(event, WebhookRemoved):
        return {name: each for name, each in webhooks.items() if name != event.webhook}
    return {**webhooks, event.webhook: _changed(known, envelope, event)}


def _changed(
    webhook: Webhook, envelope: EventEnvelope, event: WebhookChanged | WebhookRotated | WebhookEnded
) -> Webhook:
    sequence, time = envelope.sequence, envelope.time
    match event:
        case WebhookChanged():
            return replace(webhook, url=event.url, kinds=event.kinds, sequence=sequence, ended=None, reason="")
        case WebhookRotated():
            until = written(datetime.fromisoformat(time) + timedelta(seconds=event.overlap_seconds))
            return replace(webhook, sequence=sequence, seed=_seed(envelope), older=webhook.seed, until=until)
        case WebhookEnded():
            return replace(webhook, sequence=sequence, ended=time, reason=event.reason)
        case never:
            assert_never(never)


def _seed(envelope: EventEnvelope) -> Seed:
    return Seed(envelope.causationid, envelope.actor, envelope.time)

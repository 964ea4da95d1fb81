"""The webhooks of all tenants, as the log tells: read up to where an event stands before that is told to anybody."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from psmp.log.jetstream import STREAM, direct_get
from psmp.rules.webhooks import Seed, Webhook, WebhookEvent, Webhooks, after
from psmp.wire.mended import MendedClient
from psmp.wire.webhooks import secret_of
from psmp.words import subjects
from psmp.words.envelope import open_event, written
from psmp.words.events import WebhookTested
from psmp.words.ids import ProjectKey
from psmp.words.webhooks import TENANT, is_safe
from psmp_webhooks.endpoints import DEFAULT_PORTS

PAGE: Final = 512
WITHIN: Final = 5.0
_ALL: Final = subjects.log(ProjectKey("*", TENANT), "webhook.*")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator lets be posted, and the keys that secrets are made with, the newest first."""

    keys: tuple[bytes, ...] = field(default=(), repr=False)
    allow_http: bool = False
    allow_private: bool = False

    def secrets(self, tenant: str, webhook: str, seeds: tuple[Seed, ...]) -> tuple[str, ...]:
        """What the secrets are that are made of ``seeds``."""
        return tuple(secret_of(key, tenant, webhook, seed.command) for seed in seeds for key in self.keys)


@dataclass(frozen=True, slots=True)
class Registered:
    """A webhook of a tenant as a receiver (see ``Receiver``): of what happens behind position ``since``."""

    tenant: str
    webhook: str
    stands: Webhook
    since: int
    terms: Terms
    ca: Path | None = None

    @property
    def name(self) -> str:
        """What it is called among all; no file of endpoints can have such a name."""
        return f"{self.tenant}/{self.webhook}"

    @property
    def version(self) -> int:
        """The event that made it what it is."""
        return self.stands.sequence

    @property
    def allow_private(self) -> bool:
        """Whether it may be inside."""
        return self.terms.allow_private

    @property
    def forbidden(self) -> str:
        """Why nothing may be posted there at all; "" when it may."""
        if is_safe(self.stands.url) or self.terms.allow_http:
            return ""
        return "it is not https; PSMP_WEBHOOKS_ALLOW_HTTP lets it be so"

    @property
    def where(self) -> SplitResult:
        """The URL, taken apart."""
        return urlsplit(self.stands.url)

    @property
    def port(self) -> int:
        """The port to connect to."""
        return self.where.port or DEFAULT_PORTS[self.where.scheme]

    def signing(self, now: float) -> tuple[str, ...]:
        """What to sign with at that Unix time; raises ValueError where there is no key to make it with."""
        if not self.terms.keys:
            raise ValueError("the sender has no key: PSMP_WEBHOOK_KEYS names none")
        return self.terms.secrets(self.tenant, self.webhook, self.stands.seeds(spelled(now)))

    def wants(self, key: ProjectKey, kind: str, position: int) -> bool:
        """Whether an event of ``kind`` in that project, at ``position`` of the log, is to be posted to it."""
        theirs = key.tenant == self.tenant and self.hears(position)
        return theirs and any(fnmatchcase(kind, each) for each in self.stands.kinds)

    def hears(self, position: int) -> bool:
        """Whether what stands at ``position`` of the log happened while it was there and had not ended."""
        return position > self.since and self.stands.ended is None


def spelled(now: float) -> str:
    """A Unix time as envelopes have it."""
    return written(datetime.fromtimestamp(now, UTC))


class Registry:
    """Knows every tenant's webhooks up to a position of the log.

    Invariant: all that the log says of webhooks up to ``_position`` is folded, and nothing twice.
    """

    def __init__(self, nats: MendedClient, terms: Terms) -> None:
        self._nats, self.terms = nats, terms
        self._webhooks: dict[str, Webhooks] = {}
        self._since: dict[str, int] = {}
        self._position = 0
        self._reading = asyncio.Lock()

    async def upto(self, position: int) -> None:
        """Know what the log says of webhooks up to ``position``; raises nats errors and ``TimeoutError``."""
        while self._position < position:
            async with self._reading:
                if self._position < position:
                    await self._read()
                    self._position = max(self._position, position)

    async def refresh(self) -> None:
        """Know all that the log says of webhooks now; raises as ``upto`` does."""
        async with self._reading:
            await self._read()

    def of(self, tenant: str) -> Mapping[str, Registered]:
        """The webhooks of a tenant by name."""
        return {each.webhook: each for each in self._registered(tenant)}

    def _registered(self, tenant: str) -> Iterator[Registered]:
        for name, webhook in self._webhooks.get(tenant, {}).items():
            yield Registered(tenant, name, webhook, self._since[f"{tenant}/{name}"], self.terms)

    async def _read(self) -> None:
        while True:
            request = {"seq": self._position + 1, "batch": PAGE, "next_by_subj": _ALL}
            page = await direct_get(self._nats, STREAM, request, timeout=WITHIN)
            for message in page:
                self._take(int((message.headers or {})["Nats-Sequence"]), message.data)
            if len(page) < PAGE:
                return

    def _take(self, position: int, body: bytes) -> None:
        envelope = open_event(body)
        self._position = position
        event = envelope.data
        if not isinstance(event, WebhookEvent) or isinstance(event, WebhookTested):
            return
        tenant, name = envelope.key.tenant, f"{envelope.key.tenant}/{event.webhook}"
        before = self._webhooks.get(tenant, {})
        self._webhooks[tenant] = now = after(before, envelope, event)
        known, is_known = before.get(event.webhook), now.get(event.webhook)
        if is_known is None:
            self._since.pop(name, None)
        elif known is None or (known.ended is not None and is_known.ended is None):
            self._since[name] = position  # what happened before it was there, or while it had ended, is no news to it

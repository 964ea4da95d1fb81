"""The sender's answering half: how posting goes, and the secret of a webhook for whoever has just made it."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from nats.errors import Error as NatsError

from psmp.service.answering import Answering, Asked, unavailable
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.answers import Problem, SecretQuestion, WebhookHealth, WebhookHealthList, WebhookSecret
from psmp.words.faults import told
from psmp.words.refusals import Code
from psmp.words.values import Word
from psmp_webhooks.registry import Registry, spelled

TOLD_FOR: Final = 600.0
"""Seconds for which a secret is told to who had it made: long enough for an answer that was lost on its way."""
MOST_AT_ONCE: Final = 32


class Questions:
    """Finds what is asked on ``psmp.qry.<tenant>.<agent>.<webhooks or secret>``; replicas share the questions.

    ``health`` says how the webhooks of a tenant do, ``now`` gives the Unix time.
    """

    def __init__(
        self,
        nats: MendedClient,
        registry: Registry,
        health: Callable[[str], tuple[WebhookHealth, ...]],
        now: Callable[[], float],
    ) -> None:
        self._nats, self._registry, self._health, self._now = nats, registry, health, now
        self._since = spelled(now())

    def answering(self) -> Answering:
        """The loop that answers them."""
        return Answering(self._nats, subjects.SENDS, self._find, queue="webhooks", at_once=MOST_AT_ONCE)

    async def _find(self, asked: Asked) -> Word:
        try:
            await self._registry.refresh()
        except (NatsError, TimeoutError, OSError) as error:
            return unavailable(f"the log cannot be read: {told(error)}")
        if asked.kind == "webhooks":
            return WebhookHealthList(since=self._since, webhooks=self._health(asked.tenant))
        return self._secret(asked.tenant, asked.agent, asked.read(SecretQuestion))

    def _secret(self, tenant: str, agent: str, question: SecretQuestion) -> Word:
        """To the agent alone in whose name the webhook was added, or got its secret, by this command, a moment ago."""
        known = self._registry.of(tenant).get(question.webhook)
        if not self._registry.terms.keys:
            return Problem(code="NO_KEY", reason="the sender has no key to make secrets with", hint=_OPERATOR)
        seed = known.stands.seed if known is not None else None
        fits = seed is not None and (seed.command, seed.by) == (question.command_id, agent)
        if seed is None or not fits or self._now() - datetime.fromisoformat(seed.time).timestamp() > TOLD_FOR:
            reason = f"no secret of a webhook {question.webhook} is to be told {agent}"
            return Problem(code=Code.UNKNOWN_WEBHOOK, reason=reason, hint="a new one is: psmp webhook rotate")
        secret, *_ = self._registry.terms.secrets(tenant, question.webhook, (seed,))
        return WebhookSecret(webhook=question.webhook, secret=secret)


_OPERATOR: Final = "whoever runs PSMP sets PSMP_WEBHOOK_KEYS for the webhook sender"

"""The sender's answering half: how posting goes, and the secret of a webhook for whoever has just made it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError

from psmp.service.statistics import Statistics
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.answers import Problem, SecretQuestion, WebhookHealth, WebhookHealthList, WebhookSecret
from psmp.words.refusals import Code
from psmp.words.values import Word
from psmp_webhooks.registry import Registry, spelled

LOG: Final = structlog.get_logger()
TOLD_FOR: Final = 600.0
"""Seconds for which a secret is told to who had it made: long enough for an answer that was lost on its way."""
MOST_AT_ONCE: Final = 32


class Questions:
    """Answers ``psmp.qry.<tenant>.<agent>.<webhooks or secret>``; replicas share the questions.

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
        self._stopping = asyncio.Event()
        self._limit = asyncio.Semaphore(MOST_AT_ONCE)
        self._group: asyncio.TaskGroup | None = None
        self._answered = 0

    async def run(self) -> None:
        """See ``Loop``."""
        heard = [
            await self._nats.subscribe(subjects.question("*", "*", kind), queue="webhooks", cb=self._arrive)
            for kind in sorted(subjects.SENDS)
        ]
        async with asyncio.TaskGroup() as self._group:
            await self._stopping.wait()
            if self._nats.is_connected:
                for each in heard:
                    await each.unsubscribe()

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("questions", self._answered)

    async def _arrive(self, message: Msg) -> None:
        if self._group is not None and message.reply:
            self._group.create_task(self._answer(message))

    async def _answer(self, message: Msg) -> None:
        async with self._limit:
            answer = await self._find(message)
        try:
            await self._nats.publish(message.reply, answer.model_dump_json().encode())
            self._answered += 1
        except NatsError as error:
            LOG.warning("not_answered", subject=message.subject, error=str(error) or type(error).__name__)

    async def _find(self, message: Msg) -> Word:
        _, _, tenant, agent, kind = message.subject.split(".")
        try:
            await self._registry.refresh()
            if kind == "webhooks":
                return WebhookHealthList(since=self._since, webhooks=self._health(tenant))
            return self._secret(tenant, agent, SecretQuestion.model_validate_json(message.data))
        except ValidationError as error:
            return Problem(code="MALFORMED", reason=str(error), hint="see the question's schema")
        except (NatsError, TimeoutError, OSError) as error:
            reason = f"the log cannot be read: {str(error) or type(error).__name__}"
            return Problem(code="UNAVAILABLE", reason=reason, hint="psmp doctor shows what is away; then ask again")

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

"""The client's part in webhooks of the tenant: to have events posted to a receiver, and to see how that goes."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from psmp.client import arguments
from psmp.client.errors import NoAnswer
from psmp.client.orchestrating import Orchestrating
from psmp.client.refusals import ProjectExists, UnknownProject, UnknownWebhook
from psmp.client.results import Settled
from psmp.words.answers import (
    SecretQuestion,
    WebhookHealth,
    WebhookHealthList,
    WebhookSecret,
    WebhooksQuestion,
    WebhookStatus,
)
from psmp.words.commands import (
    AddWebhook,
    ChangeWebhook,
    Command,
    CreateProject,
    RemoveWebhook,
    RotateWebhook,
    TryWebhook,
)
from psmp.words.refusals import Code
from psmp.words.webhooks import FOUNDED, TENANT

_SENDER_WITHIN: Final = 1.0


@dataclass(frozen=True, slots=True)
class Made:
    """A webhook's new secret, which nothing keeps, and the outcome of the command that made it."""

    secret: str
    settled: Settled

    def __repr__(self) -> str:
        return f"Made(settled={self.settled!r})"


@dataclass(frozen=True, slots=True)
class Posting:
    """A webhook, and how posting goes: None where no sender has answered."""

    webhook: WebhookStatus
    health: WebhookHealth | None


class Receiving(Orchestrating):
    """What a client may say about the webhooks of its tenant, where NATS lets it. See ``Client``."""

    async def add_webhook(
        self,
        webhook: str,
        url: str,
        *,
        kinds: Iterable[str] | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Made:
        """Have events of ``kinds`` (``alert.*`` unless given) posted to ``url`` from now on, in all of the projects.

        The secret that they are signed with is told once, to this agent, within ten minutes: ``command_id`` makes that
        the same again after a crash. Raises ``WebhookExists``; ``NoAnswer`` where no webhook sender runs.
        """
        command = arguments.build(AddWebhook, webhook=webhook, url=url, kinds=None if kinds is None else list(kinds))
        try:
            await self.status(TENANT, timeout=timeout)
        except UnknownProject:
            with suppress(ProjectExists):
                await self._settle(TENANT, CreateProject(name=FOUNDED), None, timeout)
        return await self._with_secret(webhook, await self._settle(TENANT, command, command_id, timeout), timeout)

    async def webhooks(self, *, timeout: float | None = None) -> list[Posting]:
        """The tenant's webhooks by name, and how posting goes."""
        try:
            status = await self.status(TENANT, timeout=timeout)
        except UnknownProject:
            return []
        health: dict[str, WebhookHealth] = {}
        if status.webhooks:
            with suppress(NoAnswer):
                told = await self._asker.ask("webhooks", WebhooksQuestion(), WebhookHealthList, _SENDER_WITHIN)
                health = {each.webhook: each for each in told.webhooks}
        return [Posting(each, health.get(each.webhook)) for each in status.webhooks]

    async def change_webhook(
        self,
        webhook: str,
        *,
        url: str | None = None,
        kinds: Iterable[str] | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Change where a webhook goes, or what it is told; one that has ended begins anew."""
        chosen = None if kinds is None else list(kinds)
        command = arguments.build(ChangeWebhook, webhook=webhook, url=url, kinds=chosen)
        return await self._settle_known(webhook, command, command_id, timeout)

    async def remove_webhook(
        self, webhook: str, *, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Have nothing more posted by a webhook. Raises ``UnknownWebhook``."""
        return await self._settle_known(webhook, arguments.build(RemoveWebhook, webhook=webhook), command_id, timeout)

    async def rotate_webhook(
        self,
        webhook: str,
        *,
        overlap_seconds: int | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Made:
        """Give a webhook a new secret; the old one signs as well for ``overlap_seconds`` (a day)."""
        command = arguments.build(RotateWebhook, webhook=webhook, overlap_seconds=overlap_seconds)
        return await self._with_secret(
            webhook, await self._settle_known(webhook, command, command_id, timeout), timeout
        )

    async def try_webhook(
        self, webhook: str, *, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Have an event posted by this webhook alone; ``webhooks`` shows whether it was taken."""
        return await self._settle_known(webhook, arguments.build(TryWebhook, webhook=webhook), command_id, timeout)

    async def _settle_known(
        self, webhook: str, command: Command, command_id: str | None, timeout: float | None
    ) -> Settled:
        try:
            return await self._settle(TENANT, command, command_id, timeout)
        except UnknownProject:  # it is made for the first webhook
            raise UnknownWebhook(Code.UNKNOWN_WEBHOOK, f"there is no webhook {webhook}") from None

    async def _with_secret(self, webhook: str, settled: Settled, timeout: float | None) -> Made:
        question = SecretQuestion(webhook=webhook, command_id=settled.command_id)
        told = await self._asker.ask("secret", question, WebhookSecret, self._seconds(timeout))
        return Made(told.secret, settled)

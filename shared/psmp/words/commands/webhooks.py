"""Commands about the webhooks of a tenant."""

from typing import Annotated, ClassVar

from pydantic import Field

from psmp.words.ids import Id
from psmp.words.values import Word
from psmp.words.webhooks import ALERTS, OVERLAP, Kinds, Url


class AddWebhook(Word):
    """Have events of the tenant's projects posted to ``url``, from now on. Its secret is shown to who adds it, once."""

    KIND: ClassVar = "webhook.add"
    webhook: Id
    url: Url
    kinds: Kinds = ALERTS


class ChangeWebhook(Word):
    """Change a webhook; what is left out stays as it was. One that has ended begins anew."""

    KIND: ClassVar = "webhook.change"
    webhook: Id
    url: Url | None = None
    kinds: Kinds | None = None


class RemoveWebhook(Word):
    """Have nothing more posted by a webhook."""

    KIND: ClassVar = "webhook.remove"
    webhook: Id


class RotateWebhook(Word):
    """Give a webhook a new secret; what is posted is signed with the old one as well for ``overlap_seconds``."""

    KIND: ClassVar = "webhook.rotate"
    webhook: Id
    overlap_seconds: Annotated[int, Field(ge=0, le=2_592_000)] = OVERLAP


class TryWebhook(Word):
    """Have an event posted by this webhook alone, to see whether it arrives."""

    KIND: ClassVar = "webhook.test"
    webhook: Id

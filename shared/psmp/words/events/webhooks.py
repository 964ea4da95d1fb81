"""Events of a tenant's webhooks. What each is signed with is made of these and a key that no log has."""

from typing import ClassVar

from psmp.words.ids import Id
from psmp.words.values import Word
from psmp.words.webhooks import Kinds, Url


class WebhookAdded(Word):
    """From here on events of these ``kinds`` are posted to ``url``; its secret is made of this event's cause."""

    KIND: ClassVar = "webhook.added"
    webhook: Id
    url: Url
    kinds: Kinds


class WebhookChanged(Word):
    """A webhook as it is from here on; if it had ended, it begins anew."""

    KIND: ClassVar = "webhook.changed"
    webhook: Id
    url: Url
    kinds: Kinds


class WebhookRemoved(Word):
    """There is no such webhook any more."""

    KIND: ClassVar = "webhook.removed"
    webhook: Id


class WebhookRotated(Word):
    """A webhook has a new secret, made of this event's cause; the one before counts for ``overlap_seconds`` more."""

    KIND: ClassVar = "webhook.rotated"
    webhook: Id
    overlap_seconds: int


class WebhookTested(Word):
    """Posted by this webhook alone, to see whether it arrives."""

    KIND: ClassVar = "webhook.tested"
    webhook: Id


class WebhookEnded(Word):
    """The receiver wants nothing any more, as it has answered: nothing is posted until the webhook is changed."""

    KIND: ClassVar = "webhook.ended"
    webhook: Id
    reason: str

"""What becomes of the wishes for a tenant's webhooks; who may send them is what the broker lets be sent.

They are decided in the project that the tenant has for what concerns all its projects, where nothing else is.
"""

from typing import Final, assert_never

from psmp.rules.project import Project
from psmp.rules.webhooks import Webhook
from psmp.words.commands import (
    AcknowledgeAlert,
    AddWebhook,
    ChangeWebhook,
    Command,
    CreateProject,
    DropLetter,
    RemoveWebhook,
    RetryLetter,
    RotateWebhook,
    TryWebhook,
)
from psmp.words.events import WebhookAdded, WebhookChanged, WebhookRemoved, WebhookRotated, WebhookTested
from psmp.words.refusals import Code, Refused
from psmp.words.webhooks import MOST, TENANT
from psmp_intake.rules.state import Decision

Wish = AddWebhook | ChangeWebhook | RemoveWebhook | RotateWebhook | TryWebhook

_ALSO: Final = CreateProject | AcknowledgeAlert | RetryLetter | DropLetter
"""What else may be said there: that there is such a project, and what is done about what befalls it."""


def misplaced(project: str, command: Command) -> Refused | None:
    """A refusal where a command is sent to a project that is not for such."""
    if isinstance(command, Wish):
        if project == TENANT:
            return None
        return Refused(Code.WRONG_PROJECT, "a webhook is a whole tenant's, no project's", f"send it to {TENANT}")
    if project != TENANT or isinstance(command, _ALSO):
        return None
    return Refused(Code.WRONG_PROJECT, f"{TENANT} has what concerns a whole tenant, and no work", "use another project")


def decide(project: Project, wish: Wish) -> Decision:
    """What becomes of it."""
    known = project.webhooks.get(wish.webhook)
    if isinstance(wish, AddWebhook):
        return _add(project, wish, known)
    if known is None:
        return Refused(Code.UNKNOWN_WEBHOOK, f"there is no webhook {wish.webhook}", "`psmp webhook list` shows yours")
    match wish:
        case ChangeWebhook():
            return WebhookChanged(webhook=wish.webhook, url=wish.url or known.url, kinds=wish.kinds or known.kinds)
        case RemoveWebhook():
            return WebhookRemoved(webhook=wish.webhook)
        case RotateWebhook():
            return WebhookRotated(webhook=wish.webhook, overlap_seconds=wish.overlap_seconds)
        case TryWebhook():
            return WebhookTested(webhook=wish.webhook)
        case never:
            assert_never(never)


def _add(project: Project, wish: AddWebhook, known: Webhook | None) -> Decision:
    if known is not None:
        reason = f"there is a webhook {wish.webhook} since {known.time}"
        return Refused(Code.WEBHOOK_EXISTS, reason, "change it, or choose another name")
    if len(project.webhooks) >= MOST:
        return Refused(Code.TOO_MANY_WEBHOOKS, f"there are {MOST} webhooks, no more are kept", "remove one first")
    return WebhookAdded(webhook=wish.webhook, url=wish.url, kinds=wish.kinds)

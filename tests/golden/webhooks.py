"""The webhooks of a tenant as a log: one added, tested, changed, given a new secret, ended by its receiver, removed."""

from typing import Final

from psmp.words.commands import AddWebhook, ChangeWebhook, Command, RemoveWebhook, RotateWebhook, TryWebhook
from psmp.words.events import (
    ProjectCreated,
    WebhookAdded,
    WebhookChanged,
    WebhookEnded,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
)
from psmp.words.values import Policy, Target
from psmp.words.webhooks import place
from tests.golden.steps import Step, asked

WHOLE: Final = "webhooks.jsonl"
KEY: Final = place("default")
SALT: Final = 20

URL: Final = "https://hooks.example/psmp?of=default"

STEPS: Final = (
    asked("ada", ProjectCreated(name="What concerns the whole tenant", targets=(Target(),), policy=Policy())),
    asked("ada", WebhookAdded(webhook="ops", url=URL, kinds=("alert.*",))),
    asked("ada", WebhookTested(webhook="ops")),
    asked("ada", WebhookChanged(webhook="ops", url=URL, kinds=("alert.*", "conflict.detected"))),
    asked("ada", WebhookRotated(webhook="ops", overlap_seconds=3600)),
    Step(
        "webhooks",
        "psmp_webhooks",
        WebhookEnded(webhook="ops", reason="its receiver has answered 410: it wants nothing any more"),
        3,
    ),
    asked("ada", WebhookRemoved(webhook="ops")),
)

GOLDEN: Final = frozenset(
    {
        *("webhook.added", "webhook.changed", "webhook.removed"),
        *("webhook.rotated", "webhook.tested", "webhook.ended"),
    }
)
"""The kinds of which the last event in this story is the golden one."""

COMMANDS: Final[tuple[tuple[str, Command], ...]] = (
    ("ada", AddWebhook(webhook="ops", url=URL)),
    ("ada", TryWebhook(webhook="ops")),
    ("ada", ChangeWebhook(webhook="ops", kinds=("alert.*", "conflict.detected"))),
    ("ada", RotateWebhook(webhook="ops", overlap_seconds=3600)),
    ("ada", RemoveWebhook(webhook="ops")),
)

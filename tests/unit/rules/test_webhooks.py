"""Of what the secrets of a webhook are made: of the commands that asked for them, and the older one for a while."""

import pytest
from pydantic import TypeAdapter, ValidationError

from psmp.rules.webhooks import Webhook
from psmp.words.commands import AddWebhook
from psmp.words.events import (
    Event,
    WebhookAdded,
    WebhookChanged,
    WebhookEnded,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
)
from psmp.words.webhooks import Url, is_safe
from tests.unit.services.history import project

ADDED = WebhookAdded(webhook="ops", url="https://hooks.example/", kinds=("alert.*",))
ROTATED = WebhookRotated(webhook="ops", overlap_seconds=60)


def after(*events: Event) -> dict[str, Webhook]:
    return dict(project(*events).webhooks)


def test_a_webhook_has_one_secret_until_it_is_given_another_and_then_both_for_a_while() -> None:
    webhooks = after(ADDED)
    [first] = webhooks["ops"].seeds("2026-11-18T12:00:00.000000Z")
    rotated = after(ADDED, ROTATED)
    webhook = rotated["ops"]
    assert webhook.until > webhook.seed.time
    assert webhook.seeds(webhook.seed.time) == (webhook.seed, first)
    assert webhook.seeds(webhook.until) == (webhook.seed,)
    assert webhook.seed.command != first.command


def test_what_is_rotated_twice_has_the_two_newest() -> None:
    once = after(ADDED, ROTATED)
    twice = after(ADDED, ROTATED, ROTATED)
    assert twice["ops"].older == once["ops"].seed


def test_what_has_ended_begins_anew_when_it_is_changed_and_is_gone_when_it_is_removed() -> None:
    ended = WebhookEnded(webhook="ops", reason="410")
    changed = WebhookChanged(webhook="ops", url="https://other.example/", kinds=("project.*",))
    assert (after(ADDED, ended)["ops"].ended is None, after(ADDED, ended)["ops"].reason) == (False, "410")
    anew = after(ADDED, ended, changed)["ops"]
    assert (anew.ended, anew.reason, anew.url, anew.kinds) == (None, "", changed.url, changed.kinds)
    assert after(ADDED, WebhookRemoved(webhook="ops")) == {}


def test_a_test_changes_nothing() -> None:
    assert after(ADDED, WebhookTested(webhook="ops")) == after(ADDED)


@pytest.mark.parametrize(
    "url",
    [
        *("https://hooks.example", "https://hooks.example/psmp?of=a&b=%20", "https://h:65535/", "http://a_b.c-d.e/"),
        *("https://127.0.0.1/", "https://hooks.example/a@b", f"https://{'.'.join(['a' * 63] * 4)}/"),
    ],
)
def test_addresses_that_can_be(url: str) -> None:
    assert AddWebhook(webhook="w", url=url).url == url
    assert is_safe(url) is url.startswith("https:")


@pytest.mark.parametrize(
    "url",
    [
        *("", "hooks.example", "ftp://hooks.example/", "https://", "https:///path", "https://user@hooks.example/"),
        *("https://user:word@hooks.example/", "https://hooks.example/#part", "https://hooks.example/a b"),
        *("https://hooks.example/\r\nHost: other", "https://hooks.example/ü", "https://h:0/", "https://h:65536/"),
        *("https://a..b/", "https://.a/", "https://-a/", f"https://{'a' * 64}/", "https://[::1]/", "HTTPS://h/"),
        *("https://h/" + "a" * 2000, "https://h\\@other/", "https://h/\n"),
    ],
)
def test_addresses_that_cannot(url: str) -> None:
    with pytest.raises(ValidationError):
        AddWebhook(webhook="w", url=url)


def test_the_pattern_is_one_for_every_reader_of_json_schema() -> None:
    assert "pattern" in TypeAdapter(Url).json_schema()

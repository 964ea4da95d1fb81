"""Every consumer has a way out for what cannot be handled, and somebody who handles what is retried."""

import re
from pathlib import Path
from typing import Any

import pytest

from psmp.stack.identities import OPTIONAL
from psmp.wire.assets import CONSUMERS, SERVICES, most_delivered, service_of

CONF = (Path(__file__).parents[3] / "nats.conf").read_text()
ORDERED = {"projector", "audit"}
"""Their position is Postgres', and what they cannot take in stops its project."""
UNBOUNDED = {"letters"}
"""What comes again by intent, however often; whoever adds one says how what kills it is found."""

WORKED = [(stream, config) for stream, config in CONSUMERS if config["name"] not in ORDERED]


def permissions(service: str) -> str:
    found = re.search(rf"user: {service}, password.*?\n      }}\n", CONF, re.DOTALL)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(("stream", "config"), WORKED, ids=lambda each: each["name"] if isinstance(each, dict) else "")
def test_what_is_given_up_can_be_retried(stream: str, config: dict[str, Any]) -> None:
    """By its own consumer if that follows the log, else by one that follows nothing but retries."""
    service = service_of(config["name"])
    assert service in (*SERVICES, *OPTIONAL)
    if config["name"] in UNBOUNDED:
        return
    followers = [each for name, each in CONSUMERS if name == "PSMP_LOG" and service_of(each["name"]) == service]
    mine = [config] if stream == "PSMP_LOG" else followers
    assert any("psmp.log.*.*.letter.retried" in each["filter_subjects"] for each in mine)
    assert '"$JS.API.DIRECT.GET.PSMP_DLQ"' in permissions(service)
    assert f'"psmp.dlq.{service}.>"' in permissions(service) or '"psmp.dlq.>"' in permissions(service)


@pytest.mark.parametrize("config", [config for _, config in WORKED], ids=lambda config: config["name"])
def test_what_kills_whoever_handles_it_is_found_by_a_bound(config: dict[str, Any]) -> None:
    assert (most_delivered(config["name"]) is None) == (config["name"] in UNBOUNDED)
    assert len(config.get("backoff", ())) < config["max_deliver"] or config["name"] in UNBOUNDED


def test_a_consumer_that_is_none_of_ours_has_no_bound() -> None:
    assert most_delivered("somebody") is None
    assert most_delivered("audit") is None

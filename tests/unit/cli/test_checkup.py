"""What a check-up finds, from what servers say of themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from psmp.cli.checkup import monitor, nats, postgres, standing
from psmp.cli.checkup.finding import Finding, Health, end_of, well
from psmp.cli.exits import Exit
from psmp.wire.assets import CONSUMERS, STREAMS
from psmp.wire.beats import Beat
from psmp.words.events import AlertCleared, AlertRaised
from psmp.words.values import Severity
from tests.unit.services.history import project

NOW = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
MISSING = {"error": {"code": 404, "description": "stream not found"}}


def stored(config: dict[str, Any], messages: int = 0) -> dict[str, Any]:
    metadata = {**config["metadata"], "_nats.ver": "2.15.1"}
    return {
        "config": {**config, "metadata": metadata, "num_replicas": 1},
        "state": {"messages": messages, "bytes": 1024},
    }


@pytest.mark.parametrize(
    ("text", "health"),
    [("2.14.0", "well"), ("2.15.1", "well"), ("3.0.0", "well"), ("2.13.9", "bad"), ("2.9.10", "bad"), ("?", "bad")],
)
def test_an_old_server_is_bad(text: str, health: str) -> None:
    assert nats.version(text).health == health


@pytest.mark.parametrize("config", STREAMS, ids=lambda config: config["name"])
def test_a_stream_as_it_was_made_is_well_and_any_other_is_bad(config: dict[str, Any]) -> None:
    assert nats.stream(config, stored(config)).health is Health.WELL
    found = stored(config)
    found["config"]["deny_delete"] = not config["deny_delete"]
    changed = nats.stream(config, found)
    told = (Health.BAD, "set up otherwise: deny_delete", "psmp setup")
    if not config["deny_delete"]:  # an older version made it so, and NATS does not take that back
        fix = "psmp restore log --anew" if config["name"] == "PSMP_LOG" else "docs/erasure.md says how"
        told = (Health.ODD, "made by an older version: nothing can be erased from it", fix)
    assert (changed.health, changed.found) == told[:2]
    assert changed.fix.startswith(told[2])
    found["config"]["deny_purge"] = not found["config"].get("deny_purge")
    assert nats.stream({**config, "deny_purge": not found["config"]["deny_purge"]}, found).health is Health.BAD
    assert nats.stream(config, MISSING).fix == "psmp setup"


def test_who_is_to_restore_a_running_psmp_dev_is_told_to_stop_it_and_where_its_data_is() -> None:
    assert standing.named("psmp restore log --yes", None) == "psmp restore log --yes"
    told = standing.named("psmp restore log --yes", "/home/ada/my data")
    assert told == "stop psmp dev, then psmp restore log --data '/home/ada/my data' --yes"
    assert standing.named("neither can be restored", "data") == "neither can be restored"


def test_dead_letters_are_odd_until_somebody_has_decided_about_them() -> None:
    found = nats.letters(["waiting", "retried", "dropped", "unseen"])
    assert (found.health, found.found, found.fix) == (Health.ODD, "2 of 4 wait", "psmp dlq list --waiting")
    assert nats.letters(["retried", "dropped"]).health is Health.WELL


@pytest.mark.parametrize(("pending", "health"), [(0, Health.WELL), (1000, Health.WELL), (1001, Health.ODD)])
def test_a_consumer_far_behind_is_odd(pending: int, health: Health) -> None:
    _, config = CONSUMERS[0]
    found = nats.consumer(config, {"num_pending": pending, "num_ack_pending": 3, "num_waiting": 1})
    assert (found.health, found.found) == (health, f"{pending} behind, 3 in hand")
    assert nats.consumer(config, MISSING).fix == "psmp setup"


def test_only_what_is_always_read_alarms_a_monitor_when_it_is_behind() -> None:
    alarming = {
        config["name"] for _, config in CONSUMERS if "io.nats.monitor.unprocessed-critical" in config["metadata"]
    }
    assert {config["name"] for _, config in CONSUMERS} - alarming == {"solver", "webhooks"}


def test_without_an_index_nobody_reads_what_the_solver_would() -> None:
    [config] = [config for _, config in CONSUMERS if config["name"] == "solver"]
    idle = nats.consumer(config, {"num_pending": 5000, "num_ack_pending": 0, "num_waiting": 0})
    assert idle.health is Health.WELL
    assert idle.found.startswith("nobody asks: ")
    behind = nats.consumer(config, {"num_pending": 5000, "num_ack_pending": 0, "num_waiting": 1})
    assert behind.health is Health.ODD
    assert "psmp_checker" in behind.fix


def test_every_service_must_have_been_heard_lately() -> None:
    fresh, old = NOW - timedelta(seconds=10), NOW - timedelta(seconds=100)
    beats = [
        *(
            Beat(f"{name}-1-a", fresh, leaving=False)
            for name in ("intake", "checker", "resolver", "keeper", "orchestrator", "signer", "gateway")
        ),
        Beat("intake-2-b", fresh, leaving=False),
        Beat("checker-9-old", old, leaving=False),
        Beat("audit-1-a", old, leaving=False),
        Beat("watchdog-1-a", fresh, leaving=True),
        Beat("CoderAgent", fresh, leaving=False),
    ]
    found = {each.subject: each for each in nats.services(beats, NOW)}
    assert {name.removeprefix("service "): each.health for name, each in found.items()} == {
        "intake": "well",
        "checker": "well",
        "resolver": "well",
        "keeper": "well",
        "orchestrator": "well",
        "audit": "bad",
        "signer": "well",
        "watchdog": "bad",
        "gateway": "well",
    }
    assert found["service intake"].found == "2 instances, heard 10s ago"
    assert found["service audit"].fix == "start it: python -m psmp_audit"


def test_what_the_watchdog_found_amiss_is_told_until_it_is_well() -> None:
    raised = AlertRaised(alert="lag-keeper", severity=Severity.MEDIUM, text="it is behind", hint="look")
    [found] = nats.alerts(project(raised), NOW)
    assert (found.subject, found.health, found.fix) == ("alert lag-keeper", Health.ODD, "look")
    assert found.found.startswith("it is behind, since ")
    assert list(nats.alerts(project(raised, AlertCleared(alert="lag-keeper", reason="well")), NOW)) == []
    assert list(nats.alerts(None, NOW)) == []


@pytest.mark.parametrize(
    ("off", "health"), [(0.0, Health.WELL), (-0.4, Health.WELL), (2.0, Health.ODD), (-9.0, Health.BAD)]
)
def test_a_clock_far_from_ours_is_said(off: float, health: Health) -> None:
    said = (NOW + timedelta(seconds=off)).isoformat().replace("+00:00", "Z")
    assert nats.skew("clock", said, NOW, NOW).health is health


def test_a_time_in_nanoseconds_is_read() -> None:
    assert nats.skew("clock", "2026-11-21T10:00:00.123456789Z", NOW, NOW).health is Health.WELL


def test_a_clock_that_is_not_told_is_unknown() -> None:
    assert nats.skew("clock", None, NOW, NOW).health is Health.UNKNOWN


@pytest.mark.parametrize(
    ("config", "health"),
    [({"sync_always": True}, Health.WELL), ({"sync_interval": 120_000_000_000}, Health.BAD), ({}, Health.BAD)],
)
def test_only_flushing_always_is_well(config: dict[str, Any], health: Health) -> None:
    found = monitor.flushing({"jetstream": {"config": config}})
    assert found.health is health
    assert (health is Health.WELL) or "sync_interval: always" in found.fix


@pytest.mark.parametrize("url", [None, "file:///etc/passwd"])
async def test_what_the_monitoring_page_does_not_tell_is_unknown(url: str | None) -> None:
    found = await monitor.look(url)
    assert found.health is Health.UNKNOWN
    assert found.fix


def test_an_old_postgres_is_bad() -> None:
    assert postgres.version(18, "18.6").health is Health.WELL
    assert postgres.version(14, "14.9").health is Health.BAD


def test_a_check_up_ends_as_its_worst_finding() -> None:
    fine = well("a", "b")
    worse = [replace(fine, health=health) for health in Health]
    assert end_of([fine, Finding("x", Health.UNKNOWN, "?"), Finding("y", Health.ODD, "!")]) is Exit.DONE
    assert end_of([fine, Finding("x", Health.BAD, "no")]) is Exit.FAULT
    assert end_of(worse) is Exit.UNREACHABLE

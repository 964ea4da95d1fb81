"""When a figure of the deployment is an alert, and when it is none any more."""

from datetime import UTC, datetime, timedelta

import pytest

from psmp.rules.alerts import Alert
from psmp.wire.assets import SERVICES
from psmp.words.events import AlertCleared, AlertRaised
from psmp.words.ids import ProjectKey
from psmp.words.values import Severity
from psmp_watchdog import readings
from psmp_watchdog.conditions import Held, Level, Memory, Reading, due, grade, remembered
from psmp_watchdog.readings import Consumer, Limits, Store
from psmp_watchdog.settings import EXPECTED, WatchdogSettings

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
LIMITS = Limits()
OPEN = Alert(Severity.MEDIUM, "so", "", person=False, conflict=None, time="2026-11-21T10:00:00.000000Z")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(level: Level, name: str = "lag-keeper", hold: float = 60) -> Reading:
    return Reading(name, level, Severity.MEDIUM, "so", "do", hold)


def test_a_figure_is_graded_with_room_in_between() -> None:
    assert [grade(value, bad=10, well=5) for value in (5, 6, 10, 11)] == [
        *(Level.WELL, Level.BETWEEN, Level.BETWEEN, Level.BAD)
    ]


def test_what_is_bad_for_long_enough_is_raised_once() -> None:
    memory = remembered({}, [reading(Level.BAD)], {}, at(0))
    assert due({}, [reading(Level.BAD)], memory, at(59), 60) is None
    memory = remembered(memory, [reading(Level.BAD)], {}, at(60))
    raised = AlertRaised(alert="lag-keeper", severity=Severity.MEDIUM, text="so", hint="do", person=True)
    assert due({}, [reading(Level.BAD)], memory, at(60), 60) == raised
    assert due({"lag-keeper": OPEN}, [reading(Level.BAD)], memory, at(61), 60) is None


def test_what_may_get_well_by_itself_waits_for_nobody() -> None:
    behind = next(readings.lags([Consumer("keeper", 1001, 0, 0, asked=True)], LIMITS))
    raised = due({}, [behind], {behind.alert: Held(Level.BAD, at(0))}, at(60), 60)
    assert isinstance(raised, AlertRaised)
    assert not raised.person


RAG = ProjectKey("acme-1", "rag")


def test_a_project_that_a_service_goes_no_further_with_is_bad_as_long_as_an_instance_says_so() -> None:
    said = {"keeper-1-a": frozenset({RAG}), "keeper-2-b": frozenset[ProjectKey](), "audit-1": frozenset({RAG})}
    found = list(readings.stops(said, ["keeper-2-b", "keeper-1-a", "audit-1"], ()))
    assert [(each.alert, each.level) for each in found] == [
        ("stopped-audit-acme_1-rag", Level.BAD),
        ("stopped-keeper-acme_1-rag", Level.BAD),
    ]
    assert list(readings.stops(said, ["keeper-2-b"], ())) == []


def test_nothing_that_a_service_stopped_at_is_over_while_none_of_it_is_heard() -> None:
    alerts = ("stopped-keeper-acme-rag", "stopped-audit-acme-rag", "lag-keeper")
    assert [(each.alert, each.level) for each in readings.stops({}, ["audit-1"], alerts)] == [
        ("stopped-keeper-acme-rag", Level.BETWEEN)
    ]


def test_what_the_watchdog_itself_cannot_read_has_an_alert_of_its_own() -> None:
    assert list(readings.stops({"watchdog-1": frozenset({RAG})}, ["watchdog-1"], ())) == []


def test_what_gets_better_in_between_begins_anew() -> None:
    memory = remembered({}, [reading(Level.BAD)], {}, at(0))
    memory = remembered(memory, [reading(Level.BETWEEN)], {}, at(50))
    memory = remembered(memory, [reading(Level.BAD)], {}, at(55))
    assert due({}, [reading(Level.BAD)], memory, at(100), 60) is None


def test_an_alert_is_cleared_when_it_was_well_for_long_enough_and_seen_so_by_whoever_clears_it() -> None:
    alerts = {"lag-keeper": OPEN, "letter-3": OPEN}
    assert due(alerts, [reading(Level.WELL)], {"lag-keeper": Held(Level.WELL, at(0))}, at(59), 60) is None
    cleared = AlertCleared(alert="lag-keeper", reason="it has been well since 2026-11-21 10:00:00Z")
    assert due(alerts, [reading(Level.WELL)], {"lag-keeper": Held(Level.WELL, at(0))}, at(60), 60) == cleared
    assert due(alerts, [], {"lag-keeper": Held(Level.BETWEEN, at(0))}, at(999), 60) is None
    assert due(alerts, [], {}, at(999), 60) is None


def test_no_news_is_good_news_but_not_of_a_damaged_log() -> None:
    alerts = {"lag-gone": OPEN, "letter-3": OPEN, "log-damaged-acme-rag": OPEN}
    memory: Memory = remembered({}, [], alerts, at(0))
    assert memory == {"lag-gone": Held(Level.WELL, at(0))}
    assert remembered(memory, [], alerts, at(9)) == memory


def test_a_consumer_lags_by_all_that_it_has_not_settled() -> None:
    info = {"num_pending": 700, "num_ack_pending": 301, "ack_floor": {"stream_seq": 7}, "num_waiting": 1}
    consumer = Consumer.read("projector", "keeper", info)
    [found] = readings.lags([consumer], LIMITS)
    assert (found.alert, found.level, found.hold) == ("lag-projector", Level.BAD, 60)
    assert found.text == "consumer projector is 1001 messages behind"
    assert "psmp_keeper" in found.hint


def test_a_consumer_that_nobody_needs_to_read_lags_behind_nothing() -> None:
    idle, read = Consumer("solver", 9999, 0, 0, asked=False), Consumer("solver", 9999, 0, 0, asked=True)
    assert [found.level for found in readings.lags([idle, read], LIMITS)] == [Level.WELL, Level.BAD]


def test_a_consumer_is_stuck_when_its_floor_stands_still_while_there_is_something_to_do() -> None:
    before = Consumer("keeper", 0, 3, 7, asked=True)
    then = {"keeper": before}

    def level(now: Consumer) -> Level:
        [found] = readings.stuck([now], then, LIMITS)
        return found.level

    assert level(before) is Level.BAD
    assert level(Consumer("keeper", 9, 1, 8, asked=True)) is Level.WELL
    assert level(Consumer("keeper", 0, 0, 7, asked=True)) is Level.WELL
    assert [found.level for found in readings.stuck([before], {}, LIMITS)] == [Level.WELL]


@pytest.mark.parametrize("name", ["solver", "orchestrator"])  # an agent has minutes to begin, a person hours to speak
def test_a_consumer_that_puts_off_on_purpose_is_never_stuck(name: str) -> None:
    waits = Consumer(name, 0, 3, 7, asked=True)
    assert list(readings.stuck([waits], {name: waits}, LIMITS)) == []


def test_a_service_is_missing_when_none_of_its_instances_was_heard() -> None:
    beats = {"intake-1-a": at(0), "intake-2-b": at(50), "keeper-1-a": at(-500), "other-1": at(0)}
    found = {
        each.alert: each.level
        for each in readings.services(beats, ("intake", "keeper", "audit"), begun=at(0), now=at(100), allowed=90)
    }
    assert found == {"service-intake": Level.WELL, "service-keeper": Level.BAD, "service-audit": Level.BAD}
    early = readings.services({}, ("audit",), begun=at(0), now=at(90), allowed=90)
    assert [each.level for each in early] == [Level.WELL]


def test_the_clock_that_is_furthest_off_counts() -> None:
    ahead = {"intake-1": 0.1, "intake-2": -7.25, "keeper-1": 3.0, "audit-1": 0.0}
    found = {each.alert: each for each in readings.clocks(ahead, ("intake", "keeper", "audit", "checker"), LIMITS)}
    assert {name: each.level for name, each in found.items()} == {
        "clock-intake": Level.BAD,
        "clock-keeper": Level.BETWEEN,
        "clock-audit": Level.WELL,
    }
    assert "-7.2 s" in found["clock-intake"].text


def test_what_is_nearly_full_is_bad_and_well_when_there_is_room_again() -> None:
    levels = [each.level for each in readings.disks([Store("server", used, 100) for used in (81, 75, 70)], LIMITS)]
    assert levels == [Level.BAD, Level.BETWEEN, Level.WELL]
    [full] = readings.disks([Store("server", 900, 1000)], LIMITS)
    assert full.text == "the storage of server is 90% full: 900 of 1,000 bytes"


def test_a_damaged_log_has_a_name_that_an_alert_can_have() -> None:
    key = ProjectKey("acme-", "rag--2")
    [bad, well] = readings.damages({key: "a gap"}, [ProjectKey("acme", "rag")])
    raised = AlertRaised(alert=bad.alert, severity=bad.severity, text=bad.text, hint=bad.hint)
    assert (raised.alert, raised.text) == ("log-damaged-acme_-rag__2", "acme-/rag--2: a gap")
    assert (well.alert, well.level) == ("log-damaged-acme-rag", Level.WELL)


def test_every_service_that_always_runs_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tuple(EXPECTED.split(",")) == SERVICES
    monkeypatch.setenv("PSMP_NATS_URL", "nats://127.0.0.1")
    monkeypatch.setenv("PSMP_EXPECTED_SERVICES", "intake,keeper,intake")
    settings = WatchdogSettings()
    assert settings.services == ("intake", "keeper")
    assert settings.limits == LIMITS

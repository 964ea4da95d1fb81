"""Open alerts as people see them."""

from datetime import UTC, datetime

from rich.console import Console

from psmp.cli.pages.alerts import listing
from psmp.words.answers import AlertLine
from psmp.words.values import Severity

NOW = datetime(2026, 11, 21, 10, 19, 30, tzinfo=UTC)


def shown(*lines: AlertLine) -> list[str]:
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(listing(lines, NOW))
    return capture.get().splitlines()


def alert(**more: object) -> AlertLine:
    known: dict[str, object] = {
        "project": "rag",
        "alert": "project-stalled",
        "severity": Severity.HIGH,
        "text": "stuck\x1b[2J in PLANNING",
        "hint": "start the agents",
        "person": True,
        "since": "2026-11-21T10:17:30.000000Z",
    }
    return AlertLine.model_validate({**known, **more})


def test_an_alert_says_what_is_amiss_since_when_and_what_to_type() -> None:
    assert shown(alert()) == [
        "rag  high  project-stalled: stuck [2J in PLANNING  2m ago  waits for a person",
        "  start the agents",
        "  psmp acknowledge rag project-stalled --reason …",
    ]


def test_what_somebody_has_in_hand_asks_for_nothing_more() -> None:
    assert shown(alert(taken="ada", hint="")) == [
        "rag  high  project-stalled: stuck [2J in PLANNING  2m ago  in the hands of ada"
    ]


def test_a_conflict_is_to_be_looked_at_first() -> None:
    lines = shown(alert(alert="conflict-C-1", conflict="C-1"), alert(person=False, hint=""))
    assert lines[2:4] == ["  psmp status rag", "  psmp acknowledge rag conflict-C-1 --reason …"]
    assert lines[-1].endswith("2m ago")

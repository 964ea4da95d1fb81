"""The rules for Prometheus are about metrics that there are, and every alert is explained."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from psmp_watchdog.conditions import WELL_UNLESS_FOUND
from psmp_watchdog.rules.recovery import ALERT

ROOT = Path(__file__).parents[2]
RULES = (ROOT / "deploy/prometheus/alerts.yml").read_text()
DOC = (ROOT / "docs/alerts.md").read_text()
RULE = re.compile(
    r"^      - alert: (?P<name>\w+)\n        expr: (?P<expr>.+)\n(?:        for: \d+[mh]\n)?"
    r"        labels: \{ severity: (?:critical|warning) \}\n        annotations: \{ summary: \".+\" \}\n",
    re.MULTILINE,
)
METRICS: dict[str, tuple[str, ...]] = {
    "Counter": ("_total",),
    "CounterMetricFamily": ("_total",),
    "Histogram": ("_bucket", "_count", "_sum"),
    "Gauge": ("",),
    "GaugeMetricFamily": ("",),
    "_gauge": ("",),
}
"""What makes metrics, and what its series are called behind the name."""


def exported(folder: Path) -> Iterator[tuple[str, set[str]]]:
    """The names of the series that the code below ``folder`` makes, and their labels."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(name)), *rest]) if kind in METRICS:
                    lists = [*rest, *(keyword.value for keyword in node.keywords if keyword.arg == "labels")]
                    labels = {each.value for found in lists if isinstance(found, ast.List) for each in found.elts}  # type: ignore[attr-defined]
                    yield from ((name + suffix, labels) for suffix in METRICS[kind])


SERIES = {name: labels for part in ("services", "shared") for name, labels in exported(ROOT / part)}


def rules() -> dict[str, str]:
    return {found["name"]: found["expr"] for found in RULE.finditer(RULES)}


def test_every_rule_is_read() -> None:
    assert len(rules()) == RULES.count("- alert:") > 10


def test_every_metric_that_a_rule_asks_for_is_exported_with_the_labels_that_it_asks_for() -> None:
    for expression in rules().values():
        names = re.findall(r"psmp_\w+", expression)
        assert names
        assert set(names) <= SERIES.keys(), expression
        known = set().union(*(SERIES[name] for name in names), {"job", "instance", "le"})
        by = {label for group in re.findall(r"by \(([^)]+)\)", expression) for label in group.split(", ")}
        selected = {
            label for group in re.findall(r"\{([^}]+)\}", expression) for label in re.findall(r"(\w+)[=!]", group)
        }
        assert by | selected <= known, expression


def test_every_rule_and_every_alert_is_explained() -> None:
    for name in (*rules(), ALERT):
        assert f"| `{name}` |" in DOC
    for prefix in (*WELL_UNLESS_FOUND, "log-damaged-", "conflict-", "letter-"):
        assert f"`{prefix}" in DOC


def test_no_metric_has_a_label_without_bounds() -> None:
    bounded = {
        "loop",
        "outcome",
        "reason",
        "verdict",
        "service",
        "consumer",
        "stream",
        "store",
        "state",
        "of",
        "severity",
        "witness",
    }
    bounded |= {"method", "route", "status"}
    assert set().union(*SERIES.values()) <= bounded

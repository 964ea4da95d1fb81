"""Prometheus metrics that more than one service has; base units, low cardinality, never a project's name."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import REGISTRY, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from psmp.service.statistics import Statistics

disable_created_metrics()  # type: ignore[no-untyped-call]

_FAST = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

HANDLING = Histogram(
    "psmp_handling_seconds", "Time from taking a message up to knowing what becomes of it.", ["loop"], buckets=_FAST
)

SOLVING = Histogram(
    "psmp_solving_seconds",
    "Time that the resolver took for one project, by what it said; stale is what was given up.",
    ["verdict"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)

REGRESSED = Gauge(
    "psmp_ledger_regressed", "1 while log or ledger has gone back in time, as far as is known here: nothing is decided."
)


class StatisticsCollector(Collector):
    """Turns the loops' statistics into metrics when they are asked for."""

    def __init__(self, describe: Callable[[], Iterable[Statistics]]) -> None:
        self._describe = describe
        REGISTRY.register(self)

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """See ``prometheus_client``."""
        messages = CounterMetricFamily("psmp_messages", "Messages by what became of them.", labels=["loop", "outcome"])
        waiting = GaugeMetricFamily("psmp_messages_open", "Messages taken up and not settled.", labels=["loop"])
        trouble = GaugeMetricFamily("psmp_loop_in_trouble", "1 while a loop cannot do its work.", labels=["loop"])
        stopped = GaugeMetricFamily(
            "psmp_projects_stopped", "Projects that a loop goes no further with.", labels=["loop"]
        )
        for each in self._describe():
            for outcome, count in (("done", each.handled), ("later", each.postponed), ("never", each.buried)):
                messages.add_metric([each.name, outcome], count)
            waiting.add_metric([each.name], each.waiting)
            trouble.add_metric([each.name], float(bool(each.trouble)))
            stopped.add_metric([each.name], len(each.stopped))
        yield from (messages, waiting, trouble, stopped)

"""What the watchdog sees, as Prometheus gauges. No project, tenant or agent is ever a label."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from psmp.rules.project import Project
from psmp.words.ids import SYSTEM
from psmp.words.values import Phase, Severity
from psmp_watchdog.hearts import Hearts
from psmp_watchdog.operations import Operations
from psmp_watchdog.readings import instances
from psmp_watchdog.watch import Watch


class WatchCollector(Collector):
    """Counts what the watchdog sees when it is asked, in another thread: everything is copied before it is counted."""

    def __init__(
        self,
        watch: Watch,
        operations: Operations,
        hearts: Hearts,
        expected: tuple[str, ...],
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._watch, self._operations, self._hearts, self._expected = watch, operations, hearts, expected
        registry.register(self)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """See ``prometheus_client``."""
        projects = {key: each for key, each in self._watch.projects.copy().items() if each is not None}
        system = projects.pop(SYSTEM, None)
        yield from _projects(list(projects.values()), system)
        yield _gauge("psmp_logs_damaged", "Projects whose log is damaged.", len(self._watch.damages))
        yield from self._services(system)
        yield from self._figures()

    def _services(self, system: Project | None) -> Iterator[GaugeMetricFamily]:
        present = self._watch.present
        if system is None or present is None:
            return
        allowed = timedelta(seconds=system.policy.lease_seconds)
        heard = [name for name, time in dict(self._hearts.of(SYSTEM)).items() if present - time <= allowed]
        alive = GaugeMetricFamily("psmp_service_instances", "Instances that were heard lately.", labels=["service"])
        for service, names in instances(heard, self._expected).items():
            alive.add_metric([service], len(names))
        ahead = self._hearts.clocks
        skew = GaugeMetricFamily(
            "psmp_clock_skew_seconds", "How far a service's clock is from that of NATS.", labels=["service"]
        )
        for service, names in instances(ahead, self._expected).items():
            skew.add_metric([service], max((abs(ahead[name]) for name in names), default=0.0))
        yield from (alive, skew)

    def _figures(self) -> Iterator[GaugeMetricFamily]:
        latest = self._operations.latest
        if latest is None:
            return
        pending = GaugeMetricFamily(
            "psmp_consumer_pending", "Messages that a consumer has yet to be given.", labels=["consumer"]
        )
        unsettled = GaugeMetricFamily(
            "psmp_consumer_unsettled", "Messages that a consumer was given and has not settled.", labels=["consumer"]
        )
        for each in latest.consumers:
            pending.add_metric([each.name], each.pending)
            unsettled.add_metric([each.name], each.unsettled)
        messages = GaugeMetricFamily("psmp_stream_messages", "Messages in a stream.", labels=["stream"])
        size = GaugeMetricFamily("psmp_stream_bytes", "Bytes of a stream on disk.", labels=["stream"])
        for name, (count, taken) in latest.streams.items():
            messages.add_metric([name], count)
            size.add_metric([name], taken)
        used = GaugeMetricFamily("psmp_storage_used_ratio", "How full something is, from 0 to 1.", labels=["store"])
        for store in latest.stores:
            used.add_metric([store.name], store.part)
        yield from (pending, unsettled, messages, size, used)


def _projects(projects: list[Project], system: Project | None) -> Iterator[GaugeMetricFamily]:
    states = Counter(each.state for each in projects)
    counted = GaugeMetricFamily("psmp_projects", "Projects by state.", labels=["state"])
    for phase in Phase:
        counted.add_metric([phase], states[phase])
    open_ones = GaugeMetricFamily(
        "psmp_alerts_open", "Open alerts: of projects, and of the system that governs them.", labels=["of", "severity"]
    )
    for of, whose in (("projects", projects), ("system", [system] if system else [])):
        severities = Counter(alert.severity for each in whose for alert in each.alerts.values())
        for severity in Severity:
            open_ones.add_metric([of, severity], severities[severity])
    alerts = [alert for each in (*projects, *([system] if system else ())) for alert in each.alerts.values()]
    yield from (counted, open_ones)
    yield _gauge("psmp_inbox_alerts", "Open alerts that wait for a person.", sum(alert.waits for alert in alerts))
    yield _gauge("psmp_projects_stalled", "Projects that do not get on.", sum(each.stalled for each in projects))
    yield _gauge("psmp_slots_held", "Slots that agents hold.", sum(len(each.slots.held) for each in projects))
    yield _gauge("psmp_slots_waiting", "Agents that wait.", sum(len(each.slots.queue) for each in projects))


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, about)
    made.add_metric([], value)
    return made

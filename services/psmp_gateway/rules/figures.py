"""What is answered about how things go: analytics, figures over time, and the state of what PSMP runs on."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from psmp.words.envelope import written
from psmp.words.ids import Id
from psmp.words.values import Severity, Word
from psmp_gateway.rules.answers import Next

MOST_STRETCHES: Final = 1000
STRETCHES: Final = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
USUAL_STRETCHES: Final = {"minute": 60, "hour": 24, "day": 30}
"""How many stretches are told when it is not said since when."""

Stretch = Literal["minute", "hour", "day"]
Line = dict[str, Any]


class Analysis(Word):
    """Who causes conflicts, how they end and how long that takes, as `psmp analytics -o json` prints it."""

    position: int
    moment: str | None = None
    agents: tuple[Line, ...] = ()
    subjects: tuple[Line, ...] = ()
    severities: tuple[Line, ...] = ()
    resolved: tuple[Line, ...] = ()
    days: tuple[Line, ...] = ()
    blocked: tuple[Line, ...] = ()
    refusals: tuple[Line, ...] = ()
    slots: tuple[Line, ...] = ()
    waits: tuple[Line, ...] = ()


class Percentiles(Word):
    """Seconds from a declaration to its verdict."""

    p50: float
    p95: float
    p99: float


class Point(Word):
    """One stretch of time, from ``begin`` on: what was written in it, and what was declared in it and judged."""

    begin: str
    events: int = 0
    declarations: int = 0
    refusals: int = 0
    verdicts: int = 0
    contested: int = 0
    seconds: Percentiles | None = None
    conflicts: dict[Severity, int] = Field(default_factory=dict)


class Series(Word):
    """Figures over time, without a gap: ``since`` <= time < ``until``, each point for ``stretch``."""

    since: str
    until: str
    stretch: Stretch
    items: tuple[Point, ...]
    behind: Annotated[int, Field(description="How many events these figures have not taken in yet.")] = 0


class ConflictSpan(Word):
    """A conflict from when it was told to what ended it; what is open has no end.

    ``decided_by``: ``policy`` (the resolver by itself), ``governor`` or ``agent``.
    """

    project: Id
    conflict: str
    type: str
    ecosystem: str | None = None
    subject: str
    severity: Severity
    opened: str
    opened_position: int
    closed: str | None = None
    closed_position: int | None = None
    strategy: str | None = None
    decided_by: str | None = None
    actor: str | None = None
    seconds: float | None = None


class ConflictSpans(Word):
    """Conflicts that were ever told, the newest first."""

    items: tuple[ConflictSpan, ...]
    next_cursor: Next = None


class ConsumerState(Word):
    """A durable consumer: messages that it has yet to be given, and that it was given and has not settled."""

    name: str
    stream: str
    service: str
    behind: int
    in_hand: int
    again: Annotated[int, Field(description="Messages in hand that were delivered more than once.")] = 0
    asking: Annotated[int, Field(description="Requests for messages that wait: 0 when nobody reads it.")] = 0


class StreamState(Word):
    """A stream of NATS."""

    name: str
    messages: int
    bytes: int


class InstanceState(Word):
    """One process of a service, and when it was heard last."""

    instance: str
    heard: str
    leaving: bool = False


class ServiceState(Word):
    """A service with those of its processes that were heard within a day."""

    service: str
    alive: Annotated[int, Field(description="Processes that were heard within 75 s and are not leaving.")]
    instances: tuple[InstanceState, ...] = ()


class FollowerState(Word):
    """Who takes the log into Postgres, and how many positions of it come after what it has."""

    name: str
    position: int
    behind: int


class OperationsState(Word):
    """How what PSMP runs on stands; it is the same for every tenant."""

    position: Annotated[int, Field(description="The newest event that the gateway knows of.")]
    standing: Annotated[str, Field(description="`well`, or why nothing is decided; empty while nobody said.")] = ""
    services: tuple[ServiceState, ...]
    consumers: tuple[ConsumerState, ...]
    streams: tuple[StreamState, ...]
    followers: tuple[FollowerState, ...]
    readers: Annotated[int, Field(description="Live readers of this gateway.")] = 0


def bounds(since: datetime | None, until: datetime | None, stretch: Stretch, now: datetime) -> list[datetime]:
    """When each stretch begins, and when the last one ends; raises ``ValueError`` for too many, or none."""
    step = STRETCHES[stretch]
    end = until or _floor(now, step) + step
    begin = _floor(since or end - USUAL_STRETCHES[stretch] * step, step)
    count = -((begin - end) // step)
    if count < 1:
        raise ValueError("it ends before it begins")
    if count > MOST_STRETCHES:
        raise ValueError(f"these are {count} stretches of a {stretch}, at most {MOST_STRETCHES} are told at once")
    return [begin + number * step for number in range(count + 1)]


def _floor(moment: datetime, step: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (moment - epoch) // step * step


def series(edges: list[datetime], stretch: Stretch, rows: dict[str, list[dict[str, Any]]], behind: int) -> Series:
    """The figures of these stretches; ``rows`` are what Postgres says of each, by statement."""
    told: dict[datetime, dict[str, Any]] = {edge: {} for edge in edges[:-1]}
    for row in rows["throughput"]:
        told[row["begin"]] |= {name: row[name] for name in ("events", "declarations", "refusals")}
    for row in rows["verdicts"]:
        p50, p95, p99 = row["seconds"]
        told[row["begin"]] |= {"verdicts": row["verdicts"], "contested": row["contested"]}
        told[row["begin"]]["seconds"] = Percentiles(p50=p50, p95=p95, p99=p99)
    for row in rows["conflicts"]:
        told[row["begin"]].setdefault("conflicts", {})[Severity(row["severity"])] = row["conflicts"]
    points = tuple(Point(begin=written(edge), **found) for edge, found in told.items())
    return Series(since=written(edges[0]), until=written(edges[-1]), stretch=stretch, items=points, behind=behind)

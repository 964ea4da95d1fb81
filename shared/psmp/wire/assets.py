"""The streams and durable consumers that PSMP needs, as data, and the one step that makes or updates them.

Each carries the ``io.nats.monitor.*`` metadata that ``nats server check stream`` and ``consumer`` read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nats.aio.client import Client

from psmp.wire.administration import ask

_SECOND: Final = 1_000_000_000
_DAY: Final = 86_400 * _SECOND
_STREAM_NOT_FOUND: Final = 10059
_NO_DUPLICATES: Final = _SECOND // 10
"""The least that NATS keeps message ids for. Agents choose them, and the log decides what is a duplicate."""
_ARTIFACTS: Final = tuple(f"psmp.log.*.*.artifact.{event}" for event in ("declared", "amended", "withdrawn"))

_TOLD: Final = tuple(
    f"psmp.log.*.*.{kind}" for kind in ("alert.*", "conflict.*", "project.*", "task.*", "webhook.tested")
)
"""What webhooks can tell of."""
_APPLIED: Final = "psmp.log.*.*.resolution.applied"
_GOVERNED: Final = "psmp.log.*.*.project.changed"
_CONFLICTS: Final = (
    *("conflict.*", "resolution.*", "waiver.expired", "project.recovering", "project.changed", "compatibility.checked"),
    *("task.created", "task.changed"),
)
"""What the resolver may have something to do about."""

_LIFECYCLE: Final = (
    *("conflict.*", "project.*", "resolution.*", "waiver.expired", "slot.*", "letter.retried"),
    *("alert.acknowledged", "alert.cleared"),
)
"""What a project's phase and the queue for its slots follow from."""

_GRAPHS: Final = (
    *("maeg.*", "subpac.*", "ber.generated", "pdo.aggregated"),
    *("slot.failed", "slot.expired", "project.transitioned", "letter.retried"),
)
"""What the orchestrator may have something to do about. Of verdicts it hears when it looks."""

_PAUSES: Final = (5, 5, 5, 10, 15, 20, 30, 30, 30)
_BOUNDED: Final[Mapping[str, Any]] = {
    "max_deliver": len(_PAUSES) + 1,
    "backoff": [seconds * _SECOND for seconds in _PAUSES],
}
"""For consumers whose messages come again only when something is wrong: ten deliveries, in some two and a half minutes.

The pauses grow, for a broker may go on for a minute to deliver to somebody who is cut off.
"""
_RETRIED: Final = "psmp.log.*.*.letter.retried"


def _stream(name: str, subjects: str, **config: Any) -> dict[str, Any]:
    metadata = {"io.nats.monitor.enabled": "1"}
    common = {"name": name, "subjects": [subjects], "retention": "limits", "discard": "new", "storage": "file"}
    return common | {"deny_delete": True, "allow_direct": True, "metadata": metadata} | config


def _consumer(
    stream: str, name: str, *filters: str, always_read: bool = True, **config: Any
) -> tuple[str, dict[str, Any]]:
    metadata = {
        "io.nats.monitor.enabled": "1",
        "io.nats.monitor.outstanding-ack-critical": "4000",
        "io.nats.monitor.waiting-critical": "500",
    }
    if always_read:
        metadata["io.nats.monitor.unprocessed-critical"] = "10000"
    common: dict[str, Any] = {"name": name, "durable_name": name, "ack_policy": "explicit", "deliver_policy": "all"}
    common |= {"ack_wait": 5 * _SECOND, "max_ack_pending": 5000, "max_deliver": -1, "metadata": metadata}
    selection = {"filter_subjects": list(filters)} if filters else {}
    return stream, common | selection | config


STREAMS: Final = (
    # Only by permission, and one by one, for who prunes or restores: the stream itself could never take a denial back.
    _stream(
        "PSMP_LOG",
        "psmp.log.>",
        deny_delete=False,
        deny_purge=True,
        allow_atomic=True,
        republish={"src": "psmp.log.>", "dest": "psmp.evt.>"},
        max_msg_size=1_048_576,
    ),
    _stream(
        "PSMP_COMMANDS",
        "psmp.cmd.>",
        max_age=30 * _DAY,
        max_msg_size=294_912,  # a graph of agents; what else is larger than 64 KiB is refused
        deny_purge=True,
        deny_delete=False,  # a command of somebody who is erased is deleted
        duplicate_window=_NO_DUPLICATES,
    ),
    # Keys by which personal fields are sealed. Never compressed, copied or mirrored: what is deleted must be gone.
    _stream(
        "PSMP_KEYS",
        "psmp.key.>",
        deny_delete=False,
        deny_purge=True,
        max_msg_size=1024,
        duplicate_window=_NO_DUPLICATES,
    ),
    # What the signer has signed, in the order of signing: nobody who took the database back could take these back, too.
    _stream("PSMP_CHECKPOINTS", "psmp.checkpoint.>", deny_purge=True, allow_atomic=True, max_msg_size=131_072),
    _stream("PSMP_DLQ", "psmp.dlq.>", deny_delete=False),
    # What the broker gives up: it says so once, to whoever listens.
    _stream("PSMP_ADVISORIES", "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>", max_age=30 * _DAY, deny_purge=True),
    _stream("PSMP_SNAPSHOTS", "psmp.snap.>", max_msgs_per_subject=1, discard="old", max_msg_size=8_388_608),
    _stream(
        "PSMP_TURNS",
        "psmp.turn.>",
        max_msgs_per_subject=1,
        discard="old",
        allow_msg_ttl=True,
        max_age=_DAY,
        max_msg_size=1024,
        duplicate_window=_NO_DUPLICATES,
    ),
    _stream(
        "PSMP_HEARTBEATS",
        "psmp.hb.>",
        max_msgs_per_subject=1,
        discard="old",
        max_msgs=200_000,
        max_age=_DAY,
        max_msg_size=4096,
        max_bytes=128 * 1024 * 1024,
        duplicate_window=_NO_DUPLICATES,
    ),
    # Whether log and ledger stand: the last word alone.
    _stream(
        "PSMP_STANDING", "psmp.standing", max_msgs_per_subject=1, discard="old", max_msg_size=65_536, deny_purge=True
    ),
)

CONSUMERS: Final = (
    _consumer("PSMP_COMMANDS", "intake", **_BOUNDED),
    # A project that is being recovered gets the verdicts that it lacks.
    _consumer("PSMP_LOG", "checker", *_ARTIFACTS, _GOVERNED, "psmp.log.*.*.project.recovering", _RETRIED, **_BOUNDED),
    # A verdict that is unknown is asked for again after an hour, some eighty days long.
    # Without a package index nobody reads it, and what it has not delivered is no cause for alarm.
    _consumer(
        "PSMP_LOG",
        "solver",
        *_ARTIFACTS,
        _APPLIED,
        _GOVERNED,
        _RETRIED,
        always_read=False,
        ack_wait=10 * _SECOND,
        max_ack_pending=20_000,
        max_deliver=2000,
    ),
    _consumer("PSMP_LOG", "keeper", *(f"psmp.log.*.*.{kind}" for kind in _LIFECYCLE), **_BOUNDED),
    # A proposal that waits for answers is delivered again every few seconds, and so is a conflict that is not resolved.
    _consumer(
        *("PSMP_LOG", "resolver", *(f"psmp.log.*.*.{kind}" for kind in _CONFLICTS), _RETRIED),
        max_ack_pending=20_000,
        max_deliver=2000,
    ),
    # A token is sent again until its agent begins, and what waits for a person is looked at again.
    _consumer(
        *("PSMP_LOG", "orchestrator", *(f"psmp.log.*.*.{kind}" for kind in _GRAPHS)),
        max_ack_pending=20_000,
        max_deliver=2000,
    ),
    # Position and order are Postgres': what cannot be taken in there stops its project, and is no dead letter.
    _consumer("PSMP_LOG", "projector", ack_policy="all"),
    _consumer("PSMP_LOG", "audit", ack_policy="all"),
    # What these give up is handled again by who follows a stream that has no events in it.
    _consumer("PSMP_LOG", "intake-letters", _RETRIED, **_BOUNDED),
    _consumer("PSMP_LOG", "watchdog-letters", _RETRIED, **_BOUNDED),
    _consumer("PSMP_ADVISORIES", "advisories", **_BOUNDED),
    # Letters of a project that has many already are looked at again later, however often.
    _consumer("PSMP_DLQ", "letters", max_ack_pending=1_000_000),
    # What one receiver does not take waits for hours; it must not hold up what others would take.
    _consumer(
        "PSMP_LOG",
        "webhooks",
        *_TOLD,
        _RETRIED,
        always_read=False,
        ack_wait=120 * _SECOND,
        max_ack_pending=20_000,
        max_deliver=50,
        deliver_policy="new",
    ),
)

SERVICES: Final = (
    *("intake", "checker", "resolver", "keeper", "orchestrator"),
    *("audit", "signer", "watchdog", "gateway"),
)
"""Every service of a deployment but the webhook sender, which runs where somebody has configured it."""

_OWNERS: Final = {
    "projector": "keeper",
    "solver": "checker",
    "intake-letters": "intake",
    "watchdog-letters": "watchdog",
    "letters": "watchdog",
    "advisories": "watchdog",
}


def service_of(consumer: str) -> str:
    """The service that reads a durable consumer."""
    return _OWNERS.get(consumer, consumer)


def most_delivered(consumer: str) -> int | None:
    """How often a message of a durable consumer is delivered at most; None: there is no bound, or no such consumer."""
    bounds = (config["max_deliver"] for _, config in CONSUMERS if config["name"] == consumer)
    return next((most for most in bounds if most > 0), None)


@dataclass(frozen=True, slots=True)
class AssetRefused(Exception):
    """The server refused a stream or a consumer."""

    asset: str
    why: str

    def __str__(self) -> str:
        return f"NATS refused {self.asset}: {self.why}"


async def prepare(nats: Client, *, replicas: int = 1, only: str | None = None) -> None:
    """Make or update every stream and consumer; safe to run again at any time. Raises ``AssetRefused``.

    ``only`` is the one stream, with its consumers, that is meant; left out, all are.
    """
    for config in STREAMS:
        if only in (None, config["name"]):
            await _apply_stream(nats, replicated(config, replicas))
    for stream, config in CONSUMERS:
        if only not in (None, stream):
            continue
        body = {"stream_name": stream, "config": config}
        await _have(nats, f"CONSUMER.CREATE.{stream}.{config['name']}", body, config["name"])


def replicated(config: Mapping[str, Any], replicas: int) -> dict[str, Any]:
    """A stream with so many replicas, and the peers that the monitor is to expect (0: it is on one server alone)."""
    expected = {"io.nats.monitor.peer-expect": str(replicas if replicas > 1 else 0)}
    return {**config, "num_replicas": replicas, "metadata": config["metadata"] | expected}


async def _apply_stream(nats: Client, config: Mapping[str, Any]) -> None:
    name = config["name"]
    found = await ask(nats, f"STREAM.INFO.{name}")
    missing = found.get("error", {}).get("err_code") == _STREAM_NOT_FOUND
    if found.get("config", {}).get("deny_delete"):  # it was made so by an older version, and NATS does not take it back
        config = {**config, "deny_delete": True}
    await _have(nats, f"STREAM.{'CREATE' if missing else 'UPDATE'}.{name}", config, name)


async def _have(nats: Client, what: str, body: Mapping[str, Any], asset: str) -> None:
    if error := (await ask(nats, what, body)).get("error"):
        raise AssetRefused(asset, error["description"])

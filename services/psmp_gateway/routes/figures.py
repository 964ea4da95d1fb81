"""Figures: who causes conflicts and how they end, how much goes on, and how what PSMP runs on stands."""

from datetime import timedelta
from typing import Any, Final

from fastapi.responses import Response

from psmp.service.clock import now
from psmp.store.analytics import Asked, parts_of
from psmp.store.statements import load
from psmp.wire.beats import SILENT_AFTER
from psmp.words.envelope import written
from psmp.words.strict import Fault
from psmp.words.values import Severity
from psmp_gateway import record, standing
from psmp_gateway.calls import Called, answer
from psmp_gateway.routes.asked import Activity, Spanned, Spans, one_or_all, seen_of
from psmp_gateway.routes.parameters import Nothing
from psmp_gateway.rules import cursors, figures
from psmp_gateway.rules.figures import FollowerState, OperationsState
from psmp_gateway.trouble import invalid

SQL: Final = load(record.__file__)
STATEMENTS: Final = ("throughput", "verdicts", "conflicts")
FOLLOWERS: Final = {"projector": "projection", "audit": "ledger"}


async def analytics(call: Called, wanted: Spanned) -> Response:
    """Say who causes which share of the conflicts, how they end and how long that takes, refusals, slots and waits."""
    asked = Asked(call.caller.tenant, one_or_all(call, wanted.project), wanted.since, wanted.until)
    async with call.ports.record.reading() as connection:
        found = await parts_of(connection, asked)
    moment = written(found.moment) if found.moment else None
    parts = {name: tuple(lines) for name, lines in found.parts.items()}
    return answer(figures.Analysis(position=found.position, moment=moment, **parts))


async def activity(call: Called, wanted: Activity) -> Response:
    """Say how much went on, how soon verdicts came, and how many conflicts there were, minute by minute or by day."""
    try:
        edges = figures.bounds(wanted.since, wanted.until, wanted.stretch, now())
    except ValueError as error:
        raise invalid(Fault("since", str(error))) from None
    about = call.caller.tenant, seen_of(call, wanted.project), edges[0], edges[-1], figures.STRETCHES[wanted.stretch]
    async with call.ports.record.reading() as connection:
        rows = {name: [dict(row) for row in await connection.fetch(SQL[name], *about)] for name in STATEMENTS}
        taken = {row["name"]: row["position"] for row in await connection.fetch(SQL["taken"])}
    behind = max(0, call.ports.tail.end - taken.get("projector", 0))
    return answer(figures.series(edges, wanted.stretch, rows, behind))


async def conflicts(call: Called, wanted: Spans) -> Response:
    """List every conflict that there ever was: when it was told, what ended it, who decided that, how long it took."""
    place = wanted.place(cursors.SPAN) or (None, None)
    about = call.caller.tenant, seen_of(call, wanted.project), *place
    chosen = wanted.severity, wanted.type, wanted.open, wanted.since, wanted.until
    async with call.ports.record.reading() as connection:
        rows = await connection.fetch(SQL["spans"], *about, *chosen, wanted.limit + 1)
    items = tuple(map(_span, rows[: wanted.limit]))
    more = len(rows) > wanted.limit
    following = cursors.write(items[-1].opened_position, items[-1].conflict) if more else None
    return answer(figures.ConflictSpans(items=items, next_cursor=following))


def _span(row: Any) -> figures.ConflictSpan:  # noqa: ANN401 - a row
    told = {**row, "type": row["kind"], "severity": Severity(row["severity"]), "opened": written(row["opened"])}
    told["closed"] = written(row["closed"]) if row["closed"] else None
    del told["kind"]
    return figures.ConflictSpan(**told)


async def operations(call: Called, _: Nothing) -> Response:
    """Say how what PSMP runs on stands: services, consumers and how far behind they are, streams, who follows the log.

    It is the same for every tenant, and names no project.
    """
    async with call.ports.record.reading() as connection:
        taken = {row["name"]: row["position"] for row in await connection.fetch(SQL["taken"])}
    found, tail = await standing.ask(call.ports.nats), call.ports.tail
    followers = tuple(
        FollowerState(name=FOLLOWERS.get(name, name), position=place, behind=max(0, tail.end - place))
        for name, place in sorted(taken.items())
    )
    told = OperationsState(
        position=tail.end,
        standing=found.word,
        services=found.services(now(), timedelta(seconds=SILENT_AFTER)),
        consumers=found.consumers,
        streams=found.streams,
        followers=followers,
        readers=tail.describe().waiting,
    )
    return answer(told)

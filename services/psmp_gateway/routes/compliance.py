"""Compliance: exports and the signed bundle, the audit trail of all projects, and reports on controls."""

from typing import Any, Final

from fastapi.responses import Response
from pydantic_core import from_json

from psmp.compliance.report import FRAMEWORKS, markdown, plain
from psmp.compliance.report import report as made_of
from psmp.store.evidence import Scope, gather
from psmp.store.pool import Connection
from psmp.store.statements import load
from psmp.words.strict import Fault
from psmp_gateway import record
from psmp_gateway.calls import Called, answer
from psmp_gateway.exporting import Exported, Wish, exported
from psmp_gateway.offering import chosen
from psmp_gateway.routes.asked import Audit, Export, Report, one_or_all, seen_of
from psmp_gateway.rules import cursors, records
from psmp_gateway.trouble import invalid

SQL: Final = load(record.__file__)
WINDOW: Final = 5000
"""So many positions of the log are gone through first; then four times as many, and so on."""
MOST_GONE_THROUGH: Final = 400_000
"""So many for one page; what is not found among them is on the next one."""
MARKDOWN: Final = "text/markdown; charset=utf-8"


async def audit(call: Called, wanted: Audit) -> Response:
    """Search the audit trail of all projects that the key sees, newest first."""
    place = wanted.place(cursors.NUMBER)
    about = call.caller.tenant, seen_of(call, wanted.project)
    chosen = (
        [each.replace("*", "%") for each in wanted.kind] or None,
        wanted.agent,
        wanted.since,
        wanted.until,
        wanted.of,
        wanted.text,
    )
    items: list[records.AuditRecord] = []
    async with call.ports.record.reading() as connection:
        taken = {row["name"]: row["position"] for row in await connection.fetch(SQL["taken"])}
        high = place[0] if place else (await connection.fetchval(SQL["newest"], *about) or 0) + 1
        least, window = max(1, high - MOST_GONE_THROUGH), WINDOW
        while high > least and len(items) < wanted.limit:
            low = max(least, high - window)
            found = await _between(connection, about, (low, high), chosen, wanted.limit - len(items))
            items += found
            high = found[-1].position if len(items) == wanted.limit else low
            window *= 4
    following = cursors.write(high) if high > 1 else None
    behind = max(0, call.ports.tail.end - taken.get("projector", 0))
    return answer(records.AuditPage(items=tuple(items), next_cursor=following, behind=behind))


async def _between(
    connection: Connection, about: tuple[Any, ...], window: tuple[int, int], chosen: tuple[Any, ...], limit: int
) -> list[records.AuditRecord]:
    rows = await connection.fetch(SQL["audit"], *about, *window, *chosen, limit)
    return [
        records.AuditRecord(
            project=row["project"], position=row["position"], leaf=row["leaf"].hex(), event=from_json(row["body"])
        )
        for row in rows
    ]


async def export(call: Called, wanted: Export) -> Response:
    """Export the record: as one JSON document or a CSV table of what is chosen, or as a bundle that can be verified.

    A bundle (`format=jsonl`) is a zip with every event's exact bytes and what was signed of them; `psmp verify FILE
    --keys KEYS` verifies it offline. An extract (`json`, `csv`) leaves out what is not chosen, and proves nothing by
    itself. They are signed by the statement key unless `signed=false`; a CSV with `signed=true` comes with its
    manifest, in a zip.
    """
    project = one_or_all(call, wanted.project)
    chosen = wanted.since, wanted.until, wanted.agent, wanted.kind
    if wanted.format == "jsonl" and any(each is not None for each in chosen):
        raise invalid(Fault("format", "a bundle leaves nothing out"), hint="format=json or csv takes filters")
    signed = wanted.signed if wanted.signed is not None else wanted.format != "csv"
    wish = Wish(wanted.format, call.caller.tenant, project, *chosen, signed=signed)
    return Exported(await exported(call.ports.record, wish))


async def report(call: Called, wanted: Report) -> Response:
    """Say what the record shows of each control of SOC 2, GDPR or HIPAA, and what not; as `text/markdown` to read."""
    one_or_all(call, None)
    scope = Scope(call.caller.tenant, wanted.since, wanted.until)
    evidence = await call.ports.record.apart(lambda pool: gather(pool, scope))
    made = made_of(FRAMEWORKS[wanted.framework], evidence)
    if chosen(call.request) == "text/markdown":
        return Response(markdown(made), media_type=MARKDOWN)
    return answer(records.ReportDocument(framework=wanted.framework, holds=made.holds, report=plain(made)))

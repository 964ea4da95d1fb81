"""``psmp doctor``: whether everything that PSMP stands on is in order, and what to do where it is not."""

import asyncio
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from psmp.cli.checkup import monitor, nats, postgres, standing
from psmp.cli.checkup.finding import Finding, Health, end_of
from psmp.cli.exits import Exit
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.output import Format, write_json
from psmp.cli.pages.layout import table
from psmp.cli.publickeys import log_keys
from psmp.wire.announced import running_dev

SIGNS: Final = {
    Health.WELL: ("✓", "green"),
    Health.UNKNOWN: ("?", "dim"),
    Health.ODD: ("!", "yellow"),
    Health.BAD: ("✗", "bold red"),
    Health.AWAY: ("✗", "bold red"),
}


async def doctor(
    *,
    nats_monitor: Annotated[
        str | None, Parameter(env_var="PSMP_NATS_MONITOR_URL", help="NATS' monitoring page, http://host:8222.")
    ] = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """See whether everything that PSMP stands on is in order."""
    out = answering.out
    findings = await _look(servers, nats_monitor)
    if out.format is Format.JSONL:
        for finding in findings:
            write_json(asdict(finding))
    else:
        out.one([asdict(finding) for finding in findings], lambda: page(findings))
    return end_of(findings)


async def _look(servers: Servers, nats_monitor: str | None) -> list[Finding]:
    """Every finding, in the same order every time; the parts are looked at at the same time."""
    found = servers.found()
    monitored = monitor.look(nats_monitor or running_dev(os.environ).get("nats_monitor"))
    async with asyncio.TaskGroup() as group:
        of_nats = group.create_task(_nats(servers, found.nats_url))
        of_flushing = group.create_task(monitored)
        of_postgres = group.create_task(_postgres(found.postgres_dsn))
        of_both = group.create_task(_both(servers, found.nats_url, found.postgres_dsn, _folder(found.nats_url)))
    return [*of_nats.result(), of_flushing.result(), *of_postgres.result(), *of_both.result()]


async def _nats(servers: Servers, url: str | None) -> list[Finding]:
    if url is None:
        fix = "psmp dev, or set PSMP_NATS_URL (an operator's)"
        return [Finding("NATS", Health.AWAY, "nobody said where it is", fix)]
    return [finding async for finding in nats.look(servers.address(url))]


async def _both(servers: Servers, url: str | None, dsn: str | None, data: str | None) -> list[Finding]:
    if url is None:
        return []
    keys = log_keys(Path(data) if data else None)
    return [finding async for finding in standing.look(servers.address(url), dsn, data, keys)]


def _folder(url: str | None) -> str | None:
    """Where the running ``psmp dev`` keeps its data, if that is what is looked at."""
    dev = running_dev(os.environ)
    return dev.get("data") if url is not None and dev.get("operator_url") == url else None


async def _postgres(dsn: str | None) -> list[Finding]:
    if dsn is None:
        return [Finding("Postgres", Health.UNKNOWN, "nobody said where it is", "set PSMP_POSTGRES_DSN")]
    return [finding async for finding in postgres.look(dsn)]


def page(findings: list[Finding]) -> RenderableType:
    """One line for each finding, and what to do about it below."""
    return table("", "what", "found", rows=(_row(finding) for finding in findings), tight=("what",))


def _row(finding: Finding) -> tuple[RenderableType, ...]:
    sign, style = SIGNS[finding.health]
    fix = (f"\n→ {finding.fix}", "cyan") if finding.fix else ""
    return Text(sign, style=style), finding.subject, Text.assemble(finding.found, fix)

"""A development stack for people: where everything is, what to type, and what happens to it."""

import shlex
from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import duration
from psmp.cli.pages.layout import facts, to_type
from psmp.cli.running import Addresses
from psmp.stack import Happening, Notice

WARNING: Final = "development stack, not for production (no TLS, one node)"

_STYLES: Final = {Happening.READY: "green", Happening.DIED: "bold red", Happening.FAILED: "bold red"}


def banner(found: Addresses, version: str, other: int | None, folder: Path | None = None) -> Group:
    """Everything that a newcomer wants to know of the stack that has just started.

    ``other`` is the process of a stack that was there before, ``folder`` where ``psmp`` is when shells do not find it.
    """
    kept = f"kept in {found.data}" if found.data else "thrown away at the end; --data DIR keeps it"
    rows: list[tuple[str, RenderableType]] = [
        ("NATS", Text(shown_url(found.url))),
        ("", Text(f"nats-server {found.nats_version}, JetStream, every message flushed to disk", style="dim")),
        ("Postgres", Text(f"{found.postgres_version}, on a socket that only this user can reach")),
        *((name, Text(url)) for name, url in found.services.items()),
        ("", Text("each with /healthz, /readyz and /metrics", style="dim")),
        *_http(found),
        ("Persistence", Text(kept)),
        ("Public keys", Text(found.keys)),
    ]
    return Group(
        Text.assemble((version, "bold"), f"  ·  {WARNING}"),
        Text(),
        facts(rows),
        Text(),
        *_next(found, other, folder),
        Text(),
        Text.assemble((f"Ready in {duration(found.ready_after)}.", "bold green"), "  Stop: Ctrl-C (twice: at once)"),
    )


def _http(found: Addresses) -> list[tuple[str, RenderableType]]:
    """The dashboard with how to sign in, and the API; or what is to be done before there is one."""
    if found.api_lacks:
        return [("Dashboard", Text.assemble("not there, nor the HTTP API: ", (found.api_lacks, "bold")))]
    dashboard: list[tuple[str, RenderableType]] = [
        ("Dashboard", Text(found.dashboard, style="bold")),
        ("", Text(f"sign in with the key in {found.api_key_file}", style="dim")),
    ]
    if found.dashboard_lacks:
        dashboard = [("Dashboard", Text.assemble("not built: ", (found.dashboard_lacks, "bold")))]
    return [
        *dashboard,
        ("HTTP API", Text(found.api_url)),
        ("", Text(f"described in {found.api_url}/openapi.json", style="dim")),
    ]


def _next(found: Addresses, other: int | None, folder: Path | None) -> list[RenderableType]:
    """What to type in another terminal; the address only where it is not found by itself."""
    first = [to_type(f"export PATH={shlex.quote(str(folder))}:$PATH", 2)] if folder else []
    if other is not None:
        return [
            Text(f"Another psmp dev (pid {other}) is the one that commands find by themselves; for this one:"),
            *first,
            to_type(f"export PSMP_URL={found.url}", 2),
            to_type(f"export PSMP_API_KEY={found.api_key}", 2),
            to_type(f"export PSMP_NATS_URL={found.operator_url}", 2),
            to_type(f"export PSMP_POSTGRES_DSN={shlex.quote(found.postgres_dsn)}", 2),
        ]
    return [
        Text("In another terminal, which finds this stack by itself:"),
        *first,
        to_type("psmp demo --attach", 2),
        to_type("psmp create my-project --agent me", 2),
        to_type("psmp watch", 2),
        to_type("psmp doctor", 2),
        Text("For other programs (it has a password in it):"),
        to_type(f"export PSMP_URL={found.url}", 2),
        *(() if found.api_lacks else _over_http(found)),
    ]


def _over_http(found: Addresses) -> tuple[RenderableType, ...]:
    key = f"$(cat {shlex.quote(found.api_key_file)})"
    return (
        Text("Over HTTP, with an admin's key that lasts as long as this stack:"),
        to_type(f'curl -H "Authorization: Bearer {key}" {found.api_url}/projects', 2),
    )


def shown_url(url: str) -> str:
    """An address without user and password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def notice(told: Notice, time: str) -> Text:
    """Something happened to a part of the stack."""
    style = _STYLES.get(told.happening, "")
    return Text.assemble((f"{time}  ", "dim"), f"{told.part:<10}", (f"{told.happening:<8}", style), told.detail)

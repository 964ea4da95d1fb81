"""Keys, as people are shown them."""

from collections.abc import Iterable
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from psmp.cli.pages.wording import shown
from psmp.words.api_keys import ApiKey


def listing(keys: Iterable[ApiKey], now: datetime) -> RenderableType:
    """One line for each."""
    table = Table(box=None, pad_edge=False)
    for heading in ("key", "tenant", "agent", "role", "projects", "opens", "until", "note"):
        table.add_column(heading, header_style="dim", overflow="fold")
    for key in keys:
        projects = "all" if key.projects is None else ", ".join(sorted(key.projects))
        until = Text(_until(key, now), style="" if key.is_good(now) else "dim")
        role = f"{key.role}, privileged" if key.privileged else str(key.role)
        opens = "HTTP, NATS" if key.nkey else "HTTP"
        table.add_row(key.name, key.tenant, key.agent, role, projects, opens, until, shown(key.note))
    return table


def _until(key: ApiKey, now: datetime) -> str:
    if key.revoked is not None:
        return f"revoked {key.revoked:%Y-%m-%d}"
    return f"{'expired ' if key.expires <= now else ''}{key.expires:%Y-%m-%d}"

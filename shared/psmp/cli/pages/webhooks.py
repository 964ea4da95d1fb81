"""Webhooks, as people are shown them."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from psmp.cli.clock import to_second
from psmp.cli.pages.wording import counted, shown
from psmp.client.receiving import Posting


def listing(found: Iterable[Posting]) -> RenderableType:
    """One line for each."""
    table = Table(box=None, pad_edge=False)
    for heading in ("webhook", "told of", "posts to", "by", "stands"):
        table.add_column(heading, header_style="dim", overflow="fold")
    for each in found:
        webhook = each.webhook
        table.add_row(webhook.webhook, ", ".join(webhook.kinds), shown(webhook.url), webhook.by, _standing(each))
    return table


def _standing(posting: Posting) -> Text:
    webhook, health = posting.webhook, posting.health
    if webhook.ended is not None:
        return Text(f"ended {to_second(webhook.ended)}: {shown(webhook.reason)}", style="red")
    if health is None:
        return Text("no sender answers", style="yellow")
    if health.failing is not None:
        waiting = f", {health.waiting} waiting" if health.waiting else ""
        lost = f", {counted(health.given_up, 'dead letter')}" if health.given_up else ""
        return Text(f"failing since {to_second(health.failing)}: {shown(health.trouble)}{waiting}{lost}", style="red")
    if health.delivered is None:
        return Text("nothing was posted yet", style="dim")
    return Text(f"{health.posted} taken, last {to_second(health.delivered)}", style="green")

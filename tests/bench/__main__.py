"""``make bench``: starts the whole stack, measures, prints a table beside the limits, writes ``bench.json``."""

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

import psmp
from psmp.stack import Stack, ground
from psmp.stack.identities import READER
from psmp.stack.whole import whole
from psmp.wire.connection import Address, connect
from tests.bench import deep, limits, measures
from tests.bench.audit import audit
from tests.bench.checkpoints import checkpoints
from tests.bench.engine import engine
from tests.bench.figures import Figure, as_json, machine
from tests.bench.graphs import graphs
from tests.bench.hooks import hooks
from tests.bench.http import http
from tests.bench.ledger import ledger
from tests.bench.paths import paths
from tests.bench.peers import peers
from tests.bench.replaying import replaying
from tests.servers import UNLIMITED

CONSOLE = Console(width=180, highlight=False)


async def bench(seconds: float) -> tuple[list[Figure], dict[str, float]]:
    """Every figure, and the processor seconds of each part while it sustained what it could."""
    figures: list[Figure] = []
    shares: dict[str, float] = {}
    async with ground() as place:
        CONSOLE.print("measuring the limits of this machine ...")
        figures += await limits.raw_publishes(place, seconds)
        raw = figures[-1].value
        CONSOLE.print("filling a ledger ...")
        kept = await ledger(place) + await checkpoints(place)
    everything = whole(env=UNLIMITED)
    CONSOLE.print("starting the stack ...")
    async with Stack(everything.plan) as stack:
        url = stack.nats.url_for(everything.identities.tenant())
        reading = Address(stack.nats.url_for(everything.identities.service(READER)))
        reader = await connect(reading, "bench-reader", inbox="_INBOX_operator")
        figures += await limits.raw_inserts(stack.postgres_dsn, seconds / 2)
        async with psmp.connect(url, tenant="default", agent="bench", timeout=60) as client:
            running = measures.Bench(stack, client, reader, seconds)
            CONSOLE.print("one at a time ...")
            figures += await measures.idle(running)
            await client.create_project("hooks")
            figures += await hooks(url, "hooks")
            CONSOLE.print(f"as many as go through, for {seconds:g} s ...")
            async with measures.processor_time(stack, shares):
                found, rate = await measures.sustained(running, raw)
            figures += found
            CONSOLE.print(f"half as many, for {seconds:g} s ...")
            figures += await measures.half_load(running, rate / 2)
        await reader.close()
    CONSOLE.print("declarations over HTTP, and live readers ...")
    figures += await http(seconds)
    CONSOLE.print("the engine by itself ...")
    figures += measures.memory() + engine() + paths() + replaying()
    CONSOLE.print("verifying a bundle ...")
    figures += audit() + kept
    CONSOLE.print("a graph of a thousand agents ...")
    figures += await graphs()
    CONSOLE.print("asking resolvers ...")
    return figures + peers() + await deep.transitive(), shares


async def http_alone(seconds: float) -> list[Figure]:
    """The HTTP API, beside what the machine can publish at best."""
    async with ground() as place:
        raw = await limits.raw_publishes(place, seconds)
    return raw + await http(seconds)


def show(figures: Sequence[Figure], shares: dict[str, float]) -> None:
    """Print the figures and where the time went."""
    table = Table(box=None, pad_edge=False)
    for column in ("figure", "measured", "aim", ""):
        table.add_column(column, no_wrap=True, justify="right" if column in ("measured", "aim") else "left")
    table.add_column("", min_width=40)
    for each in figures:
        sign = "≤" if each.better == "lower" else "≥"
        aim = f"{sign} {each.aim:,.1f} {each.unit}" if each.aim is not None else ""
        met = {True: "met", False: "[red]missed[/]", None: ""}[each.met]
        table.add_row(each.name, f"{each.value:,.2f} {each.unit}", aim, met, each.note)
    CONSOLE.print(table)
    if not shares:
        return
    spent = sum(shares.values())
    parts = sorted(shares.items(), key=lambda item: -item[1])
    CONSOLE.print("processor time at full load: " + ", ".join(f"{name} {used / spent:.0%}" for name, used in parts))


def main() -> None:
    """Run every measure."""
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--seconds", type=float, default=10, help="how long each load lasts")
    options.add_argument("--json", type=Path, default=Path("bench.json"), help="where to write the figures")
    options.add_argument("--http", action="store_true", help="measure the HTTP API alone")
    chosen = options.parse_args()
    about = machine()
    CONSOLE.print_json(data=about)
    if chosen.http:
        show(asyncio.run(http_alone(chosen.seconds)), {})
        return
    figures, shares = asyncio.run(bench(chosen.seconds))
    show(figures, shares)
    chosen.json.write_text(
        json.dumps({"machine": about, "figures": as_json(figures), "cpu_seconds": shares}, indent=2) + "\n"
    )
    CONSOLE.print(f"written to {chosen.json}")


if __name__ == "__main__":
    main()

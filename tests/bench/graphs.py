"""Graphs of agents: how soon a thousand nodes are judged, what scheduling one costs, how soon the whole settles.

``python -m tests.bench.graphs [NODES]`` measures this alone.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from nats import connect as connect_raw
from pydantic_core import to_json

from psmp.client import Client, connect
from psmp.rules.orchestration.deciding import due
from psmp.rules.orchestration.faults import faults
from psmp.rules.orchestration.reading import read
from psmp.rules.orchestration.review import case, review
from psmp.rules.orchestration.running import Run, begun, evolve
from psmp.rules.orchestration.shape import Shape
from psmp.stack import NatsServer, Stack, ground
from psmp.stack.whole import whole
from psmp.words.events import WrapOrchAccepted
from psmp.words.orchestration.checks import Evidence
from psmp.words.orchestration.facts import BerAgentGenerated, SubPacExecuted, SubPacStarted
from psmp.words.values import Phase
from tests.bench.figures import Figure
from tests.servers import UNLIMITED
from tests.unit.rules.orchestration.graphs import Document, agent, document, flows, waits

WIDTH: Final = 100
DEPTH: Final = 10
TIMES: Final = 5
WITHIN: Final = 300.0
MAEG: Final = "MAEG-P1"


def layered(depth: int, width: int) -> Document:
    """Layers of agents; each node takes what three of the layer before it have given. An agent has one of each."""
    nodes, edges = list[Document](), list[Document]()
    for layer in range(depth):
        for place in range(width):
            number = layer * width + place + 1
            before = (
                [(layer - 1) * width + (place + step) % width + 1 for step in range(min(3, width))] if layer else []
            )
            takes = [f"in{step}" for step in range(len(before))]
            nodes.append(agent(number, takes=takes) | {"agent": f"agent-{place}"})
            edges += [flows(f"n{origin}", f"n{number}", out=f"in{step}") for step, origin in enumerate(before)]
            edges += [] if before else [waits("root", f"n{number}")]
            edges += [waits(f"n{number}", "all", "BARRIER")] if layer == depth - 1 else []
    return document(nodes, edges)


async def graphs(nodes: int = DEPTH * WIDTH) -> list[Figure]:
    """The figures."""
    width = max(nodes // DEPTH, 1)
    raw = to_json(layered(DEPTH, width))
    small, large = _scheduling(layered(DEPTH, max(width // DEPTH, 1))), _scheduling(layered(DEPTH, width))
    ran = await _settled(raw, width)
    limit = await _appended(ran.sizes)
    name = f"a graph of {nodes} nodes, {DEPTH} layers"
    note = f"{len(ran.sizes)} events, {ran.seconds / limit:.1f} times its appends"
    return [
        Figure(f"{name}: read", _best(lambda: read(raw)) * 1e3, "ms"),
        Figure(f"{name}: judged", _judged(raw) * 1e3, "ms", 50),
        Figure(f"scheduling one of {nodes // DEPTH} nodes", small * 1e6, "us"),
        Figure(f"scheduling one of {nodes} nodes", large * 1e6, "us", note=f"{large / small:.2f} times that"),
        Figure(f"limit: the appends of {name}, one after another", limit, "s"),
        Figure(f"{name}: submitted until settled, agents answer at once", ran.seconds, "s", 10, note=note),
    ]


def _best(action: Callable[[], object]) -> float:
    """Seconds of the processor, of several times the best."""
    times = list[float]()
    for _ in range(TIMES):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def _judged(raw: bytes) -> float:
    draft = read(raw)
    assert faults(draft) == ()
    return _best(lambda: faults(draft))


def _scheduling(of: Document) -> float:
    """Seconds of the processor for each node: what is due is said, what agents and reviews say is taken in."""
    graph = read(to_json(of)).graph
    assert graph is not None
    shape = Shape.of(graph)
    start = time.process_time()
    run = begun(shape)
    while facts := due(run):
        for fact in facts:
            run = evolve(run, fact)
        for node in sorted(run.dispatched, key=shape.rank.__getitem__):
            run = _done(run, node)
    assert run.root is not None
    return (time.process_time() - start) / len(shape.agents)


def _done(run: Run, node: str) -> Run:
    run = evolve(run, SubPacStarted(maeg=MAEG, node=node, attempt=1))
    run = evolve(run, SubPacExecuted(maeg=MAEG, node=node, attempt=1, fence=1, outputs={"out": 1}))
    ber = review(case(run.shape, node, {"out": 1}, Evidence(), run.spent_micros))
    return evolve(run, BerAgentGenerated(maeg=MAEG, node=node, attempt=1, ber=ber))


@dataclass(frozen=True, slots=True)
class Ran:
    """How long the whole took, and how large each event of its log was."""

    seconds: float
    sizes: list[int]


async def _settled(raw: bytes, width: int) -> Ran:
    async with Stack((everything := whole(env=UNLIMITED)).plan) as stack:
        url = stack.nats.url_for(everything.identities.tenant())
        async with connect(url, agent="bench", timeout=WITHIN) as client:
            await client.create_project("graph", policy={"max_concurrent_agents": min(width, 100)})
            await client.transition("graph", Phase.PLANNING, reason="bench")
            agents = [asyncio.ensure_future(_answers(client.as_agent(f"agent-{place}"))) for place in range(width)]
            start = time.perf_counter()
            await client.submit_maeg("graph", raw)
            async with asyncio.timeout(WITHIN), aclosing(client.events("graph", after=0)) as events:
                sizes = list[int]()
                async for each in events:
                    sizes.append(len(each.raw))
                    if isinstance(each.event, WrapOrchAccepted):
                        break
            seconds = time.perf_counter() - start
            for task in agents:
                task.cancel()
            await asyncio.gather(*agents, return_exceptions=True)
    return Ran(seconds, sizes)


async def _answers(client: Client) -> None:
    async with aclosing(client.dispatches(project="graph")) as dispatches:
        async for each in dispatches:
            granted = await client.begin("graph", token=each.token)
            await client.report("graph", fence=granted.sequence, outputs={"out": 1})


async def _appended(sizes: list[int]) -> float:
    """Seconds for conditional publishes of this many bytes, one after another, as one project's log grows."""
    async with ground() as place:
        server = NatsServer(place, name="nats-raw")
        await server.start()
        nats = await connect_raw(server.url)
        try:
            await nats.jetstream().add_stream(name="RAW", subjects=["raw.>"])
            last, start = 0, time.perf_counter()
            for size in sizes:
                headers = {"Nats-Expected-Last-Subject-Sequence": str(last)}
                last = (await nats.jetstream().publish("raw.log", b"x" * size, headers=headers, timeout=30)).seq
            return time.perf_counter() - start
        finally:
            await nats.close()
            await server.stop()


if __name__ == "__main__":
    from tests.bench.__main__ import show

    show(asyncio.run(graphs(int(sys.argv[1]) if sys.argv[1:] else DEPTH * WIDTH)), {})

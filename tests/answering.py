"""What the walk of answers is shown: proposals that wait for owners, and a graph whose agents do what they are sent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from psmp import Client, connect
from psmp.stack.waiting import until
from tests.gateway import Gateway
from tests.unit.rules.orchestration.graphs import Document, agent, document, waits

WITHIN: Final = 60.0
GOVERNOR: Final = "boss"
TALK, WRAP, MAEG = "talk", "wrap", "MAEG-P1"
ROLES: Final = {"CoderAgent": "agent", "BookAgent": "agent", "fixer": "resolver", GOVERNOR: "operator"}
"""Who walks: two owners who clash over three packages, a resolver by policy, and who has made the projects."""

NEEDS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "CoderAgent": ("api", {"pandas": ">=2", "torch": ">=2", "langchain": ">=0.1"}),
    "BookAgent": ("book", {"pandas": "==1.5.*", "torch": "<2", "langchain": "==0.0.350"}),
    "PageAgent": ("page", {}),
}
PATH: Final = "src/prices.py"
"""All of them want it, so two have to give it up."""
GRAPH: Final[Document] = document(
    [agent(1), agent(2, checks=[{"check": "TESTS_REPORTED", "least": 2}]), agent(3)],
    [
        *(waits("root", each) for each in ("n1", "n2")),
        waits("n1", "n3"),
        *(waits(each, "all", "BARRIER") for each in ("n2", "n3")),
    ],
    title="A shop, with its pages and its prices",
    approver="lead",
    attempts=1,
    scope={"paths": ["src/"], "budget_micros": 5_000_000},
)
"""n2 fails the first time, n3 is behind n1; the whole waits for somebody to agree."""


@contextlib.asynccontextmanager
async def scene(gateway: Gateway) -> AsyncIterator[dict[str, str]]:
    """A token for each who walks. Agents are at work as long as this is open."""
    policy = {"auto_resolve": False, "resolvers": ["fixer"], "answer_seconds": 3600}
    governor = gateway.admin.speaking_as(GOVERNOR)
    for project in (TALK, WRAP):
        made = await governor.post("/projects", {"project": project, "policy": policy})
        assert made.status == 201, made
        moved = await governor.post(f"/projects/{project}/transition", {"to": "PLANNING", "reason": "agreed"})
        assert moved.status == 200, moved
    await _proposals(gateway)
    url = gateway.stack.nats.url_for(gateway.planned.identities.tenant())
    async with connect(url, agent=GOVERNOR, timeout=WITHIN) as client, _at_work(client):
        await client.submit_maeg(WRAP, GRAPH)

        async def is_stuck() -> bool:
            graph: Any = (await gateway.admin.get(f"/projects/{WRAP}/orchestrations/{MAEG}")).json
            asked = {(each["what"], each.get("node")) for each in graph["for_a_person"]}
            return asked == {("failed", "n2")} and graph["complete"] == 2

        assert await until(is_stuck, within=WITHIN)
        yield {who: (await gateway.key(role, who)).token or "" for who, role in ROLES.items()}


async def _proposals(gateway: Gateway) -> None:
    """Three conflicts between two, of which an owner is asked about each, and one about which two are asked."""
    for who, (artifact, needs) in NEEDS.items():
        dependencies = [{"name": name, "constraint": constraint} for name, constraint in needs.items()]
        body = {"artifact": artifact, "type": "code", "dependencies": dependencies, "paths": [{"path": PATH}]}
        said = await gateway.admin.speaking_as(who).post(f"/projects/{TALK}/artifacts", body, Prefer="wait=30")
        assert said.status == 201, said
    governor = gateway.admin.speaking_as(GOVERNOR)
    for number in range(1, 5):
        body = {"strategy": "retry", "reason": "you should agree"}
        path = f"/governance/conflicts/C-{number}/resolve?project={TALK}"
        assert (await governor.post(path, body, Prefer="respond-async")).status == 202

    async def are_asked() -> bool:
        status: Any = (await gateway.admin.get(f"/projects/{TALK}")).json
        return [each["stage"] for each in status.get("resolutions", [])] == ["proposed"] * 4

    assert await until(are_asked, within=WITHIN)


@contextlib.asynccontextmanager
async def _at_work(client: Client) -> AsyncIterator[None]:
    agents = [asyncio.ensure_future(_works(client, number)) for number in (1, 2, 3)]
    try:
        yield
    finally:
        for each in agents:
            each.cancel()
        await asyncio.gather(*agents, return_exceptions=True)


async def _works(client: Client, number: int) -> None:
    """An agent that does what it is sent, again as well; the second has too few tests at first."""
    own = client.as_agent(f"agent-{number}")
    async with aclosing(own.dispatches(project=WRAP)) as dispatches:
        async for each in dispatches:
            async with own.run(WRAP, token=each.token, wait=WITHIN) as run:
                tests = {"passed": 1 if number == 2 and each.attempt == 1 else 2, "failed": 0}
                await run.report({"out": number}, tests=tests, cost_micros=120_000 * number)

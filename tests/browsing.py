"""What the walks of the dashboard in every role are shown: conflicts, agents that are heard, a graph that waits."""

import asyncio
from contextlib import aclosing
from typing import Any, Final

from psmp import Client, connect
from psmp.stack.waiting import until
from tests.gateway import Gateway
from tests.unit.rules.orchestration.graphs import Document, agent, document, waits

WITHIN: Final = 60.0
GOVERNOR: Final = "boss"
SHOP, PLAN, MAEG = "shop", "plan", "MAEG-P1"
ROLES: Final = {
    "viewer": "val",
    "auditor": "audrey",
    "agent": "CoderAgent",
    "resolver": "fixer",
    "operator": GOVERNOR,
}
"""Who walks in each role. The resolver is one by the project's policy, the operator has made the projects."""

GRAPH: Final[Document] = document(
    [
        agent(1, checks=[{"check": "HUMAN_REVIEW", "role": "lead", "seconds": 86_400}]),
        agent(2, checks=[{"check": "TESTS_REPORTED", "least": 2}]),
        agent(3),
        {"node": "sync", "type": "SYNC_POINT"},
        agent(4),
    ],
    [
        *(waits("root", each) for each in ("n1", "n2", "n3")),
        *(waits(each, "sync", "BARRIER") for each in ("n1", "n2", "n3")),
        waits("sync", "n4"),
        waits("n4", "all", "BARRIER"),
    ],
    title="A shop, with its pages and its prices",
    approver="lead",
    attempts=1,
    scope={"paths": ["src/"], "budget_micros": 5_000_000},
)
"""The result of n1 waits for a person, n2 has failed too often, n3 is done; n4 waits for all of them."""


TASKS: Final = (
    {"task": "prices", "title": "Prices with tax", "agent": "CoderAgent", "artifacts": ["api", "price-page"]},
    {
        "task": "notebooks",
        "title": "Tidy the notebooks",
        "details": "They are old.\nBoth of them.",
        "artifacts": ["book"],
    },
    {"task": "plan", "title": "Agree on what is sold"},
)
"""One is an agent's, one nobody's, and one is done."""


async def scene(gateway: Gateway) -> dict[str, str]:
    """Everything there is to see, and for each role a token."""
    governor = gateway.admin.speaking_as(GOVERNOR)
    policy = {"auto_resolve": False, "resolvers": ["fixer"]}
    for project in (SHOP, PLAN):
        made = await governor.post("/projects", {"project": project, "policy": policy})
        assert made.status == 201, made
        moved = await governor.post(f"/projects/{project}/transition", {"to": "PLANNING", "reason": "agreed"})
        assert moved.status == 200, moved
    coder = gateway.admin.speaking_as("CoderAgent")
    begun = await coder.post(f"/projects/{SHOP}/slots", {})
    assert begun.status == 201, begun
    assert (await coder.ask("POST", f"/projects/{SHOP}/heartbeat")).status == 204
    await _declare(gateway, "CoderAgent", "api", [("pandas", ">=2", "frames of orders")], "src/prices.py")
    await _declare(gateway, "BookAgent", "book", [("pandas", "==1.5.*", "old notebooks")], "src/prices.py")
    await _tasks(gateway)
    await _graph(gateway)
    return {role: (await gateway.key(role, who)).token or "" for role, who in ROLES.items()}


async def _declare(gateway: Gateway, who: str, artifact: str, needs: list[tuple[str, str, str]], path: str) -> None:
    dependencies = [{"name": name, "constraint": constraint, "purpose": why} for name, constraint, why in needs]
    body = {"artifact": artifact, "type": "code", "dependencies": dependencies, "paths": [{"path": path}]}
    said = await gateway.admin.speaking_as(who).post(f"/projects/{SHOP}/artifacts", body, Prefer="wait=30")
    assert said.status == 201, said


async def _tasks(gateway: Gateway) -> None:
    governor = gateway.admin.speaking_as(GOVERNOR)
    for task in TASKS:
        said = await governor.post(f"/projects/{SHOP}/tasks", task, Prefer="wait=30")
        assert said.status == 201, said
    done = await governor.ask("PATCH", f"/projects/{SHOP}/tasks/plan", {"status": "DONE", "reason": "agreed by all"})
    assert done.status == 200, done


async def _graph(gateway: Gateway) -> None:
    url = gateway.stack.nats.url_for(gateway.planned.identities.tenant())
    async with connect(url, agent=GOVERNOR, timeout=WITHIN) as client:
        await client.submit_maeg(PLAN, GRAPH)
        async with asyncio.timeout(WITHIN):
            await asyncio.gather(*(_works(client, number) for number in (1, 2, 3)))

    async def is_there() -> bool:
        graph: Any = (await gateway.admin.get(f"/projects/{PLAN}/orchestrations/{MAEG}")).json
        asked = {(each["what"], each.get("node")) for each in graph["for_a_person"]}
        return asked == {("failed", "n2"), ("review", "n1")} and graph["complete"] == 1

    assert await until(is_there, within=WITHIN)


async def _works(client: Client, number: int) -> None:
    """An agent that does what it is sent, but for the second, which has too few tests."""
    own = client.as_agent(f"agent-{number}")
    async with aclosing(own.dispatches(project=PLAN)) as dispatches:
        async for each in dispatches:
            async with own.run(PLAN, token=each.token, wait=WITHIN) as run:
                await run.declare(f"part-{number}", type="code", paths=[f"src/part{number}.py"])
                tests = {"passed": 1 if number == 2 else 2, "failed": 0}
                await run.report({"out": number}, tests=tests, cost_micros=120_000 * number)
            return

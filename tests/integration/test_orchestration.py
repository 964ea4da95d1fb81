"""Graphs of agents in a running stack with two orchestrators: who may start, what is refused, done again and settled.

Neither a silent agent nor a killed orchestrator leaves anything in between.
"""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest
import pytest_asyncio

from psmp import Client, Phase, connect
from psmp.client import errors, refusals
from psmp.client.running import Run as Running_
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.keys import Use, read_private
from psmp.ledger.notes import Note
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.view import View
from psmp.rules.orchestration import tokens
from psmp.rules.orchestration.running import Run
from psmp.rules.orchestration.settling import inclusion, is_included, settlement
from psmp.rules.project import Project
from psmp.stack import Stack
from psmp.stack.identities import READER
from psmp.stack.keyfiles import DISPATCH
from psmp.stack.whole import Whole, whole
from psmp.wire.connection import Address
from psmp.wire.connection import connect as connect_nats
from psmp.words.events import SubPacDispatched, SubPacExecuted, SubPacFailed, WrapOrchAccepted
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.codes import Gs
from psmp.words.orchestration.dispatch import Dispatch
from psmp.words.orchestration.facts import Wrap
from psmp.words.refusals import Code
from psmp.words.values import PathClaim
from tests.unit.rules.orchestration.graphs import Document, agent, document, fan, flows, waits

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

WITHIN = 60.0
"""Seconds that anything may take on a slow machine."""
MAEG = "MAEG-P1"
NONSENSE = "nonsense"
_numbers = itertools.count(1)
E = TypeVar("E")
Work = Callable[[Dispatch, Running_], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Running:
    stack: Stack
    who: Whole
    log: JetStreamEventLog
    owner: Client
    agents: Mapping[str, Client] = field(default_factory=dict)

    async def project(self, name: str) -> Project:
        """A project as its log has it, every link checked."""
        view = View(ProjectKey("default", name), PROJECT_FOLD)
        async for record in self.log.read(view.key):
            view.advance(record)
        assert view.state is not None
        return view.state

    async def run(self, name: str) -> Run:
        return (await self.project(name)).runs[MAEG]

    async def submitted(self, graph: Document, **policy: Any) -> str:
        """A project at work in which a graph was submitted."""
        name = await self.planned(**policy)
        await self.owner.submit_maeg(name, graph)
        return name

    async def planned(self, **policy: Any) -> str:
        """A project in which nothing was submitted yet."""
        name = f"g{next(_numbers)}"
        await self.owner.create_project(name, policy={"max_concurrent_agents": 100, **policy})
        await self.owner.transition(name, Phase.PLANNING, reason="go")
        return name

    async def reached(self, name: str, entry: int) -> None:
        """Wait until the log has so many entries."""
        async with asyncio.timeout(WITHIN), aclosing(self.owner.events(name, after=0)) as events:
            async for each in events:
                if each.sequence >= entry:
                    return

    async def until(self, name: str, kind: type[E], **said: Any) -> tuple[E, int]:
        """The first event of a kind, and of what it says, with its sequence; the log is read from its start."""
        async with asyncio.timeout(WITHIN), aclosing(self.owner.events(name, after=0)) as events:
            async for each in events:
                if isinstance(each.event, kind) and all(getattr(each.event, key) == said[key] for key in said):
                    return each.event, each.sequence
        raise AssertionError("it ended")

    async def dispatched(self, name: str, node: str, attempt: int = 1) -> Dispatch:
        """What the agent of a node is sent; it may be sent again and again until it begins."""
        run = await self.run(name)
        client = self.owner.as_agent(run.shape.agents[node].agent)
        async with asyncio.timeout(WITHIN), aclosing(client.dispatches(project=name)) as dispatches:
            async for each in dispatches:
                if (each.node, each.attempt) == (node, attempt):
                    return each
        raise AssertionError("it ended")

    @asynccontextmanager
    async def at_work(self, name: str, graph: Document, work: Work) -> AsyncIterator[None]:
        """Every agent of a graph begins what is dispatched to it, and does this work."""
        names = {node["agent"] for node in graph["nodes"] if "agent" in node}
        tasks = [asyncio.ensure_future(self._works(name, each, work)) for each in names]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [each for each in ended if not isinstance(each, asyncio.CancelledError)] == []

    async def _works(self, name: str, who: str, work: Work) -> None:
        client = self.owner.as_agent(who)
        async with aclosing(client.dispatches(project=name)) as dispatches:
            async for each in dispatches:
                try:
                    async with client.run(name, token=each.token, wait=WITHIN) as run:
                        await work(each, run)
                except (refusals.SlotLost, refusals.TokenSpent, refusals.TokenExpired, Trouble):
                    continue  # taken back, or to be done again: a new token comes


class Trouble(Exception):
    """An agent's own."""


async def fine(_: Dispatch, run: Running_) -> None:
    await run.report({"out": 1})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    env = {"PSMP_AGENT_REQUESTS_PER_MINUTE": "0", "PSMP_TENANT_REQUESTS_PER_MINUTE": "0"}
    everything = whole(durable=False, agents={"default": ["agent-1", "agent-2"]}, env=env)
    first = next(each for each in everything.plan.services if each.name == "orchestrator")
    wanted = [each for each in everything.plan.services if each.name not in {"gateway", "resolver"}]
    plan = replace(everything.plan, services=(*wanted, replace(first, name="orchestrator-2")))
    async with Stack(plan) as stack:
        place = Address(stack.nats.url_for(everything.identities.service(READER)))
        reader = await connect_nats(place, "test", inbox="_INBOX_operator")
        url = stack.nats.url_for(everything.identities.tenant())
        async with connect(url, agent="owner", timeout=WITHIN) as owner:
            yield Running(stack, everything, JetStreamEventLog(reader), owner)
        await reader.close()


async def refused(asking: Awaitable[object], code: Gs | Code) -> errors.Refusal:
    """The refusal of that code, which says what to do."""
    with pytest.raises(errors.Refusal) as caught:
        await asking
    assert (caught.value.code, bool(caught.value.hint)) == (code, True), str(caught.value)
    return caught.value


async def test_a_graph_fans_out_and_in_and_settles_once(running: Running) -> None:
    name = await running.submitted(fan())
    seen = list[tuple[str, dict[str, Any]]]()

    async def work(each: Dispatch, run: Running_) -> None:
        seen.append((each.node, dict(each.inputs)))
        await run.report({"out": 7 if each.node == "n1" else 8})

    async with running.at_work(name, fan(), work):
        _, wrapped = await running.until(name, WrapOrchAccepted)
    assert sorted(seen[:2]) == [("n1", {}), ("n2", {})]
    assert seen[2:] == [("n3", {"one": 7, "two": 8})]
    run = await running.run(name)
    wrap = settlement(run)
    assert isinstance(wrap, Wrap)
    children = wrap.pdo_orch.children
    assert [each.node for each in children] == ["n1", "n2", "n3"]
    for index, child in enumerate(children):
        assert is_included(child.pdo, index, 3, inclusion(wrap.pdo_orch, index), wrap.pdo_orch.root)
    covering = await running.owner.checkpoint(name, at_least=run.aggregated)
    checkpoint = Checkpoint.read(Note.read(covering.note.encode()).text)
    assert f"{checkpoint.size} {checkpoint.root.hex()}" == wrap.checkpoint
    assert run.aggregated <= checkpoint.size < wrapped
    assert (await running.project(name)).slots.held == {}


async def test_every_fault_of_a_graph_is_told_at_once_and_where_and_nothing_is_registered(running: Running) -> None:
    graph = document(
        [agent(1), agent(2, lane="cooking"), agent(3)],
        [waits("root", "n1"), waits("n1", "n2"), waits("n2", "n3"), waits("n3", "n1"), waits("n9", "all", "BARRIER")],
    )
    name = f"g{next(_numbers)}"
    await running.owner.create_project(name)
    await running.owner.transition(name, Phase.PLANNING, reason="go")
    error = await refused(running.owner.submit_maeg(name, graph), Gs.MAEG_CYCLE_DETECTED)
    assert isinstance(error, refusals.CycleDetected)
    found = {(each.code, each.pointer) for each in error.faults}
    assert {("UNKNOWN_LANE", "/nodes/2/lane"), ("UNKNOWN_NODE", "/edges/4/from")} <= found
    (cycle,) = [each.cycle for each in error.faults if each.cycle]
    assert cycle == ("n1", "n2", "n3", "n1")
    assert (await running.project(name)).runs == {}
    await refused(running.owner.as_agent("agent-1").submit_maeg(name, fan()), Code.NOT_ALLOWED)


async def test_whoever_has_no_token_or_another_than_the_one_that_counts_does_not_start(running: Running) -> None:
    name = await running.submitted(fan())
    first, third = running.owner.as_agent("agent-1"), running.owner.as_agent("agent-3")
    early = await refused(third.begin(name), Gs.DISPATCH_DEPENDENCY_UNMET)
    assert "n3 waits for sync, n1, n2" in early.reason
    given = await running.dispatched(name, "n1")
    stolen = await refused(third.begin(name, token=given.token), Gs.AGENT_SIDE_CHANNEL)
    assert "agent-3 shows the token of agent-1" in stolen.reason
    head, _, signature = given.token.rpartition(".")
    forged = f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    await refused(first.begin(name, token=forged), Code.TOKEN_INVALID)
    await refused(first.begin(name, token=NONSENSE), Code.TOKEN_INVALID)
    elsewhere = await running.submitted(fan())
    await refused(first.begin(elsewhere, token=given.token), Code.TOKEN_INVALID)
    slot = await first.begin(name, token=given.token)
    await refused(first.begin(name, token=given.token), Code.TOKEN_SPENT)
    await first.report(name, fence=slot.sequence, outputs={"out": 1})
    await refused(first.begin(name, token=given.token), Code.TOKEN_SPENT)
    await refused(first.report(name, fence=slot.sequence, outputs={"out": 2}), Code.SLOT_LOST)


async def test_a_token_reaches_its_agent_and_no_other(running: Running) -> None:
    name = await running.submitted(fan())
    identities, nats = running.who.identities, running.stack.nats
    async with (
        asyncio.timeout(WITHIN),
        connect(nats.url_for(identities.agent("agent-1")), agent="agent-1", timeout=WITHIN) as own,
        connect(nats.url_for(identities.agent("agent-2")), agent="agent-2", timeout=WITHIN) as other,
    ):
        async with aclosing(own.dispatches(project=name)) as dispatches:
            given = await anext(dispatches)
        assert (given.agent, given.project, given.node) == ("agent-1", name, "n1")
        with pytest.raises(errors.NotAllowed):
            await anext(other.as_agent("agent-1").dispatches())


async def test_what_a_node_declares_is_held_against_its_lane_and_its_scope(running: Running) -> None:
    lanes = [{"lane": "code", "types": ["code"], "paths": ["src/", "docs/"]}]
    graph = document(
        [agent(1)], [waits("root", "n1"), waits("n1", "all", "BARRIER")], lanes=lanes, scope={"paths": ["src/"]}
    )
    name = await running.submitted(graph)
    client = running.owner.as_agent("agent-1")
    await refused(client.declare(name, "early"), Code.NO_ASSIGNMENT)
    async with client.run(name, token=(await running.dispatched(name, "n1")).token) as run:
        lane = await refused(run.declare("plan", type="plan"), Gs.SUB_PAC_LANE_VIOLATION)
        assert "plan is plan, which is not of lane code" in lane.reason
        scope = await refused(run.declare("docs", paths=["docs/a.md"]), Gs.SUB_PAC_SCOPE_EXPANSION)
        assert "docs/a.md is not in its scope" in scope.reason
        assert (await run.declare("app", paths=["src/app.py"])).accepted
        await refused(client.amend(name, "app", paths=[PathClaim(path="etc/passwd")]), Gs.SUB_PAC_LANE_VIOLATION)
        await refused(client.finish(name, fence=run.fence), Code.NOT_DECLARED)
        await run.report({"out": 1})
    await running.until(name, WrapOrchAccepted)
    work = (await running.run(name)).of("n1")
    assert [(each.artifact, each.accepted) for each in work.made] == [("app", True)]


async def test_a_failed_review_is_corrected_and_what_no_edge_gave_is_found(running: Running) -> None:
    name = await running.submitted(fan())
    corrections = dict[tuple[str, int], str]()

    async def work(each: Dispatch, run: Running_) -> None:
        if each.correction is not None:
            corrections[each.node, each.attempt] = each.correction.findings[0].code or each.correction.findings[0].text
        wrong = each.attempt == 1
        used = [("n2", "out")] if wrong and each.node == "n1" else []
        await run.report({"out": "1" if wrong and each.node == "n2" else 1}, used=used)

    async with running.at_work(name, fan(), work):
        await running.until(name, WrapOrchAccepted)
    wrong = "output out: it is string, not integer"
    assert corrections == {("n1", 2): Gs.AGENT_SIDE_CHANNEL, ("n2", 2): wrong}


async def test_persons_review_and_agree_and_nobody_before_it_is_time(running: Running) -> None:
    graph = document(
        [agent(1), agent(2, takes=("one",), checks=[{"check": "HUMAN_REVIEW", "role": "lead", "seconds": 3600}])],
        [waits("root", "n1"), flows("n1", "n2", out="one"), waits("n2", "all", "BARRIER")],
        approver="lead",
    )
    name = await running.submitted(graph)
    owner = running.owner
    word: dict[str, Any] = {"role": "lead", "agrees": True, "reason": "good"}
    async with running.at_work(name, graph, fine):
        await until_alert(running, name, "maeg-P1-n2-review")
        incomplete = await refused(owner.approve_maeg(name, MAEG, reason="done"), Gs.PDO_ORCH_INCOMPLETE)
        assert "1 outcomes are not final: n2" in incomplete.reason
        await owner.transition(name, Phase.IN_PROGRESS, reason="on")
        partial = owner.transition(name, Phase.COMPLETED, reason="done")
        assert MAEG in (await refused(partial, Gs.WRAP_PARTIAL_EXECUTION)).reason
        await refused(owner.as_agent("agent-2").review(name, MAEG, "n2", **word), Code.NOT_ALLOWED)
    await owner.correct(name, MAEG, "n1", reason="once more")
    unmet = await refused(owner.review(name, MAEG, "n2", **word), Gs.BER_DEPENDENCY_UNMET)
    assert "n2 waits for n1" in unmet.reason
    async with running.at_work(name, graph, fine):
        await running.until(name, SubPacExecuted, node="n1", attempt=2)
        async with asyncio.timeout(WITHIN):
            while (await running.run(name)).unmet("n2"):
                await asyncio.sleep(0.05)
        await owner.review(name, MAEG, "n2", **word)
        await until_alert(running, name, "maeg-P1-approval")
        await owner.approve_maeg(name, MAEG, reason="all of it")
        await running.until(name, WrapOrchAccepted)
    again = await refused(owner.approve_maeg(name, MAEG, reason="again"), Gs.WRAP_PARTIAL_EXECUTION)
    assert again.reason == "the whole is settled already"
    run = await running.run(name)
    assert {node: run.of(node).attempt for node in run.shape.agents} == {"n1": 2, "n2": 1}, "its inputs are the same"
    await owner.transition(name, Phase.COMPLETED, reason="done")


async def until_alert(running: Running, name: str, alert: str) -> None:
    async with asyncio.timeout(WITHIN):
        while alert not in (await running.project(name)).alerts:
            await asyncio.sleep(0.05)


async def test_an_agent_that_falls_silent_or_fails_is_given_its_node_anew(running: Running) -> None:
    name = await running.submitted(fan(), lease_seconds=1)
    silent = running.owner.as_agent("agent-1")
    await silent.begin(name, token=(await running.dispatched(name, "n1")).token)  # and is not heard any more
    failed, _ = await running.until(name, SubPacFailed, node="n1")
    assert failed.cause == "AGENT_SILENT"

    async def work(each: Dispatch, run: Running_) -> None:
        if (each.node, each.attempt) == ("n2", 1):
            raise Trouble("the disk is full")
        await run.report({"out": 1})

    async with running.at_work(name, fan(), work):
        await running.until(name, WrapOrchAccepted)
        told, _ = await running.until(name, SubPacFailed, node="n2")
    assert (told.cause, told.reason) == ("EXECUTION_ERROR", "Trouble: the disk is full")
    run = await running.run(name)
    assert {node: run.of(node).attempt for node in run.shape.agents} == {"n1": 2, "n2": 2, "n3": 1}


async def test_after_a_correction_whose_inputs_have_changed_is_done_again_and_nobody_else(running: Running) -> None:
    graph = document(
        [agent(1), agent(2), agent(3, takes=("one",)), agent(4, takes=("two",))],
        [
            *(waits("root", "n1"), waits("root", "n2")),
            *(flows("n1", "n3", out="one"), flows("n2", "n4", out="two")),
            *(waits("n3", "all", "BARRIER"), waits("n4", "all", "BARRIER")),
        ],
        approver="lead",
    )
    name = await running.submitted(graph)

    async def work(each: Dispatch, run: Running_) -> None:
        await run.report({"out": each.attempt})

    async with running.at_work(name, graph, work):
        await until_alert(running, name, "maeg-P1-approval")
    late = await refused(running.owner.correct(name, MAEG, "n1", reason="no"), Code.ILLEGAL_TRANSITION)
    assert "aggregated" in late.reason
    other = await running.submitted({**graph, "pac": {**graph["pac"], "attempts": 2}})

    async def fails(each: Dispatch, run: Running_) -> None:
        if each.node == "n2" and each.attempt <= 2:
            raise Trouble("not today")
        await run.report({"out": each.attempt})

    async with running.at_work(other, graph, fails):
        await until_alert(running, other, "maeg-P1-n2-failed")
        await running.owner.correct(other, MAEG, "n1", reason="better")
        await running.owner.correct(other, MAEG, "n2", reason="try once more")
        await until_alert(running, other, "maeg-P1-approval")
    run = await running.run(other)
    assert {node: run.of(node).attempt for node in run.shape.agents} == {"n1": 2, "n2": 3, "n3": 2, "n4": 1}
    assert "maeg-P1-n2-failed" not in (await running.project(other)).alerts


async def test_a_blocked_project_dispatches_nothing_and_goes_on_when_it_is_free(running: Running) -> None:
    name = await running.submitted(fan())
    owner = running.owner
    slots = {}
    for number, needs in ((1, "numpy>=2"), (2, "numpy<2")):
        client = owner.as_agent(f"agent-{number}")
        slots[number] = await client.begin(name, token=(await running.dispatched(name, f"n{number}")).token)
        await client.declare(name, f"part-{number}", dependencies=[needs], fence=slots[number].sequence)
    await owner.wait_for(name, Phase.BLOCKED)
    for number, slot in slots.items():
        await owner.as_agent(f"agent-{number}").report(name, fence=slot.sequence, outputs={"out": 1})
    assert (await running.run(name)).executed == {"n1", "n2"}, "reviews wait until the conflict is resolved"
    await owner.as_agent("agent-2").amend(name, "part-2", dependencies=["numpy>=2"])
    async with running.at_work(name, fan(), fine):
        await running.until(name, WrapOrchAccepted)
    assert (await running.run(name)).of("n2").failures == 0


BEFORE = ("project.created", "project.transitioned")
AT_ONCE = (
    (("maeg.created",), "owner"),
    (("subpac.issued", "subpac.issued", "subpac.dispatched"), ""),
    (("slot.granted",), ""),
    (("subpac.executed",), "n1"),
    (("ber.generated", "subpac.dispatched", "pdo.finalized"), ""),
    (("slot.granted",), ""),
    (("subpac.executed",), "n2"),
    (("ber.generated", "pdo.finalized", "pdo.aggregated"), ""),
    (("wrap.accepted",), ""),
)
"""The log of two agents of whom the second takes what the first gives: nothing of it could come in another order.

What stands together is written together or not at all. Beside it is by whose word an orchestrator has it in hand.
"""


class Killing:
    """Two orchestrators of which one runs; when it is killed the other takes over, with nothing in its memory."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.at_work, self.other = "orchestrator", "orchestrator-2"
        stack.kill(self.other, hold=True)

    def freeze(self) -> None:
        """Stop it, so that it gets what comes next and does nothing with it."""
        os.kill(self._stack.pid(self.at_work) or 0, signal.SIGSTOP)

    async def kill(self) -> None:
        """Kill the one that runs, and return when the other is there."""
        assert self._stack.pid(self.at_work) is not None
        self._stack.kill(self.at_work, hold=True)
        self.at_work, self.other = self.other, self.at_work
        await self._stack.restart(self.at_work)


@pytest_asyncio.fixture(loop_scope="module")
async def killing(running: Running) -> AsyncIterator[Killing]:
    only = Killing(running.stack)
    yield only
    await running.stack.restart(only.other)


async def test_an_orchestrator_killed_at_any_point_leaves_one_log_with_every_entry_once(
    running: Running, killing: Killing
) -> None:
    graph = document(
        [agent(1), agent(2, takes=("i",))],
        [waits("root", "n1"), flows("n1", "n2", out="i"), waits("n2", "all", "BARRIER")],
    )
    names, written = list[str](), list(BEFORE)
    points = list[tuple[int, str]]()
    for kinds, by in AT_ONCE:
        written += kinds
        points.append((len(written), by))
    async with AsyncExitStack() as working:
        for entry, by in sorted(points, key=lambda point: not point[1]):  # what is in hand is delivered again after 5 s

            async def work(each: Dispatch, run: Running_, by: str = by) -> None:
                if each.node == by:
                    killing.freeze()
                await run.report({"out": 1})

            names.append(name := await running.planned())
            await working.enter_async_context(running.at_work(name, graph, work))
            if by == "owner":
                killing.freeze()
            await running.owner.submit_maeg(name, graph)
            await running.reached(name, entry)
            await killing.kill()
        for name in names:
            await running.until(name, WrapOrchAccepted)
    for name in names:
        async with aclosing(running.owner.events(name, after=0, follow=False)) as events:
            assert [each.event.KIND async for each in events] == written


async def test_a_graph_of_a_thousand_nodes_goes_in_one_message(running: Running) -> None:
    task = "Write the part of the handbook that is yours, in plain words, with an example. "
    nodes = [agent(number, agent=f"agent-{number % 50}") for number in range(1, 1001)]
    edges = [waits("root" if number <= 100 else f"n{number - 100}", f"n{number}") for number in range(1, 1001)]
    graph = document(nodes, [*edges, *(waits(f"n{number}", "all", "BARRIER") for number in range(901, 1001))])
    graph["sub_pacs"] = [{**each, "task": task + each["sub_pac"]} for each in graph["sub_pacs"]]
    name = await running.submitted(graph)
    await running.until(name, SubPacDispatched, node="n100")
    run = await running.run(name)
    assert (len(run.work), len(run.dispatched)) == (1000, 100)
    await running.owner.abandon_maeg(name, MAEG, reason="seen")
    spent = await refused(
        running.owner.as_agent("agent-1").begin(name, token=(await token_of(running, name, "n1"))), Code.TOKEN_INVALID
    )
    assert "no graph that runs" in spent.reason


async def token_of(running: Running, name: str, node: str) -> str:
    """What the agent of ``node`` was sent, made again with the key of the stack."""
    (signer,) = read_private((running.stack.folder / DISPATCH).read_text().splitlines())[Use.DISPATCH]
    run = await running.run(name)
    held = run.of(node).token
    assert held is not None
    return tokens.made(tokens.claims(ProjectKey("default", name), run, node, held), signer)

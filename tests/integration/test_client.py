"""The client against the real services, NATS and Postgres: what it promises when all is well and when it is not."""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

import pytest
import pytest_asyncio
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

import psmp
from psmp import Client, Phase, connect
from psmp.client import feed as feeds
from psmp.client.clock import stamp
from psmp.stack import Stack
from psmp.stack.identities import READER
from psmp.stack.whole import Whole, whole
from psmp.wire.connection import Address
from psmp.wire.connection import connect as connect_nats
from psmp.words.commands import ResolveConflict
from psmp.words.envelope import GENESIS, leaf_hash
from tests.servers import UNLIMITED

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

AGENTS = MappingProxyType({"default": ["coder", "notebook"], "other": ["coder"]})

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Running:
    """The services at work, and addresses for whoever talks to them."""

    stack: Stack
    who: Whole

    @property
    def url(self) -> str:
        """For who speaks as any agent of the tenant ``default``."""
        return self.stack.nats.url_for(self.who.identities.tenant())

    def url_of_service(self, name: str) -> str:
        """For a service, or who reads what services do."""
        return self.stack.nats.url_for(self.who.identities.service(name))

    def url_of(self, agent: str, tenant: str = "default") -> str:
        """For one agent."""
        return self.stack.nats.url_for(self.who.identities.agent(agent, tenant))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    everything = whole(agents=AGENTS, durable=False, env=UNLIMITED)
    wanted = tuple(each for each in everything.plan.services if each.name in {"intake", "checker", "keeper"})
    async with Stack(replace(everything.plan, services=wanted)) as stack:
        yield Running(stack, everything)


@pytest_asyncio.fixture(loop_scope="module")
async def client(running: Running) -> AsyncIterator[Client]:
    async with connect(running.url, agent="coder", timeout=30) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def project(client: Client) -> str:
    """A new project in PLANNING."""
    name = f"p{next(_numbers)}"
    await client.create_project(name)
    await client.transition(name, Phase.PLANNING, reason="start")
    return name


async def until(condition: Callable[[], Awaitable[bool]], within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_a_conflict_blocks_the_project_and_an_amendment_frees_it(client: Client, project: str) -> None:
    notebook = client.as_agent("notebook")
    first = await client.declare(project, "backend", dependencies=["pandas>=2.0"], paths=["src/app.py"])
    assert first.accepted
    assert first.conflicts == ()

    second = await notebook.declare(project, "analysis", type="analysis", dependencies=["pandas<2.0"])
    assert not second.accepted
    assert [each.id for each in second.conflicts] == ["C-1"]
    assert "pandas" in second.text
    with pytest.raises(psmp.ProjectBlocked) as refusal:
        await client.begin(project)
    assert refusal.value.conflicts == ("C-1",)
    assert "pandas" in str(refusal.value)
    assert "Next: resolve the conflict by one of its numbered suggestions, or amend or withdraw" in str(refusal.value)

    await until(partial(is_in, client, project, Phase.BLOCKED))

    third = await notebook.amend(project, "analysis", dependencies=["pandas>=2.1"], reason="C-1")
    assert third.accepted
    assert third.cleared == ("C-1",)
    status = await client.wait_for(project, Phase.IN_PROGRESS)
    assert [each.status for each in status.artifacts] == ["ACTIVE", "ACTIVE"]
    assert (await client.begin(project)).sequence > third.sequence


async def test_a_command_has_one_effect_and_one_answer_however_often_it_is_sent(client: Client, project: str) -> None:
    mine = stamp().id
    answers = [await client.declare(project, "backend", command_id=mine) for _ in range(3)]
    together = await asyncio.gather(*(client.declare(project, "backend", command_id=mine) for _ in range(5)))
    assert {(each.position, each.raw, each.command_id) for each in (*answers, *together)} == {
        (answers[0].position, answers[0].raw, mine)
    }
    kinds = [each.event.KIND async for each in client.events(project, after=0, follow=False)]
    assert kinds == ["project.created", "project.transitioned", "artifact.declared", "artifact.accepted"]


async def test_who_expects_what_stands_no_more_is_told_what_does(client: Client, project: str) -> None:
    looked = (await client.status(project)).sequence
    made = await client.expecting(looked).declare(project, "backend")
    declared = (await client.status(project)).artifacts[0].sequence
    with pytest.raises(psmp.PreconditionFailed, match=f"changed by event {declared}") as refusal:
        await client.expecting(looked).amend(project, "backend", summary="mine")
    assert refusal.value.current == declared
    assert (await client.expecting(declared).amend(project, "backend", summary="mine")).accepted
    with pytest.raises(psmp.PreconditionFailed) as moved:
        await client.expecting(made.sequence).as_agent("coder").transition(project, "IN_PROGRESS", reason="go")
    assert moved.value.current is not None
    with pytest.raises(psmp.Invalid):
        client.expecting(0)


async def test_a_command_id_that_meant_something_else_is_no_verdict(client: Client, project: str) -> None:
    mine = stamp().id
    await client.begin(project, command_id=mine)
    with pytest.raises(psmp.Invalid, match=r"another command, which came out as slot\.granted"):
        await client.declare(project, "backend", command_id=mine)


async def test_refusals_are_named_and_say_what_to_do(client: Client, project: str) -> None:
    notebook = client.as_agent("notebook")
    await client.declare(project, "backend")
    with pytest.raises(psmp.IllegalTransition, match=r"it can become IN_PROGRESS, ARCHIVED\. Next:") as refusal:
        await client.transition(project, "COMPLETED", reason="done")
    assert refusal.value.settled is not None
    assert refusal.value.settled.position is not None
    with pytest.raises(psmp.NotOwner, match="coder's"):
        await notebook.amend(project, "backend", dependencies=[])
    with pytest.raises(psmp.ArtifactExists):
        await client.declare(project, "backend")
    with pytest.raises(psmp.UnknownArtifact):
        await client.withdraw(project, "nothing", reason="gone")
    with pytest.raises(psmp.InvalidConstraint, match="/data/dependencies/0/constraint"):
        await client.declare(project, "broken", dependencies=[{"name": "a", "constraint": "=>1"}])
    with pytest.raises(psmp.ProjectExists):
        await client.create_project(project)
    with pytest.raises(psmp.UnknownProject) as unknown:
        await client.begin("nowhere")
    assert unknown.value.settled is not None
    assert unknown.value.settled.position is None


async def test_a_project_is_changed_judged_anew_and_given_up(client: Client, project: str) -> None:
    notebook = client.as_agent("notebook")
    await client.declare(project, "backend", dependencies=["pandas>=2; python_version < '3.12'"])
    await notebook.declare(project, "analysis", dependencies=["pandas<2"])
    await until(partial(is_in, client, project, Phase.BLOCKED))
    looked = await client.status(project)
    with pytest.raises(psmp.ProjectBlocked):
        await client.archive_project(project, reason="no way")
    with pytest.raises(psmp.NotAllowedHere, match="ask coder"):
        await notebook.change_project(project, name="mine", reason="mine now")
    with pytest.raises(psmp.PreconditionFailed):
        await client.expecting(looked.sequence - 1).change_project(project, name="mine", reason="mine now")
    targets = [psmp.Target(python="3.12"), psmp.Target(python="3.13")]
    policy = psmp.PolicyChange(max_concurrent_agents=2, privileged=("coder",))
    await client.change_project(project, name="Two", targets=targets, policy=policy, reason="newer")
    await until(partial(is_in, client, project, Phase.IN_PROGRESS))
    await until(partial(all_stand, client, project))
    status = await client.status(project)
    assert (status.name, [each.python for each in status.targets]) == ("Two", ["3.12", "3.13"])
    assert (status.policy.max_concurrent_agents, status.policy.privileged) == (2, ("coder",))
    await client.archive_project(project, reason="not needed any more")
    assert (await client.status(project)).state is Phase.ARCHIVED
    with pytest.raises(psmp.ProjectNotOpen):
        await client.change_project(project, name="Three", reason="too late")


async def test_a_task_is_planned_taken_held_to_its_artifacts_and_archived(client: Client, project: str) -> None:
    notebook = client.as_agent("notebook")
    made = await client.create_task(project, "docs", title="Write them", agent="notebook", artifacts=["handbook"])
    await client.create_task(project, "logs", title="Look at them", details="all")
    with pytest.raises(psmp.TaskExists):
        await client.create_task(project, "docs", title="Write them")
    with pytest.raises(psmp.Invalid, match="a list is needed"):
        await client.create_task(project, "more", title="More", artifacts="handbook")
    (asked,) = [each async for each in notebook.tasks(project, follow=False)]
    assert (asked.task, asked.planned and asked.planned.task) == ("work", "docs")
    assert [each async for each in client.tasks(project, follow=False)] == []

    taken = await notebook.expecting(made.sequence).take_task(project, "docs")
    with pytest.raises(psmp.PreconditionFailed, match="the task was changed"):
        await client.expecting(made.sequence).change_task(project, "docs", title="Mine")
    with pytest.raises(psmp.WorkUnfinished, match="handbook is not declared"):
        await notebook.finish_task(project, "docs")
    await notebook.declare(project, "handbook", type="analysis")
    await notebook.expecting(taken.sequence).finish_task(project, "docs", reason="all written")
    await notebook.take_task(project, "logs")
    await client.change_task(project, "logs", title="Read them", agent="", status="OPEN", artifacts=[])
    with pytest.raises(psmp.NotOwner):
        await notebook.archive_task(project, "logs", reason="no time")
    await client.archive_task(project, "logs", reason="no time")
    with pytest.raises(psmp.UnknownTask):
        await client.finish_task(project, "logs")
    docs, logs = (await client.status(project)).tasks
    assert (docs.status, docs.agent, docs.reason) == ("DONE", "notebook", "all written")
    assert (logs.status, logs.agent, logs.title, logs.details) == ("ARCHIVED", None, "Read them", "all")


async def test_a_slot_ends_with_a_declaration_or_a_failure(client: Client, project: str) -> None:
    granted = await client.begin(project)
    assert granted.sequence == 3
    with pytest.raises(psmp.SlotHeld):
        await client.begin(project)
    with pytest.raises(psmp.NotDeclared):
        await client.finish(project)
    await client.declare(project, "backend")
    await client.finish(project)
    with pytest.raises(psmp.NoSlot):
        await client.finish(project, failure="fell over")
    await client.begin(project)
    await client.finish(project, failure="fell over")
    assert (await client.status(project)).slots == ()


async def test_what_cannot_be_sent_is_not_sent(client: Client, project: str) -> None:
    sent = client.statistics.sent
    calls = (
        partial(client.declare, project, "back end"),
        partial(client.declare, "pro.ject", "backend"),
        partial(client.declare, project, "backend", dependencies=["a=!2"]),
        partial(client.declare, project, "backend", command_id="mine"),
        partial(client.declare, project, "backend", timeout=0),
        partial(client.declare, project, "backend", metadata={"text": ["x" * 40_000, "y" * 30_000]}),
    )
    for call in calls:
        with pytest.raises(psmp.Invalid, match="nothing was sent"):
            await call()
    assert client.statistics.sent == sent


async def test_status_is_to_be_had_for_now_and_for_any_past(client: Client, project: str) -> None:
    before = (await client.status(project)).time
    verdict = await client.declare(project, "backend", dependencies=["pandas>=2"])
    now = await client.status(project)
    assert (now.state, now.sequence, len(now.artifacts)) == (Phase.PLANNING, verdict.sequence, 1)
    assert (await client.status(project, sequence=1)).state is Phase.INITIALIZED
    assert (await client.status(project, time=datetime.fromisoformat(before))).artifacts == ()
    assert (await client.status(project, time=before)).artifacts == ()
    with pytest.raises(psmp.NoSuchPast):
        await client.status(project, time=datetime.fromisoformat(before) - timedelta(days=1))
    with pytest.raises(psmp.UnknownProject):
        await client.status("nowhere")


async def test_projects_are_listed_with_how_far_behind_the_list_is(client: Client, project: str) -> None:
    async def listed() -> bool:
        found = await client.projects()
        return found.behind == 0 and project in [line.project for line in found]

    await until(listed)
    assert project in [line.project for line in await client.projects(states=[Phase.PLANNING, "BLOCKED"])]
    assert project not in [line.project for line in await client.projects(states=[Phase.ARCHIVED])]
    with pytest.raises(psmp.Invalid, match="'HAPPY' given"):
        await client.projects(states=["HAPPY"])


async def test_what_waits_for_a_person_is_in_the_inbox_until_somebody_takes_it_in_hand(
    client: Client, project: str
) -> None:
    await client.declare(project, "a", dependencies=["rich<1"])
    await client.as_agent("notebook").declare(project, "b", dependencies=["rich>1"])
    await client._settle(project, ResolveConflict(conflict="C-1", strategy="escalate", reason="not mine"), None, 10)

    async def waits() -> bool:
        found = await client.alerts(waiting=True)
        return (project, "conflict-C-1") in [(line.project, line.alert) for line in found]

    await until(waits)
    with pytest.raises(psmp.Refusal, match="does not govern"):
        await client.as_agent("notebook").acknowledge(project, "conflict-C-1", reason="mine")
    settled = await client.acknowledge(project, "conflict-C-1", reason="mine")
    assert settled.event.KIND == "alert.acknowledged"

    async def taken() -> bool:
        return [line.taken for line in await client.alerts(project)] == ["coder"] and not await waits()

    await until(taken)
    [alert] = (await client.status(project)).alerts
    assert (alert.alert, alert.taken) == ("conflict-C-1", "coder")


async def test_events_are_read_from_any_place_and_link(client: Client, project: str) -> None:
    for number in range(3):
        await client.declare(project, f"a{number}")
    every = [each async for each in client.events(project, follow=False)]
    assert [each.sequence for each in every] == list(range(1, 9))
    assert every[0].envelope.prev == GENESIS
    assert [each.envelope.prev for each in every[1:]] == [leaf_hash(each.raw) for each in every[:-1]]
    assert [each.position for each in every] == sorted(each.position for each in every)
    assert [each async for each in client.events(project, after=6, follow=False)] == every[6:]
    assert [each async for each in client.events("nowhere", follow=False)] == []


async def test_following_joins_what_was_with_what_comes(client: Client, project: str) -> None:
    async def work() -> None:
        for number in range(30):
            await client.declare(project, f"a{number}")

    async with asyncio.TaskGroup() as group:
        group.create_task(work())
        sequences = [each.sequence async for each in first(62, client, project, after=0)]
    assert sequences == list(range(1, 63))


async def test_without_a_place_following_starts_now(client: Client, project: str) -> None:
    async with aclosing(client.events(project)) as events:
        waiting = asyncio.ensure_future(anext(events))
        await until(lambda: is_listening(client))
        await client.declare(project, "backend")
        assert (await waiting).sequence == 3


async def test_a_reader_too_slow_for_the_live_stream_misses_nothing(
    client: Client, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds.Feed.__init__, "__defaults__", (3, feeds.HELD_BYTES))
    async with aclosing(client.events(project, after=2)) as events:
        waiting = asyncio.ensure_future(anext(events))
        await until(lambda: is_listening(client))
        await asyncio.gather(*(client.declare(project, f"a{number}") for number in range(20)))
        sequences = [(await waiting).sequence]
        while len(sequences) < 40:
            sequences.append((await anext(events)).sequence)
    assert sequences == list(range(3, 43))


async def test_a_whole_tenant_can_be_watched_for_what_matters(client: Client, project: str) -> None:
    async with aclosing(client.events_live(kind="conflict.*")) as watched:
        waiting = asyncio.ensure_future(anext(watched))
        await until(lambda: is_listening(client))
        await client.declare(project, "a", dependencies=["pandas<2"])
        await client.declare(project, "b", dependencies=["pandas>=2"])
        happened = await waiting
    assert (happened.event.KIND, happened.envelope.key.project) == ("conflict.detected", project)


async def test_waiting_for_a_state_ends_when_it_is_reached_or_in_time(client: Client, project: str) -> None:
    waiting = asyncio.ensure_future(client.wait_for(project, "IN_PROGRESS", "COMPLETED"))
    await until(lambda: is_listening(client))
    await client.transition(project, Phase.IN_PROGRESS, reason="work")
    assert (await waiting).state is Phase.IN_PROGRESS
    assert (await client.wait_for(project, Phase.IN_PROGRESS)).phase is Phase.IN_PROGRESS
    with pytest.raises(psmp.NotReached, match=r"is IN_PROGRESS, and not COMPLETED, after 1 s") as late:
        await client.wait_for(project, Phase.COMPLETED, timeout=1)
    assert late.value.status is not None
    with pytest.raises(psmp.UnknownProject):
        await client.wait_for("nowhere", Phase.COMPLETED)


async def test_an_agent_is_alive_as_long_as_it_works(running: Running, client: Client, project: str) -> None:
    nats = await connect_nats(Address(running.url_of_service(READER)), "test", inbox="_INBOX_operator")

    async def beat(word: bytes = b"alive") -> int:
        last = await nats.request(f"$JS.API.DIRECT.GET.PSMP_HEARTBEATS.psmp.hb.default.{project}.coder")
        assert last.data == word
        return int((last.headers or {})["Nats-Sequence"])

    async def work() -> None:
        async with client.alive(project, interval=0.05):
            for _ in range(3):
                await until(partial(later_than, await beat()))
            raise ZeroDivisionError

    async def later_than(known: int) -> bool:
        return await beat() > known

    with pytest.raises(ZeroDivisionError):
        await work()
    last = await beat(b"leaving")
    await client.status(project)
    assert await beat(b"leaving") == last
    assert not [task for task in asyncio.all_tasks() if "_beat" in repr(task)]
    await nats.close()


async def test_a_command_carries_the_trace_of_its_caller(client: Client, project: str) -> None:
    context = SpanContext(0xABC, 0xDEF, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    with trace.use_span(NonRecordingSpan(context)):
        verdict = await client.declare(project, "backend")
    assert verdict.envelope.traceparent == f"00-{0xABC:032x}-{0xDEF:016x}-01"


async def test_many_commands_at_once_are_each_sent_once(client: Client) -> None:
    names = [f"m{next(_numbers)}" for _ in range(10)]
    for name in names:
        await client.create_project(name)
        await client.transition(name, Phase.PLANNING, reason="start")
    commands = [client.declare(name, f"a{number}", timeout=60) for number in range(30) for name in names]
    verdicts = await asyncio.gather(*commands)
    assert all(each.accepted for each in verdicts)
    assert (client.statistics.sent_again, client.statistics.in_flight, client.statistics.held) == (0, 0, 0)


async def test_an_agent_speaks_in_its_own_name_only(running: Running, project: str) -> None:
    async with connect(running.url_of("coder"), agent="coder", timeout=30) as coder:
        assert (await coder.declare(project, "backend")).accepted
        assert (await coder.status(project)).artifacts[0].agent == "coder"
        await coder.heartbeat(project)
        async with asyncio.timeout(30):
            for _ in range(2):
                with pytest.raises(psmp.NotAllowed, match="notebook"):
                    await coder.as_agent("notebook").declare(project, "analysis")
            with pytest.raises(psmp.NotAllowed, match=r"publish to psmp.qry.default.notebook.status"):
                await coder.as_agent("notebook").status(project)
    async with asyncio.timeout(30):
        with pytest.raises(psmp.NotAllowed, match="listen"):
            async with connect(running.url_of("coder"), agent="notebook", timeout=30):
                pytest.fail("was let in")
        with pytest.raises(psmp.NotAllowed):
            async with connect(running.url_of("coder", "other"), agent="coder", timeout=30):
                pytest.fail("was let in")


async def test_a_wrong_password_and_a_wrong_address_are_told_apart(running: Running) -> None:
    wrong = running.url.replace(running.who.identities.tenant().password, "guess")
    async with asyncio.timeout(30):
        with pytest.raises(psmp.NotAllowed, match="Authorization Violation") as refused:
            async with connect(wrong, agent="coder", timeout=30):
                pytest.fail("was let in")
    assert "guess" not in str(refused.value)
    with pytest.raises(psmp.Unreachable, match=r"cannot connect to nats://127.0.0.1:1:.*psmp dev"):
        async with connect("nats://127.0.0.1:1", agent="coder", timeout=0.3):
            pytest.fail("is somebody there?")


async def test_who_asks_for_tls_gets_tls_or_nothing(running: Running) -> None:
    async with asyncio.timeout(30):
        with pytest.raises(psmp.Unreachable, match="TLS was asked for, and this server does without"):
            async with connect(running.url.replace("nats://", "tls://"), agent="coder", timeout=30):
                pytest.fail("was connected")


@pytest.mark.parametrize("service", ["intake", "checker"])
async def test_without_a_service_a_verdict_is_pending_and_comes_later(
    running: Running, client: Client, project: str, service: str
) -> None:
    running.stack.kill(service, hold=True)
    with pytest.raises(psmp.VerdictPending, match=r"is stored, but has no outcome after 2 s") as pending:
        await client.declare(project, "backend", timeout=2)
    assert pending.value.position > 0
    waiting = asyncio.ensure_future(client.outcome(pending.value, timeout=30))
    await running.stack.restart(service)
    verdict = await waiting
    assert isinstance(verdict, psmp.Verdict)
    assert verdict.accepted
    assert verdict.command_id == pending.value.command_id
    again = await client.declare(project, "backend", command_id=pending.value.command_id)
    assert again.raw == verdict.raw


async def test_without_the_keeper_a_question_ends_and_a_follower_goes_on(
    running: Running, client: Client, project: str
) -> None:
    running.stack.kill("keeper", hold=True)
    with pytest.raises(psmp.NoAnswer, match=r"question for status: .*see whether psmp_keeper runs"):
        await client.status(project, timeout=0.5)
    waiting = asyncio.ensure_future(client.status(project, timeout=30))
    reading = asyncio.ensure_future(anext(aiter(client.events(project, after=1))))
    await running.stack.restart("keeper")
    assert (await waiting).state is Phase.PLANNING
    assert (await reading).sequence == 2


async def test_without_nats_commands_wait_and_readers_miss_nothing(
    running: Running, client: Client, project: str
) -> None:
    async with aclosing(client.events(project, after=2)) as events:
        reading = asyncio.ensure_future(anext(events))
        await until(lambda: is_listening(client))
        running.stack.kill("nats", hold=True)
        await until(lambda: is_away(client))
        with pytest.raises(psmp.NotAcknowledged, match=r"not connected to nats://127\.0\.0\.1") as unknown:
            await client.declare(project, "a", timeout=0.3)
        waiting = [asyncio.ensure_future(client.declare(project, f"b{n}", timeout=60)) for n in range(20)]
        restarting = asyncio.ensure_future(running.stack.restart("nats"))
        verdicts = await asyncio.gather(*waiting)
        await restarting
        assert all(each.accepted for each in verdicts)
        again = await client.outcome(unknown.value, timeout=30)
        assert again.command_id == unknown.value.command_id
        sequences = [(await reading).sequence] + [(await anext(events)).sequence for _ in range(41)]
    assert sequences == list(range(3, 45))
    assert client.statistics.reconnects == 1


async def test_a_server_that_says_nothing_any_more_holds_nobody_up(running: Running, project: str) -> None:
    pid = running.stack.pid("nats")
    assert pid is not None
    loop = asyncio.get_running_loop()
    async with connect(running.url, agent="coder") as client:
        await client.heartbeat(project)
        os.kill(pid, signal.SIGSTOP)
        try:
            began = loop.time()
            with pytest.raises(psmp.NotAcknowledged):
                await client.declare(project, "a", timeout=0.5)
            with pytest.raises(psmp.NoAnswer):
                await client.status(project, timeout=0.5)
            with pytest.raises(psmp.Unreachable):
                async with connect(running.url, agent="coder", timeout=0.5):
                    pytest.fail("was connected")
            assert loop.time() - began < 20
            began = loop.time()
            await client._link.close()
            assert loop.time() - began < 20
        finally:
            os.kill(pid, signal.SIGCONT)


async def test_closing_ends_whatever_waits(running: Running, project: str) -> None:
    running.stack.kill("intake", hold=True)
    try:
        async with connect(running.url, agent="coder", timeout=30) as client:
            declaring = asyncio.ensure_future(client.declare(project, "a"))
            reading = asyncio.ensure_future(anext(aiter(client.events(project))))
            watching = asyncio.ensure_future(anext(aiter(client.events_live())))
            await until(lambda: is_listening(client, 3))
        async with asyncio.timeout(30):
            for waiting in (declaring, reading, watching):
                with pytest.raises(psmp.Closed):
                    await waiting
        with pytest.raises(psmp.Closed):
            await client.status(project)
    finally:
        await running.stack.restart("intake")


async def test_who_gives_up_leaves_nothing_behind(running: Running, client: Client, project: str) -> None:
    running.stack.kill("intake", hold=True)
    declaring = asyncio.ensure_future(client.declare(project, "a"))
    await until(lambda: in_flight(client))
    declaring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await declaring
    await running.stack.restart("intake")
    statistics = client.statistics
    assert (statistics.in_flight, statistics.held) == (0, 0)
    assert client._link._waiting == {}


async def test_the_same_without_async(running: Running) -> None:
    def script() -> None:
        with psmp.connect_sync(running.url, agent="coder", timeout=30) as client:
            name = f"p{next(_numbers)}"
            client.create_project(name)
            client.transition(name, "PLANNING", reason="start")
            with client.alive(name):
                assert client.declare(name, "backend", dependencies=["pandas>=2"]).accepted
            with pytest.raises(psmp.ArtifactExists):
                client.declare(name, "backend")
            assert [each.sequence for each in client.events(name, follow=False)] == [1, 2, 3, 4, 5]
            live = client.events(name, after=4)
            assert next(live).event.KIND == "command.refused"
            client.as_agent("notebook").declare(name, "analysis")
            assert next(live).envelope.actor == "notebook"
            with suppress(psmp.NotReached):
                client.wait_for(name, "COMPLETED", timeout=0.1)
            assert client.status(name).sequence == 7
            assert (client.agent, client.tenant, client.statistics.connected) == ("coder", "default", True)

    await asyncio.to_thread(script)


async def first(count: int, client: Client, project: str, *, after: int) -> AsyncIterator[psmp.Happened]:
    async with aclosing(client.events(project, after=after)) as events:
        async for each in events:
            yield each
            count -= 1
            if not count:
                return


async def is_listening(client: Client, count: int = 2) -> bool:
    """Whether the client hears as many subjects at the server: its outcomes and ``count - 1`` others."""
    return len(client._link._listeners) >= count


async def is_away(client: Client) -> bool:
    return not client.statistics.connected


async def in_flight(client: Client) -> bool:
    return client.statistics.in_flight > 0


async def all_stand(client: Client, project: str) -> bool:
    return {each.status for each in (await client.status(project)).artifacts} == {"ACTIVE"}


async def is_in(client: Client, project: str, phase: Phase) -> bool:
    """Whether the phase is formally written; a blocked state is derived at once."""
    return (await client.status(project)).phase is phase

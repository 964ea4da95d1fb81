"""What an agent can do on a server with the project's own nats.conf, and what it cannot, whatever it tries."""

import itertools
import json
from collections.abc import Iterator

import pytest
from nats.aio.msg import Msg

from psmp.stack.waiting import until
from tests.guarded import Guarded, Speaker, guarded

__all__ = ["guarded"]

pytestmark = pytest.mark.integration

ME, PEER = "CoderAgent", "IdeaAgent"

_numbers = itertools.count(1)


@pytest.fixture
def project() -> str:
    """A project that no other test knows."""
    return f"p{next(_numbers)}"


@pytest.fixture
def mine(project: str) -> str:
    """Where the agent may declare."""
    return f"psmp.cmd.default.{project}.{ME}.artifact.declare"


FORBIDDEN_TO_PUBLISH = (
    "psmp.cmd.default.p.IdeaAgent.artifact.declare",
    "psmp.cmd.other.p.CoderAgent.artifact.declare",
    "psmp.cmd.default.p.*.artifact.declare",
    "psmp.cmd.default.p.CoderAgent.>",
    "psmp.cmd.default.psmp_tenant.CoderAgent.webhook.add",
    "psmp.cmd.default.psmp_tenant.CoderAgent.webhook.remove",
    "psmp.cmd.default.p.CoderAgent.artifact",
    "psmp.cmd.default.p.q.CoderAgent.artifact.declare",
    "psmp.cmd.psmp.system.CoderAgent.artifact.declare",
    "psmp.log.default.p.artifact.accepted",
    "psmp.evt.default.p.conflict.cleared",
    "psmp.live.default.p.compatibility.progressed",
    "psmp.turn.checker.default.p",
    "psmp.out.default.IdeaAgent.p.0",
    "psmp.out.default.CoderAgent.p.0",
    "psmp.task.default.p.IdeaAgent",
    "psmp.task.default.p.CoderAgent",
    "psmp.dispatch.default.p.CoderAgent",
    "psmp.hb.default.p.IdeaAgent",
    "psmp.hb.other.p.CoderAgent",
    "psmp.hb.psmp.system.CoderAgent",
    "psmp.qry.default.IdeaAgent.status",
    "psmp.qry.other.CoderAgent.status",
    "psmp.snap.intake.default.p",
    "psmp.dlq.intake.default.p",
    "_INBOX.IdeaAgent.x",
    "_INBOX_intake.x",
    "_R_.x.y",
    "$JS.API.INFO",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.CREATE.MINE",
    "$JS.API.STREAM.INFO.PSMP_LOG",
    "$JS.API.STREAM.UPDATE.PSMP_LOG",
    "$JS.API.STREAM.DELETE.PSMP_LOG",
    "$JS.API.STREAM.PURGE.PSMP_LOG",
    "$JS.API.STREAM.MSG.GET.PSMP_LOG",
    "$JS.API.STREAM.MSG.DELETE.PSMP_LOG",
    "$JS.API.DIRECT.GET.PSMP_LOG",
    "$JS.API.CONSUMER.CREATE.PSMP_COMMANDS",
    "$JS.API.CONSUMER.CREATE.PSMP_COMMANDS.mine",
    "$JS.API.CONSUMER.DELETE.PSMP_COMMANDS.intake",
    "$JS.API.CONSUMER.MSG.NEXT.PSMP_COMMANDS.intake",
    "$JS.ACK.PSMP_COMMANDS.intake.1.1.1.1.1",
    "$SYS.REQ.SERVER.PING",
)

FORBIDDEN_TO_SUBSCRIBE = (
    ">",
    "psmp.>",
    "psmp.out.default.IdeaAgent.>",
    "psmp.out.default.*.>",
    "psmp.out.other.CoderAgent.>",
    "psmp.task.default.*.IdeaAgent",
    "psmp.task.default.>",
    "psmp.dispatch.default.*.IdeaAgent",
    "psmp.dispatch.default.p.IdeaAgent",
    "psmp.dispatch.default.>",
    "psmp.dispatch.other.*.CoderAgent",
    "psmp.task.other.*.CoderAgent",
    "psmp.evt.other.>",
    "psmp.evt.>",
    "psmp.evt.psmp.>",
    "psmp.live.other.>",
    "psmp.live.>",
    "psmp.turn.>",
    "psmp.cmd.default.>",
    "psmp.log.default.>",
    "psmp.hb.default.>",
    "psmp.qry.default.>",
    "_INBOX.>",
    "_INBOX.*.>",
    "_INBOX.IdeaAgent.>",
    "_INBOX_intake.>",
    "_R_.>",
    "$JS.>",
    "$SYS.>",
)

REPLIES = (
    "psmp.cmd.default.{project}.IdeaAgent.artifact.declare",
    "psmp.cmd.other.{project}.IdeaAgent.artifact.declare",
    "psmp.log.default.{project}.artifact.accepted",
    "psmp.hb.default.{project}.IdeaAgent",
    "psmp.qry.default.IdeaAgent.status",
    "psmp.snap.intake.default.{project}",
    "psmp.dlq.intake.default.{project}",
    "psmp.evt.default.{project}.conflict.cleared",
    "psmp.evt.other.{project}.conflict.cleared",
    "psmp.out.other.IdeaAgent.{project}.0",
    "$JS.API.STREAM.PURGE.PSMP_LOG",
    "$JS.API.STREAM.DELETE.PSMP_DLQ",
)


async def test_an_agent_declares_asks_beats_and_hears_what_is_meant_for_it(
    guarded: Guarded, project: str, mine: str
) -> None:
    async with guarded.as_agent(ME) as agent, guarded.as_service("keeper") as keeper:
        outcomes = await agent.listen(f"psmp.out.default.{ME}.>")
        events = await agent.listen(f"psmp.evt.default.{project}.>")

        async def answer(message: Msg) -> None:
            await message.respond(b"{}")

        await keeper.nats.subscribe("psmp.qry.*.*.*", "keeper", cb=answer)
        await keeper.fence()

        assert (await agent.ask(mine))["stream"] == "PSMP_COMMANDS"
        assert await agent.ask(f"psmp.qry.default.{ME}.status") == {}
        assert not await agent.is_refused_to_publish(f"psmp.hb.default.{project}.{ME}")
        async with guarded.as_service("intake") as intake:
            await intake.nats.publish(f"psmp.out.default.{ME}.{project}.1", b"outcome")
            await intake.ask(f"psmp.log.default.{project}.project.created", b"event")
        await agent.ask(mine)

    assert [message.data for message in outcomes] == [b"outcome"]
    assert [message.data for message in events] == [b"event"]
    assert await guarded.stored(project) == {
        mine: 2,
        f"psmp.hb.default.{project}.{ME}": 1,
        f"psmp.log.default.{project}.project.created": 1,
    }


@pytest.mark.parametrize("subject", FORBIDDEN_TO_PUBLISH)
async def test_an_agent_cannot_publish(guarded: Guarded, subject: str) -> None:
    before = await guarded.stored("psmp")
    async with guarded.as_agent(ME) as agent:
        assert await agent.is_refused_to_publish(subject, reply=f"_INBOX.{ME}.answer")
    assert await guarded.stored("psmp") == before


@pytest.mark.parametrize("subject", FORBIDDEN_TO_SUBSCRIBE)
async def test_an_agent_cannot_subscribe(guarded: Guarded, subject: str) -> None:
    async with guarded.as_agent(ME) as agent:
        assert await agent.is_refused_to_subscribe(subject)
        assert await agent.is_refused_to_subscribe(subject, queue="intake")


async def test_a_tenants_operator_speaks_as_any_agent_of_that_tenant_and_of_no_other(
    guarded: Guarded, project: str
) -> None:
    async with guarded.as_operator_of("default", agent="Newcomer") as operator:
        await operator.ask(f"psmp.cmd.default.{project}.Newcomer.artifact.declare")
        await operator.listen("psmp.out.default.Newcomer.>")
        assert operator.refusals == []
        for subject in ("psmp.cmd.other.p.A.artifact.declare", "psmp.log.default.p.a.b", "$JS.API.INFO"):
            assert await operator.is_refused_to_publish(subject)
        for subject in ("psmp.evt.other.>", "psmp.evt.>", "psmp.cmd.default.>", "_INBOX_intake.>"):
            assert await operator.is_refused_to_subscribe(subject)
    assert await guarded.stored(project) == {f"psmp.cmd.default.{project}.Newcomer.artifact.declare": 1}


async def test_a_dashboard_hears_the_events_of_its_tenant_and_says_nothing(guarded: Guarded, project: str) -> None:
    async with guarded.as_dashboard_of() as dashboard, guarded.as_service("intake") as intake:
        events = await dashboard.listen("psmp.evt.default.>")
        await intake.ask(f"psmp.log.other.{project}.project.created", b"theirs")
        await intake.ask(f"psmp.log.default.{project}.project.created", b"ours")
        assert await dashboard.is_refused_to_publish(f"psmp.cmd.default.{project}.{ME}.artifact.declare")
        assert await dashboard.is_refused_to_publish("anything")
        assert await dashboard.is_refused_to_subscribe("psmp.out.default.>")
        assert await dashboard.is_refused_to_subscribe("psmp.evt.other.>")
    assert [message.data for message in events] == [b"ours"]


async def test_how_far_a_check_is_is_heard_by_its_tenant_and_by_nobody_else(guarded: Guarded, project: str) -> None:
    async with (
        guarded.as_dashboard_of() as dashboard,
        guarded.as_agent(ME) as agent,
        guarded.as_operator_of() as operator,
        guarded.as_service("checker") as checker,
        guarded.as_service("intake") as intake,
    ):
        watched = [await each.listen("psmp.live.default.>") for each in (dashboard, agent, operator)]
        for tenant in ("other", "default"):
            subject = f"psmp.live.{tenant}.{project}.compatibility.progressed"
            assert not await checker.is_refused_to_publish(subject, tenant.encode())
            assert await intake.is_refused_to_publish(subject)
        assert await checker.is_refused_to_publish(f"psmp.live.default.{project}.anything.else")
        for each in (dashboard, agent, operator):
            await each.fence()
            assert await each.is_refused_to_subscribe("psmp.live.other.>")
    assert [[message.data for message in heard] for heard in watched] == [[b"default"]] * 3
    assert await guarded.stored(project) == {}


async def test_agents_of_two_tenants_with_one_name_never_meet(guarded: Guarded, project: str, mine: str) -> None:
    async with guarded.as_agent(ME) as ours, guarded.as_agent(ME, "other") as theirs:
        heard = [*await theirs.listen("psmp.evt.other.>"), *await theirs.listen(f"psmp.out.other.{ME}.>")]
        inbox = await theirs.listen(f"_INBOX.{ME}.known")
        await ours.nats.publish(mine, b"", reply=f"_INBOX.{ME}.known")
        await ours.ask(mine)
        await theirs.ask(mine.replace("default", "other"))
    assert (heard, inbox) == ([], [])
    assert await guarded.stored(project) == {mine: 2, mine.replace("default", "other"): 1}


def _carriers(project: str) -> Iterator[str]:
    yield f"psmp.cmd.default.{project}.{ME}.artifact.declare"
    yield f"psmp.hb.default.{project}.{ME}"
    yield f"psmp.qry.default.{ME}.status"


async def _everything_is_through(guarded: Guarded, agent: Speaker, project: str) -> None:
    """Each stream has sent every acknowledgement that it owed, and has stored what came of those."""
    async with guarded.as_service("intake") as intake, guarded.as_service("checker") as checker:
        for _ in range(2):
            await agent.ask(f"psmp.cmd.default.{project}-fence.{ME}.artifact.declare")
            await agent.ask(f"psmp.hb.default.{project}-fence.{ME}")
            await intake.ask(f"psmp.log.default.{project}-fence.command.refused", b"{}")
            await intake.ask(f"psmp.snap.intake.default.{project}-fence", b"{}")
            await checker.ask(f"psmp.dlq.checker.default.{project}-fence", b"{}")


@pytest.mark.parametrize("carrier", range(3), ids=["command", "heartbeat", "question"])
async def test_a_reply_subject_smuggles_nothing_into_any_stream(guarded: Guarded, project: str, carrier: int) -> None:
    subject = list(_carriers(project))[carrier]
    questions: list[str] = []
    async with (
        guarded.as_agent(ME) as agent,
        guarded.as_agent(PEER, "other") as stranger,
        guarded.as_service("keeper") as keeper,
    ):

        async def answer(message: Msg) -> None:
            questions.append(message.subject)
            await message.respond(b'{"an": "answer"}')

        await keeper.nats.subscribe("psmp.qry.*.*.*", "keeper", cb=answer)
        abroad = await stranger.listen("psmp.evt.other.>") + await stranger.listen(f"psmp.out.other.{PEER}.>")
        for reply in REPLIES:
            await agent.nats.publish(subject, b"smuggled", reply=reply.format(project=project))
        await agent.fence()
        await agent.ask(f"psmp.qry.default.{ME}.fence")
        await _everything_is_through(guarded, agent, project)
        assert agent.refusals == keeper.refusals == []

    count = 1 if ".hb." in subject else len(REPLIES)  # a heartbeat replaces the one before
    assert await guarded.stored(project) == ({} if ".qry." in subject else {subject: count})
    assert set(questions) <= {f"psmp.qry.default.{ME}.status", f"psmp.qry.default.{ME}.fence"}
    assert abroad == []


@pytest.mark.parametrize("reply", ["_R_.a.b", "_GR_.a.b", "$JS.ACK.PSMP_COMMANDS.intake.1.1.1.1.1"])
async def test_the_servers_own_subjects_are_no_reply_subjects(
    guarded: Guarded, project: str, mine: str, reply: str
) -> None:
    async with guarded.as_agent(ME) as agent:
        await agent.nats.publish(mine, b"", reply=reply)
        await agent.fence()
        assert agent.refusals == [f'nats: permissions violation for publish with reply of "{reply.lower()}"']
    assert await guarded.stored(project) == {}


async def test_what_a_reply_subject_forges_inside_its_own_tenant_does_not_look_like_an_event(
    guarded: Guarded, project: str, mine: str
) -> None:
    """The one thing that remains: peers that listen there hear a bare acknowledgement, which no event is."""
    async with guarded.as_agent(ME) as agent, guarded.as_agent(PEER) as peer, guarded.as_service("intake") as intake:
        events = await peer.listen(f"psmp.evt.default.{project}.>")
        outcomes = await peer.listen(f"psmp.out.default.{PEER}.>")
        await agent.nats.publish(mine, b"x", reply=f"psmp.evt.default.{project}.conflict.cleared")
        await agent.nats.publish(mine, b"x", reply=f"psmp.out.default.{PEER}.{project}.0")
        await agent.ask(mine)
        await intake.ask(f"psmp.log.default.{project}.project.created", b"event")
        await peer.ask(f"psmp.cmd.default.{project}.{PEER}.artifact.declare")

    forged, event = events
    assert (event.data, (event.headers or {})["Nats-Stream"]) == (b"event", "PSMP_LOG")
    assert set(json.loads(forged.data)) == set(json.loads(outcomes[0].data)) == {"stream", "seq"}
    assert forged.headers is outcomes[0].headers is None


REFUSED_HEADERS = (
    {"Nats-Rollup": "all"},
    {"Nats-Rollup": "sub"},
    {"Nats-TTL": "1s"},
    {"Nats-Incr": "+1"},
    {
        "Nats-Schedule": "@at 2000-01-01T00:00:00Z",
        "Nats-Schedule-Target": "psmp.cmd.default.p.IdeaAgent.artifact.declare",
    },
    {"Nats-Batch-Id": "b", "Nats-Batch-Sequence": "1"},
    {"Nats-Batch-Id": "b", "Nats-Batch-Sequence": "1", "Nats-Batch-Commit": "1"},
    {"Nats-Expected-Stream": "PSMP_LOG"},
    {"Nats-Expected-Last-Sequence": "999999"},
    {"Nats-Expected-Last-Msg-Id": "never"},
    {"Nats-Expected-Last-Subject-Sequence": "999999"},
    {"Nats-Expected-Last-Subject-Sequence": "9", "Nats-Expected-Last-Subject-Sequence-Subject": "psmp.log.>"},
)


@pytest.mark.parametrize("headers", REFUSED_HEADERS, ids="+".join)
async def test_a_header_that_rules_a_stream_has_the_command_refused_and_harms_nobody(
    guarded: Guarded, project: str, mine: str, headers: dict[str, str]
) -> None:
    theirs = f"psmp.cmd.default.{project}.{PEER}.artifact.declare"
    async with guarded.as_agent(ME) as agent, guarded.as_agent(PEER) as peer:
        first = await peer.ask(theirs)
        answer = await agent.ask(mine, headers=headers)
        last = await peer.ask(theirs)
    assert "error" in answer
    assert last["seq"] == first["seq"] + 1
    assert await guarded.stored(project) == {theirs: 2}


IGNORED_HEADERS = (
    {"Nats-Required-Api-Level": "999"},
    {"Nats-Sequence": "1", "Nats-Subject": "psmp.log.default.p.artifact.accepted", "Nats-Stream": "PSMP_LOG"},
    {"Nats-Schedule-Target": "psmp.cmd.default.p.IdeaAgent.artifact.declare"},
    {"Nats-Marker-Reason": "Purge"},
    {"Nats-Trace-Only": "true"},
    {"Psmp-Reply-To": "psmp.log.default.p.artifact.accepted"},
)


@pytest.mark.parametrize("headers", IGNORED_HEADERS, ids="+".join)
async def test_any_other_header_is_only_stored(
    guarded: Guarded, project: str, mine: str, headers: dict[str, str]
) -> None:
    async with guarded.as_agent(ME) as agent:
        assert "error" not in await agent.ask(mine, headers=headers)
    assert await guarded.stored(project) == {mine: 1}


@pytest.mark.parametrize(
    "destination", ["psmp.log.default.p.a.b", "psmp.cmd.default.p.IdeaAgent.a.b", "_INBOX.IdeaAgent.x"]
)
async def test_a_trace_goes_only_where_its_sender_may_publish(guarded: Guarded, mine: str, destination: str) -> None:
    before = await guarded.stored("psmp")
    async with guarded.as_agent(ME) as agent:
        await agent.nats.publish(mine, b"x", headers={"Nats-Trace-Dest": destination})
        await agent.fence()
        assert agent.refusals == [f'nats: permissions violation for publish to "{destination.lower()}"']
    assert await guarded.stored("psmp") == before


async def test_a_message_id_swallows_nobodys_command(guarded: Guarded, project: str, mine: str) -> None:
    """Ids are shared by a whole stream. Who sends none cannot be taken for a duplicate; PSMP's clients send none."""
    theirs = f"psmp.cmd.default.{project}.{PEER}.artifact.declare"
    async with guarded.as_agent(ME) as agent, guarded.as_agent(PEER) as peer:
        await agent.ask(mine, b"same", headers={"Nats-Msg-Id": "taken"})
        assert "duplicate" not in await peer.ask(theirs, b"same")
        assert "duplicate" not in await peer.ask(theirs, b"same")
    assert await guarded.stored(project) == {mine: 1, theirs: 2}


async def test_a_command_that_is_too_large_is_refused(guarded: Guarded, project: str, mine: str) -> None:
    async with guarded.as_agent(ME) as agent:
        answer = await agent.ask(mine, b"x" * 300_000)
        assert answer["error"]["description"] == "message size exceeds maximum allowed"
    assert await guarded.stored(project) == {}


async def test_who_sends_more_than_any_command_can_be_loses_its_own_connection(
    guarded: Guarded, project: str, mine: str
) -> None:
    async with guarded.as_agent(ME) as agent, guarded.as_agent(PEER) as peer:
        await agent.nats.publish(mine, b"x" * 400_000)

        async def cut_off() -> bool:
            return not agent.nats.is_connected

        assert await until(cut_off, within=60)
        assert "error" not in await peer.ask(f"psmp.cmd.default.{project}.{PEER}.artifact.declare")
        assert peer.nats.stats["reconnects"] == 0
    assert mine not in await guarded.stored(project)

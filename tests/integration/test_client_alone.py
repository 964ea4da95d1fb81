"""The client against a real NATS and a keeper that the test plays: answers that no service of ours would give."""

import asyncio
import itertools
import json
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg

import psmp
from psmp import Client, connect
from psmp.client.feed import opened
from psmp.stack import NatsServer
from psmp.stack.nats_server import MINIMAL_CONFIG
from psmp.wire.connection import Address
from psmp.wire.connection import connect as connect_nats
from psmp.words.answers import EventsPage, Problem
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, leaf_hash, seal_event
from psmp.words.events import AgentReturned
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.values import Word
from tests.servers import StartNats

pytestmark = pytest.mark.integration

KEY = ProjectKey("default", "rag")
TWO_USERS = """
authorization {
  users: [ {user: first, password: one}%s ]
}
"""


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[Nats]:
    connection = await connect_nats(Address(fresh_nats.url), "test")
    yield connection
    await connection.close()


@pytest.fixture
async def client(fresh_nats: NatsServer) -> AsyncIterator[Client]:
    async with connect(fresh_nats.url, agent="coder", timeout=5) as client:
        yield client


async def play_keeper(nats: Nats, answers: Mapping[str, Callable[[int], Word | bytes]]) -> None:
    """Answer questions by kind; each answer is told how often it was asked before."""
    asked = {kind: itertools.count() for kind in answers}

    async def answer(message: Msg) -> None:
        kind = message.subject.rpartition(".")[2]
        said = answers[kind](next(asked[kind]))
        await message.respond(said if isinstance(said, bytes) else said.model_dump_json().encode())

    await nats.subscribe("psmp.qry.>", cb=answer)
    await nats.flush()


def chain(count: int) -> list[bytes]:
    """The log of a project: so many events that link."""
    bodies: list[bytes] = []
    for sequence in range(1, count + 1):
        prev = leaf_hash(bodies[-1]) if bodies else GENESIS
        fresh = uuid7(sequence, bytes(10))
        said = AgentReturned(agent="coder", last_seen="2026-08-01T12:00:00Z")
        provenance = Provenance("/psmp/watchdog", "psmp_watchdog", fresh, fresh)
        bodies.append(seal_event(KEY, said, Link(sequence, prev), provenance, Stamp(fresh, "2026-08-01T12:00:00Z")))
    return bodies


def page(bodies: list[bytes], *, more: bool = False) -> EventsPage:
    events = tuple((opened(0, body).sequence, body.decode()) for body in bodies)
    return EventsPage(events=events, more=more)


async def tell(nats: Nats, position: int, body: bytes) -> None:
    """What the log does with an event that it has stored."""
    headers = {"Nats-Stream": "PSMP_LOG", "Nats-Sequence": str(position)}
    await nats.publish("psmp.evt.default.rag.agent.returned", body, headers=headers)


async def test_a_keeper_that_cannot_answer_now_is_asked_again(nats: Nats, client: Client) -> None:
    unavailable = Problem(code="UNAVAILABLE", reason="the log does not answer", hint="ask again in a moment")
    await play_keeper(nats, {"events": lambda asked: page(chain(2)) if asked else unavailable})
    assert [each.sequence async for each in client.events("rag", follow=False)] == [1, 2]


async def test_one_that_never_can_is_given_up_in_time_with_its_reason(nats: Nats, client: Client) -> None:
    unavailable = Problem(code="UNAVAILABLE", reason="the log does not answer", hint="ask again in a moment")
    await play_keeper(nats, {"status": lambda _: unavailable})
    with pytest.raises(psmp.NoAnswer, match="the log does not answer"):
        await client.status("rag", timeout=0.6)


async def test_a_damaged_log_is_told_at_once_and_not_asked_for_again(nats: Nats, client: Client) -> None:
    damaged = Problem(code="DAMAGED", reason="the log of default/rag is damaged at position 3", hint="psmp verify")
    unavailable = Problem(code="UNAVAILABLE", reason="asked again", hint="")
    await play_keeper(nats, {"status": lambda asked: unavailable if asked else damaged})
    with pytest.raises(psmp.LogDamaged, match=r"is damaged at position 3\. Next: psmp verify"):
        await client.status("rag")


async def test_a_refused_question_has_the_error_of_its_code(nats: Nats, client: Client) -> None:
    odd = Problem(code="UNKNOWN_QUESTION", reason="there is no question status", hint="ask events")
    await play_keeper(nats, {"status": lambda _: odd})
    with pytest.raises(psmp.Refusal, match=r"there is no question status\. Next: ask events") as refusal:
        await client.status("rag")
    assert (refusal.value.code, refusal.value.settled) == ("UNKNOWN_QUESTION", None)


@pytest.mark.parametrize("answer", [b"", b"{}", b"[1]", b'{"project":"rag","mood":"good"}', b"\xff"])
async def test_an_answer_of_another_version_is_said_to_be_unreadable(nats: Nats, client: Client, answer: bytes) -> None:
    await play_keeper(nats, {"status": lambda _: answer})
    with pytest.raises(psmp.Unreadable, match=r"the answer to status cannot be read: .*the same version"):
        await client.status("rag")


async def test_pages_are_turned_until_the_last(nats: Nats, client: Client) -> None:
    log = chain(5)
    pages = [page(log[:2], more=True), page(log[2:4], more=True), page(log[4:])]
    await play_keeper(nats, {"events": lambda asked: pages[asked]})
    assert [each.sequence async for each in client.events("rag", follow=False)] == [1, 2, 3, 4, 5]


async def test_a_log_that_was_tampered_with_is_read_up_to_there(nats: Nats, client: Client) -> None:
    log = chain(3)
    await play_keeper(nats, {"events": lambda _: page([log[0], log[1].replace(b"coder", b"cheat"), log[2]])})
    events = client.events("rag", follow=False)
    assert [(await anext(events)).sequence for _ in range(2)] == [1, 2]
    with pytest.raises(psmp.Damaged, match="the log of default/rag is damaged at event 3: it does not link"):
        await anext(events)


async def test_a_gap_is_filled_from_the_log_and_an_event_told_twice_is_one(nats: Nats, client: Client) -> None:
    log = chain(6)
    pages = [page(log[:1]), page(log[1:4])]
    await play_keeper(nats, {"events": lambda asked: pages[asked]})
    async with aclosing(client.events("rag", after=0)) as events:
        sequences = [(await anext(events)).sequence]
        for number in (4, 4, 2, 5, 5, 6):
            await tell(nats, number, log[number - 1])
        sequences += [(await anext(events)).sequence for _ in range(5)]
    assert sequences == [1, 2, 3, 4, 5, 6]


async def test_a_gap_that_nothing_fills_is_damage(nats: Nats, client: Client) -> None:
    log = chain(4)
    await play_keeper(nats, {"events": lambda asked: page([]) if asked else page(log[:1])})
    async with aclosing(client.events("rag", after=0)) as events:
        await anext(events)
        await tell(nats, 4, log[3])
        with pytest.raises(psmp.Damaged, match="at event 2: it is missing, though event 4 is there"):
            await anext(events)


async def test_what_no_stream_takes_is_not_acknowledged(client: Client) -> None:
    with pytest.raises(psmp.NotAcknowledged, match=r"is not known to be stored after 0\.4 s: nobody there takes it"):
        await client.declare("rag", "backend", timeout=0.4)
    assert client.statistics.sent > 1


async def test_what_a_stream_turns_down_is_not_acknowledged_and_why_is_said(nats: Nats, client: Client) -> None:
    await nats.jetstream().add_stream(name="PSMP_COMMANDS", subjects=["psmp.cmd.>"], max_msg_size=10)
    with pytest.raises(psmp.NotAcknowledged, match=r"NATS did not store it: .*message size exceeds maximum allowed"):
        await client.declare("rag", "backend", timeout=0.4)


async def test_an_outcome_that_cannot_be_read_is_said_to_be_so(nats: Nats, client: Client) -> None:
    await nats.jetstream().add_stream(name="PSMP_COMMANDS", subjects=["psmp.cmd.>"])

    async def answer(message: Msg) -> None:
        mine = json.loads(message.data)["id"]
        body = b'{"type":"psmp.artifact.adored.v1"}'
        await nats.publish(f"psmp.out.default.coder.rag.{mine}", body, headers={"Psmp-Position": "7"})

    await nats.subscribe("psmp.cmd.>", cb=answer)
    await nats.flush()
    with pytest.raises(psmp.Unreadable, match=r"the outcome of artifact\.declare"):
        await client.declare("rag", "backend")


async def test_who_is_taken_no_more_is_told_at_once_and_comes_back(start_nats: StartNats, tmp_path: Path) -> None:
    both, one = (f"{MINIMAL_CONFIG}{TWO_USERS % second}" for second in (", {user: second, password: two}", ""))
    config = tmp_path / "nats.conf"
    config.write_text(both)
    server = await start_nats(config=config)
    assert server.child is not None
    async with connect(server.url.replace("nats://", "nats://second:two@"), agent="coder", timeout=30) as client:
        declaring = asyncio.ensure_future(client.declare("rag", "backend"))
        await until(lambda: client.statistics.in_flight == 1)
        sockets = psutil.Process().num_fds()
        config.write_text(one)
        server.child.signal(signal.SIGHUP)
        async with asyncio.timeout(60):
            with pytest.raises(psmp.NotAllowed, match="takes this identity no more"):
                await declaring
            for _ in range(5):
                with pytest.raises(psmp.NotAllowed):
                    await client.declare("rag", "backend")
        assert psutil.Process().num_fds() <= sockets + 2
        config.write_text(both)
        server.child.signal(signal.SIGHUP)
        await until(lambda: client.statistics.connected)
        with pytest.raises(psmp.NotAcknowledged, match="nobody there takes it"):
            await client.declare("rag", "backend", timeout=0.5)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


async def test_who_is_cancelled_while_it_waits_for_the_server_is_and_breaks_nothing(nats: Nats) -> None:
    heard = await nats.subscribe("heard")
    for turns in range(1, 40):
        flushing = asyncio.ensure_future(nats.flush(timeout=2))
        for _ in range(turns):
            await asyncio.sleep(0)
        was_done = flushing.done()
        flushing.cancel()
        await asyncio.wait({flushing}, timeout=5)
        assert flushing.cancelled() or was_done
    await nats.publish("heard", b"still")
    assert (await heard.next_msg(timeout=2)).data == b"still"

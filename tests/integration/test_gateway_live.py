"""Live events: nothing lost and nothing doubled, over the death of the gateway too; nobody is silently behind.

Two gateways run over the same servers, behind one public address.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from h11 import RemoteProtocolError

from psmp.client.link import Link
from psmp.wire.connection import Address, connect
from psmp_gateway.rules.live import Filter
from psmp_gateway.stream import Reader
from psmp_gateway.tail import Tail
from tests.api import Api
from tests.gateway import HELD, Gateway, running

SITE = "https://psmp.example.org"

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    async with running(second=True, PSMP_PUBLIC_URL=SITE) as found:
        yield found


@pytest.fixture
def other(gateway: Gateway) -> Api:
    assert gateway.other is not None
    return gateway.other


async def log_of(gateway: Gateway, project: str) -> list[int]:
    """The positions of everything in a project's log."""
    found: list[int] = []
    cursor = ""
    while True:
        page = (await gateway.admin.get(f"/projects/{project}/events?limit=500{cursor}")).json
        found += [each["position"] for each in page["items"]]
        if "next_cursor" not in page:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def insisted(gateway: Gateway, project: str, artifact: str) -> int:
    """Declare an artifact, again and again with the same key until it is answered."""
    while True:
        try:
            return await gateway.declare(project, artifact, Idempotency_Key=f"{project}-{artifact}")
        except (OSError, AssertionError, RemoteProtocolError):
            await asyncio.sleep(0.05)


async def test_a_reader_sees_what_was_and_what_happens_in_order_and_each_once(gateway: Gateway) -> None:
    await gateway.project("seen")
    await gateway.declare("seen", "a")
    async with gateway.admin.stream("/events/stream?project=seen&after=0") as stream:
        before = await log_of(gateway, "seen")
        assert await stream.positions(len(before)) == before
        await gateway.declare("seen", "b")
        after = (await log_of(gateway, "seen"))[len(before) :]
        assert await stream.positions(len(after)) == after
        assert stream.last == after[-1]


async def test_a_reader_that_says_nothing_follows_from_now_on_and_is_told_where_it_is(gateway: Gateway) -> None:
    await gateway.project("now")
    async with gateway.admin.stream("/events/stream?project=now") as stream:
        beat = await stream.next(beats=True)
        assert beat is not None
        assert (beat.event, beat.data["behind"], beat.data["position"]) == ("psmp.beat", 0, beat.id)
        position = await gateway.declare("now", "a")
        [_, settled] = await stream.positions(2)
        assert settled == position


async def test_a_gateway_that_is_killed_in_the_middle_costs_no_event_and_doubles_none(gateway: Gateway) -> None:
    await gateway.project("killed")
    first, *_ = await log_of(gateway, "killed")

    async def declare() -> int:
        position = 0
        for number in range(60):
            if number in (20, 40):
                gateway.stack.kill("gateway")
            position = await insisted(gateway, "killed", f"a{number}")
        return position

    found, restarts = list[int](), 0
    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        declaring = group.create_task(declare())
        while not (declaring.done() and found and found[-1] >= declaring.result()):
            after = found[-1] if found else first - 1
            try:
                async with gateway.admin.stream("/events/stream?project=killed", Last_Event_ID=str(after)) as stream:
                    while (said := await stream.next(beats=True)) is not None:
                        if said.event != "psmp.beat" and said.id is not None:
                            found.append(said.id)
                        if declaring.done() and found and found[-1] >= declaring.result():
                            break
                    else:
                        restarts += 1
            except OSError:
                await asyncio.sleep(0.05)
    assert found == await log_of(gateway, "killed")
    assert restarts >= 2


async def test_readers_are_shown_what_they_want_and_what_is_their_tenants_alone(gateway: Gateway) -> None:
    other = await gateway.key("viewer", tenant="acme")
    narrow = await gateway.key("viewer", projects=frozenset({"wanted"}))
    everything = "/events/stream"
    async with (
        other.stream(everything) as foreign,
        narrow.stream(everything) as scoped,
        gateway.admin.stream(f"{everything}?type=conflict.*&type=project.created") as kinds,
        gateway.admin.stream(f"{everything}?severity=critical&project=wanted") as weighed,
    ):
        for stream in (foreign, scoped, kinds, weighed):
            await stream.next(beats=True)
        await gateway.project("unwanted")
        await gateway.project("wanted")
        await gateway.declare("wanted", "a", "langchain >=0.1.0")
        clash = await gateway.declare("wanted", "b", "langchain ==0.0.350", agent="bob")
        assert [each.event for _ in range(3) if (each := await kinds.next())] == [
            "project.created",
            "project.created",
            "conflict.detected",
        ]
        found = await weighed.next()
        assert found is not None
        assert (found.event, found.id) == ("conflict.detected", clash)
        shown = await scoped.positions(6)
        assert shown == (await log_of(gateway, "wanted"))[:6]
        while (said := await foreign.next(beats=True)) is not None and (said.id or 0) < clash:
            assert said.event == "psmp.beat"
        assert said is not None
        assert said.event == "psmp.beat"


async def test_who_does_not_read_is_told_to_read_anew_and_is_not_silently_behind(gateway: Gateway) -> None:
    await gateway.project("slow")
    where = urlsplit(gateway.admin.url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)  # noqa: FBT003 - that is the name of the thing
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (where.hostname, where.port))
    head = f"GET {where.path}/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.admin.token}\r\n\r\n"
    await loop.sock_sendall(raw, head.encode())
    assert b"psmp.beat" in await until_it_says(raw, b"psmp.beat")
    for batch in range(12):
        await asyncio.gather(*(large(gateway, f"a{batch}-{number}") for number in range(HELD // 5)))
    said = b""
    while more := await asyncio.wait_for(loop.sock_recv(raw, 1 << 20), 20):
        said += more
    raw.close()
    assert b"event: psmp.resync" in said[-600:], said[-600:]
    assert said.count(b"event: artifact.declared") < 12 * (HELD // 5)


async def large(gateway: Gateway, name: str) -> None:
    body = {"artifact": name, "type": "code", "metadata": {"x": "y" * 60_000}}
    answer = await gateway.admin.post("/projects/slow/artifacts", body, Prefer="wait=20")
    assert answer.status in (201, 202), answer


async def until_it_says(raw: socket.socket, word: bytes) -> bytes:
    said = b""
    async with asyncio.timeout(20):
        while word not in said:
            said += await asyncio.get_running_loop().sock_recv(raw, 4096)
    return said


async def test_who_resumes_behind_the_end_of_the_log_is_told_so(gateway: Gateway) -> None:
    async with gateway.admin.stream(Last_Event_ID="999999999") as stream:
        said = await stream.next()
        assert said is not None
        assert (said.event, await stream.next()) == ("psmp.resync", None)
    bad = await gateway.admin.get("/events/stream", Last_Event_ID="yesterday")
    assert (bad.status, bad.code) == (422, "INVALID")


async def test_a_stream_ends_when_its_key_is_revoked(gateway: Gateway) -> None:
    api = await gateway.key("viewer")
    async with api.stream() as stream:
        await stream.next(beats=True)
        await gateway.revoke(api)
        said = await stream.next()
        assert said is not None
        assert (said.event, await stream.next()) == ("psmp.closed", None)


async def test_readers_go_on_when_nats_was_away(gateway: Gateway) -> None:
    await gateway.project("storm")
    async with gateway.admin.stream("/events/stream?project=storm") as stream:
        await stream.next(beats=True)
        gateway.stack.kill("nats")
        await gateway.stack.ready("nats")
        async with asyncio.timeout(60):
            position = await insisted(gateway, "storm", "a")
        assert (await stream.positions(2))[-1] == position


async def test_a_gateway_that_is_a_moment_behind_takes_the_word_of_the_log_for_what_another_has_shown(
    gateway: Gateway,
) -> None:
    await gateway.project("ahead")
    last = (await log_of(gateway, "ahead"))[-1]
    nats = await connect(
        Address(gateway.stack.nats.url_for(gateway.planned.identities.service("gateway"))),
        "test",
        inbox="_INBOX_gateway",
    )
    behind = Tail(nats, cast("Any", None))  # it follows nothing yet
    for position, word in ((last, b"psmp.beat"), (last + 10_000, b"psmp.resync")):
        reader = Reader(behind, Filter("default"), position, str, 0.5)
        async with aclosing(cast("AsyncGenerator[bytes]", reader.frames())) as frames:
            assert [word in await anext(frames) for _ in range(2)] == [False, True]
    await nats.close()


async def test_who_follows_a_gateway_that_has_just_begun_is_told_what_comes_and_not_all_that_ever_was(
    gateway: Gateway,
) -> None:
    await gateway.project("begun")
    last = (await log_of(gateway, "begun"))[-1]
    url = gateway.stack.nats.url_for(gateway.planned.identities.service("gateway"))
    nats = await connect(Address(url), "test", inbox="_INBOX_gateway")
    link = Link(Address(url))
    await link.open("test-link", "_INBOX_gateway", 30)
    await link.hear()
    tail = Tail(nats, link)
    async with aclosing(
        cast("AsyncGenerator[bytes]", Reader(tail, Filter("default"), None, str, 30).frames())
    ) as frames:
        assert b"psmp.beat" not in await anext(frames)
        first = asyncio.ensure_future(anext(frames))
        following = asyncio.ensure_future(tail.run())
        async with asyncio.timeout(60):
            beat = await first
        assert (b"psmp.beat" in beat, tail.end >= last, f"id: {tail.end}\n".encode() in beat) == (True, True, True)
    tail.stop()
    await following
    await link.close()
    await nats.close()


async def test_who_has_signed_in_at_one_gateway_is_signed_in_at_the_other(gateway: Gateway, other: Api) -> None:
    await gateway.project("signed")
    key = await gateway.key("agent", "eve")
    answer = await gateway.admin.post("/session", {"key": key.token}, Origin=SITE)
    assert answer.status == 201, answer
    eve = Api(other.url, headers={"Cookie": answer.headers["set-cookie"].partition(";")[0]})
    told = (await eve.get("/session")).json
    assert (told["agent"], told["how"]) == ("eve", "session")
    path, body = "/projects/signed/artifacts", {"artifact": "a", "type": "code"}
    assert (await eve.post(path, body, Prefer="wait=20")).code == "FORBIDDEN"
    assert (await eve.post(path, body, Prefer="wait=20", Origin=SITE)).status == 201
    assert (await eve.ask("DELETE", "/session", Origin=SITE)).status == 204
    assert (await eve.get("/session")).status == 401


async def test_the_same_idempotency_key_has_one_outcome_whichever_gateway_is_asked(
    gateway: Gateway, other: Api
) -> None:
    await gateway.project("once")
    path, said = "/projects/once/artifacts", {"Idempotency_Key": "the-same", "Prefer": "wait=20"}
    bodies = [{"artifact": "a", "type": each} for each in ("code", "data")]
    answers = await asyncio.gather(*(each.post(path, bodies[0], **said) for each in (gateway.admin, other) * 3))
    assert [each.status for each in answers] == [201] * 6
    assert all(each.json == answers[0].json for each in answers)
    declared = await other.get("/projects/once/events?kind=artifact.declared")
    assert len(declared.json["items"]) == 1
    reused = await other.post(path, bodies[1], **said)
    assert (reused.status, reused.code) == (422, "KEY_REUSED")
    refused = [
        await each.post(path, bodies[0], Prefer="wait=20", Idempotency_Key="no") for each in (gateway.admin, other)
    ]
    assert [(each.code, each.json["sequence"]) for each in refused] == [
        ("ARTIFACT_EXISTS", refused[0].json["sequence"])
    ] * 2


async def test_a_reader_goes_on_at_another_gateway_where_it_was_when_its_own_is_killed(
    gateway: Gateway, other: Api
) -> None:
    await gateway.project("moved")
    first, *_ = await log_of(gateway, "moved")
    async with gateway.admin.stream("/events/stream?project=moved", Last_Event_ID=str(first - 1)) as stream:
        found = await stream.positions(1)
        while len(found) < 3:
            await gateway.declare("moved", f"a{len(found)}")
            found += await stream.positions(1)
        gateway.stack.kill("gateway")
        while (said := await stream.next()) is not None:
            found.append(said.id or 0)
    body = {"artifact": "meanwhile", "type": "code"}
    assert (await other.post("/projects/moved/artifacts", body, Prefer="wait=20")).status == 201
    async with other.stream("/events/stream?project=moved", Last_Event_ID=str(found[-1])) as stream:
        log = await log_of(Gateway(gateway.stack, gateway.planned, other), "moved")
        found += await stream.positions(len(log) - len(found))
        assert found == log
        assert (
            await other.post("/projects/moved/artifacts", body | {"artifact": "then"}, Prefer="wait=20")
        ).status == 201
        assert len(await stream.positions(2)) == 2

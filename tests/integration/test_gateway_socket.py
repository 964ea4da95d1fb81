"""The WebSocket: the same people and events as over HTTP, commands with their outcomes, nobody silently behind."""

import asyncio
import json
import socket
from base64 import b64encode
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.api import Api
from tests.gateway import HELD, Gateway, gateway
from tests.talking import Talk, talking

__all__ = ["gateway"]

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
WITHIN = 60.0


async def met(talk: Talk) -> dict[str, object]:
    said = await talk.hear()
    assert said["type"] == "welcome", said
    return said


async def declared(talk: Talk, name: str, project: str, artifact: str, *needs: dict[str, str]) -> dict[str, object]:
    data = {"artifact": artifact, "type": "code", "dependencies": list(needs)}
    return await talk.ask(
        type="command",
        id=name,
        project=project,
        command="artifact.declare",
        data=data,
        key=f"{project}-{name}",
        wait=30,
    )


async def test_commands_are_sent_and_their_verdicts_and_all_that_happens_come_back(gateway: Gateway) -> None:
    await gateway.project("talk")
    agent = await gateway.key("agent", "ada")
    async with talking(agent) as talk:
        assert await met(talk) | {"position": 0} == {
            "type": "welcome",
            "agent": "ada",
            "tenant": "default",
            "role": "agent",
            "position": 0,
        }
        await talk.say(type="subscribe", id="s", project=["talk"], kind=["conflict.*"])
        first = await declared(talk, "c1", "talk", "a", {"name": "langchain", "constraint": ">=0.1.0"})
        assert (first["type"], first["accepted"]) == ("outcome", True)
        again = await declared(talk, "c1", "talk", "a", {"name": "langchain", "constraint": ">=0.1.0"})
        assert again["position"] == first["position"]  # the same key is the same command
        await talk.say(
            type="command",
            id="c2",
            project="talk",
            command="artifact.declare",
            data={
                "artifact": "b",
                "type": "code",
                "dependencies": [{"name": "langchain", "constraint": "==0.0.350"}],
            },
            wait=30,
        )
        heard = [await talk.hear(), await talk.hear()]
        [event] = [each for each in heard if each["type"] == "event"]
        [verdict] = [each for each in heard if each["type"] == "outcome"]
        assert (event["kind"], event["id"], event["position"]) == ("conflict.detected", "s", verdict["position"])
        assert event["event"] == verdict["event"]
        assert verdict["accepted"] is False
        sent = await talk.ask(
            type="command", id="c3", project="talk", command="artifact.withdraw", data={"artifact": "b"}, wait=0
        )
        assert sent["type"] in ("sent", "problem"), sent


async def test_what_may_not_be_is_refused_in_the_same_words_as_over_http_and_the_talk_goes_on(gateway: Gateway) -> None:
    await gateway.project("words")
    viewer = await gateway.key("viewer", projects=frozenset({"words"}))
    command = {"type": "command", "command": "artifact.declare", "data": {"artifact": "a", "type": "code"}}
    async with talking(viewer) as talk:
        await met(talk)
        cases: list[tuple[dict[str, object], str]] = [
            ({**command, "id": "1", "project": "words"}, "FORBIDDEN"),
            ({**command, "id": "2", "project": "words", "command": "subject.erase"}, "INVALID"),
            ({"type": "subscribe", "id": "3", "project": ["other"]}, "UNKNOWN_PROJECT"),
            ({"type": "unsubscribe", "id": "4"}, "INVALID"),
        ]
        for message, code in cases:
            said = await talk.ask(**message)
            assert (said["type"], said["problem"]["code"]) == ("problem", code), message
        await talk.connection.send('{"type":"ping","id":"x","id":"y"}')
        assert (await talk.hear())["problem"]["code"] == "INVALID"
        await talk.connection.send(b"\x00")
        assert (await talk.hear())["problem"]["code"] == "INVALID"
        assert (await talk.ask(type="ping", id="p"))["type"] == "pong"
        pong = await talk.connection.ping()
        await asyncio.wait_for(pong, WITHIN)
    admin = await gateway.key("admin", tenant="acme")
    async with talking(admin) as talk:
        await met(talk)
        foreign = await talk.ask(**command, id="f", project="words", wait=30)
        never = await talk.ask(**command, id="n", project="never", wait=30)
        assert foreign["problem"]["code"] == "UNKNOWN_PROJECT"
        assert json.dumps(foreign["problem"]).replace("words", "never") == json.dumps(never["problem"])


async def test_who_cannot_send_a_header_says_first_who_it_is(gateway: Gateway) -> None:
    agent = await gateway.key("agent", "ada")
    async with talking(agent, bare=True) as talk:
        await talk.say(type="authenticate", token=agent.token)
        assert (await met(talk))["agent"] == "ada"
    for first in ({"type": "authenticate", "token": "psmp_x"}, {"type": "ping", "id": "1"}):
        async with talking(agent, bare=True) as talk:
            await talk.say(**first)
            assert (await talk.hear())["problem"]["code"] == "UNAUTHENTICATED"
            with pytest.raises(ConnectionClosed) as closed:
                await talk.hear()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401


async def test_a_page_of_another_site_does_not_get_through_whatever_it_carries(gateway: Gateway) -> None:
    origin = gateway.admin.url.removesuffix("/api/v1")
    key = await gateway.key("viewer")
    signed = await Api(key.url).post("/session", {"key": key.token}, Origin=origin)
    cookie = {"Cookie": signed.headers["set-cookie"].split(";")[0]}
    async with talking(key, bare=True, headers={**cookie, "Origin": origin}) as talk:
        assert (await met(talk))["role"] == "viewer"
    for api, headers in (
        (key, {"Origin": "https://evil.example"}),
        (Api(key.url), {**cookie, "Origin": "https://evil.example"}),
        (Api(key.url), {**cookie, "Origin": "null"}),
        (Api(key.url), cookie),  # a browser says where its page is from
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with talking(api, headers=headers):
                pass
        assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus) as refused:  # no key in an address: it would stand in logs
        async with talking(Api(key.url + f"/live?token={key.token}&x=", "nothing")):
            pass
    assert refused.value.response.status_code in (401, 404)


async def test_a_follower_resumes_behind_its_position_and_hears_no_more_once_it_has_unsubscribed(
    gateway: Gateway,
) -> None:
    await gateway.project("resumed")
    first = await gateway.declare("resumed", "a")
    async with talking(gateway.admin) as talk:
        await met(talk)
        await talk.say(type="subscribe", id="all", project=["resumed"], after=0)
        positions: list[int] = []
        while not positions or positions[-1] < first:
            positions.append((await talk.hear())["position"])
    middle = positions[1]
    async with talking(gateway.admin) as talk:
        await met(talk)
        await talk.say(type="subscribe", id="rest", project=["resumed"], after=middle)
        assert [(await talk.hear())["position"] for _ in positions[2:]] == positions[2:]
        assert (await talk.ask(type="unsubscribe", id="rest"))["type"] == "unsubscribed"
        await gateway.declare("resumed", "b")
        assert (await talk.ask(type="ping", id="p"))["type"] == "pong"
        await talk.say(type="subscribe", id="ahead", after=999_999_999)
        ahead = await talk.hear()
        assert (ahead["type"], ahead["id"], ahead["position"] < 999_999_999) == ("resync", "ahead", True)


async def test_a_conversation_ends_when_its_key_is_revoked(gateway: Gateway) -> None:
    viewer = await gateway.key("viewer")
    async with talking(viewer) as talk:
        await met(talk)
        await gateway.revoke(viewer)
        assert (await talk.hear())["type"] == "closed"
        with pytest.raises(ConnectionClosed):
            await talk.hear()


async def test_who_does_not_read_is_told_the_position_up_to_which_it_has_everything(gateway: Gateway) -> None:
    await gateway.project("deaf")
    where = urlsplit(gateway.admin.url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)  # noqa: FBT003 - that is the name of the thing
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (where.hostname, where.port))
    head = (
        f"GET {where.path}/live HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {b64encode(bytes(16)).decode()}\r\n"
        f"Authorization: Bearer {gateway.admin.token}\r\n\r\n"
    )
    await loop.sock_sendall(raw, head.encode())
    said = bytearray()
    async with asyncio.timeout(WITHIN):
        while b'"welcome"' not in said:
            said += await loop.sock_recv(raw, 4096)
        await loop.sock_sendall(raw, framed({"type": "subscribe", "id": "s", "project": ["deaf"]}))
        while b'"beat"' not in said:
            said += await loop.sock_recv(raw, 4096)
    for batch in range(12):
        await asyncio.gather(*(large(gateway, f"a{batch}-{number}") for number in range(HELD // 5)))
    async with asyncio.timeout(WITHIN):
        while b'"type":"resync"' not in said[-2000:] or not said.endswith(b"}"):
            more = await loop.sock_recv(raw, 1 << 20)
            assert more, "it was cut off and not told"
            said += more
    raw.close()
    told, _ = json.JSONDecoder().raw_decode(said[said.rindex(b'{"type":"resync"') :].decode(errors="replace"))
    last = max(int(each[:20].split(b",")[0]) for each in said.split(b'"id":"s","position":')[1:-1])
    assert (told["id"], told["position"] >= last) == ("s", True)
    assert said.count(b'"kind":"artifact.declared"') < 12 * (HELD // 5)


def framed(message: object) -> bytes:
    """A masked text frame of a client (RFC 6455); the mask is zeros."""
    body = json.dumps(message).encode()
    assert len(body) < 126
    return bytes([0x81, 0x80 | len(body)]) + bytes(4) + body


async def large(gateway: Gateway, name: str) -> None:
    body = {"artifact": name, "type": "code", "metadata": {"x": "y" * 60_000}}
    answer = await gateway.admin.post("/projects/deaf/artifacts", body, Prefer="wait=20")
    assert answer.status in (201, 202), answer

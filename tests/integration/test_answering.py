"""The loop that answers questions, over a real NATS: so many at once, nothing lost at the end, a word in any case."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from nats.errors import NoRespondersError

from psmp.service import answering
from psmp.service.answering import Answering, Asked
from psmp.stack import NatsServer
from psmp.stack.waiting import until
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.words.answers import Problem, StatusQuestion
from psmp.words.values import Word
from tests.following import until_true

pytestmark = pytest.mark.integration

Ask = Callable[[str, bytes], Coroutine[Any, Any, Problem]]


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[MendedClient]:
    client = await connect(Address(fresh_nats.url), "test")
    yield client
    await client.close()


@pytest.fixture
async def ask(fresh_nats: NatsServer) -> AsyncIterator[Ask]:
    """Asks over a connection of its own."""
    client = await connect(Address(fresh_nats.url), "asker")

    async def asked(kind: str, body: bytes = b"") -> Problem:
        answer = await client.request(f"psmp.qry.acme.ada.{kind}", body, timeout=60)
        return Problem.model_validate_json(answer.data)

    yield asked
    await client.close()


@asynccontextmanager
async def at_work(nats: MendedClient, loop: Answering) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        group.create_task(loop.run())
        await until(lambda: hears(nats), within=60)
        yield
        loop.stop()


async def hears(nats: MendedClient, subjects: int = 1) -> bool:
    await nats.flush()
    return len(nats._subs) == subjects


def echo(text: str) -> Problem:
    return Problem(code="ECHO", reason=text, hint="")


class Held:
    """Answers when it is let; ``most`` is how many it was busy with at the same time."""

    def __init__(self) -> None:
        self.busy = self.most = self.begun = 0
        self.let = asyncio.Event()

    async def __call__(self, asked: Asked) -> Word:
        self.busy += 1
        self.begun += 1
        self.most = max(self.most, self.busy)
        await asyncio.wait([asyncio.ensure_future(self.let.wait()), asked.ending], return_when=asyncio.FIRST_COMPLETED)
        self.busy -= 1
        return echo("ended" if asked.ending.done() else "let")


async def test_whatever_goes_wrong_with_an_answer_is_said(nats: MendedClient, ask: Ask) -> None:
    async def find(asked: Asked) -> Word:
        match asked.kind:
            case "status":
                return echo(asked.read(StatusQuestion).project)
            case "large":
                return echo("x" * nats.max_payload)
            case _:
                raise TimeoutError

    async with at_work(nats, Answering(nats, ("status", "large", "away"), find, queue="q", besides={"others"})):
        assert await ask("status", b'{"project":"rag"}') == echo("rag")
        assert (await ask("status", b"{}")).code == "MALFORMED"
        assert await ask("away", b"") == answering.unavailable("TimeoutError")
        assert "bytes, more than NATS takes" in (await ask("large", b"")).reason
        assert (await ask("weather", b"")).hint == "ask status, large, away"
        assert await ask("status", b'{"project":"rag"}') == echo("rag")


async def test_so_many_are_found_at_once_so_many_more_wait_and_who_is_not_heard_may_ask_again(
    nats: MendedClient, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MOST_WAITING", 5)
    held = Held()
    loop = Answering(nats, ("a",), held, at_once=2)
    async with at_work(nats, loop), asyncio.TaskGroup() as group:
        asked = [group.create_task(ask("a", b"")) for _ in range(7)]
        [subscription] = nats._subs.values()
        await until_true(lambda: nats.stats["in_msgs"] == 7 and not subscription.pending_msgs and held.begun == 2)
        assert loop._waiting == 5
        held.let.set()
        await until_true(lambda: sum(each.done() for each in asked) == 5)
        assert (held.begun, held.most) == (5, 2)
        assert await ask("a", b"") == echo("let")
        assert loop.describe().handled == 6
        for each in asked:
            each.cancel()


async def test_at_the_end_what_was_asked_already_is_answered_and_nothing_more(
    nats: MendedClient, fresh_nats: NatsServer, ask: Ask
) -> None:
    held, told = Held(), list[str]()
    await nats.listen("told", lambda message: told.append(message.subject))
    loop = Answering(nats, ("a", "b"), held)
    async with asyncio.TaskGroup() as group:
        group.create_task(loop.run())
        await until(lambda: hears(nats, 3), within=60)
        waiting = [group.create_task(ask("b", b"")) for _ in range(3)]
        await until_true(lambda: held.busy == 3)
        sent(fresh_nats.url, b"PUB psmp.qry.acme.ada.a told 0\r\n\r\n" * 50)
        loop.stop()  # the server has sent them to us by now, and we have not looked
    assert {(await each).reason for each in waiting} == {"ended"}
    await until_true(lambda: len(told) == 50)
    with pytest.raises(NoRespondersError):
        await ask("a", b"")


def sent(url: str, said: bytes) -> None:
    """Say this to the server over another connection, and hear that it was taken, in one turn of the event loop."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port), timeout=60) as connection:
        connection.sendall(b'CONNECT {"verbose":false}\r\n' + said + b"PING\r\n")
        heard = b""
        while b"PONG" not in heard:
            heard += connection.recv(4096) or pytest.fail("the server hung up")

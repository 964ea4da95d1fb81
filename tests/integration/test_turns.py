"""Turns, and what is told of a check, over a real server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from nats.errors import Error as NatsError

from psmp.deep.verdict import Progress
from psmp.stack import NatsServer
from psmp.stack.waiting import until
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.ids import ProjectKey
from psmp.words.progress import CheckProgress
from psmp_checker import telling, turns
from psmp_checker.turns import Refused, Turn, Turns

pytestmark = pytest.mark.integration

KEY, OTHER = ProjectKey("acme", "rag"), ProjectKey("acme", "other")


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[MendedClient]:
    nats = await connect(Address(fresh_nats.url), "test")
    await prepare(nats)
    yield nats
    await nats.close()


async def stopped(turn: Turn, work: Coroutine[Any, Any, None]) -> bool:
    """Whether work was ended because the turn for it was lost."""
    async with asyncio.timeout(60) as limit:
        try:
            async with turn.held():
                await work
        except TimeoutError:
            return not limit.expired()
    return False


async def test_a_turn_is_taken_by_one_and_after_it_by_another(nats: MendedClient) -> None:
    mine, theirs = Turns(nats, "checker"), Turns(nats, "checker")
    turn = await mine.take(KEY)
    assert turn is not None
    async with turn.held():
        assert await theirs.take(KEY) is None
        assert await mine.take(KEY) is None
        assert await theirs.take(OTHER) is not None
    assert await theirs.take(KEY) is not None


async def test_of_many_who_want_a_turn_at_once_one_gets_it(nats: MendedClient) -> None:
    taken = await asyncio.gather(*(Turns(nats, "checker").take(KEY) for _ in range(20)))
    assert len([turn for turn in taken if turn is not None]) == 1


async def test_a_turn_lasts_while_it_is_held_and_ends_by_itself_when_it_is_not(
    nats: MendedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LASTS", 2)
    monkeypatch.setattr(turns, "RENEWED", 0.2)
    mine, theirs = Turns(nats, "checker"), Turns(nats, "checker")
    dropped = await mine.take(OTHER)  # by one who dies
    assert dropped is not None
    kept = await mine.take(KEY)
    assert kept is not None

    async def is_free() -> bool:
        return await theirs.take(OTHER) is not None

    async with kept.held():
        assert await until(is_free, within=60)
        assert await theirs.take(KEY) is None


async def test_who_has_lost_a_turn_stops(nats: MendedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "RENEWED", 0.05)
    turn = await Turns(nats, "checker").take(KEY)
    assert turn is not None

    async def lost() -> None:
        await nats.request(subjects.turn("checker", KEY), b"another's")
        await asyncio.Event().wait()

    assert await stopped(turn, lost())
    assert await Turns(nats, "checker").take(KEY) is None  # nothing of another's was given back


async def test_a_renewal_whose_answer_was_lost_is_known_again(
    nats: MendedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "RENEWED", 0.05)
    monkeypatch.setattr(turns, "AGAIN", 0.05)
    turn = await Turns(nats, "checker").take(KEY)
    assert turn is not None
    async with turn.held():
        first, said = await turn.last()
        await nats.request(subjects.turn("checker", KEY), said)  # as if it were its own

        async def was_renewed_since() -> bool:
            return (await turn.last())[0] > first + 2

        assert await until(was_renewed_since, within=60)
    assert await Turns(nats, "checker").take(KEY) is not None


async def test_who_cannot_reach_the_server_lets_go_before_another_can_take_the_turn(
    fresh_nats: NatsServer, nats: MendedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LASTS", 2)
    monkeypatch.setattr(turns, "RENEWED", 0.1)
    monkeypatch.setattr(turns, "AGAIN", 0.1)
    turn = await Turns(nats, "checker").take(KEY)
    assert turn is not None
    began = asyncio.get_running_loop().time()

    async def alone() -> None:
        fresh_nats.kill()
        await asyncio.Event().wait()

    assert await stopped(turn, alone())
    assert asyncio.get_running_loop().time() - began < 15
    await fresh_nats.start()

    async def is_there_again() -> bool:
        with contextlib.suppress(NatsError, TimeoutError):
            await nats.flush(timeout=1)
            return nats.is_connected
        return False

    assert await until(is_there_again, within=60)


async def test_a_stream_that_takes_no_turns_is_a_fault(nats: MendedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LASTS", -1)
    with pytest.raises(Refused):
        await Turns(nats, "checker").take(KEY)


async def test_a_long_check_is_told_of_and_at_last_that_it_ended(
    nats: MendedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "EVERY", 0.05)
    heard: asyncio.Queue[CheckProgress] = asyncio.Queue()

    def take(message: Message) -> None:
        assert subjects.read_progress(message.subject) == KEY
        heard.put_nowait(CheckProgress.model_validate_json(message.data))

    await nats.listen(subjects.progress(ProjectKey("*", "*")), take)
    async with asyncio.timeout(60):
        with telling.telling(nats, KEY, 7) as progress:
            progress(Progress(1, 2, "solving", "python3.11-linux", 0))
            first = await heard.get()
            progress(Progress(2, 2, "finding causes", "python3.12-linux", 5))
            while (later := await heard.get()).at == 1:
                continue
        while not (last := await heard.get()).ended:
            continue
    assert (first.sequence, first.doing, first.at, first.of, first.asked) == (7, "solving", 1, 2, 0)
    assert (later.doing, later.place, later.asked, later.ended) == ("finding causes", "python3.12-linux", 5, False)
    assert last.seconds >= later.seconds


async def test_a_short_check_is_not_told_of(nats: MendedClient) -> None:
    heard: list[Message] = []
    await nats.listen(subjects.progress(KEY), heard.append)
    with telling.telling(nats, KEY, 7) as progress:
        progress(Progress(1, 1, "solving", "python3.11-linux", 0))
    await nats.flush()
    await nats.flush()
    assert heard == []

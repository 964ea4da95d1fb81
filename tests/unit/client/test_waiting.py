"""When a message is sent again: never while it is on its way to being answered, soon when it may be lost."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from psmp.client.errors import Closed
from psmp.client.waiting import Waiting
from psmp.wire.message import Message

NOBODY = Message("x", "", b"", b"NATS/1.0 503\r\n\r\n")


def message(data: bytes) -> Message:
    return Message("x", "", data)


def test_pauses_double_up_to_a_limit_that_depends_on_what_is_known() -> None:
    def pauses(waiting: Waiting) -> list[float]:
        return [replace(waiting, tries=tries).pause() for tries in (1, 2, 3, 9)]

    stored, untaken = Waiting("x"), Waiting("x")
    stored.replied(message(b"{}"))
    untaken.replied(NOBODY)
    assert pauses(Waiting("x")) == [0.5, 1.0, 2.0, 4.0]
    assert pauses(stored) == [2.0, 4.0, 8.0, 15.0]
    assert pauses(untaken) == [0.1, 0.2, 0.4, 1.0]


def test_nobody_there_is_no_reply() -> None:
    waiting = Waiting("x")
    waiting.replied(NOBODY)
    assert (waiting.reply, waiting.why) == (None, "nobody there takes it")
    waiting.replied(message(b"yes"))
    assert (waiting.reply, waiting.nobody) == (b"yes", False)


async def changed(waiting: Waiting, busy: Callable[[], bool] = lambda: False) -> Waiting:
    async with asyncio.timeout(1):
        await waiting.change(busy)
    return waiting


async def test_an_outcome_ends_a_pause_at_once() -> None:
    waiting = Waiting("x", due=False, tries=9)
    asyncio.get_running_loop().call_soon(waiting.settled, 3, b"{}")
    assert (await changed(waiting)).outcome == (3, b"{}", None)


async def test_an_error_ends_a_pause_at_once() -> None:
    waiting = Waiting("x", due=False, tries=9)
    asyncio.get_running_loop().call_soon(waiting.failed, Closed())
    assert isinstance((await changed(waiting)).error, Closed)


async def test_a_new_connection_makes_it_due_at_once() -> None:
    waiting = Waiting("x", due=False, tries=9)
    asyncio.get_running_loop().call_soon(waiting.renewed)
    assert (await changed(waiting)).due


async def test_silence_makes_it_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psmp.client.waiting._NOT_STORED", (0.01, 0.01))
    assert (await changed(Waiting("x", due=False))).due


async def test_answers_to_others_put_that_off_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psmp.client.waiting._NOT_STORED", (0.01, 0.01))
    asked = count(1)
    assert (await changed(Waiting("x", due=False), lambda: next(asked) > 0)).due
    assert next(asked) == 5

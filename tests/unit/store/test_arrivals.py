"""Arrivals are gathered into batches, and nobody waits longer than agreed."""

import asyncio

from psmp.store.arrivals import Arrivals
from psmp.wire.message import Message
from psmp.wire.settle import Delivery

LONG = 60.0


def delivery(position: int) -> Delivery:
    return Delivery(Message("psmp.log.a.b.c.d", "", b""), position)


def positions(taken: list[Delivery]) -> list[int]:
    return [each.position for each in taken]


async def test_a_full_batch_is_handed_out_at_once_and_the_rest_next() -> None:
    arrivals = Arrivals(batch=2, linger=LONG)
    for position in (1, 2, 3, 4, 5):
        arrivals.put(delivery(position))
    assert len(arrivals) == 5
    assert positions(await arrivals.take(within=LONG)) == [1, 2]
    assert positions(await arrivals.take(within=LONG)) == [3, 4]
    arrivals.put(delivery(6))
    assert positions(await arrivals.take(within=LONG)) == [5, 6]


async def test_a_batch_that_fills_up_meanwhile_is_handed_out_then() -> None:
    arrivals = Arrivals(batch=2, linger=LONG)
    arrivals.put(delivery(1))
    asyncio.get_running_loop().call_soon(arrivals.put, delivery(2))
    assert positions(await arrivals.take(within=LONG)) == [1, 2]


async def test_what_there_is_is_handed_out_after_lingering() -> None:
    arrivals = Arrivals(batch=10, linger=0.001)
    arrivals.put(delivery(1))
    assert positions(await arrivals.take(within=LONG)) == [1]


async def test_nothing_is_handed_out_when_nothing_came() -> None:
    arrivals = Arrivals(batch=10, linger=LONG)
    assert await arrivals.take(within=0.001) == []
    arrivals.put(delivery(1))
    arrivals.clear()
    assert await arrivals.take(within=0.001) == []


async def test_closing_ends_the_wait_for_good() -> None:
    arrivals = Arrivals(batch=10, linger=LONG)
    asyncio.get_running_loop().call_soon(arrivals.close)
    assert await arrivals.take(within=LONG) == []
    arrivals.put(delivery(1))
    assert await arrivals.take(within=LONG) == []

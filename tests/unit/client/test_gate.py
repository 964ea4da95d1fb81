"""A client takes on so much and no more, in order of arrival."""

import asyncio

import pytest

from psmp.client.errors import Overloaded
from psmp.client.gate import Gate


async def test_only_so_many_pass_at_a_time_and_the_rest_in_order() -> None:
    gate, passed, go = Gate(in_flight=2), list[int](), asyncio.Event()

    async def pass_(number: int) -> None:
        async with gate.turn(1):
            passed.append(number)
            await go.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(pass_(number))
        await turn_of_the_loop()
        assert (passed, gate.passing, gate.holding) == ([0, 1], 2, 5)
        go.set()
    assert (passed, gate.passing, gate.holding, gate.bytes) == ([0, 1, 2, 3, 4], 0, 0, 0)


@pytest.mark.parametrize("gate", [Gate(in_flight=1, held=1), Gate(in_flight=1, held_bytes=10)])
async def test_more_than_is_held_is_refused_at_once(gate: Gate) -> None:
    async with gate.turn(6):
        with pytest.raises(Overloaded, match=r"1 commands \(6 bytes\) wait.*this one was not sent"):
            async with gate.turn(6):
                pytest.fail("was let through")
    async with gate.turn(6):
        assert gate.passing == 1


async def test_who_gives_up_while_waiting_leaves_its_place() -> None:
    gate = Gate(in_flight=1)
    async with gate.turn(1):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), gate.turn(1):
                pytest.fail("was let through")
        assert (gate.passing, gate.holding) == (1, 1)


async def turn_of_the_loop() -> None:
    for _ in range(3):
        await asyncio.sleep(0)

"""A pause ends with its time or at once with the loop; an error is told in one line."""

import asyncio

from psmp.service.pausing import pause
from psmp.words.faults import told


async def test_a_pause_ends_with_its_time_and_at_once_when_the_loop_is_to_end() -> None:
    stopping = asyncio.Event()
    await pause(stopping, 0.001)
    resting = asyncio.ensure_future(pause(stopping, 3600))
    await pause(asyncio.Event(), 0.001)
    assert not resting.done()
    stopping.set()
    async with asyncio.timeout(60):
        await resting


def test_an_error_is_told_in_one_line_and_never_in_none() -> None:
    assert told(ValueError("so\n  it is")) == "so it is"
    assert told(TimeoutError()) == "TimeoutError"

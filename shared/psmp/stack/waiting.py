"""Waiting for a condition with a deadline; the one place of the stack that sleeps."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

T = TypeVar("T")

_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.05


async def until(probe: Callable[[], Awaitable[T | None]], *, within: float) -> T:
    """What ``probe`` answers as soon as that is true; raises TimeoutError after ``within`` seconds.

    Probes are repeated after 2 ms at first, and less and less often, down to every 50 ms.
    """
    pause = _FIRST_PAUSE
    async with asyncio.timeout(within):
        while not (answer := await probe()):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
    return answer

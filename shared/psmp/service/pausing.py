"""The pause between two looks of a loop, which ends at once when the loop is to end."""

import asyncio


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Until so many seconds have passed or ``stopping`` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return

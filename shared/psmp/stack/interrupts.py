"""What SIGINT and SIGTERM mean: the first asks for an end in good order, the second for one at once."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable


@contextlib.asynccontextmanager
async def interruptible(abort: Callable[[], None]) -> AsyncIterator[None]:
    """Inside, the first signal cancels the block, and the second and later ones call ``abort``.

    The block's own clean-up goes on after the first signal; its cancellation ends at the edge of this context.
    """
    loop = asyncio.get_running_loop()
    block = asyncio.current_task()
    signals = 0

    def interrupted() -> None:
        nonlocal signals
        signals += 1
        if signals > 1:
            abort()
        elif block is not None:
            block.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted)
    try:
        yield
    except asyncio.CancelledError:
        if not signals or (block is not None and block.uncancel() > 0):
            raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

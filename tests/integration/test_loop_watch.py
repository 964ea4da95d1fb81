"""What blocks an event loop is found, and a loop that only waits is not blamed."""

import asyncio
import sys
import time

import pytest

from tests.loop_watch import watched_loop

pytestmark = [pytest.mark.integration, pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")]


@pytest.mark.may_block
async def test_a_step_that_blocks_is_found() -> None:
    with watched_loop(lambda: 1.0) as blocked:
        await asyncio.sleep(0)
        time.sleep(0.3)  # noqa: ASYNC251 - this is what must be found
        await asyncio.sleep(0)
    assert len(blocked) == 1
    assert "test_loop_watch.py" in blocked[0], blocked


async def test_waiting_is_not_blocking() -> None:
    with watched_loop() as blocked:
        await asyncio.sleep(0.3)
        await asyncio.to_thread(time.sleep, 0.3)
    assert blocked == []

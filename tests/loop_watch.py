"""Finds what blocks the event loop: a step of it that held the loop for more than a quarter of a second.

Time in which the thread was ready but had no processor does not count, so a loaded machine fails no test. Only Linux
tells that time; elsewhere nothing is found.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LIMIT = 0.25

_SCHEDSTAT = Path("/proc/thread-self/schedstat")


@contextlib.contextmanager
def watched_loop() -> Iterator[list[str]]:
    """Every step that blocked the loop meanwhile, in words. Loops of other kinds than asyncio's own are not seen."""
    blocked: list[str] = []
    if not _SCHEDSTAT.exists():
        yield blocked
        return
    descriptor = os.open(_SCHEDSTAT, os.O_RDONLY)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio.Handle, "_run", _measured(asyncio.Handle._run, descriptor, blocked))
            yield blocked
    finally:
        os.close(descriptor)


def _measured(
    usual: Callable[[asyncio.Handle], None], descriptor: int, blocked: list[str]
) -> Callable[[asyncio.Handle], None]:
    def run(handle: asyncio.Handle) -> None:
        queued, began = _queued(descriptor), time.monotonic()
        usual(handle)
        lasted = time.monotonic() - began
        if lasted > LIMIT and (held := lasted - (_queued(descriptor) - queued)) > LIMIT:
            blocked.append(f"{held:.2f} s in {handle!r}")

    return run


def _queued(descriptor: int) -> float:
    """Seconds for which this thread has waited for a processor so far."""
    return int(os.pread(descriptor, 128, 0).split()[1]) / 1e9

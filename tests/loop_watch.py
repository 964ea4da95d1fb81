"""Finds what blocks the event loop: a step of it that held the loop for more than a quarter of a second.

Time in which the thread was ready but had no processor does not count. Nor can a thread run whose lock another one
holds that has no processor: so on a machine that has more to do than processors the limit is longer in proportion.
Only Linux tells that time; elsewhere nothing is found.
"""

import asyncio
import contextlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LIMIT = 0.25

_SCHEDSTAT = Path("/proc/thread-self/schedstat")
_FRAMES_SHOWN = 3


@contextlib.contextmanager
def watched_loop(busy: Callable[[], float] | None = None) -> Iterator[list[str]]:
    """Every step that blocked the loop meanwhile, in words. Loops of other kinds than asyncio's own are not seen.

    ``busy`` says how many times as long as on an idle machine everything may take.
    """
    if not _SCHEDSTAT.exists():
        yield []
        return
    watch = _Watch(busy or load)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio.Handle, "_run", watch.measured(asyncio.Handle._run))
            yield watch.blocked
    finally:
        watch.end()


def load() -> float:
    """How many times as long as on an idle machine a step may take: twice what waits for each processor, on average."""
    ready = os.getloadavg()[0] / (os.cpu_count() or 1)
    return max(1.0, 2 * ready)


class _Watch:
    """Measures each step, and has a witness look where the thread is when a step takes long."""

    def __init__(self, busy: Callable[[], float]) -> None:
        self.blocked: list[str] = []
        self._busy = busy
        self._thread = threading.get_ident()
        self._schedstat = os.open(_SCHEDSTAT, os.O_RDONLY)
        self._began: float | None = None
        self._seen = ""
        self._over = threading.Event()
        self._witness = threading.Thread(target=self._look, daemon=True)
        self._witness.start()

    def end(self) -> None:
        self._over.set()
        self._witness.join()
        os.close(self._schedstat)

    def measured(self, usual: Callable[[asyncio.Handle], None]) -> Callable[[asyncio.Handle], None]:
        def run(handle: asyncio.Handle) -> None:
            if threading.get_ident() != self._thread:
                return usual(handle)
            queued = self._queued()
            self._began = began = time.monotonic()
            usual(handle)
            lasted = time.monotonic() - began
            self._began = None
            if lasted > LIMIT and (held := lasted - (self._queued() - queued)) > LIMIT * self._busy():
                self.blocked.append(f"for {held:.2f} s, {self._seen or repr(handle)}")
            return None

        return run

    def _queued(self) -> float:
        """Seconds for which this thread has waited for a processor so far."""
        return int(os.pread(self._schedstat, 128, 0).split()[1]) / 1e9

    def _look(self) -> None:
        while not self._over.wait(LIMIT / 4):
            began = self._began
            if began is not None and time.monotonic() - began > LIMIT / 2:
                frames = traceback.extract_stack(sys._current_frames()[self._thread])[-_FRAMES_SHOWN:]
                self._seen = "at " + " > ".join(f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in frames)

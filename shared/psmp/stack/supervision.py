"""Keeping a part of the stack running: whatever dies is started again, and it is said aloud."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NoReturn, Protocol

from psmp.leash import LeashLost
from psmp.stack.children import Child
from psmp.stack.errors import NotReady, StackError, ending

# Seconds to wait before the first, second and third start after a death; from then on the last.
PAUSES: Final = (1.0, 2.0, 4.0)
# Who has run this long has recovered: its next death is a first one again.
_RECOVERED_AFTER: Final = 10.0


class Happening(StrEnum):
    """What can be reported of a part."""

    READY = "ready"
    DIED = "died"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened to a part; ``detail`` is for people."""

    part: str
    happening: Happening
    detail: str = ""


Report = Callable[[Notice], None]


class Part(Protocol):
    """What can be kept running: a server or a service."""

    @property
    def name(self) -> str:
        """Unique within a stack."""

    @property
    def child(self) -> Child | None:
        """Its process, None before the first start; a new one after each start."""

    async def start(self) -> None:
        """Return when ready, or raise a StackError or LeashLost."""

    async def stop(self) -> None:
        """Stop in good order; nothing to do when it is down."""

    def kill(self) -> None:
        """End it with SIGKILL."""


class Supervisor:
    """Watches over one part that has been started.

    Invariant:
    - only `watch` starts the part, so that there are never two of it;
    - `_up` is set exactly while the part is ready, as far as is known.
    """

    def __init__(self, part: Part, report: Report) -> None:
        """``part`` is ready."""
        self.part = part
        self._report = report
        self._held = False
        self._attempts = 0
        self._hurry = asyncio.Event()
        self._up = asyncio.Event()
        self._up.set()

    async def watch(self) -> NoReturn:
        """Start the part again after each of its deaths: after 1 s, 2 s, and then every 4 s, or when asked to hurry."""
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            detail = await self._death()
            self._up.clear()
            asked_for = self._hurry.is_set()
            self._report(Notice(self.part.name, Happening.STOPPED if asked_for else Happening.DIED, detail))
            if clock() - began > _RECOVERED_AFTER:
                self._attempts = 0
            while not await self._revive():
                pass

    async def ready(self, *, within: float) -> None:
        """Wait until the part is ready; raises NotReady."""
        try:
            async with asyncio.timeout(within):
                await self._up.wait()
        except TimeoutError as error:
            raise NotReady(self.part.name, within) from error

    @property
    def is_ready(self) -> bool:
        """Whether the part is ready, as far as is known."""
        return self._up.is_set()

    def kill(self, *, hold: bool) -> None:
        """Kill the part; with ``hold`` it stays down until `restart`."""
        self._held = hold
        self._up.clear()
        self.part.kill()

    async def restart(self, *, within: float) -> None:
        """Stop the part if it runs, start it without delay, and return when it is ready; raises NotReady."""
        self._held = False
        self._up.clear()
        self._hurry.set()
        await self.part.stop()
        await self.ready(within=within)

    async def _death(self) -> str:
        """How the part died, once it has."""
        child = self.part.child
        assert child is not None  # noqa: S101 - for mypy: the part was started before it was watched
        return ending(await child.wait())

    async def _revive(self) -> bool:
        await self._pause()
        self._attempts += 1
        try:
            await self.part.start()
        except (StackError, LeashLost) as error:
            self._report(Notice(self.part.name, Happening.FAILED, str(error)))
            return False
        self._up.set()
        self._report(Notice(self.part.name, Happening.READY))
        return True

    async def _pause(self) -> None:
        pause = None if self._held else PAUSES[min(self._attempts, len(PAUSES) - 1)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._hurry.wait()
        self._hurry.clear()

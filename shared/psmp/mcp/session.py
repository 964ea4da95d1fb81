"""What lives as long as a model's session: one connection, made when first needed, and the slots it holds."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final, Protocol

from psmp.client import Client, Invalid, PsmpError
from psmp.client.queueing import interval
from psmp.words.strict import Fault

Opening = Callable[[], AbstractAsyncContextManager[Client]]


class Permits(Protocol):
    """What a session may. Every method raises ``PsmpError`` for what it may not."""

    def tool(self, name: str) -> None:
        """Whether it may call that tool."""
        ...

    def see(self, project: str) -> None:
        """Whether that project exists for it."""
        ...


class Everything:
    """All that the identity may by which the session is connected."""

    def tool(self, name: str) -> None:
        """See ``Permits``."""

    def see(self, project: str) -> None:
        """See ``Permits``."""


EVERYTHING: Final = Everything()


class Unconfigured(PsmpError):
    """Nothing says where PSMP is, or in whose name this session speaks."""


class Session:
    """One model's session.

    PSMP need not be there when it begins: every call tries to connect until one has.
    Invariant: there are heartbeats for exactly those projects that ``held`` has.
    """

    def __init__(self, opening: Opening, project: str | None, permits: Permits = EVERYTHING) -> None:
        self._opening, self._project, self.permits = opening, project, permits
        self._exits, self._opened = AsyncExitStack(), asyncio.Lock()
        self._client: Client | None = None
        self._beating: dict[str, AsyncExitStack] = {}
        self.held: dict[str, int] = {}

    @property
    def project(self) -> str | None:
        """The project that is meant where none is named."""
        return self._project

    def meant(self, project: str | None) -> str:
        """The project that is meant; raises ``Invalid`` where nothing says, and what ``Permits.see`` does."""
        named = project or self._project
        if named is None:
            raise Invalid([Fault("/project", "name the project: nothing says which one this folder belongs to")])
        self.permits.see(named)
        return named

    async def client(self) -> Client:
        """The connection; raises what ``connect`` raises, and tries again the next time."""
        async with self._opened:
            if self._client is None:
                self._client = await self._exits.enter_async_context(self._opening())
            return self._client

    async def hold(self, project: str, fence: int, lease_seconds: int) -> None:
        """Beat for a slot that was granted, until it is let go."""
        await self.let_go(project)
        client = await self.client()
        beating = AsyncExitStack()
        await beating.enter_async_context(client.alive(project, interval=interval(lease_seconds)))
        self._beating[project], self.held[project] = beating, fence

    async def let_go(self, project: str) -> None:
        """Beat no longer: the slot has ended."""
        self.held.pop(project, None)
        if beating := self._beating.pop(project, None):
            await beating.aclose()

    async def close(self) -> None:
        """End it: no more heartbeats, and no connection."""
        for project in tuple(self._beating):
            await self.let_go(project)
        self._client = None
        await self._exits.aclose()

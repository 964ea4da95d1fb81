"""The sessions of models: whom each speaks for, what it holds, and when it is over.

Models of the protocol's older versions open a session and close it; those of its newer ones know none. So a session
here is who calls, and the id where there is one, and whichever is silent for too long is over. With a session its
heartbeats end, and the slots that it held expire.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

from psmp.client import Client
from psmp.client.errors import Overloaded, Refusal
from psmp.client.refusals import UnknownProject
from psmp.mcp.session import Session
from psmp.words.refusals import Code
from psmp_gateway.rules import problems
from psmp_gateway.rules.access import Caller
from psmp_gateway.rules.tools import PERMISSIONS

OFTEN: Final = 5.0
"""Seconds after which it is looked again which sessions are over, at most."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a session is: the credential by its name, the agent that it speaks as, the session's id if there is one."""

    tenant: str
    agent: str
    credential: str
    session: str | None = None


class Permitted:
    """What a caller may of the tools. See ``Permits``."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def tool(self, name: str) -> None:
        """See ``Permits``; raises ``Refusal``."""
        permission = PERMISSIONS.get(name)
        if permission is None or not self._caller.may(permission):
            reason = f"this key's role may not {permission or name}"
            raise Refusal(problems.FORBIDDEN, reason, "ask whoever runs PSMP for a key with a role that may")

    def see(self, project: str) -> None:
        """See ``Permits``; raises ``UnknownProject``, as for one that never was."""
        if not self._caller.sees(project):
            raise UnknownProject(Code.UNKNOWN_PROJECT, f"there is no project {project}")


@dataclass(slots=True)
class _Kept:
    session: Session
    still: Callable[[], bool]
    used_at: float
    busy: int = 0


class Sessions:
    """Every session there is. ``idle`` is how many seconds one may be silent, ``most`` how many there may be."""

    def __init__(self, idle: float, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._idle, self._most, self._now = idle, most, now
        self._kept: dict[Owner, _Kept] = {}

    def __len__(self) -> int:
        return len(self._kept)

    @contextmanager
    def using(
        self, owner: Owner, caller: Caller, speak: Callable[[Caller], Client], still: Callable[[], bool]
    ) -> Iterator[Session]:
        """The owner's session, in use while the block runs; ``still`` says whether it may go on.

        Raises ``Overloaded`` when there are too many.
        """
        kept = self._kept.get(owner)
        if kept is None:
            if len(self._kept) >= self._most:
                raise Overloaded(f"{len(self._kept)} sessions are open", "come back later")
            kept = self._kept[owner] = _Kept(_session(caller, speak), still, self._now())
        kept.still = still
        with self.busy(owner):
            yield kept.session

    @contextmanager
    def busy(self, owner: Owner) -> Iterator[None]:
        """The owner's session, if there is one, is not silent while the block runs."""
        kept = self._kept.get(owner)
        if kept is None:
            yield
            return
        kept.busy += 1
        try:
            yield
        finally:
            kept.busy -= 1
            kept.used_at = self._now()

    async def end(self, owner: Owner) -> None:
        """That session is over."""
        kept = self._kept.pop(owner, None)
        if kept is not None:
            await kept.session.close()

    async def sweep(self) -> None:
        """End those that were silent too long, and those whose credential opens nothing any more."""
        before = self._now() - self._idle
        over = [
            owner for owner, kept in self._kept.items() if (not kept.busy and kept.used_at < before) or not kept.still()
        ]
        await asyncio.gather(*map(self.end, over))

    async def close(self) -> None:
        """End them all."""
        await asyncio.gather(*map(self.end, tuple(self._kept)))

    def pause(self) -> float:
        """Seconds after which to sweep again."""
        return min(OFTEN, self._idle / 2)


def _session(caller: Caller, speak: Callable[[Caller], Client]) -> Session:
    projects = caller.grant.projects
    only = next(iter(projects)) if projects is not None and len(projects) == 1 else None
    return Session(lambda: nullcontext(speak(caller)), only, Permitted(caller))

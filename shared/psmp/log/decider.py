"""The one loop between a rule and the log: read, decide, append with the expected position, again when outpaced."""

import asyncio
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic

from psmp.log.port import Damaged, EventLog, Outpaced, Record, Unreachable
from psmp.log.view import Head, S, View
from psmp.log.views import Views
from psmp.words.envelope import EventEnvelope, Provenance, Stamp, as_opened, seal_event
from psmp.words.events import Event
from psmp.words.ids import ProjectKey

LATEST: Final = sys.maxsize
"""``seen`` for who must not miss anything that is stored: the log itself is asked."""

SHORTEST_PAUSE: Final = 0.002
LONGEST_PAUSE: Final = 0.05
MOST_VAIN_TRIES: Final = 50


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """Decides in one service's name. ``stamp`` gives a fresh id and the time; no rule has any of its own.

    ``chance`` gives numbers from 0 to 1 and spreads the tries of those who want to write to one project at once.
    """

    log: EventLog
    views: Views[S]
    stamp: Callable[[], Stamp]
    chance: Callable[[], float] = random.random

    async def decide(
        self, key: ProjectKey, rule: Callable[[View[S]], tuple[Event, Provenance] | None], *, seen: int = 0
    ) -> Record | None:
        """Ask ``rule`` and write down what it says, at the end of the log that it said it about.

        ``rule`` sees the project's view, at least up to position ``seen``, and is asked again whenever another writer
        was first. None means that there is nothing to say (any more): that is what makes a redelivery harmless. Returns
        the record written, or None.
        """
        async with self.views.hold(key) as view:
            if view.head.position < seen:
                await self.views.catch_up(view)
            lost = 0
            while True:
                decision = rule(view)
                if decision is None:
                    return None
                event, provenance = decision
                head, stamp = view.head, self.stamp()
                link = head.next
                body = seal_event(key, event, link, provenance, stamp)
                try:
                    return await self._append(view, body, as_opened(key, event, link, provenance, stamp), head)
                except Outpaced:
                    await self._give_way(view, head, lost)
                    lost += 1

    async def _append(self, view: View[S], body: bytes, opened: EventEnvelope, head: Head) -> Record:
        kind = opened.data.KIND
        position = await self.log.append(view.key, kind, body, expected=head.position)
        record = Record(position, view.key, kind, body, opened)
        self.views.take(view, record)
        return record

    async def _give_way(self, view: View[S], head: Head, lost: int) -> None:
        """Fold what another writer put behind ``head``; who has lost before waits first, longer each time.

        Raises ``Damaged`` when the log has lost what the view ends with, and ``Unreachable`` when what is there cannot
        be read for long.
        """
        if lost:
            await asyncio.sleep(self.chance() * min(SHORTEST_PAUSE * 2**lost, LONGEST_PAUSE))  # noqa: TID251 - see above
        if view.head is head:
            await self.views.catch_up(view)
        if view.head is not head:
            return
        if not await self.views.stands(view):
            raise Damaged(view.key, head.position, "the log has lost it and goes on without it")
        if lost >= MOST_VAIN_TRIES:
            raise Unreachable(view.key, "it has moved on and what is new cannot be read yet")

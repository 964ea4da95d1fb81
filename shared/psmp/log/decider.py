"""The one loop between a rule and the log: read, decide, append with the expected position, again when outpaced."""

import asyncio
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic

from psmp.log.port import Damaged, Draft, EventLog, Outpaced, Record, Unreachable
from psmp.log.view import Head, S, View
from psmp.log.views import Views
from psmp.words.envelope import EventEnvelope, Link, Provenance, Stamp, as_opened, leaf_hash, seal_event
from psmp.words.events import Event
from psmp.words.ids import ProjectKey

LATEST: Final = sys.maxsize
"""``seen`` for who must not miss anything that is stored: the log itself is asked."""

Decision = tuple[Event, Provenance]
"""An event that is to be written, and where it comes from."""

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
        self, key: ProjectKey, rule: Callable[[View[S]], Decision | None], *, seen: int = 0
    ) -> Record | None:
        """Ask ``rule`` and write down what it says, at the end of the log that it said it about.

        ``rule`` sees the project's view, at least up to position ``seen``, and is asked again whenever another writer
        was first. None means that there is nothing to say (any more): that is what makes a redelivery harmless. Returns
        the record written, or None.
        """

        def one(view: View[S]) -> Sequence[Decision]:
            decision = rule(view)
            return () if decision is None else (decision,)

        records = await self.decide_all(key, one, seen=seen)
        return records[0] if records else None

    async def decide_all(
        self, key: ProjectKey, rule: Callable[[View[S]], Sequence[Decision]], *, seen: int = 0
    ) -> list[Record]:
        """As ``decide``, of a rule that says several things at once: all are written, one behind the other, or none."""
        async with self.views.hold(key) as view:
            if view.head.position < seen:
                await self.views.catch_up(view)
            lost = 0
            while True:
                decisions = rule(view)
                if not decisions:
                    return []
                head = view.head
                try:
                    return await self._append(view, self._sealed(view, decisions), head)
                except Outpaced:
                    await self._give_way(view, head, lost)
                    lost += 1

    def _sealed(self, view: View[S], decisions: Sequence[Decision]) -> list[tuple[Draft, EventEnvelope]]:
        """What is to be written, each linked to the one before it."""
        sealed, link = list[tuple[Draft, EventEnvelope]](), view.head.next
        for event, provenance in decisions:
            stamp = self.stamp()
            body = seal_event(view.key, event, link, provenance, stamp)
            sealed.append((Draft(event.KIND, body), as_opened(view.key, event, link, provenance, stamp)))
            link = Link(link.sequence + 1, leaf_hash(body))
        return sealed

    async def _append(self, view: View[S], sealed: Sequence[tuple[Draft, EventEnvelope]], head: Head) -> list[Record]:
        drafts = [draft for draft, _ in sealed]
        if len(drafts) == 1:
            positions = [await self.log.append(view.key, *drafts[0], expected=head.position)]
        else:
            positions = await self.log.append_all(view.key, drafts, expected=head.position)
        records = [
            Record(position, view.key, draft.kind, draft.body, opened)
            for position, (draft, opened) in zip(positions, sealed, strict=True)
        ]
        for record in records:
            self.views.take(view, record)
        return records

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

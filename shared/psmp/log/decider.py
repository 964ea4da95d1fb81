"""The one loop between a rule and the log: read, decide, append with the expected position, again when outpaced."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic

from psmp.log.port import EventLog, Outpaced, Record
from psmp.log.view import Head, S, View
from psmp.log.views import Views
from psmp.words.envelope import Provenance, Stamp, seal_event
from psmp.words.events import Event
from psmp.words.ids import ProjectKey

LATEST: Final = sys.maxsize
"""``seen`` for who must not miss anything that is stored: the log itself is asked."""


@dataclass(frozen=True, slots=True)
class Decider(Generic[S]):
    """Decides in one service's name. ``stamp`` gives a fresh id and the time; no rule has any of its own."""

    log: EventLog
    views: Views[S]
    stamp: Callable[[], Stamp]

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
            while True:
                decision = rule(view)
                if decision is None:
                    return None
                event, provenance = decision
                head = view.head
                body = seal_event(key, event, head.next, provenance, self.stamp())
                try:
                    return await self._append(view, event.KIND, body, head)
                except Outpaced:
                    await self.views.catch_up(view)

    async def _append(self, view: View[S], kind: str, body: bytes, head: Head) -> Record:
        position = await self.log.append(view.key, kind, body, expected=head.position)
        record = Record(position, view.key, kind, body)
        if position > view.head.position:  # it may have come back to us already, by way of what the log republishes
            view.advance(record)
        return record

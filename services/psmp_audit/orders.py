"""Who waits for a checkpoint of which log, and how much it is to cover."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from psmp.words.answers import SignedCheckpoint
from psmp.words.envelope import written
from psmp.words.ids import ProjectKey
from psmp_audit.growth import Growth

Row = tuple[int, int, bytes, int, str, datetime]
"""A checkpoint as it is stored: its size, position, root, number and note, and when it was signed."""


class Refused(Exception):
    """The signer signs nothing of that log any more."""


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """To have a checkpoint that covers ``size`` records; ``made`` is it, or raises ``Refused``."""

    size: int
    made: asyncio.Future[SignedCheckpoint]


class Orders:
    """The orders that are open; ``placed`` is set with every new one.

    Invariant: the growth of a project that somebody waits for is pressed, and of no other.
    """

    def __init__(self, growth: Growth) -> None:
        self._growth = growth
        self._open: dict[ProjectKey, list[Order]] = {}
        self.placed = asyncio.Event()

    @contextmanager
    def placing(self, key: ProjectKey, size: int) -> Iterator[asyncio.Future[SignedCheckpoint]]:
        """Wait for it inside this block; whatever is stored from its beginning on is not missed."""
        order = Order(size, asyncio.get_running_loop().create_future())
        self._open.setdefault(key, []).append(order)
        self._press(key)
        self.placed.set()
        try:
            yield order.made
        finally:
            order.made.cancel()
            self._open[key].remove(order)
            self._press(key)

    def fill(self, made: Mapping[ProjectKey, Row]) -> None:
        """These are stored."""
        for key in made.keys() & self._open.keys():
            checkpoint = told_of(key.project, made[key])
            for order in self._open[key]:
                if order.size <= checkpoint.sequence and not order.made.done():
                    order.made.set_result(checkpoint)

    def refuse(self, key: ProjectKey, text: str) -> None:
        """No checkpoint of it is made any more."""
        for order in self._open.get(key, ()):
            if not order.made.done():
                order.made.set_exception(Refused(text))

    def _press(self, key: ProjectKey) -> None:
        """Press for the least that is waited for: then there is something that can be signed for somebody."""
        sizes = [order.size for order in self._open[key] if not order.made.done()]
        if sizes:
            self._growth.press(key, min(sizes))
            return
        self._growth.relax(key)
        if not self._open[key]:
            del self._open[key]


def told_of(project: str, row: Row) -> SignedCheckpoint:
    """A stored checkpoint as whoever asks for it is told of it."""
    size, position, root, number, note, moment = row
    return SignedCheckpoint(
        project=project,
        sequence=size,
        position=position,
        root=root.hex(),
        number=number,
        note=note,
        signed_at=written(moment),
    )

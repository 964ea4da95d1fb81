"""Where a follower of the log puts what it reads."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from psmp.log.port import Damaged, Record
from psmp.store.pool import Connection

P = TypeVar("P")


class Sink(Protocol[P]):
    """Plans without writing, then writes the plan inside its follower's transaction; the next is planned meanwhile.

    ``name`` is that of its durable consumer and of its row in ``psmp.follower``. ``durable`` is whether a commit must
    be on disk before it counts; without, a crash of Postgres may take the last commits back, position and all, and they
    are made again.
    """

    name: str
    durable: bool

    async def open(self) -> None:
        """Forget what was remembered between plans: it may not be what is in Postgres."""
        ...

    def rest(self) -> None:
        """Nothing more is written for now: another process may follow with the same sink."""
        ...

    async def plan(self, records: Sequence[Record]) -> tuple[P, Sequence[Damaged]]:
        """What to write for records that stand behind those of the last plan, and the projects that must stop."""
        ...

    async def write(self, connection: Connection, plan: P) -> None:
        """Write a plan; plans come in the order in which they were made."""
        ...

"""Dead letters as an operator sees them, at the address of a running stack or of servers of one's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from nats.errors import Error as NatsError

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import Servers
from psmp.wire.connection import Address, connect
from psmp.wire.letterbox import Kept, every
from psmp.wire.mended import MendedClient

INBOX: Final = "_INBOX_operator"
"""Where the operator's connections hear answers."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """The dead letters, and the address by which they are seen."""

    nats: MendedClient
    address: Address

    async def all(self) -> list[Kept]:
        """Every letter, oldest first; raises ``Complaint`` when the server does not say."""
        try:
            return await every(self.nats)
        except (NatsError, TimeoutError) as error:
            why = f"NATS does not show the dead letters: {str(error) or type(error).__name__}"
            raise Complaint(Exit.UNREACHABLE, why, "psmp doctor, with an operator's credentials") from None

    async def one(self, number: int) -> Kept:
        """The letter of that number; raises ``Complaint`` when there is none."""
        for kept in await self.all():
            if kept.letter.number == number:
                return kept
        raise Complaint(Exit.NOT_FOUND, f"there is no dead letter {number}", "psmp dlq list shows those that there are")


@asynccontextmanager
async def opened(servers: Servers) -> AsyncIterator[Letterbox]:
    """The dead letters, for the length of a block; raises ``Complaint`` when nothing says where they are."""
    found = servers.found()
    if found.nats_url is None:
        raise Complaint(Exit.USAGE, "nobody said where NATS is", "start psmp dev, or set PSMP_NATS_URL (an operator's)")
    address = servers.address(found.nats_url)
    nats = await connect(address, "psmp-dlq", inbox=INBOX)
    try:
        yield Letterbox(nats, address)
    finally:
        await nats.close()

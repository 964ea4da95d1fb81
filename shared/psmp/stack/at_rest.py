"""The servers over a folder of data while nothing else runs there: to look, and to put right what is damaged."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from psmp.stack.errors import DirectoryUnusable
from psmp.stack.ground import ground
from psmp.stack.identities import READER, RESTORE, Identities
from psmp.stack.nats_server import NatsServer
from psmp.stack.postgres import Postgres


@dataclass(frozen=True)
class AtRest:
    """NATS and Postgres of a stopped stack, with nobody at work."""

    data: Path
    nats: NatsServer
    postgres: Postgres
    identities: Identities

    @property
    def reader_url(self) -> str:
        """Where the operator finds NATS."""
        return self.nats.url_for(self.identities.service(READER))

    @property
    def restore_url(self) -> str:
        """Where NATS is for who restores."""
        return self.nats.url_for(self.identities.service(RESTORE))

    async def set_aside(self, stream: str, folder: Path) -> None:
        """Move a stream out of NATS' folder, with its consumers; NATS is stopped meanwhile."""
        await self.nats.stop()
        try:
            for found in self.nats.store.glob(f"jetstream/*/streams/{stream}"):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                number = len(list(folder.iterdir()))
                found.rename(folder / f"{stream}-{number}")
        finally:
            await self.nats.start()


@contextlib.asynccontextmanager
async def at_rest(data: Path) -> AsyncIterator[AtRest]:
    """Start them over ``data``; raises a StackError, DirectoryTaken while a stack runs there."""
    if not (data / "nats").is_dir() or not (data / "postgres").is_dir():
        raise DirectoryUnusable(data, "no psmp dev has kept its data there")
    async with contextlib.AsyncExitStack() as exits:
        place = await exits.enter_async_context(ground(data))
        identities = Identities()
        nats = NatsServer(place, config=identities.conf, includes=identities.includes, env=identities.env)
        postgres = Postgres(place)
        for server in (postgres, nats):
            exits.push_async_callback(server.stop)
            await server.start()
        yield AtRest(data, nats, postgres, identities)

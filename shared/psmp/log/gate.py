"""The gate before the log: shut while what is stored has gone back in time, for nothing is decided on half of it."""

from dataclasses import dataclass, field
from typing import Final

from psmp.wire.mended import MendedClient

_NEW: Final = "the connection to NATS is new: first it is seen what the log has"


@dataclass(slots=True)
class Gate:
    """Whether a process may write to the log.

    Invariant: after a new connection, perhaps to a server that has lost something, it is shut until ``passed``.
    ``position`` and ``body`` are the newest record that was written through here.
    """

    nats: MendedClient
    shut: str = ""
    position: int = 0
    body: bytes = field(default=b"", repr=False)
    seen: int = 0

    @property
    def why(self) -> str:
        """Why nothing may be written now; "" when it may."""
        return self.shut or ("" if self.nats.stats["reconnects"] == self.seen else _NEW)

    def wrote(self, position: int, body: bytes) -> None:
        """A record was stored."""
        if position > self.position:
            self.position, self.body = position, body

    def look(self, shut: str, seen: int) -> None:
        """What a look at the log came to, that began when there had been ``seen`` reconnects."""
        self.shut, self.seen = shut, seen

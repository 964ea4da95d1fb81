"""What a stream has that was not read before: reads forward by direct gets, keeps no state on the server."""

from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.log.jetstream import PAGE, direct_get


class Tail:
    """New messages of ``stream`` that match ``pattern``, in order, each once."""

    def __init__(self, nats: Client, stream: str, pattern: str) -> None:
        self._nats, self._stream, self._pattern = nats, stream, pattern
        self._read = 0

    async def new(self) -> list[Msg]:
        """Everything stored since the last call; raises nats errors and ``TimeoutError``, then nothing is skipped."""
        found: list[Msg] = []
        read = self._read
        while True:
            request = {"seq": read + 1, "batch": PAGE, "next_by_subj": self._pattern}
            page = await direct_get(self._nats, self._stream, request)
            if page:
                read = int((page[-1].headers or {})["Nats-Sequence"])
            found.extend(page)
            if len(page) < PAGE:
                self._read = read
                return found

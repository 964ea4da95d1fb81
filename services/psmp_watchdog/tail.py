"""What a stream has that was not read before: reads forward by direct gets, keeps no state on the server."""

import json

from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.log.jetstream import PAGE, direct_get


class Tail:
    """New messages of ``stream`` that match ``pattern``, in order, each once.

    What is rare would have the server search the whole stream each time, from the last one that matched: whoever knows
    where the stream ``end_of`` was, before asking, lets it begin there the next time.
    """

    def __init__(self, nats: Client, stream: str, pattern: str) -> None:
        self._nats, self._stream, self._pattern = nats, stream, pattern
        self._read = 0

    async def new(self, end: int = 0) -> list[Msg]:
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
                self._read = max(read, end)
                return found


async def end_of(nats: Client, stream: str, pattern: str) -> int:
    """The sequence of the last message that matches, 0 when there is none; raises nats errors and ``TimeoutError``."""
    request = json.dumps({"last_by_subj": pattern}).encode()
    answer = await nats.request(f"$JS.API.DIRECT.GET.{stream}", request, timeout=2)
    return int((answer.headers or {}).get("Nats-Sequence", 0))

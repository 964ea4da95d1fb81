"""The log on JetStream: conditional publishes, gathered into atomic batches under load, and batched direct reads."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.log.commit import ANSWER_WITHIN, Committer
from psmp.log.port import LARGEST, Outpaced, Record, TooLarge, Unreachable
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.ids import ProjectKey

STREAM: Final = "PSMP_LOG"
PAGE: Final = 512
_WRONG_LAST_SEQUENCE: Final = frozenset({10071, 10164})
"""The second one is a cluster's: another append to the same project is on its way to the replicas."""


class JetStreamEventLog:
    """An ``EventLog`` on the stream ``PSMP_LOG``.

    ``patience`` bounds in seconds how long an append or a read may go unanswered before it raises ``Unreachable``.
    """

    def __init__(self, nats: MendedClient, *, patience: float = 10.0) -> None:
        self._nats = nats
        self._patience = patience
        self._committer = Committer(nats, min(ANSWER_WITHIN, patience))

    async def append(self, key: ProjectKey, kind: str, body: bytes, *, expected: int) -> int:
        """See ``EventLog.append``."""
        if len(body) > LARGEST:
            raise TooLarge(key, kind, len(body))
        deadline = asyncio.get_running_loop().time() + self._patience
        delay = 0.0
        while True:
            try:
                answer = await self._committer.publish(subjects.log(key, kind), subjects.log_of(key), body, expected)
            except (NatsError, TimeoutError) as error:
                # Unknown: the same bytes and expectation are safe to send again.
                delay = min(2 * delay or 0.05, 1.0)
                if asyncio.get_running_loop().time() + delay > deadline:
                    raise Unreachable(key, f"no answer to an append within {self._patience:g} s") from error
                await asyncio.sleep(delay)
                continue
            if isinstance(answer, int):
                return answer
            if answer.code not in _WRONG_LAST_SEQUENCE:
                raise Unreachable(key, str(answer))
            if delay and (position := await self._find(key, expected, body)):
                return position
            raise Outpaced(key, expected)

    async def _find(self, key: ProjectKey, expected: int, body: bytes) -> int | None:
        """Where ``body`` stands if an earlier try of ours stored it right behind ``expected``, its answer lost."""
        async for record in self.read(key, after=expected, limit=1):
            return record.position if record.body == body else None
        return None

    async def read(self, key: ProjectKey, *, after: int = 0, limit: int | None = None) -> AsyncIterator[Record]:
        """See ``EventLog.read``."""
        left = sys.maxsize if limit is None else limit
        while left > 0:
            page = await self._page(key, after, min(PAGE, left))
            for record in page:
                yield record
            if len(page) < PAGE:
                return
            after, left = page[-1].position, left - len(page)

    async def _page(self, key: ProjectKey, after: int, size: int) -> list[Record]:
        request = {"seq": after + 1, "batch": size, "next_by_subj": subjects.log_of(key)}
        each = min(ANSWER_WITHIN, self._patience)
        deadline = asyncio.get_running_loop().time() + self._patience
        while True:
            try:
                return [_record(message) for message in await direct_get(self._nats, STREAM, request, timeout=each)]
            except (NatsError, TimeoutError) as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise Unreachable(key, f"no answer to a read within {self._patience:g} s") from error
                await asyncio.sleep(0.05)


def _record(message: Msg) -> Record:
    headers = message.headers or {}
    key, kind = subjects.read_log(headers["Nats-Subject"])
    return Record(int(headers["Nats-Sequence"]), key, kind, message.data)


async def direct_get(nats: Client, stream: str, request: dict[str, Any], *, timeout: float = 2.0) -> list[Msg]:
    """The messages that one batched direct get answers with (NATS ADR-31); empty when there are none."""
    found: list[Msg] = []
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def take(message: Msg) -> None:
        status = (message.headers or {}).get("Status")
        if status is None:
            found.append(message)
        elif not done.done():
            if status in ("204", "404"):
                done.set_result(None)
            else:
                done.set_exception(NatsError(f"{status} {(message.headers or {}).get('Description', '')}"))

    inbox = nats.new_inbox()
    subscription = await nats.subscribe(inbox, cb=take, pending_msgs_limit=-1, pending_bytes_limit=-1)
    try:
        await nats.publish(f"$JS.API.DIRECT.GET.{stream}", json.dumps(request).encode(), reply=inbox)
        await asyncio.wait_for(done, timeout)
    finally:
        await subscription.unsubscribe()
    return found

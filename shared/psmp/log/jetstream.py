"""The log on JetStream: conditional publishes, gathered into atomic batches under load, and batched direct reads."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.log.commit import ANSWER_WITHIN, Committer, Refusal
from psmp.log.gate import Gate
from psmp.log.port import LARGEST, Draft, Outpaced, Record, TooLarge, Unreachable
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.ids import ProjectKey

STREAM: Final = "PSMP_LOG"
PAGE: Final = 512
_LOOK_AGAIN: Final = 0.02
_WRONG_LAST_SEQUENCE: Final = frozenset({10071, 10164})
"""The second one is a cluster's: another append to the same project is on its way to the replicas."""


class JetStreamEventLog:
    """An ``EventLog`` on the stream ``PSMP_LOG``.

    ``patience`` bounds in seconds how long an append or a read may go unanswered before it raises ``Unreachable``.
    While ``gate`` is shut nothing is appended, as if nobody answered.
    """

    def __init__(self, nats: MendedClient, *, patience: float = 10.0, gate: Gate | None = None) -> None:
        self._nats = nats
        self._patience = patience
        self._gate = gate
        self._committer = Committer(nats, min(ANSWER_WITHIN, patience))

    async def append(self, key: ProjectKey, kind: str, body: bytes, *, expected: int) -> int:
        """See ``EventLog.append``."""
        return (await self.append_all(key, [Draft(kind, body)], expected=expected))[0]

    async def append_all(self, key: ProjectKey, events: Sequence[Draft], *, expected: int) -> list[int]:
        """See ``EventLog.append_all``."""
        for each in events:
            if len(each.body) > LARGEST:
                raise TooLarge(key, each.kind, len(each.body))
        deadline = asyncio.get_running_loop().time() + self._patience
        delay = 0.0
        while True:
            await self._pass(key, deadline)
            try:
                answer = await self._publish(key, events, expected)
            except (NatsError, TimeoutError) as error:
                # Unknown: the same bytes and expectation are safe to send again.
                delay = min(2 * delay or 0.05, 1.0)
                if asyncio.get_running_loop().time() + delay > deadline:
                    raise Unreachable(key, f"no answer to an append within {self._patience:g} s") from error
                await asyncio.sleep(delay)
                continue
            if isinstance(answer, int):
                if self._gate is not None:
                    self._gate.wrote(answer, events[-1].body)
                return list(range(answer - len(events) + 1, answer + 1))
            if answer.code not in _WRONG_LAST_SEQUENCE:
                raise Unreachable(key, str(answer))
            if delay and (position := await self._find(key, expected, events[0].body)):
                return list(range(position, position + len(events)))
            raise Outpaced(key, expected)

    async def _publish(self, key: ProjectKey, events: Sequence[Draft], expected: int) -> int | Refusal:
        """Publish them once; the position of the last one."""
        scope = subjects.log_of(key)
        if len(events) == 1:
            return await self._committer.publish(subjects.log(key, events[0].kind), scope, events[0].body, expected)
        messages = [(subjects.log(key, each.kind), each.body) for each in events]
        return await self._committer.publish_together(scope, messages, expected)

    async def _pass(self, key: ProjectKey, deadline: float) -> None:
        """Until the gate is open; raises ``Unreachable`` when it is not in time."""
        while self._gate is not None and (why := self._gate.why):
            if self._gate.shut or asyncio.get_running_loop().time() > deadline:
                raise Unreachable(key, why)
            await asyncio.sleep(_LOOK_AGAIN)

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


async def get(nats: Client, stream: str, request: Mapping[str, Any], *, timeout: float = 2.0) -> Msg | None:
    """The one message that a direct get answers with; None when the stream has none such.

    Raises nats errors, ``NoRespondersError`` where there is no such stream.
    """
    message = await nats.request(f"$JS.API.DIRECT.GET.{stream}", json.dumps(dict(request)).encode(), timeout=timeout)
    return None if "Status" in (message.headers or {}) else message


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

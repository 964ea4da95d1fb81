"""Group commit: what many projects decided at the same moment goes to the disk as one atomic batch (NATS ADR-50).

One publish costs one flush of the stream; an atomic batch costs four, however many messages it has. So a batch pays
from about ten messages up; below that each goes alone, a few at a time, and nobody waits for a batch to fill. A batch
that is refused says not which message was to blame: its messages then go one by one, and only the outpaced one is
refused.
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError

MOST_ALONE: Final = 8
SMALLEST_BATCH: Final = 10
LARGEST_BATCH: Final = 200
ANSWER_WITHIN: Final = 1.0
"""Seconds. When a connection is lost nobody tells that an answer is lost too; the same bytes can be sent again."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The stream said no: its error code and text."""

    code: int
    text: str


@dataclass(slots=True)
class _Append:
    subject: str
    scope: str
    body: bytes
    expected: int
    answer: asyncio.Future[int | Refusal] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def condition(self) -> dict[str, str]:
        return {
            "Nats-Expected-Last-Subject-Sequence": str(self.expected),
            "Nats-Expected-Last-Subject-Sequence-Subject": self.scope,
        }


class Committer:
    """Publishes appends, alone or together.

    Invariant: at most one batch is under way; meanwhile nothing else is begun, for it would only wait behind it.
    Invariant: at most ``MOST_ALONE`` go alone at a time; what waits is taken up as soon as one is answered.
    """

    def __init__(self, nats: Client) -> None:
        self._nats = nats
        self._waiting: deque[_Append] = deque()
        self._alone: set[asyncio.Task[None]] = set()
        self._batch: asyncio.Task[None] | None = None

    async def publish(self, subject: str, scope: str, body: bytes, expected: int) -> int | Refusal:
        """Publish to ``subject`` if ``expected`` is the last sequence of ``scope``.

        The stored sequence, or the stream's refusal; raises nats errors and ``TimeoutError`` when neither is known.
        """
        append = _Append(subject, scope, body, expected)
        self._waiting.append(append)
        self._take_up()
        return await append.answer

    def _take_up(self) -> None:
        """Begin what may begin now."""
        while self._waiting and self._batch is None:
            if len(self._waiting) >= SMALLEST_BATCH:
                self._batch = asyncio.ensure_future(self._together(self._take()))
                self._batch.add_done_callback(self._batch_done)
            elif len(self._alone) < MOST_ALONE:
                task = asyncio.ensure_future(self._send(self._waiting.popleft()))
                self._alone.add(task)
                task.add_done_callback(self._alone_done)
            else:
                return

    def _alone_done(self, task: asyncio.Task[None]) -> None:
        self._alone.discard(task)
        self._take_up()

    def _batch_done(self, _: asyncio.Task[None]) -> None:
        self._batch = None
        self._take_up()

    def _take(self) -> list[_Append]:
        """The appends that wait, one a project: only a project's first message in a batch may have a condition."""
        taken: dict[str, _Append] = {}
        later: deque[_Append] = deque()
        while self._waiting and len(taken) < LARGEST_BATCH:
            append = self._waiting.popleft()
            if append.scope in taken:
                later.append(append)
            else:
                taken[append.scope] = append
        self._waiting.extendleft(reversed(later))
        return list(taken.values())

    async def _send(self, append: _Append) -> None:
        try:
            message = await self._nats.request(
                append.subject, append.body, timeout=ANSWER_WITHIN, headers=append.condition
            )
        except (NatsError, TimeoutError) as error:
            _fail(append, error)
            return
        answer = json.loads(message.data)
        if "error" in answer:
            _settle(append, Refusal(answer["error"].get("err_code", 0), answer["error"].get("description", "")))
        else:
            _settle(append, answer["seq"])

    async def _together(self, appends: list[_Append]) -> None:
        """As one batch, all or none; one by one when there is too little for a batch or the batch is refused."""
        if len(appends) < SMALLEST_BATCH or not await self._stored(appends):
            await asyncio.gather(*map(self._send, appends))

    async def _stored(self, appends: list[_Append]) -> bool:
        """Whether the batch was not refused; each append then has its answer."""
        *others, last = appends
        batch = {"Nats-Batch-Id": self._nats.new_inbox().rpartition(".")[2]}
        try:
            for number, append in enumerate(others, 1):
                headers = append.condition | batch | {"Nats-Batch-Sequence": str(number)}
                await self._nats.publish(append.subject, append.body, headers=headers)
            headers = last.condition | batch | {"Nats-Batch-Sequence": str(len(appends)), "Nats-Batch-Commit": "1"}
            message = await self._nats.request(last.subject, last.body, timeout=ANSWER_WITHIN, headers=headers)
        except (NatsError, TimeoutError) as error:
            for append in appends:
                _fail(append, error)
            return True
        answer = json.loads(message.data)
        if "error" in answer:
            return False
        first = answer["seq"] - len(appends) + 1
        for offset, append in enumerate(appends):
            _settle(append, first + offset)
        return True


def _settle(append: _Append, answer: int | Refusal) -> None:
    if not append.answer.done():  # its caller may have been cancelled
        append.answer.set_result(answer)


def _fail(append: _Append, error: BaseException) -> None:
    if not append.answer.done():
        append.answer.set_exception(error)

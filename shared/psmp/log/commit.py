"""Group commit: what many projects decided at the same moment goes to the disk as one atomic batch (NATS ADR-50).

One publish costs one flush of the stream; an atomic batch costs four and a store of its own in the server, however many
messages it has. In processor time a batch pays from about twenty messages up; below that each goes alone, a few at a
time, and nobody waits for a batch to fill. A batch that is refused says not which message was to blame: its messages
then go one by one, and only the outpaced one is refused.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from nats.errors import Error as NatsError
from pydantic_core import from_json

from psmp.wire.asking import Answer, Asking
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message

MOST_ALONE: Final = 8
SMALLEST_BATCH: Final = 20
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
    expected: int | None
    answer: asyncio.Future[int | Refusal] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def headers(self, batch: str = "") -> bytes:
        """The condition, and the place in a batch. Nothing in it is a sender's: a scope is made of ids."""
        if self.expected is None:
            return f"NATS/1.0\r\n{batch}\r\n".encode()
        return (
            f"NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: {self.expected}\r\n"
            f"Nats-Expected-Last-Subject-Sequence-Subject: {self.scope}\r\n{batch}\r\n"
        ).encode()


class Committer:
    """Publishes appends, alone or together.

    What was decided in one turn of the event loop is looked at together, at its end.
    Invariant: at most one batch is under way; meanwhile nothing else is begun, for it would only wait behind it.
    Invariant: no more than ``MOST_ALONE`` are begun alone while as many are under way; of what waits some are taken up
    as soon as one is answered.
    """

    def __init__(self, nats: MendedClient, within: float = ANSWER_WITHIN) -> None:
        self._nats = nats
        self._asking = Asking(nats, within)
        self._waiting: deque[_Append] = deque()
        self._alone = 0
        self._is_batch_under_way = False
        self._is_look_due = False

    async def publish(self, subject: str, scope: str, body: bytes, expected: int) -> int | Refusal:
        """Publish to ``subject`` if ``expected`` is the last sequence of ``scope``.

        The stored sequence, or the stream's refusal; raises nats errors and ``TimeoutError`` when neither is known.
        """
        await self._asking.ready()
        append = _Append(subject, scope, body, expected)
        self._waiting.append(append)
        self._look_soon()
        return await append.answer

    async def publish_together(self, scope: str, messages: Sequence[tuple[str, bytes]], expected: int) -> int | Refusal:
        """Publish messages of one project, all or none, if ``expected`` is the last sequence of ``scope``.

        The sequence of the last one, or the refusal; raises as ``publish`` does. A batch of its own, beside the others:
        only its first message has a condition, and what stands behind that is ours until all are stored.
        """
        await self._asking.ready()
        appends = [
            _Append(subject, scope, body, None if number else expected)
            for number, (subject, body) in enumerate(messages)
        ]
        batch = f"Nats-Batch-Id: {self._nats.new_inbox().rpartition('.')[2]}\r\nNats-Batch-Sequence: "
        *others, last = appends
        for number, append in enumerate(others, 1):
            self._nats.send(append.subject, append.body, headers=append.headers(f"{batch}{number}\r\n"))
        headers = last.headers(f"{batch}{len(appends)}\r\nNats-Batch-Commit: 1\r\n")
        self._asking.ask(last.subject, last.body, headers, lambda answer: _settle(last, _read(answer)))
        return await last.answer

    def _look_soon(self) -> None:
        if not self._is_look_due:
            self._is_look_due = True
            asyncio.get_running_loop().call_soon(self._take_up)

    def _take_up(self) -> None:
        """Begin what may begin now."""
        self._is_look_due = False
        while self._waiting and not self._is_batch_under_way:
            if len(self._waiting) >= SMALLEST_BATCH:
                self._send_together(self._take())
            elif self._alone < MOST_ALONE:
                self._send_alone(self._waiting.popleft())
            else:
                return

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

    def _send_alone(self, append: _Append) -> None:
        self._alone += 1
        self._asking.ask(append.subject, append.body, append.headers(), partial(self._answered, append))

    def _answered(self, append: _Append, answer: Answer) -> None:
        self._alone -= 1
        _settle(append, _read(answer))
        self._look_soon()

    def _send_together(self, appends: list[_Append]) -> None:
        """As one batch, all or none; one by one when there is too little for a batch."""
        if len(appends) < SMALLEST_BATCH:
            self._send_each(appends)
            return
        self._is_batch_under_way = True
        *others, last = appends
        then = partial(self._answered_together, appends)
        batch = f"Nats-Batch-Id: {self._nats.new_inbox().rpartition('.')[2]}\r\nNats-Batch-Sequence: "
        try:
            for number, append in enumerate(others, 1):
                self._nats.send(append.subject, append.body, headers=append.headers(f"{batch}{number}\r\n"))
        except NatsError as error:
            asyncio.get_running_loop().call_soon(then, error)
            return
        headers = last.headers(f"{batch}{len(appends)}\r\nNats-Batch-Commit: 1\r\n")
        self._asking.ask(last.subject, last.body, headers, then)

    def _answered_together(self, appends: list[_Append], answer: Answer) -> None:
        self._is_batch_under_way = False
        last = _read(answer)
        if isinstance(last, Refusal):
            self._send_each(appends)
        else:
            for before, append in enumerate(reversed(appends)):
                _settle(append, last - before if isinstance(last, int) else last)
        self._look_soon()

    def _send_each(self, appends: Iterable[_Append]) -> None:
        for append in appends:
            self._send_alone(append)


def _read(answer: Answer) -> int | Refusal | Exception:
    if not isinstance(answer, Message):
        return answer
    said = from_json(answer.data)
    if "error" in said:
        return Refusal(said["error"].get("err_code", 0), said["error"].get("description", ""))
    position: int = said["seq"]
    return position


def _settle(append: _Append, answer: int | Refusal | Exception) -> None:
    if append.answer.done():  # its caller may have been cancelled
        return
    if isinstance(answer, Exception):
        append.answer.set_exception(answer)
    else:
        append.answer.set_result(answer)

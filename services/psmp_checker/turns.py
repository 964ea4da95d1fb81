"""Turns: among all replicas at most one has a project in hand, and who dies has it for a few seconds more.

A turn is a message on the project's own subject, put there on condition that none stands there, and removed by the
server when it is not put there again in time. Nothing that is decided rests on it: it saves work, and the index from
being asked twice.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from nats.errors import Error as NatsError
from pydantic_core import from_json

from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.ids import ProjectKey

STREAM: Final = "PSMP_TURNS"
LASTS: Final = 6
"""Seconds after which the server ends a turn that was not renewed; less than a delivery is in hand."""
RENEWED: Final = 2.0
"""Seconds between two renewals."""
MARGIN: Final = 1.0
"""So many seconds before the server would end it, who could not renew a turn lets go of it."""
AGAIN: Final = 0.5
ANSWER_WITHIN: Final = 1.0
_WRONG_LAST_SEQUENCE: Final = frozenset({10071, 10164})
_FREE: Final = b""


class Refused(NatsError):
    """The stream of turns did not take a message, for another reason than that somebody was first."""


@dataclass(slots=True)
class Turns:
    """The turns of one service, as one of its replicas takes them."""

    nats: MendedClient
    service: str

    async def take(self, key: ProjectKey) -> "Turn | None":
        """The project's turn; None while another has it. Raises NatsError and TimeoutError."""
        turn = Turn(self.nats, subjects.turn(self.service, key), os.urandom(16).hex().encode())
        last, said = await turn.last()
        if said != _FREE:
            return None
        return turn if await turn.say(last) else None


class Turn:
    """A turn that was taken: ``token`` stands on ``subject``, as message ``sequence``."""

    def __init__(self, nats: MendedClient, subject: str, token: bytes) -> None:
        self._nats, self._subject, self._token = nats, subject, token
        self._sequence = 0
        self._until = 0.0

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Renewed while the block runs, and given back after it; raises TimeoutError in it when the turn is lost."""
        over = asyncio.Event()
        async with asyncio.timeout_at(self._until) as limit:
            renewing = asyncio.get_running_loop().create_task(self._renew(limit, over))
            try:
                yield
            finally:
                over.set()  # a renewal that is under way ends first, so that it is known what is given back
                await asyncio.wait({renewing})
                await self._give_back()

    async def last(self) -> tuple[int, bytes]:
        """The sequence of what stands on the subject, and what it is; 0 where nothing stands."""
        where = f"$JS.API.DIRECT.GET.{STREAM}.{self._subject}"
        message = await self._nats.request(where, b"", timeout=ANSWER_WITHIN)
        headers = message.headers or {}
        return (0, _FREE) if "Status" in headers else (int(headers["Nats-Sequence"]), message.data)

    async def say(self, last: int) -> bool:
        """Put the token behind message ``last``; False when another message is the last. Raises NatsError."""
        until = asyncio.get_running_loop().time() + LASTS - MARGIN
        headers = {"Nats-TTL": f"{LASTS}s", "Nats-Expected-Last-Subject-Sequence": str(last)}
        message = await self._nats.request(self._subject, self._token, timeout=ANSWER_WITHIN, headers=headers)
        answer = from_json(message.data)
        error = answer.get("error")
        if error is None:
            self._sequence, self._until = answer["seq"], until
            return True
        if error["err_code"] not in _WRONG_LAST_SEQUENCE:
            raise Refused(error["description"])
        return False

    async def _renew(self, limit: asyncio.Timeout, over: asyncio.Event) -> None:
        """Put the end off again and again; it comes at once when another has taken the turn."""
        pause = RENEWED
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), pause)
                return
            pause = RENEWED if await self._renewed() else AGAIN
            with suppress(RuntimeError):  # it is over already
                limit.reschedule(self._until)

    async def _renewed(self) -> bool:
        """Whether it was renewed; ``_until`` is in the past when it is lost."""
        try:
            if await self.say(self._sequence):
                return True
            last, said = await self.last()
            if said == self._token:  # our own, and its answer was lost
                self._sequence = last
                return False
        except (NatsError, TimeoutError):
            return False
        self._until = 0.0
        return True

    async def _give_back(self) -> None:
        headers = {"Nats-TTL": "1s", "Nats-Expected-Last-Subject-Sequence": str(self._sequence)}
        with suppress(NatsError, TimeoutError):  # then it ends by itself
            await self._nats.request(self._subject, _FREE, timeout=ANSWER_WITHIN, headers=headers)

"""Where the outcomes of one agent's commands arrive: one subscription, each outcome handed to whoever waits for it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from psmp.client.errors import PsmpError
from psmp.client.link import Link
from psmp.client.waiting import Waiting
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.envelope import open_event
from psmp.words.receipt import HEADER
from psmp.words.strict import Malformed

POSITION: Final = "Psmp-Position"


class Mailbox:
    """The outcomes for ``agent`` of ``tenant``. A ``Listener``."""

    def __init__(self, link: Link, tenant: str, agent: str) -> None:
        self._link = link
        self._subject = subjects.outcomes(tenant, agent)
        self._opening = asyncio.Lock()
        self._open = False
        self._waiting: defaultdict[str, list[Waiting]] = defaultdict(list)

    async def ready(self) -> None:
        """Until no outcome can be missed any more; raises ``NotAllowed`` when this identity may not hear them."""
        if self._open:
            return
        async with self._opening:
            if not self._open:
                await self._link.listen(self._subject, self)
                self._open = True

    @contextmanager
    def expecting(self, command_id: str, waiting: Waiting) -> Iterator[None]:
        """``waiting`` hears the outcome of the command."""
        self._waiting[command_id].append(waiting)
        try:
            yield
        finally:
            self._waiting[command_id].remove(waiting)
            if not self._waiting[command_id]:
                del self._waiting[command_id]

    def heard(self, message: Message) -> None:
        """See ``Listener``."""
        command_id = message.subject.rpartition(".")[2]
        headers = message.headers
        position = headers.get(POSITION, "")
        if not position and not _is_event(message.data):
            return  # a peer can have answers to itself sent here, by naming this subject as its reply subject
        self._link.note()
        for waiting in self._waiting.get(command_id, ()):
            waiting.settled(int(position) if position.isdecimal() else None, message.data, headers.get(HEADER))

    def failed(self, error: PsmpError) -> None:
        """See ``Listener``; whoever sends next listens again, and hears at once if that is still not to be."""
        self._open = False
        for each in self._waiting.values():
            for waiting in each:
                waiting.failed(error)

    def renewed(self) -> None:
        """See ``Listener``; the commands themselves are sent again, which brings their outcomes again."""


def _is_event(raw: bytes) -> bool:
    try:
        open_event(raw)
    except Malformed:
        return False
    return True

"""Keeps views fresh with what the log republishes. Only for speed: what is missed here is read when it is needed."""

import re
from collections.abc import Callable
from typing import Any, Final

from psmp.log.port import Record
from psmp.log.views import Views
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.ids import ProjectKey

_POSITION: Final = re.compile(rb"\r\nNats-Sequence: ([0-9]+)\r\n")


async def follow(nats: MendedClient, views: Views[Any], *kinds: str) -> None:
    """Offer every event of ``kinds`` (``conflict.*``) that is stored from now on to ``views``.

    A service names what others write: what it writes itself it has folded already.
    """

    def offer(message: Message) -> None:
        position = _POSITION.search(message.head)
        if position is not None:
            key, kind = subjects.read_log(message.subject)
            views.offer(Record(int(position[1]), key, kind, message.data))

    for kind in kinds:
        await nats.listen(f"{subjects.LIVE}.*.*.{kind}", offer)


async def heard(nats: MendedClient, kind: str, take: Callable[[ProjectKey, int], None]) -> None:
    """Call ``take`` with project and position of every event of ``kind`` that is stored from now on."""

    def hear(message: Message) -> None:
        position = _POSITION.search(message.head)
        if position is not None:
            take(subjects.read_log(message.subject)[0], int(position[1]))

    await nats.listen(f"{subjects.LIVE}.*.*.{kind}", hear)

"""Keeps views fresh with what the log republishes. Only for speed: what is missed here is read when it is needed."""

from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.log.port import Record
from psmp.log.views import Views
from psmp.words import subjects


async def follow(nats: Client, views: Views[Any], *kinds: str) -> None:
    """Offer every event of ``kinds`` (``conflict.*``) that is stored from now on to ``views``.

    A service names what others write: what it writes itself it has folded already.
    """

    async def offer(message: Msg) -> None:
        position = (message.headers or {}).get("Nats-Sequence")
        if position is not None:
            key, kind = subjects.read_log(message.subject)
            views.offer(Record(int(position), key, kind, message.data))

    for kind in kinds:
        subject = f"{subjects.LIVE}.*.*.{kind}"
        await nats.subscribe(subject, cb=offer, pending_msgs_limit=-1, pending_bytes_limit=64 * 1024 * 1024)

"""What happens, as it happens: Server-Sent Events that a reader can resume where it was interrupted."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi.responses import Response
from starlette.websockets import WebSocket

from psmp.words.strict import Fault
from psmp_gateway.calls import Called, Ports
from psmp_gateway.conversation import Conversation
from psmp_gateway.routes.parameters import Stream
from psmp_gateway.rules.live import Filter
from psmp_gateway.stream import EventStream, Reader
from psmp_gateway.trouble import invalid

_POSITION: Final = re.compile(r"[0-9]{1,15}")


async def stream(call: Called, wanted: Stream) -> Response:
    """Follow the log: stored events in order, the log position as id; a `Last-Event-ID` resumes right behind it.

    `psmp.beat` says up to where nothing was left out, and how far that is behind; `psmp.resync` that the reader has
    fallen too far behind and must read the state anew; `psmp.closed` that the stream ends for another reason.
    """
    for each in wanted.project:
        call.see(each)
    after, ports = wanted.after, call.ports
    said = call.request.headers.get("Last-Event-ID")
    if said:
        if not _POSITION.fullmatch(said):
            raise invalid(Fault("Last-Event-ID", f"{said[:100]!r} is no position of the log"))
        after = int(said)
    ports.room()
    projects = frozenset(wanted.project) or call.caller.grant.projects
    events = Filter(call.caller.tenant, projects, wanted.type, wanted.severity)
    reader = Reader(ports.tail, events, after, ports.over(call.entry.still), ports.settings.live_beat_seconds)
    return EventStream(reader.frames())


def socket(ports: Ports) -> Callable[[WebSocket], Awaitable[None]]:
    """``GET /live``, which is no route of HTTP."""

    async def socket(connection: WebSocket) -> None:
        """Follow the log and send commands over one WebSocket."""
        await Conversation(connection, ports).run()

    return socket

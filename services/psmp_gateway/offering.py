"""The form in which a route answers: of those that it has the one that ``Accept`` asks for, or a refusal."""

from typing import TYPE_CHECKING

from fastapi import Request

from psmp_gateway.rules import headers, problems
from psmp_gateway.trouble import trouble

if TYPE_CHECKING:
    from psmp_gateway.table import Route

JSON = "application/json"
EVENTS = "text/event-stream"


def offered(route: "Route") -> tuple[str, ...]:
    """The media types that a route has, the usual one first; none where it answers without a body."""
    if not route.says:
        return (EVENTS,)
    has_json = any(model is not None for status, model in route.says.items() if status < 300)  # noqa: PLR2004 - 2xx
    return (*((JSON,) if has_json else ()), *route.also)


class Offer:
    """Chooses the form before anything is done. One for each route."""

    def __init__(self, *media_types: str) -> None:
        self._media_types = media_types

    async def __call__(self, request: Request) -> None:
        """Puts the media type into the request's state; raises ``Trouble``."""
        said = request.headers.get("Accept")
        chosen = headers.accepts(said, *self._media_types)
        if chosen is None:
            detail = f"this comes as {' or '.join(self._media_types)}, and Accept says {str(said)[:100]}"
            raise trouble(problems.NOT_ACCEPTABLE, detail, "leave Accept out, or name one of these")
        request.state.media_type = chosen


def chosen(request: Request) -> str:
    """The media type that was chosen for the answer to this request."""
    return str(request.state.media_type)

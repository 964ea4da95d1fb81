"""What the tools for models ask of whoever calls them over HTTP. What is not listed is refused."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from psmp_gateway.rules.access import Permission

PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "project_status": Permission.READ,
        "list_conflicts": Permission.READ,
        "explain_conflict": Permission.READ,
        "check_dependencies": Permission.READ,
        "search_audit": Permission.READ,
        "declare_artifact": Permission.DECLARE,
        "request_slot": Permission.DECLARE,
        "finish": Permission.DECLARE,
        "heartbeat": Permission.DECLARE,
        "accept_suggestion": Permission.RESOLVE,
    }
)
"""The permission that each tool needs, as the route does that carries out the same."""


def may_be_sent_by(origin: str | None, allowed: str) -> bool:
    """Whether a request with that ``Origin`` is taken; ``allowed`` are origins, parted by commas.

    A program sends none. A page of the same host is not taken for ours, for a name can be made to lead to this machine.
    """
    return origin is None or origin.lower() in {each.strip().lower() for each in allowed.split(",") if each.strip()}

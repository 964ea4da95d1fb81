"""What can be read without a call: how a project stands, its conflicts, and all that it declares it needs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from psmp import __version__
from psmp.deep.declared import declared_bill
from psmp.mcp import telling
from psmp.mcp.session import Session
from psmp.words.answers import Status

_URI: Final = re.compile(r"psmp://projects/(?P<project>[A-Za-z0-9][A-Za-z0-9_-]{0,63})(?:/(?P<part>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to read about a project, from its status and in the eyes of an agent."""

    title: str
    about: str
    media: str
    write: Callable[[Status, str], str]


PARTS: Final[Mapping[str, Part]] = MappingProxyType(
    {
        "": Part(
            "Status",
            "How the project stands: state, conflicts, artifacts, slots.",
            "application/json",
            lambda status, agent: telling.standing(status, agent).model_dump_json(exclude_none=True, indent=2),
        ),
        "conflicts": Part(
            "Conflicts",
            "The open conflicts with their suggestions.",
            "application/json",
            lambda status, agent: telling.listed(status, agent, None).model_dump_json(exclude_none=True, indent=2),
        ),
        "manifest": Part(
            "Manifest",
            "Every package that stands declared, by whom, how and why, unresolved (CycloneDX 1.6).",
            "application/vnd.cyclonedx+json",
            lambda status, _: declared_bill(status, tool=__version__),
        ),
    }
)
"""What there is to read of each project; "" is the project itself."""


def uri(project: str, part: str) -> str:
    """The address of a part; ``project`` may be a place holder."""
    return f"psmp://projects/{project}" + (f"/{part}" if part else "")


async def read(session: Session, address: str) -> tuple[str, str] | None:
    """The media type and the text; None where there is no such thing. Raises ``PsmpError``."""
    named = _URI.fullmatch(address)
    part = PARTS.get(named["part"] or "") if named else None
    if named is None or part is None:
        return None
    project = session.meant(named["project"])
    client = await session.client()
    return part.media, part.write(await client.status(project), client.agent)

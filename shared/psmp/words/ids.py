"""Ids: one NATS subject token for tenants, projects and agents; UUIDv7 (RFC 9562) for commands and events."""

from typing import Annotated, Final, NamedTuple

from pydantic import StringConstraints

from psmp.words import spelling

ID_PATTERN: Final = spelling.ID_PATTERN
UUID_PATTERN: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

OWN_AGENTS: Final = "psmp_"
"""Agent ids that start so are our services'; no command may come in their name."""

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Uuid = Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in hex."""


class ProjectKey(NamedTuple):
    """Names one project of one tenant; the unit of order, of blocking and of every fold."""

    tenant: str
    project: str

    def __str__(self) -> str:
        return f"{self.tenant}/{self.project}"


SYSTEM: Final = ProjectKey(spelling.SYSTEM_TENANT, "system")
"""The deployment's own project: services are its agents, and what befalls them is told in its log."""


OPERATOR: Final = "operator"
"""Who runs PSMP, as an agent of ``SYSTEM``: takes in hand what befalls nobody's project."""


def uuid7(milliseconds: int, randomness: bytes) -> str:
    """The UUIDv7 of a Unix time in ms and 10 random bytes (RFC 9562, section 5.7)."""
    time, chance = f"{milliseconds:012x}", randomness.hex()
    variant = "89ab"[randomness[2] >> 4 & 0x3]
    return f"{time[:8]}-{time[8:]}-7{chance[1:4]}-{variant}{chance[5:8]}-{chance[8:]}"

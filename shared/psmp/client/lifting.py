"""Waiting for the keeper: a block of which nothing is left is lifted a moment after its last conflict is gone."""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from psmp.client.errors import NotReached
from psmp.rules import conflicts
from psmp.rules.lifecycle import STOPPED, WORKING
from psmp.words.answers import Status

if TYPE_CHECKING:
    from psmp.client.client import Client

WITHIN: Final = 5.0
"""Within so many seconds the keeper lifts a block of which nothing is left."""


async def lifted(client: "Client", project: str) -> Status:
    """How it stands once the keeper has lifted a block of which nothing is left; else how it stands now."""
    status = await client.status(project)
    waived = {each.conflict for each in status.waivers}
    if status.state in STOPPED and not conflicts.blocking(
        (each for each in status.conflicts if each.id not in waived), status.policy
    ):
        with suppress(NotReached):
            return await client.wait_for(project, *WORKING, timeout=WITHIN)
    return status

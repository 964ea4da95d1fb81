"""Says on stderr what a command waits for that has no slot yet: a long wait without a word looks like a fault."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from psmp.client import Client, PsmpError
from psmp.rules.lifecycle import WORKING
from psmp.words.answers import Status

AFTER: Final = 2.0
"""Seconds of waiting before anything is said; most slots are granted at once."""
EVERY: Final = 5.0
"""Seconds between looks; only what has changed is said."""


@asynccontextmanager
async def telling(client: Client, project: str) -> AsyncIterator[Callable[[], object]]:
    """Tells of the wait until what is yielded is called, or the block is left."""
    task = asyncio.create_task(_tell(client, project))  # noqa: TID251 - a group would wrap what the block raises
    try:
        yield task.cancel
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _tell(client: Client, project: str) -> None:
    said, pause = "", AFTER
    while True:
        await asyncio.sleep(pause)  # noqa: TID251 - the time between looks
        pause = EVERY
        with suppress(PsmpError):
            line = reason(await client.status(project), client.agent)
            if line != said:
                sys.stderr.write(f"{line}\n")
                said = line


def reason(status: Status, agent: str) -> str:
    """What an agent waits for, in one line."""
    begin = f"waiting for a slot of {status.project}: "
    if status.state not in WORKING:
        conflicts = ", ".join(each.id for each in status.conflicts)
        told = f"it is {status.state}" + (f" by {conflicts}" if conflicts else "")
        return f"{begin}{told} (psmp status {status.project} says what would help)"
    before = [each.agent for each in status.waiting]
    ahead = before.index(agent) if agent in before else len(before)
    holders = ", ".join(each.agent for each in status.slots) or "nobody"
    return f"{begin}{holders} at work, {ahead} before {agent}"

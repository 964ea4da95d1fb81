"""``psmp mcp``: the tools for models, on standard input and output, for Claude Code, Cursor and others to start."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import REACHING, Reaching
from psmp.cli.opened import speaking
from psmp.client import Client
from psmp.mcp.server import serve
from psmp.mcp.session import Unconfigured


async def mcp(
    *,
    project: Annotated[
        str | None,
        Parameter(env_var="PSMP_PROJECT", help="The project that is meant where a call names none; or psmp.toml."),
    ] = None,
    reaching: Reaching = REACHING,
) -> Exit:
    """Serve the Model Context Protocol on standard input and output, until its other end closes.

    It speaks as one agent (--agent, PSMP_AGENT or psmp.toml), which no call can change.
    """
    await serve(partial(_opening, reaching), project or settings.defaults().project)
    return Exit.DONE


@asynccontextmanager
async def _opening(reaching: Reaching) -> AsyncIterator[Client]:
    """As every command connects; what is missing is told to the model, which is all that listens here."""
    try:
        async with speaking(reaching) as client:
            yield client
    except Complaint as complaint:
        raise Unconfigured(str(complaint), complaint.hint) from None

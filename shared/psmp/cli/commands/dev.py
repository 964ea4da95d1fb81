"""``psmp dev``: everything on this machine, in the foreground."""

import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from psmp import __version__
from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, MOST_PORT, Answering
from psmp.cli.output import Format, Output, write_json
from psmp.cli.pages import stack as pages
from psmp.cli.running import INDEX, Addresses, addresses, announced, everything
from psmp.stack import Notice, Stack, interruptible


async def dev(
    *,
    data: Annotated[Path | None, Parameter(help="Keep everything in this folder; left out, it is thrown away.")] = None,
    port: Annotated[
        int | None,
        Parameter(validator=validators.Number(gte=1, lte=MOST_PORT), help="NATS' port; left out, a free one."),
    ] = None,
    index: Annotated[
        str | None,
        Parameter(env_var=INDEX, help="A package index, as https://.../simple: checks what packages need, too."),
    ] = None,
    webhooks: Annotated[
        Path | None,
        Parameter(help="A file of endpoints to post to besides the tenants' own webhooks (docs/webhooks.md)."),
    ] = None,
    verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), help="Show what every part writes.")] = False,
    answering: Answering = ANSWERING,
) -> Exit:
    """Run everything on this machine: NATS, Postgres and all services, until Ctrl-C."""
    news = News(answering.out)
    planned = everything(data, nats_port=port, index=index, webhooks=_found(webhooks) or True)
    stack = Stack(planned.plan, report=news.take, on_line=_written if verbose else None)
    news.say(f"starting NATS, Postgres and {len(planned.plan.services)} services …")
    async with interruptible(stack.abort), stack:
        found = addresses(stack, planned.identities, planned.api)
        with announced(found) as other:
            news.introduce(found, other)
            await stack.serve()
    news.say("stopped; nothing is left running")
    return Exit.DONE


def _found(webhooks: Path | None) -> Path | None:
    """The file of endpoints, wherever services run; raises ``Complaint`` where there is none."""
    if webhooks is not None and not webhooks.is_file():
        raise Complaint(Exit.USAGE, f"--webhooks {webhooks}: there is no such file", "docs/webhooks.md shows one")
    return webhooks.resolve() if webhooks else None


class News:
    """Tells what becomes of a stack. What happens before it was introduced is part of the introduction."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._introduced = False

    def say(self, text: str) -> None:
        """Talk for people."""
        if self._out.format is Format.TABLE:
            self._out.say(text, "dim")

    def introduce(self, found: Addresses, other: int | None) -> None:
        """Everything is ready: where it is."""
        self._introduced = True
        if self._out.format is Format.TABLE:
            self._out.show(pages.banner(found, f"psmp {__version__}", other, _unheard_of()))
        else:
            write_json(asdict(found), indent=2 if self._out.format is Format.JSON else None)

    def take(self, told: Notice) -> None:
        """Something happened to a part."""
        if not self._introduced:
            return
        now = clock.now()
        if self._out.format is Format.TABLE:
            self._out.show(pages.notice(told, f"{now:%H:%M:%S}"))
        else:
            write_json({"time": now.isoformat(), **asdict(told)})


def _unheard_of() -> Path | None:
    """The folder of the command ``psmp``, when that is not one in which a shell looks."""
    folder = Path(sys.executable).parent
    return None if shutil.which("psmp") or not (folder / "psmp").exists() else folder


def _written(part: str, line: str) -> None:
    """A line that a part wrote; called in threads, hence one single write."""
    sys.stderr.write(f"{part:<10}{line}\n")

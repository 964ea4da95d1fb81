"""``psmp watch``: what happens, as it happens; a live page in a terminal, lines of JSON in a pipe."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.flags import COMMON, Common, ProjectName
from psmp.cli.opened import asking
from psmp.cli.output import Format, Output, write_raw
from psmp.cli.pages import events as event_page
from psmp.cli.pages import status as status_page
from psmp.cli.pages.layout import heading
from psmp.client import Checking, Client, Happened, PsmpError
from psmp.words.answers import ProjectLine, Status
from psmp.words.envelope import EventEnvelope
from psmp.words.progress import CheckProgress

NEWEST: Final = 12
"""How many of the last events the page shows."""

FORGOTTEN: Final = 3.0
"""Seconds after which a check of which nothing is heard is shown no more; it is told of every second."""


@dataclass(slots=True)
class Scene:
    """What the live page shows: projects as they were last heard of, checks that take long, and the newest events."""

    projects: dict[str, ProjectLine] = field(default_factory=dict)
    checks: dict[str, tuple[float, CheckProgress]] = field(default_factory=dict)
    newest: deque[EventEnvelope] = field(default_factory=lambda: deque(maxlen=NEWEST))

    def take(self, happened: Happened, status: Status) -> None:
        """One more event, and how its project stands after it."""
        self.newest.append(happened.envelope)
        self.put(status)

    def put(self, status: Status) -> None:
        """How a project stands."""
        active = sum(each.status != "ARCHIVED" for each in status.artifacts)
        self.projects[status.project] = ProjectLine(
            project=status.project,
            name=status.name,
            state=status.state,
            since=status.since,
            sequence=status.sequence,
            time=status.time,
            artifacts=active,
            conflicts=len(status.conflicts),
        )

    def hear(self, said: Checking, present: float) -> None:
        """How far a check is, heard at ``present`` seconds."""
        self.checks.pop(said.project, None)
        if not said.progress.ended:
            self.checks[said.project] = present, said.progress

    def running(self, present: float) -> dict[str, CheckProgress]:
        """The checks that run as of ``present`` seconds, as far as is known."""
        return {name: said for name, (heard, said) in self.checks.items() if present - heard <= FORGOTTEN}

    def page(self, *, connected: bool) -> RenderableType:
        """The page as it is now; says so when nothing can be heard."""
        lines = sorted(self.projects.values(), key=lambda line: line.project)
        listed = status_page.projects(lines, clock.now()) if lines else Text("no project yet", style="dim")
        happened = [event_page.line(each, project=True) for each in self.newest]
        for line in happened:
            line.no_wrap, line.overflow = True, "ellipsis"
        end = Text("Ctrl-C ends this", style="dim") if connected else Text("not connected, waiting …", style="red")
        checks = [*status_page.checking(self.running(monotonic()))]
        for line in checks:
            line.no_wrap, line.overflow = True, "ellipsis"
        return Group(listed, *([Text(), *checks] if checks else []), Text(), heading("newest events"), *happened, end)


async def watch(project: ProjectName = None, *, common: Common = COMMON) -> Exit:
    """See what happens, as it happens, in all projects or in one."""
    out = common.out
    live = out.format is Format.TABLE and sys.stdout.isatty()
    async with asking(common) as client:
        scene = Scene()

        def page() -> RenderableType:
            return scene.page(connected=client.statistics.connected)

        with Live(get_renderable=page, console=out.page, refresh_per_second=4) if live else nullcontext():
            async with _hearing(client, project, scene) if live else nullcontext():
                await _watch(client, project, scene, out, live=live)
    return Exit.DONE


async def _watch(client: Client, project: str | None, scene: Scene, out: Output, *, live: bool) -> None:
    async with aclosing(client.events_live(project=project or "*")) as happening:
        if live:
            await _known(client, project, scene)
        async for each in happening:
            if live:
                scene.take(each, await client.status(each.envelope.key.project))
            elif out.format is Format.TABLE and sys.stdout.isatty():
                out.show(event_page.line(each.envelope, project=project is None))
            else:
                write_raw(each.raw)


@asynccontextmanager
async def _hearing(client: Client, project: str | None, scene: Scene) -> AsyncIterator[None]:
    """The scene hears of checks while the block runs."""
    # Not in a TaskGroup: what the block raises must reach the caller as it is, not in an ExceptionGroup.
    hearing = asyncio.get_running_loop().create_task(_checks(client, project, scene))
    try:
        yield
    finally:
        hearing.cancel()
        await asyncio.wait({hearing})


async def _checks(client: Client, project: str | None, scene: Scene) -> None:
    with suppress(PsmpError):  # not allowed, where tenants are of before there was this; else the block hears of it too
        async with aclosing(client.progress(project=project or "*")) as said:
            async for each in said:
                scene.hear(each, monotonic())


async def _known(client: Client, project: str | None, scene: Scene) -> None:
    """What there is before anything happens."""
    if project is not None:
        scene.put(await client.status(project))
        return
    for line in await client.projects():
        scene.projects[line.project] = line

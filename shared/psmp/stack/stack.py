"""The whole development stack: NATS, Postgres and the services, as child processes of ours."""

import asyncio
import contextlib
import functools
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn, Self

from psmp.stack.errors import UnknownPart
from psmp.stack.ground import Ground, OnLine, ground
from psmp.stack.nats_server import MINIMAL_CONFIG, NatsServer
from psmp.stack.postgres import Postgres
from psmp.stack.services import Service, ServiceProcess
from psmp.stack.supervision import Happening, Notice, Part, Report, Supervisor

#: What every service is told, besides its own HTTP port.
NATS_URL: Final = "PSMP_NATS_URL"
POSTGRES_DSN: Final = "PSMP_POSTGRES_DSN"

_RESTART_WITHIN: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a stack is to be.

    - ``prepare`` is awaited with NATS and Postgres ready: it creates what ``services`` need, which then start together.
    - ``attend`` runs beside the parts from then on, until the stack ends.
    - ``data`` keeps everything for the next run; without it everything is thrown away.
    - ``durable`` has Postgres flush what it commits. (Whether NATS does is written in its configuration.)
    - ``nats_config``, ``nats_includes`` and ``nats_env``: see `NatsServer`. ``nats_port`` None: a free one.
    - ``env`` is what services find in their environment, that of this process if None. The addresses of the stack are
      added to it (NATS' with the service's login), then each service's own additions.
    """

    services: tuple[Service, ...] = ()
    data: Path | None = None
    durable: bool = True
    nats_config: str | Path = MINIMAL_CONFIG
    nats_includes: Mapping[str, str] | None = None
    nats_env: Mapping[str, str] | None = None
    nats_port: int | None = None
    env: Mapping[str, str] | None = None
    prepare: "Callable[[Stack], Awaitable[None]] | None" = None
    attend: "Callable[[Stack], Coroutine[None, None, NoReturn]] | None" = None


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part as it is now; ``ready_after`` is how many seconds its first start took."""

    name: str
    address: str
    pid: int | None
    ready: bool
    ready_after: float


class Stack:
    """``async with Stack(plan) as stack:`` everything is ready inside, and gone afterwards.

    What dies inside is started again after 1 s, 2 s, 4 s. The order at the end: services, NATS, Postgres.
    """

    nats: NatsServer
    postgres: Postgres
    #: Seconds from nothing to everything ready.
    ready_after: float

    def __init__(self, plan: Plan, *, report: Report | None = None, on_line: OnLine | None = None) -> None:
        """``report`` is told what happens to the parts; ``on_line`` what they write, in threads of its own."""
        self.plan = plan
        self.services: tuple[ServiceProcess, ...] = ()
        self._report: Report = report or (lambda _: None)
        self._on_line = on_line
        self._ground: Ground | None = None
        self._took: dict[str, float] = {}
        self._supervisors: dict[str, Supervisor] = {}
        self._watchers = asyncio.TaskGroup()
        self._watching: list[asyncio.Task[NoReturn]] = []
        self._exits = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start everything; raises a StackError, with nothing left running, where something can not be."""
        began = _now()
        async with contextlib.AsyncExitStack() as exits:
            self._ground = await exits.enter_async_context(ground(self.plan.data, on_line=self._on_line))
            await self._start_servers(exits, self._ground)
            if self.plan.prepare is not None:
                await self.plan.prepare(self)
            await self._start_services(exits, self._ground)
            await self._watch(exits)
            self._exits = exits.pop_all()
        self.ready_after = _now() - began
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything: services first, then NATS, then Postgres."""
        await self._exits.__aexit__(kind, error, trace)

    @property
    def folder(self) -> Path:
        """Where everything is kept, for as long as the stack lasts or, with ``data``, beyond."""
        assert self._ground is not None  # noqa: S101 - for mypy: it has begun
        return self._ground.path

    @property
    def nats_url(self) -> str:
        """The address of NATS, without credentials."""
        return self.nats.url

    @property
    def postgres_dsn(self) -> str:
        """The address of our database, with password."""
        return self.postgres.dsn()

    def status(self) -> tuple[PartStatus, ...]:
        """Every part as it is now: NATS, Postgres, and the services in the plan's order."""
        addresses = (self.nats_url, self.postgres_dsn, *(service.url for service in self.services))
        return tuple(self._status(part, address) for part, address in zip(self._parts(), addresses, strict=True))

    def pid(self, name: str) -> int | None:
        """The process id of a part, None while it is down; raises UnknownPart."""
        child = self._supervisor(name).part.child
        return child.pid if child is not None and child.code is None else None

    def kill(self, name: str, *, hold: bool = False) -> None:
        """Kill a part with SIGKILL. It comes back by itself; with ``hold`` only by `restart`. Raises UnknownPart."""
        self._supervisor(name).kill(hold=hold)

    async def restart(self, name: str) -> None:
        """Stop a part if it runs, start it at once, return when it is ready; raises UnknownPart or NotReady."""
        await self._supervisor(name).restart(within=_RESTART_WITHIN)

    async def ready(self, name: str, *, within: float = 30.0) -> None:
        """Wait until a part is ready, at most ``within`` seconds; raises UnknownPart or NotReady."""
        await self._supervisor(name).ready(within=within)

    async def serve(self) -> None:
        """Wait for ever; only cancelling ends it."""
        await asyncio.Event().wait()

    def abort(self) -> None:
        """End every child at once, at whatever point of its life the stack is. Leave the context afterwards."""
        for task in self._watching:
            task.cancel()
        if self._ground is not None:
            self._ground.leash.let_go()

    async def _start_servers(self, exits: contextlib.AsyncExitStack, place: Ground) -> None:
        plan = self.plan
        self.nats = NatsServer(
            place, config=plan.nats_config, includes=plan.nats_includes, env=plan.nats_env, port=plan.nats_port
        )
        self.postgres = Postgres(place, durable=plan.durable)
        exits.push_async_callback(self.postgres.stop)
        exits.push_async_callback(self.nats.stop)
        await self._start(self.nats, self.postgres)

    async def _start_services(self, exits: contextlib.AsyncExitStack, place: Ground) -> None:
        self.services = tuple(
            ServiceProcess(service, place, self._environment(service)) for service in self.plan.services
        )
        exits.push_async_callback(_together, *(service.stop for service in self.services))
        await self._start(*self.services)

    def _environment(self, service: Service) -> dict[str, str]:
        env = os.environ if self.plan.env is None else self.plan.env
        return {**env, NATS_URL: self.nats.url_for(service.login), POSTGRES_DSN: self.postgres_dsn}

    async def _start(self, *parts: Part) -> None:
        async def start(part: Part) -> None:
            began = _now()
            await part.start()
            self._took[part.name] = took = _now() - began
            self._report(Notice(part.name, Happening.READY, f"{took:.2f} s"))

        await _together(*(functools.partial(start, part) for part in parts))

    async def _watch(self, exits: contextlib.AsyncExitStack) -> None:
        await self._watchers.__aenter__()
        exits.push_async_callback(self._stop_watching)
        for part in self._parts():
            self._supervisors[part.name] = supervisor = Supervisor(part, self._report)
            self._watching.append(self._watchers.create_task(supervisor.watch()))
        if self.plan.attend is not None:
            self._watching.append(self._watchers.create_task(self.plan.attend(self)))

    async def _stop_watching(self) -> None:
        for task in self._watching:
            task.cancel()
        await self._watchers.__aexit__(None, None, None)

    def _parts(self) -> tuple[Part, ...]:
        return (self.nats, self.postgres, *self.services)

    def _status(self, part: Part, address: str) -> PartStatus:
        supervisor = self._supervisor(part.name)
        return PartStatus(part.name, address, self.pid(part.name), supervisor.is_ready, self._took[part.name])

    def _supervisor(self, name: str) -> Supervisor:
        if name not in self._supervisors:
            raise UnknownPart(name, tuple(self._supervisors))
        return self._supervisors[name]


async def _together(*actions: Callable[[], Awaitable[None]]) -> None:
    """Do all at the same time; the first failure cancels the others and is raised as it is, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for action in actions:
                group.create_task(_awaited(action))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def _awaited(action: Callable[[], Awaitable[None]]) -> None:
    await action()


def _now() -> float:
    return asyncio.get_running_loop().time()

"""``psmp run``: a command that runs with a slot or not at all."""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Final

from cyclopts import Parameter

from psmp.cli.commands.slots import Cpus, Memory, Wait, limits, waits
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import REACHING, Reaching
from psmp.cli.opened import speaking
from psmp.cli.waiting import telling
from psmp.client import Run

FORWARDED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
GRACE: Final = 5.0
"""Seconds that a command has to end when its slot is lost."""

_BY_SIGNAL: Final = 128
_KIB: Final = 1024
_LIMITED: Final = 'ulimit -v "$0" && exec "$@"'


class Failed(Exception):
    """The command ended with another status than 0; ``code`` as shells count, 128 and more for signals."""

    def __init__(self, status: int) -> None:
        self.code = _BY_SIGNAL - status if status < 0 else status
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        super().__init__(f"the command {how}")


async def run(
    project: Annotated[str, Parameter(help="The project's id.")],
    *command: Annotated[str, Parameter(help="The command and its arguments, behind --.")],
    wait: Wait = None,
    cpus: Cpus = None,
    memory: Memory = None,
    token: Annotated[str | None, Parameter(help="The token of a node that was dispatched to the agent.")] = None,
    enforce: Annotated[bool, Parameter(help="On Linux: let it have no more address space than --memory.")] = False,
    reaching: Reaching = REACHING,
) -> int:
    """Run a command with a slot: it declares what it makes, and is stopped when the slot is lost.

    It finds PSMP_PROJECT, PSMP_AGENT, PSMP_FENCE, PSMP_CPUS and PSMP_MEMORY_MB in its environment. When it ends with 0
    the slot is finished, for which something must have been declared; anything else is reported as a failure. Ends as
    the command does, or with a code of its own when PSMP says no. With --token it is a node of a graph that runs: the
    command reports what it gives, which ends the slot.
    """
    if not command:
        raise Complaint(Exit.USAGE, "which command?", "psmp run PROJECT -- COMMAND ...")
    seconds, terms = waits(wait), limits(cpus, memory)
    if enforce and (memory is None or sys.platform != "linux"):
        raise Complaint(Exit.USAGE, "--enforce needs Linux, and --memory", "leave --enforce out, or say --memory 4096")
    signals = Signals()
    try:
        async with speaking(reaching) as client:
            with signals.heard():
                async with (
                    telling(client, project) as granted,
                    client.run(project, wait=seconds, limits=terms, token=token) as slot,
                ):
                    granted()
                    await _run(command, slot, reaching, signals, enforce=enforce)
    except Failed as failed:
        return failed.code
    except asyncio.CancelledError:
        if signals.first is None:
            raise
        return _BY_SIGNAL + signals.first
    return Exit.DONE


class Signals:
    """Hands signals on to the command; before there is one, the first ends the wait for its slot."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.child: Child | None = None

    @contextmanager
    def heard(self) -> Iterator[None]:
        """They are ours while the block runs."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        for number in FORWARDED:
            loop.add_signal_handler(number, self._arrived, number, task)
        try:
            yield
        finally:
            for number in FORWARDED:
                loop.remove_signal_handler(number)

    def _arrived(self, number: signal.Signals, task: "asyncio.Task[None] | None") -> None:
        if self.child is not None:
            self.child.forward(number)
        elif self.first is None and task is not None:
            self.first = number
            task.cancel()


class Child:
    """The command at work.

    In a terminal it shares our process group, so that it can read from there; else it has its own, which is ended as a
    whole.
    """

    def __init__(self, process: Process, *, alone: bool) -> None:
        self._process, self._alone = process, alone

    def forward(self, number: signal.Signals) -> None:
        """Hand a signal on; what a terminal's keys cause, the command has had already where it shares our group."""
        if self._alone or number not in (signal.SIGINT, signal.SIGQUIT):
            self._send(number)

    async def ended(self) -> int:
        """Its status, negative for the signal that ended it; whoever is cancelled here ends it first."""
        try:
            return await self._process.wait()
        finally:
            if self._process.returncode is None:
                await self._stop()

    async def _stop(self) -> None:
        self._send(signal.SIGTERM)
        try:
            async with asyncio.timeout(GRACE):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            self._send(signal.SIGKILL)
        await self._process.wait()

    def _send(self, number: signal.Signals) -> None:
        try:
            if self._alone:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)
        except ProcessLookupError:
            return


async def _run(command: tuple[str, ...], slot: Run, reaching: Reaching, signals: Signals, *, enforce: bool) -> None:
    """Run it to its end; raises ``Failed`` unless that is a good one."""
    alone = not sys.stdin.isatty()
    try:
        process = await asyncio.create_subprocess_exec(
            *_bounded(command, slot, enforce=enforce),
            env=environment(os.environ, slot, reaching),
            process_group=0 if alone else None,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Complaint(Exit.USAGE, f"{command[0]} cannot be run: {error}", "see whether it is there") from None
    signals.child = Child(process, alone=alone)
    status = await signals.child.ended()
    if status != 0:
        raise Failed(status)


def _bounded(command: tuple[str, ...], slot: Run, *, enforce: bool) -> tuple[str, ...]:
    if not enforce or slot.limits is None or slot.limits.memory_mb is None:
        return command
    return ("/bin/sh", "-c", _LIMITED, str(slot.limits.memory_mb * _KIB), *command)


def environment(inherited: Mapping[str, str], slot: Run, reaching: Reaching) -> dict[str, str]:
    """What the command finds: who it is, in which project, under which slot, and what it may use."""
    bounds = slot.limits
    said = {
        "PSMP_PROJECT": slot.project,
        "PSMP_AGENT": slot.client.agent,
        "PSMP_TENANT": slot.client.tenant,
        "PSMP_FENCE": str(slot.fence),
        "PSMP_URL": reaching.url,
        "PSMP_CPUS": f"{bounds.cpus:g}" if bounds and bounds.cpus is not None else None,
        "PSMP_MEMORY_MB": str(bounds.memory_mb) if bounds and bounds.memory_mb is not None else None,
    }
    kept = {name: value for name, value in inherited.items() if name not in said or name == "PSMP_URL"}
    return kept | {name: value for name, value in said.items() if value is not None}

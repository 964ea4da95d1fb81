"""Runs `stack_parent` for a test, and looks from outside at what is left of it."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psmp.leash.program import is_zombie
from psmp.stack.waiting import until

PARENT = Path(__file__).with_name("stack_parent.py")
PATIENCE = 30.0


@dataclass(frozen=True)
class Owner:
    """A running parent, and what it said about its stack."""

    process: Process
    pids: dict[str, int]
    path: Path

    async def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    async def leaves_nothing(self) -> None:
        """Wait until none of its children lives."""
        await no_longer(self.pids.values())


class Owners:
    """Starts parents, and kills those that a test leaves behind."""

    def __init__(self) -> None:
        self._processes: list[Process] = []

    async def begin(self, data: str, *services: str, python: str = sys.executable, **options: Any) -> Process:
        """Start a parent and wait for nothing."""
        process = await asyncio.create_subprocess_exec(python, str(PARENT), data, *services, stdout=PIPE, **options)
        self._processes.append(process)
        return process

    async def own(self, data: str, *services: str, python: str = sys.executable, **options: Any) -> Owner:
        """Start a parent and wait until its stack is ready."""
        process = await self.begin(data, *services, python=python, **options)
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await process.stdout.readline()
        assert line, f"the parent ended with {await process.wait()}"
        said = json.loads(line)
        return Owner(process, said["pids"], Path(said["path"]))

    async def end(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def no_longer(pids: Iterable[int]) -> None:
    remaining = set(pids)

    async def none_lives() -> bool:
        return not any(lives(pid) for pid in remaining)

    await until(none_lives, within=PATIENCE)


async def no_longer_mentioned(mark: str) -> None:
    """Wait until no process has ``mark`` in its arguments or its environment; on Linux only."""

    async def none_does() -> bool:
        return not mentioning(mark)

    await until(none_does, within=PATIENCE)


def mentioning(mark: str) -> list[int]:
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if pid != os.getpid() and mark in _words(pid)]


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not is_zombie(pid)


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text() + Path(f"/proc/{pid}/environ").read_text()
    except OSError:
        return ""

"""Child processes that cannot outlive us.

Every child is started through a shell that first tells the leash (see `psmp.leash`) which process group it is and
only then becomes the program. Until that moment the shell's input is the leash's own pipe, so the leash cannot see the
end of it before it knows the child: there is no instant at which ``kill -9`` leaves an orphan.
"""

import asyncio
import signal
import subprocess
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from psmp.leash import Leash
from psmp.leash import program as leash_program
from psmp.stack.accounts import Account
from psmp.stack.errors import Ended, NotReady
from psmp.stack.output import Output
from psmp.stack.waiting import until

T = TypeVar("T")

# The shell's $1 is the signal that ends the child when we are gone. Without a leash the write fails: nothing starts.
_TETHER: Final = 'printf "hold %s %s\\n" "$$" "$1" >&0 || exit 125; shift; exec "$@" </dev/null'
_LAST_WORDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, and how it is to be ended: ``stop_signal`` asks, ``end_signal`` ends it at once.

    An end signal other than SIGKILL goes to the program alone, which is trusted to end what it started.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path = Path("/")
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    end_signal: signal.Signals = signal.SIGKILL


class Child:
    """One running program with a process group of its own. It belongs to no event loop: two threads watch over it."""

    def __init__(self, program: Program, leash: Leash, output: Output) -> None:
        """Start ``program``; what it writes goes to ``output``."""
        self.program = program
        self.output = output
        self._leash = leash
        self._process = _spawn(program, leash)
        self._ended: Future[int] = Future()
        self._ended.set_running_or_notify_cancel()  # from now on nobody who waits can cancel it for the others
        threading.Thread(target=self._watch, name=f"{program.name}-watch", daemon=True).start()

    @property
    def name(self) -> str:
        """The program's name."""
        return self.program.name

    @property
    def pid(self) -> int:
        """The process id, which is the id of the process group too."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit status, negative for the signal that ended it, None while it runs."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        """Wait for the end and give the exit status."""
        return await asyncio.wrap_future(self._ended)

    async def stop(self, *, within: float) -> int:
        """Ask it to stop, and kill it when it has not after ``within`` seconds."""
        self.signal(self.program.stop_signal)
        try:
            async with asyncio.timeout(within):
                return await self.wait()
        except TimeoutError:
            self.kill()
            return await self.wait()

    def end(self) -> None:
        """End it at once, in the way in which it leaves nothing behind."""
        if not self._ended.done():
            leash_program.end_one(self.pid, self.program.end_signal)

    def kill(self) -> None:
        """End it as a crash would, with SIGKILL."""
        self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Send ``number`` to the whole process group, if it still runs."""
        if not self._ended.done():
            leash_program.tell(self.pid, number)

    async def ready(self, probe: Callable[[], Awaitable[T | None]], *, within: float) -> T:
        """What ``probe`` answers once it is true; raises Ended or NotReady, with the child's last lines."""

        async def probe_the_living() -> T | None:
            if (code := self.code) is not None:
                raise Ended(self.name, code, self.output.tail())
            return await probe()

        try:
            return await until(probe_the_living, within=within)
        except TimeoutError as error:
            raise NotReady(self.name, within, self.output.tail()) from error

    def _watch(self) -> None:
        """Collect the output, wait for the end, and end what the child left behind, unless it is trusted with that."""
        assert self._process.stdout is not None  # noqa: S101 - for mypy: _spawn asked for the pipe
        pump = threading.Thread(
            target=self.output.pump, args=(self._process.stdout,), name=f"{self.name}-output", daemon=True
        )
        pump.start()
        code = self._process.wait()
        if self.program.end_signal == signal.SIGKILL:
            leash_program.tell(self.pid, signal.SIGKILL)
        self._leash.free(self.pid)
        pump.join(_LAST_WORDS)
        self._ended.set_result(code)


async def run(program: Program, leash: Leash, output: Output, *, within: float) -> None:
    """Run ``program`` to its end; raises Ended unless it succeeds, NotReady after ``within`` seconds."""
    child = Child(program, leash, output)
    try:
        async with asyncio.timeout(within):
            code = await child.wait()
    except TimeoutError as error:
        raise NotReady(child.name, within, output.tail()) from error
    finally:
        child.end()
    if code != 0:
        raise Ended(child.name, code, output.tail())


def _spawn(program: Program, leash: Leash) -> subprocess.Popen[bytes]:
    account = program.account
    return subprocess.Popen(
        ("/bin/sh", "-c", _TETHER, "sh", str(program.end_signal.value), *program.argv),
        stdin=leash.pipe,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(program.env),
        cwd=program.cwd,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=() if account else None,
    )

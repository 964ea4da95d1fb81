"""Our end of the leash: a process that outlives us by as long as it takes to end what we started."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from psmp.leash import program


class LeashLost(Exception):
    """The process that would end our children after a sudden death of ours is gone itself."""

    hint = "Something killed it. Start again."

    def __str__(self) -> str:
        return "the leash of the child processes is gone"


class Leash:
    """Our end of the leash: while it is held children live, and when it is let go, for whatever reason, they end."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: int) -> None:
        """Use `start`."""
        self._process = process
        self._pipe: int | None = pipe

    @classmethod
    def start(cls, *, keep: Sequence[int] = ()) -> Self:
        """Start the leash. It keeps the descriptors ``keep`` open, hence locks held, until all children are gone."""
        source, pipe = os.pipe()
        try:
            process = subprocess.Popen(
                (sys.executable, "-I", "-S", program.__file__),
                stdin=source,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=keep,
                cwd="/",
                start_new_session=True,
            )
        except BaseException:
            os.close(pipe)
            raise
        finally:
            os.close(source)
        return cls(process, pipe)

    @property
    def pid(self) -> int:
        """The process id of the leash itself."""
        return self._process.pid

    @property
    def pipe(self) -> int:
        """The descriptor into which a starting child says who it is; raises LeashLost once the leash was let go."""
        if self._pipe is None:
            raise LeashLost
        return self._pipe

    def remove(self, path: Path) -> None:
        """Remove the directory ``path`` when everything has ended; raises LeashLost."""
        try:
            os.write(self.pipe, b"remove %s\n" % os.fsencode(path))
        except BrokenPipeError as error:
            raise LeashLost from error

    def free(self, pid: int) -> None:
        """Forget a child that has ended."""
        with contextlib.suppress(OSError, LeashLost):  # then there is nobody left who would remember it
            os.write(self.pipe, b"free %d\n" % pid)

    def let_go(self) -> None:
        """Have everything that runs ended at once, and nothing started any more."""
        if self._pipe is not None:
            pipe, self._pipe = self._pipe, None
            os.close(pipe)

    async def close(self) -> None:
        """Let go, and wait until the leash has ended what was left and removed what was to be removed."""
        self.let_go()
        await asyncio.to_thread(self._process.wait)

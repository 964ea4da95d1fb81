"""The walls round a replay: no clock, no chance, no file, no network, no other program, once they are closed."""

import datetime as dt
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from typing import Any, Final, NoReturn

_REFUSED: Final = ("open", "os.", "socket.", "subprocess.", "ctypes.", "pty.", "shutil.", "tempfile.", "urllib.")
"""Audit events (PEP 578) that begin so are refused."""
_CLOCKS: Final = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime")
_CHANCES: Final = ("random", "randrange", "randint", "choice", "getrandbits", "randbytes", "shuffle", "uniform")


class Forbidden(RuntimeError):
    """A rule reached for what it was not given; the text names it."""


def close() -> None:
    """Close the walls, for good: after this the process can read and write what is open, and compute.

    1. The kernel gives it no more file descriptors: no file, no socket, no pipe to another program.
    2. What is refused says so before it reaches the kernel.
    3. The clocks and the sources of chance raise ``Forbidden``, wherever our modules have them from.
    """
    _stop_clocks()  # 3
    for name in (*_CLOCKS, "gmtime", "sleep"):
        setattr(time, name, _forbid(f"time.{name}"))
    for name in _CHANCES:
        setattr(random, name, _forbid(f"random.{name}"))
    os.urandom = _forbid("os.urandom")
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # 1
    sys.addaudithook(_refuse)  # 2


class _Stopped(dt.datetime):
    """A datetime that knows no present."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> NoReturn:
        """Never."""
        raise Forbidden(f"datetime.now({tz or ''})")

    @classmethod
    def today(cls) -> NoReturn:
        """Never."""
        raise Forbidden("datetime.today()")

    @classmethod
    def utcnow(cls) -> NoReturn:
        """Never."""
        raise Forbidden("datetime.utcnow()")


def _stop_clocks() -> None:
    """In every module of ours the class itself is replaced, for its methods cannot be."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0].startswith("psmp") and name != __name__:
            for word, value in list(vars(module).items()):
                if value is dt.datetime:
                    setattr(module, word, _Stopped)


def _forbid(what: str) -> Callable[..., NoReturn]:
    def forbidden(*_: Any, **__: Any) -> NoReturn:
        raise Forbidden(what)

    return forbidden


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED):
        raise Forbidden(f"{event}{arguments!r:.200}")

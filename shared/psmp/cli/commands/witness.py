"""``psmp witness``: cosigns checkpoints that extend what it has seen, in a process of its own."""

import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, TypeVar

from cyclopts import Parameter, validators

from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import MOST_PORT
from psmp.cli.output import writing
from psmp.ledger.keys import Use, read_private, read_public
from psmp.service.memory import InUse, Memory
from psmp.witness.server import Server, Witness

T = TypeVar("T")


def witness(
    *,
    keys: Annotated[
        Path, Parameter(help="The file with the witness's private key (psmp signing-key make witness ...).")
    ],
    logs: Annotated[Path, Parameter(help="The file with the public keys of the logs that are watched.")],
    state: Annotated[Path, Parameter(help="A folder of its own, for what it has cosigned.")],
    port: Annotated[
        int, Parameter(validator=validators.Number(gte=0, lte=MOST_PORT), help="The port; 0 for any free one.")
    ] = 0,
    host: Annotated[str, Parameter(help="The address that it listens on.")] = "127.0.0.1",
) -> Exit:
    """Cosign checkpoints that extend what was seen before, over HTTP (C2SP tlog-witness), until it is told to stop."""
    mine, theirs = _read(keys, read_private)[Use.WITNESS], _read(logs, read_public)[Use.LOG]
    if not mine:
        raise Complaint(
            Exit.USAGE, f"{keys}: no witness key is in it", f"psmp signing-key make witness NAME --file {keys}"
        )
    if not theirs:
        raise Complaint(Exit.USAGE, f"{logs}: no key of a log is in it", "psmp dev prints where one is")
    try:
        memory = Memory.open(state)
    except (InUse, OSError, sqlite3.Error) as error:
        raise Complaint(Exit.USAGE, f"{state}: {error}", "each witness has a folder of its own") from None
    try:
        server = Server((host, port), Witness(mine, theirs, memory, lambda: clock.now().timestamp()))
    except OSError as error:
        raise Complaint(Exit.USAGE, f"{host}:{port}: {error.strerror}", "name a free port, or 0 for any") from None
    with server, writing() as stdout:
        _stop_on_signals(server)
        stdout.write(f"http://{host}:{server.server_port}\n")
        stdout.writelines(f"witness {key.verifier}\n" for key in mine)
        stdout.flush()
        server.serve_forever()
    memory.close()
    return Exit.DONE


def _stop_on_signals(server: Server) -> None:
    """Have it end well on SIGTERM and Ctrl-C."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()  # it waits for the loop that this interrupts

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _read(file: Path, read: Callable[[list[str]], T]) -> T:
    try:
        return read(file.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise Complaint(Exit.USAGE, f"{file}: {error}", "psmp signing-key make writes such a file") from None

"""A program that ends a process's children after the process itself is gone, however it died.

It needs nothing but the standard library, so that it starts in milliseconds: ``python -I -S leash.py``. Its standard
input is a pipe from its owner, with one order a line:

    hold PID SIGNAL   when the end comes, send SIGNAL: 9 to the whole process group PID, another one to its leader
                      alone, who is trusted to end the others in the way it knows
    free PID          forget PID, it has ended
    remove PATH       when the end comes and all groups are gone, remove the directory PATH

The end of the input is the end of the owner, be it a clean exit or ``kill -9``. It can not come too early: a child says
``hold`` itself before it becomes the program it is to be, and until then it keeps the pipe open.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

# Postgres may need up to 5 s to end its own children after SIGQUIT.
PATIENCE = 6.0
_POLL = 0.01


def main() -> None:
    """Follow orders until the input ends, then end and remove what was named."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    held: dict[int, int] = {}
    doomed: list[str] = []
    for line in sys.stdin.buffer:
        follow(os.fsdecode(line).rstrip("\n"), held, doomed)
    end(held)
    remove(doomed)


def follow(order: str, held: dict[int, int], doomed: list[str]) -> None:
    """Take one order into account; what is not an order is ignored."""
    verb, _, rest = order.partition(" ")
    match verb, rest.split(" "):
        case "hold", [pid, number] if pid.isdigit() and number.isdigit() and int(pid) > 1:  # 1 would mean everybody
            held[int(pid)] = int(number)
        case "free", [pid] if pid.isdigit():
            held.pop(int(pid), None)
        case "remove", _:
            doomed.append(rest)
        case _:
            pass


def end(held: dict[int, int]) -> None:
    """Send each group its signal, and SIGKILL to whatever is left after ``PATIENCE`` seconds."""
    for pid, number in held.items():
        end_one(pid, number)
    alive = set(held)
    deadline = time.monotonic() + PATIENCE
    while alive and time.monotonic() < deadline:
        time.sleep(_POLL)
        alive = {pid for pid in alive if tell(pid, 0) and not is_zombie(pid)}
    for pid in alive:
        tell(pid, signal.SIGKILL)


def end_one(pid: int, number: int) -> None:
    """End a group at once: by SIGKILL to all of it, or by another signal to its leader alone."""
    if number == signal.SIGKILL:
        tell(pid, number)
        return
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def tell(pid: int, number: int) -> bool:
    """Signal the process group ``pid``; False when it is gone."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):  # macOS says EPERM of a group that has only zombies left
        return False
    return True


def is_zombie(pid: int) -> bool:
    """Whether ``pid`` has ended and only waits for a parent to take note, which in a container may be never."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - pathlib would double the time to start
            return file.read().rpartition(b")")[2].split()[0] == b"Z"
    except OSError:  # gone, or a system without /proc, whose first process does take note
        return False


def remove(paths: Iterable[str]) -> None:
    """Remove whole directories; what is gone already is fine."""
    import shutil  # noqa: PLC0415 - it takes longer to import than all the rest, and only the end needs it

    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    main()

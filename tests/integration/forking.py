"""A process that loads the command line once and forks for every command: ``python -m tests.integration.forking FD``.

Through the socket FD come, with one byte each, three descriptors: what is to be standard output, standard error, and a
socket, on which a line of JSON says words, environment and folder. Answered are the process id and how it ended.
"""

import atexit
import gc
import json
import os
import signal
import socket
import sys
import threading
from importlib import import_module
from typing import NoReturn

from psmp.cli import app


def load() -> None:
    """All that any command needs."""
    import_module("cyclopts")
    import_module("rich.console")
    for commands in app.COMMANDS.values():
        for where, _ in commands.values():
            import_module(f"psmp.cli.commands.{where.partition(':')[0]}")
    gc.collect()
    gc.freeze()


def serve(control: socket.socket) -> None:
    """Fork for what is asked, until nobody asks any more."""
    # Ctrl-C is for who asks; and whom nobody waits for, the system forgets by itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        byte, given, _, _ = socket.recv_fds(control, 1, 3)
        if not byte:
            return
        if os.fork() == 0:
            control.close()
            watch(*given)
        for each in given:
            os.close(each)


def watch(out: int, err: int, talk: int) -> NoReturn:
    """Fork once more, and tell how that ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(fileno=talk) as asker, asker.makefile("rw", encoding="utf-8") as lines:
        asked = json.loads(lines.readline())
        pid = os.fork()
        if pid == 0:
            asker.close()
            os.close(talk)
            carry_out(asked["words"], asked["environment"], asked["folder"], out, err)
        lines.write(f"{pid}\n")
        lines.flush()
        _, status = os.waitpid(pid, 0)
        lines.write(f"{os.waitstatus_to_exitcode(status)}\n")
        lines.flush()
    os._exit(0)


def carry_out(words: list[str], environment: dict[str, str], folder: str, out: int, err: int) -> NoReturn:
    """The command itself, as ``python -m psmp.cli.app`` would end."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv[1:] = words
    code: object = 0
    try:
        app.main(words)
    except SystemExit as end:
        code = end.code
    except BaseException as error:  # noqa: BLE001 - the interpreter's last handler
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    load()
    serve(socket.socket(fileno=int(sys.argv[1])))

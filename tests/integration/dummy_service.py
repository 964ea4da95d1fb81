"""A service for tests of the stack: serves /readyz, says what it was told, and can be stubborn.

It imports little, so that it starts fast. Arguments: any of ``stubborn`` (ignores SIGTERM), ``broken`` (ends at once),
``fruitful`` (starts a child of its own), ``mark=TEXT`` (nothing but a mark on the command line).
"""

import os
import signal
import socket
import subprocess
import sys
from types import FrameType


def main() -> None:
    say(f"NATS at {os.environ['PSMP_NATS_URL']}")
    if "broken" in sys.argv:
        sys.exit("there is no such thing as a broken service")
    signal.signal(signal.SIGTERM, stop)
    if "fruitful" in sys.argv:
        child = subprocess.Popen(("/bin/sleep", "600"))
        say(f"child {child.pid}")
    serve(int(os.environ["PSMP_HTTP_PORT"]))


def stop(_number: int, _frame: FrameType | None) -> None:
    say("asked to stop")
    if "stubborn" not in sys.argv:
        sys.exit()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def serve(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            caller, _ = listening.accept()
            with caller:
                caller.recv(4096)
                caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


if __name__ == "__main__":
    main()

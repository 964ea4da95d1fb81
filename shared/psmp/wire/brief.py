"""One question to NATS over a plain socket, for a process that lives as long as its answer: without nats-py.

Whatever is out of the ordinary (a server that wants more than a password, an error, silence) is ``None``: whoever asks
then goes the long way round, which can tell what is wrong.
"""

import json
import socket
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

PORT: Final = 4222
_LONGEST_LINE: Final = 1024 * 1024


def asked(url: str, subject: str, inbox: str, body: bytes, within: float, ca: Path | None = None) -> bytes | None:
    """What somebody answers within so many seconds. ``url`` may carry user and password; ``ca`` is a PEM file."""
    where = urlsplit(url)
    if where.scheme not in ("nats", "tls") or not where.hostname or "," in url:
        return None
    deadline = time.monotonic() + within
    with socket.create_connection((where.hostname, where.port or PORT), timeout=within) as plain:
        line = _Line(plain, deadline)
        opening = _opening(where.username, where.password, subject, inbox, body)
        required = bool(_info(line).get("tls_required"))
        if not required:  # what was to be secret is not said in the clear
            return None if where.scheme == "tls" or ca else _answer(line, opening)
        with _encrypted(plain, where.hostname, ca) as encrypted:
            return _answer(_Line(encrypted, deadline), opening)


class _Line:
    """The bytes of a connection as lines and blocks; raises ``OSError`` when there are none in time."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection, self._deadline, self._rest = connection, deadline, b""

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def line(self) -> bytes:
        while b"\r\n" not in self._rest:
            if len(self._rest) > _LONGEST_LINE:
                raise OSError("a line without an end")
            self._read()
        line, _, self._rest = self._rest.partition(b"\r\n")
        return line

    def block(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._read()
        return self._rest[:size]

    def _read(self) -> None:
        self._connection.settimeout(max(self._deadline - time.monotonic(), 0.001))
        more = self._connection.recv(65536)
        if not more:
            raise OSError("the server has closed the connection")
        self._rest += more


def _info(line: _Line) -> dict[str, Any]:
    kind, _, said = line.line().partition(b" ")
    found = json.loads(said) if kind == b"INFO" else None
    if not isinstance(found, dict):
        raise OSError("this is no NATS server")
    return found


def _encrypted(plain: socket.socket, host: str, ca: Path | None) -> socket.socket:
    import ssl  # noqa: PLC0415 - only where it is asked for

    return ssl.create_default_context(cafile=str(ca) if ca else None).wrap_socket(plain, server_hostname=host)


def _opening(user: str | None, password: str | None, subject: str, inbox: str, body: bytes) -> bytes:
    who = {"user": user, "pass": password} if password is not None else {"auth_token": user} if user else {}
    options = {
        "verbose": False,
        "pedantic": False,
        "lang": "python3",
        "version": "brief",
        "protocol": 1,
        "headers": True,
        "no_responders": True,
        "name": "psmp hook",
        **who,
    }
    # With one subscription for one answer: an inbox that is nobody else's needs no chance in its name.
    reply = f"{inbox}.brief{time.monotonic_ns()}"
    head = f"CONNECT {json.dumps(options)}\r\nSUB {reply} 1\r\nPUB {subject} {reply} {len(body)}\r\n"
    return head.encode() + body + b"\r\n"


def _answer(line: _Line, opening: bytes) -> bytes | None:
    line.send(opening)
    while True:
        words = line.line().split(b" ")
        match words[0].upper():
            case b"MSG":
                return line.block(int(words[-1]))
            case b"HMSG":
                head, block = int(words[-2]), line.block(int(words[-1]))
                return block[head:] if block.startswith(b"NATS/1.0\r\n") else None  # with a status nobody was there
            case b"PING":
                line.send(b"PONG\r\n")
            case b"+OK" | b"INFO":
                continue
            case _:  # an error
                return None

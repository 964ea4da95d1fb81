"""A witness's HTTP server: ``POST /add-checkpoint``, bounded in size and time, and nothing else."""

import sys
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any, Final

from psmp.ledger.notes import Malformed, Signer, Verifier
from psmp.ledger.witnessing import LARGEST, Rejected, Submission, judge, keys_for
from psmp.service.memory import Memory

WITHIN: Final = 10.0
"""Seconds that a connection may say nothing."""

MOST: Final = 64
"""Connections at a time; one more is not answered."""

_PATH: Final = "/add-checkpoint"


class Witness:
    """Cosigns with every one of ``keys`` what extends what it has seen of logs whose keys are ``trusted``."""

    def __init__(
        self, keys: Sequence[Signer], trusted: Sequence[Verifier], memory: Memory, now: Callable[[], float]
    ) -> None:
        self._keys, self._trusted, self._memory, self._now = keys, trusted, memory, now
        self._alone = threading.Lock()

    def add_checkpoint(self, body: bytes) -> str | Rejected:
        """The lines of our signatures, with the checkpoint on disk; or why there are none."""
        try:
            submission = Submission.read(body)
        except Malformed as error:
            return Rejected(400, f"{error}\n")
        origin = submission.checkpoint.origin
        with self._alone:  # what is compared is what is replaced
            judged = judge(submission, keys_for(origin, self._trusted), self._memory.recall(origin))
            if isinstance(judged, Rejected):
                return judged
            self._memory.remember([judged])
        time = int(self._now())
        return "".join(key.sign(judged.text, time) for key in self._keys)


class Server(ThreadingHTTPServer):
    """Serves a witness; each connection in a thread of its own."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], witness: Witness, *, within: float = WITHIN, most: int = MOST) -> None:
        super().__init__(address, _Handler)
        self.witness, self.within = witness, within
        self._room = threading.BoundedSemaphore(most)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Turn away whoever comes when there is no room."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """One connection, to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:  # noqa: ANN401
        """A connection that breaks is no news; anything else is."""
        error = sys.exception()
        if not isinstance(error, OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.within)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != _PATH:
            self._answer(Rejected(404, f"POST {_PATH}\n"), close=True)
        elif not (length.isascii() and length.isdigit()):
            self._answer(Rejected(411, "say how long it is\n"), close=True)
        elif len(length) > len(str(LARGEST)) or int(length) > LARGEST:
            self._answer(Rejected(413, f"at most {LARGEST} bytes\n"), close=True)
        else:
            self._answer(self.server.witness.add_checkpoint(self.rfile.read(int(length))))

    def _answer(self, said: str | Rejected, *, close: bool = False) -> None:
        answer = Rejected(200, said) if isinstance(said, str) else said
        body = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Requests are not news."""

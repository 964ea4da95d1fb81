"""``/healthz``, ``/readyz`` and ``/metrics`` over HTTP, from a thread of their own so that a stuck event loop shows."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from psmp.service.statistics import Statistics

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

STUCK_AFTER: Final = 10.0


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is wsgiref's
        """Probes are not news."""


class Health:
    """Answers probes. ``beat`` must be called from the event loop at least every few seconds.

    ``/healthz`` is 200 while the event loop turns. ``/readyz`` is 200 once ``ready`` is set and while no loop reports
    trouble; its body names each loop's statistics.
    """

    def __init__(self, describe: Callable[[], Iterable[Statistics]]) -> None:
        self._describe = describe
        self._metrics = make_wsgi_app()
        self._beaten = time.monotonic()
        self._server: WSGIServer | None = None
        self.ready = False

    def beat(self) -> None:
        """The event loop is alive."""
        self._beaten = time.monotonic()

    def start(self, host: str, port: int) -> int:
        """Serve from a daemon thread; the port that it listens on."""
        self._server = make_server(host, port, self._answer, handler_class=_Silent)
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()
        return self._server.server_port

    def stop(self) -> None:
        """Serve no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                page: Iterable[bytes] = self._metrics(environ, start_response)
                return page
            case "/healthz":
                return self._say(start_response, time.monotonic() - self._beaten < STUCK_AFTER, {})
            case "/readyz":
                loops = [{**asdict(each), "stopped": sorted(map(str, each.stopped))} for each in self._describe()]
                well = self.ready and not any(each["trouble"] for each in loops)
                return self._say(start_response, well, {"ready": self.ready, "loops": loops})
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"/healthz, /readyz or /metrics\n"]

    def _say(self, start_response: "StartResponse", well: bool, body: dict[str, object]) -> Iterable[bytes]:  # noqa: FBT001
        status = "200 OK" if well else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps({"well": well, **body}).encode() + b"\n"]

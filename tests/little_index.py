"""A package index that a test makes: PEP 691 pages and PEP 658 metadata on the loopback, wheels of a few bytes."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

MOMENT = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Release:
    """One version of a project, as a wheel for any platform, or where ``source`` is given as that alone."""

    project: str
    version: str
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    python: str = ""
    yanked: str | bool = False
    published: str = "2024-01-01T00:00:00Z"
    tag: str = "py3-none-any"
    source: bytes | None = None
    metadata: bytes | None = None

    @property
    def filename(self) -> str:
        name = self.project.replace("-", "_")
        return f"{name}-{self.version}.tar.gz" if self.source is not None else f"{name}-{self.version}-{self.tag}.whl"

    @cached_property
    def told(self) -> bytes:
        if self.metadata is not None:
            return self.metadata
        lines = ["Metadata-Version: 2.1", f"Name: {self.project}", f"Version: {self.version}"]
        lines += [f"Requires-Python: {self.python}"] if self.python else []
        lines += [f"Provides-Extra: {extra}" for extra in self.extras]
        lines += [f"Requires-Dist: {each}" for each in self.requires]
        return ("\n".join(lines) + "\n\n").encode()

    @cached_property
    def content(self) -> bytes:
        if self.source is not None:
            return self.source
        folder = f"{self.project.replace('-', '_')}-{self.version}.dist-info"
        files = {
            f"{folder}/METADATA": self.told,
            f"{folder}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {self.tag}\n".encode(),
        }
        record = "".join(f"{name},,\n" for name in [*files, f"{folder}/RECORD"])
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, data in {**files, f"{folder}/RECORD": record.encode()}.items():
                archive.writestr(zipfile.ZipInfo(name, MOMENT), data)
        return out.getvalue()


@dataclass
class LittleIndex:
    """What is published, and what goes wrong: a status for a project, or no answer at all.

    A page is answered after ``delay`` seconds.
    """

    releases: Sequence[Release]
    faults: Mapping[str, int] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    dated: bool = True
    delay: float = 0.0
    asked: list[str] = field(default_factory=list)
    called: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/simple"

    def page(self, project: str) -> dict[str, Any] | None:
        files = []
        for release in self.releases:
            if release.project != project:
                continue
            entry: dict[str, Any] = {
                "filename": release.filename,
                "url": f"/files/{release.filename}",
                "hashes": {"sha256": sha256(release.content).hexdigest()},
                "yanked": release.yanked,
            }
            if release.source is None:
                entry["core-metadata"] = {"sha256": sha256(release.told).hexdigest()}
            if release.python:
                entry["requires-python"] = release.python
            if self.dated:
                entry["upload-time"] = release.published
            files.append(entry)
        return {"meta": {"api-version": "1.1"}, "name": project, "files": files} if files else None

    def file(self, name: str) -> bytes | None:
        for release in self.releases:
            if name == release.filename:
                return release.content
            if name == f"{release.filename}.metadata":
                return release.told
        return None

    def answer(self, path: str) -> tuple[int, str, bytes]:
        kind, _, name = unquote(path).strip("/").partition("/")
        self.asked.append(path)
        self.called.set()
        if name in self.silent:
            self.closed.wait()
        if name in self.faults:
            return self.faults[name], "text/plain", b"a fault"
        if kind == "simple" and self.delay:
            self.closed.wait(self.delay)
        if kind == "simple" and (page := self.page(name)):
            return 200, "application/vnd.pypi.simple.v1+json", json.dumps(page).encode()
        if kind == "files" and (content := self.file(name)) is not None:
            return 200, "application/octet-stream", content
        return 404, "text/plain", b"nothing here"


@contextmanager
def serving(index: LittleIndex) -> Iterator[LittleIndex]:
    """Serves ``index`` from threads until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # a head and a body sent apart cost 40 ms, for the one waits to be acknowledged

        def do_GET(self) -> None:
            status, kind, body = index.answer(self.path)
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Cache-Control", "max-age=600")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name for it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        index.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield index
        finally:
            index.closed.set()
            server.shutdown()
            thread.join()

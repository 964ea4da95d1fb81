"""Pages of a simple index, fetched for what uv does not look at, and remembered: a release does not change its mind."""

import asyncio
import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Final, TypeVar, cast
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from psmp.deep.page import pythons
from psmp.deep.solution import Package, Undetermined

LONGEST: Final = 64 << 20
"""No page of more bytes is read."""

AT_ONCE: Final = 8
"""How many pages are fetched at the same time."""

T = TypeVar("T")

_ACCEPT: Final = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of ``index``; what was learnt of them is kept in the folder ``memory``."""

    index: str
    memory: Path

    async def pythons(
        self, packages: Iterable[Package], *, seconds: float
    ) -> dict[Package, tuple[str, ...]] | Undetermined:
        """What the wheels of each package say of Python, or why that cannot be known within ``seconds``."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(package: Package) -> tuple[str, ...]:
            async with gate:
                return await _aside(lambda: self._known(package, seconds))

        chosen = [package for package in packages if not package.url]
        try:
            async with asyncio.timeout(seconds):
                told = await asyncio.gather(*map(one, chosen))
        except TimeoutError:
            return Undetermined("the index did not answer in time")
        except (OSError, HTTPException):
            return Undetermined("the index could not be reached")
        except ValueError:
            return Undetermined("the index has a page that cannot be read")
        return dict(zip(chosen, told, strict=True))

    def _known(self, package: Package, seconds: float) -> tuple[str, ...]:
        key = json.dumps([self.index, package.name, package.version, package.hashes])
        kept = self.memory / sha256(key.encode()).hexdigest()
        if kept.exists():
            return tuple(json.loads(kept.read_bytes()))
        told = pythons(self._fetch(package.name, seconds), package.version)
        if package.hashes:
            self.memory.mkdir(parents=True, exist_ok=True)
            beside = kept.with_suffix(".new")
            beside.write_text(json.dumps(told))
            beside.replace(kept)
        return told

    def _fetch(self, name: str, seconds: float) -> bytes:
        parts = urlsplit(self.index)
        path = f"{parts.path.rstrip('/')}/{name}/" + ("index.html" if parts.scheme == "file" else "")
        user, found, host = parts.netloc.rpartition("@")
        request = Request(urlunsplit(parts._replace(netloc=host, path=path)), headers={"Accept": _ACCEPT})  # noqa: S310 -- the caller's index
        if found:
            request.add_unredirected_header("Authorization", f"Basic {b64encode(unquote(user).encode()).decode()}")
        with urlopen(request, timeout=seconds) as answer:  # noqa: S310 -- as above
            body: bytes = answer.read(LONGEST)
        return body


def _aside(work: Callable[[], T]) -> asyncio.Future[T]:
    """What ``work`` returns, done in a thread that nobody waits for: who cancels this need not wait for the network."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: Exception | None) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(cast("T", result))
        else:
            future.set_exception(error)

    def run() -> None:
        result, fault = None, None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 -- handed to whoever waits
            fault = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, fault)

    threading.Thread(target=run, name="page", daemon=True).start()
    return future

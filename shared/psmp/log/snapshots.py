"""Snapshots on JetStream: what a service has folded, kept so that a long log need not be read from its start again.

A snapshot is only ever a short cut. It is used when the same code wrote it and the log still has, where the snapshot
ends, the very bytes that it ends with; in any other case the log is read from its start.
"""

import asyncio
import zlib
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic_core import from_json, to_json

from psmp.log.port import EventLog, Unreachable
from psmp.log.view import Answers, Fold, Head, S, View, ends_in
from psmp.words import subjects
from psmp.words.ids import ProjectKey

STREAM: Final = "PSMP_SNAPSHOTS"
EVERY: Final = 500
MOST_UNDER_WAY: Final = 16
_ANSWER_WITHIN: Final = 5.0


class JetStreamSnapshots:
    """Snapshots of one service's folds, on the stream ``PSMP_SNAPSHOTS``, one message a project.

    Invariant: at most one snapshot of a project is under way, and at most ``MOST_UNDER_WAY`` in all.
    ``failures`` counts what could not be kept or read; none of it is ever raised, for the log has everything.
    """

    def __init__(self, nats: Client, log: EventLog, service: str, *, every: int = EVERY) -> None:
        self._nats = nats
        self._log = log
        self._service = service
        self._every = every
        self._last: dict[ProjectKey, int] = {}
        self._under_way: dict[ProjectKey, asyncio.Task[None]] = {}
        self.failures = 0

    def offer(self, view: View[S]) -> None:
        """See ``Snapshots.offer``."""
        due = view.head.sequence - self._last.get(view.key, 0) >= self._every
        if due and view.key not in self._under_way and len(self._under_way) < MOST_UNDER_WAY:
            self._last[view.key] = view.head.sequence
            parts = _written(view)  # now, for some folds change their state in place
            task = asyncio.ensure_future(self._keep(view.key, *parts))
            self._under_way[view.key] = task
            task.add_done_callback(lambda _: self._under_way.pop(view.key))

    async def settled(self) -> None:
        """Returns when nothing is under way."""
        await asyncio.gather(*self._under_way.values())

    async def load(self, key: ProjectKey, fold: Fold[S]) -> View[S] | None:
        """See ``Snapshots.load``."""
        try:
            body = await self._last_kept(key)
            view = _read(body, key, fold) if body else None
            if view is None or not await ends_in(view, self._log):
                return None
        except (NatsError, TimeoutError, Unreachable, ValueError, LookupError, TypeError, zlib.error):
            self.failures += 1
            return None
        self._last[key] = view.head.sequence
        return view

    async def _keep(self, key: ProjectKey, head: bytes, state: bytes) -> None:
        try:
            body = await asyncio.to_thread(zlib.compress, head + b"\n" + state, 1)
            subject = subjects.snapshot(self._service, key)
            answer = await self._nats.request(subject, body, timeout=_ANSWER_WITHIN)
            if "error" in from_json(answer.data):
                self.failures += 1
        except (NatsError, TimeoutError):
            self.failures += 1

    async def _last_kept(self, key: ProjectKey) -> bytes | None:
        # By subject, not by a body that names it: so a service can be allowed to read its own and no others.
        last = f"$JS.API.DIRECT.GET.{STREAM}.{subjects.snapshot(self._service, key)}"
        message = await self._nats.request(last, b"", timeout=_ANSWER_WITHIN)
        return None if "Status" in (message.headers or {}) else message.data


def _written(view: View[S]) -> tuple[bytes, bytes]:
    """Two lines of JSON: what the snapshot is of, with the index of answers; and the state as its fold writes it."""
    about = {
        "fold": view.fold.name,
        "version": view.fold.version,
        "position": view.head.position,
        "sequence": view.head.sequence,
        "leaf": view.head.leaf,
        "answers": view.answers.dump(),
    }
    return to_json(about), view.fold.dump(view.state)


def _read(body: bytes, key: ProjectKey, fold: Fold[S]) -> View[S] | None:
    head, _, state = zlib.decompress(body).partition(b"\n")
    about: dict[str, Any] = from_json(head)
    if (about["fold"], about["version"]) != (fold.name, fold.version):
        return None
    view = View(key, fold)
    view.state = fold.load(state)
    view.head = Head(about["position"], about["sequence"], about["leaf"])
    view.answers = Answers.load(about["answers"])
    return view

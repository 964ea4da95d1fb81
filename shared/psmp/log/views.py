"""The views that a service holds: opened from a snapshot and the log, kept fresh by what is offered, bounded."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, Protocol
from weakref import WeakValueDictionary

from psmp.log.port import Damaged, EventLog, Record
from psmp.log.view import Fold, S, View, ends_in
from psmp.words.ids import ProjectKey


class Snapshots(Protocol):
    """Where folds are kept so that a long log need not be read from its start."""

    async def load(self, key: ProjectKey, fold: Fold[S]) -> View[S] | None:
        """The view that was kept last, if it still belongs to this log; None when there is none to trust."""
        ...

    def offer(self, view: View[S]) -> None:
        """Keep the view when it has come far enough since it was kept last; returns at once."""
        ...


class NoSnapshots:
    """For readers that fold a log once."""

    async def load(self, key: ProjectKey, fold: Fold[S]) -> View[S] | None:
        """Nothing is kept."""

    def offer(self, view: View[S]) -> None:
        """Nothing is kept."""


class Views(Generic[S]):
    """Views by project, the least recently used dropped beyond ``limit``.

    Invariant: a view changes only while its lock is held, or between two awaits of the one event loop.
    """

    def __init__(self, log: EventLog, fold: Fold[S], snapshots: Snapshots | None = None, *, limit: int = 2000) -> None:
        self._log = log
        self._fold = fold
        self._snapshots = snapshots or NoSnapshots()
        self._limit = limit
        self._views: OrderedDict[ProjectKey, View[S]] = OrderedDict()
        self._ahead: dict[ProjectKey, int] = {}  # positions that were offered before what comes before them
        self._locks: WeakValueDictionary[ProjectKey, asyncio.Lock] = WeakValueDictionary()  # while held or waited for

    def __len__(self) -> int:
        return len(self._views)

    def hold(self, key: ProjectKey) -> "_Hold[S]":
        """The project's view, opened if need be, to one holder at a time: ``async with`` it."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return _Hold(self, key, lock)

    async def taken_up(self, key: ProjectKey) -> View[S]:
        """The view for who has its lock."""
        view = self._views.get(key) or await self._open(key)
        if self._ahead.pop(key, 0) > view.head.position:
            await self.catch_up(view)
        return view

    def put_down(self, key: ProjectKey) -> None:
        """The holder needs the view no more."""
        view = self._views.get(key)
        if view is not None and view.head.sequence == 0:  # nothing would tell us that the project was created since
            del self._views[key]
        elif view is not None:
            self._views.move_to_end(key)
        while len(self._views) > self._limit:
            oldest, _ = self._views.popitem(last=False)
            self._ahead.pop(oldest, None)

    async def catch_up(self, view: View[S]) -> None:
        """Fold what the log has beyond the view; raises ``Damaged`` and drops the view when it does not link."""
        try:
            async for record in self._log.read(view.key, after=view.head.position):
                if record.position > view.head.position:
                    view.advance(record)
        except BaseException:
            self._drop(view)
            raise
        self._snapshots.offer(view)

    def take(self, view: View[S], record: Record) -> None:
        """Fold what we have just written behind the view, unless it has come back already by what is republished."""
        if record.position <= view.head.position:
            return
        try:
            view.advance(record)
        except Damaged:
            self._drop(view)
            raise
        self._snapshots.offer(view)

    async def stands(self, view: View[S]) -> bool:
        """Whether the log still has the bytes that the view ends with; a view that does not stand is dropped."""
        if await ends_in(view, self._log):
            return True
        self._drop(view)
        return False

    def offer(self, record: Record) -> None:
        """Fold a record that somebody else wrote, if its project is in view and it is the very next one."""
        view = self._views.get(record.key)
        if view is None:
            return
        try:
            if view.follow(record):
                self._snapshots.offer(view)
            elif record.position > view.head.position:
                self._ahead[record.key] = record.position
        except Damaged:  # whoever needs the project next reads the log itself and hears of it there
            self._drop(view)

    async def _open(self, key: ProjectKey) -> View[S]:
        view = await self._snapshots.load(key, self._fold) or View(key, self._fold)
        await self.catch_up(view)
        self._views[key] = view
        return view

    def _drop(self, view: View[S]) -> None:
        if self._views.get(view.key) is view:
            del self._views[view.key]
            self._ahead.pop(view.key, None)


@dataclass(slots=True)
class _Hold(Generic[S]):
    """What ``contextlib`` would make of a generator, at a third of the price."""

    views: Views[S]
    key: ProjectKey
    lock: asyncio.Lock

    async def __aenter__(self) -> View[S]:
        await self.lock.acquire()
        try:
            return await self.views.taken_up(self.key)
        except BaseException:
            self._let_go()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._let_go()

    def _let_go(self) -> None:
        self.views.put_down(self.key)
        self.lock.release()

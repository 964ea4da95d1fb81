"""What the ledger has grown to since its last checkpoints: told by its writer, asked by who makes them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from psmp.words.ids import ProjectKey


class Tip(NamedTuple):
    """A project's ledger: how many records it has, and where in the log the last one stands."""

    size: int
    position: int


@dataclass(slots=True)
class _Change:
    """``tips`` are in order; the later ones may not be committed yet. ``covered`` records have a checkpoint."""

    since: float
    covered: int
    tips: list[Tip] = field(default_factory=list)


class Growth:
    """The projects whose last records no checkpoint covers. Times are in seconds, of any clock that only goes forward.

    ``stale``: it is not known what the ledger has, which is how it begins, and begins anew whenever its writer does.
    """

    def __init__(self) -> None:
        self.stale = True
        self.followed = False
        self._changes: dict[ProjectKey, _Change] = {}

    @property
    def waiting(self) -> int:
        """How many they are."""
        return len(self._changes)

    def begin(self) -> None:
        """The writer begins, here and nowhere else: what it goes on from is in Postgres."""
        self.followed = self.stale = True
        self._changes.clear()

    def rest(self) -> None:
        """The writer rests: another may write elsewhere, and make the checkpoints there."""
        self.followed = False
        self._changes.clear()

    def learn(self, found: Mapping[ProjectKey, tuple[Tip, int]], now: float) -> None:
        """What is in Postgres: the tips of the projects that no checkpoint covers, and how many records one does."""
        self.stale = False
        for key, (tip, covered) in found.items():
            change = self._changes.setdefault(key, _Change(now, covered))
            change.covered = covered
            change.tips = [tip, *(each for each in change.tips if each.size > tip.size)]

    def tell(self, grown: Mapping[ProjectKey, tuple[int, Tip]], now: float) -> None:
        """From which size to which tip the transaction that is under way lets projects grow."""
        for key, (before, tip) in grown.items():
            change = self._changes.get(key)
            if change is None:
                change = self._changes[key] = _Change(now, before)
            change.tips.append(tip)

    def due(self, now: float, age: float, records: int) -> bool:
        """Whether somebody has waited for so long, or has so many records."""
        return any(
            now - each.since >= age or each.tips[-1].size - each.covered >= records for each in self._changes.values()
        )

    def oldest(self, now: float) -> float:
        """For how long somebody has waited."""
        return max((now - each.since for each in self._changes.values()), default=0.0)

    def committed(self, position: int, most: int) -> dict[ProjectKey, Tip]:
        """The newest tips that stand no further in the log, those first that have waited longest."""
        found: dict[ProjectKey, Tip] = {}
        for key, change in sorted(self._changes.items(), key=lambda each: each[1].since):
            tips = [tip for tip in change.tips if tip.position <= position]
            if tips and len(found) < most:
                found[key] = tips[-1]
        return found

    def cover(self, tips: Mapping[ProjectKey, Tip], now: float) -> None:
        """Checkpoints cover these."""
        for key, tip in tips.items():
            change = self._changes.get(key)
            if change is None:
                continue
            change.tips = [each for each in change.tips if each.size > tip.size]
            change.covered, change.since = tip.size, now
            if not change.tips:
                del self._changes[key]

    def drop(self, keys: Iterable[ProjectKey]) -> None:
        """No more is to be made of these, for now."""
        for key in keys:
            self._changes.pop(key, None)

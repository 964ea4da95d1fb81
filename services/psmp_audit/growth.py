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
        self._pressed: dict[ProjectKey, int] = {}

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

    def press(self, key: ProjectKey, size: int) -> None:
        """Somebody waits until a checkpoint covers so many records of a project, which may be on their way still."""
        self._pressed[key] = size

    def relax(self, key: ProjectKey) -> None:
        """Nobody waits for that project any more."""
        self._pressed.pop(key, None)

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for a project."""
        return bool(self._pressed)

    @property
    def pressing(self) -> bool:
        """Whether there is what somebody waits for; its transaction may be under way."""
        return any(map(self._presses, self._pressed))

    def _presses(self, key: ProjectKey) -> bool:
        change = self._changes.get(key)
        return change is not None and change.tips[-1].size >= self._pressed.get(key, change.tips[-1].size + 1)

    def oldest(self, now: float) -> float:
        """For how long somebody has waited."""
        return max((now - each.since for each in self._changes.values()), default=0.0)

    def committed(self, position: int, most: int, *, pressing: bool = False) -> dict[ProjectKey, Tip]:
        """The newest tips that stand no further in the log: those first that somebody waits for, then the oldest.

        ``pressing``: no others than those that somebody waits for, and when what is waited for is there.
        """
        found: dict[ProjectKey, Tip] = {}
        ranked = sorted((not self._presses(key), change.since, key) for key, change in self._changes.items())
        for others, _, key in ranked:
            if pressing and others:
                break
            change = self._changes[key]
            least = self._pressed[key] if pressing else 0
            tips = [tip for tip in change.tips if tip.position <= position and tip.size >= least]
            if tips and len(found) < most:
                found[key] = tips[-1]
        return found

    def cover(self, tips: Mapping[ProjectKey, Tip], now: float) -> None:
        """Checkpoints cover these."""
        for key, tip in tips.items():
            if self._pressed.get(key, tip.size + 1) <= tip.size:
                self.relax(key)
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
            self.relax(key)

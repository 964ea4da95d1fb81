"""How many requests somebody may make: buckets that fill with time. Pure.

A bucket is one number, the time at which it is full again (GCRA, the leaky bucket as a meter). Whoever asks at most
at its rate is never refused, and in any stretch of t seconds no more get through than ``burst`` and what t gives.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MINUTE: Final = 60_000_000_000
"""In the nanoseconds in which times are given here."""

MOST_BUCKETS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """``per_minute`` requests, 0 for as many as one likes, and ``burst`` at once after a rest."""

    per_minute: int
    burst: int

    @property
    def interval(self) -> int:
        """Nanoseconds that one request uses up."""
        return -(-MINUTE // self.per_minute)


def wait(full: int, now: int, cost: int, room: int) -> int:
    """Nanoseconds until a request of ``cost`` fits into a bucket of ``room`` that is full again at ``full``; 0: now."""
    return max(0, max(full, now) + cost - now - room)


class Buckets:
    """One bucket of ``limit`` for each name that was heard of lately.

    Invariant: at most ``most``; whoever was heard of longest ago is forgotten first, and starts afresh.
    """

    def __init__(self, limit: Limit, most: int = MOST_BUCKETS) -> None:
        self._interval = limit.interval if limit.per_minute else 0
        self._room = self._interval * limit.burst
        self._most = most
        self._full: OrderedDict[str, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full)

    def wait(self, name: str, now: int, share: int = 1) -> int:
        """Nanoseconds until ``name`` may ask again, 0 when it may now; ``share`` of its requests count as one."""
        return wait(self._full.get(name, 0), now, -(-self._interval // share), self._room)

    def left(self, name: str, now: int) -> int:
        """How many requests ``name`` may make at once now."""
        return max(0, self._room - max(0, self._full.get(name, 0) - now)) // self._interval if self._interval else 0

    def take(self, name: str, now: int, share: int = 1) -> None:
        """Count one request."""
        if not self._interval:
            return
        self._full[name] = max(self._full.get(name, 0), now) + -(-self._interval // share)
        self._full.move_to_end(name)
        if len(self._full) > self._most:
            self._full.popitem(last=False)

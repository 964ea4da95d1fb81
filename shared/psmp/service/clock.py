"""The one place where services learn the time and make ids."""

import os
import time
from datetime import UTC, datetime

from psmp.words.envelope import Stamp
from psmp.words.ids import uuid7


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def written(moment: datetime) -> str:
    """A time as events carry it: RFC 3339, UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def stamp() -> Stamp:
    """A fresh id and the time."""
    return Stamp(uuid7(time.time_ns() // 1_000_000, os.urandom(10)), written(now()))

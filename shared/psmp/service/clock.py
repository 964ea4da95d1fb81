"""The one place where services learn the time and make ids."""

import os
import time
from datetime import UTC, datetime

from psmp.words.envelope import Stamp, written
from psmp.words.ids import uuid7


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def stamp() -> Stamp:
    """A fresh id and the time."""
    return Stamp(uuid7(time.time_ns() // 1_000_000, os.urandom(10)), written(now()))

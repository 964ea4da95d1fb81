"""Where the client learns the time and makes ids; nothing else in it does."""

import os
import time
from datetime import UTC, datetime

from psmp.words.envelope import Stamp
from psmp.words.ids import uuid7


def stamp(command_id: str | None = None) -> Stamp:
    """The time, with ``command_id`` or a fresh UUIDv7."""
    now = datetime.now(UTC)  # noqa: TID251 - this is the client's clock
    fresh = command_id or uuid7(time.time_ns() // 1_000_000, os.urandom(10))
    return Stamp(fresh, written(now))


def written(moment: datetime) -> str:
    """A time as PSMP writes it: RFC 3339, UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

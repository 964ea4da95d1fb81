"""Where the command line learns the time, and how times are told to people."""

import re
from datetime import UTC, datetime
from typing import Final

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_SPAN: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smh]?)")


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the command line's clock


def clock_time(stamp: str) -> str:
    """The time of day of an RFC 3339 time in UTC: ``10:15:30Z``."""
    return stamp[11:19] + "Z"


def to_second(stamp: str) -> str:
    """An RFC 3339 time in UTC as people write it: ``2026-11-21 10:15:30Z``."""
    return f"{stamp[:10]} {clock_time(stamp)}"


def ago(stamp: str, present: datetime) -> str:
    """How long before ``present`` an RFC 3339 time was, in its largest unit; a clock ahead of ours reads as ``0s``."""
    seconds = max(0, int((present - datetime.fromisoformat(stamp)).total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds}s ago"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m ago"
    return f"{seconds // _HOUR}h ago" if seconds < _DAY else f"{seconds // _DAY}d ago"


def duration(seconds: float) -> str:
    """A measured time: ``4.2 ms``, ``120 ms`` or ``1.53 s``."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.1f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"  # noqa: PLR2004 - two digits


def span(text: str) -> float | None:
    """The seconds of a length of time such as ``90``, ``30s``, ``5m`` or ``1.5h``; None when it is none."""
    read = _SPAN.fullmatch(text.strip())
    return float(read[1]) * {"": 1, "s": 1, "m": _MINUTE, "h": _HOUR}[read[2]] if read else None


def left(stamp: str, seconds: float, present: datetime) -> str:
    """What is left at ``present`` of so many seconds from an RFC 3339 time on, in its largest unit."""
    rest = max(0, int(seconds - (present - datetime.fromisoformat(stamp)).total_seconds()))
    if rest < _MINUTE:
        return f"{rest}s"
    return f"{rest // _MINUTE}m" if rest < _HOUR else f"{rest // _HOUR}h"


def moment(text: str) -> datetime | None:
    """The time that ``text`` says (ISO 8601; UTC where it names no zone), None when it says none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)

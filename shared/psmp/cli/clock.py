"""Where the command line learns the time, and how times are told to people."""

from datetime import UTC, datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


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


def moment(text: str) -> datetime | None:
    """The time that ``text`` says (ISO 8601; UTC where it names no zone), None when it says none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)

"""What a sweep comes upon, and how it tells that a time is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psmp.words.events import Event


@dataclass(frozen=True, slots=True)
class Finding:
    """An event that is due. It settles ``command``, if it is any's outcome, and ``agent``, who sent it, is told."""

    event: Event
    command: str | None = None
    agent: str = ""


def over(since: str | datetime, seconds: float, now: datetime) -> bool:
    """Whether more than so many seconds have passed."""
    begun = datetime.fromisoformat(since) if isinstance(since, str) else since
    return now - begun > timedelta(seconds=seconds)

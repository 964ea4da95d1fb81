"""What becomes of an attempt to post a webhook. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from psmp.rules.project import Project
from psmp.words.envelope import Provenance
from psmp.words.events import WebhookEnded

SOURCE: Final = "/psmp/webhooks"
ACTOR: Final = "psmp_webhooks"

SCHEDULE: Final = (1.0, 2.0, 4.0, 30.0, 300.0, 1800.0, 7200.0)
"""Seconds to wait after each failure, two and a half hours in all; then it is a dead letter."""

LONGEST: Final = 7200.0
"""However long a receiver asks us to wait."""

_OK: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Answered:
    """The status that a receiver answered with, and for how many seconds it wants to be left alone."""

    status: int
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer: why."""

    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """It was delivered."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The receiver wants nothing any more."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not delivered; ``wait`` is in how many seconds to try again, None when it was tried often enough."""

    reason: str
    wait: float | None


Fate = Taken | Gone | Failed


def fate(answer: Answered | Unanswered, tries: int, spread: float = 0.0) -> Fate:
    """What becomes of a webhook after so many ``tries``. ``spread``, 0 to 1, makes the wait up to a tenth longer.

    Only 2xx is success. A redirect is not followed, for where it leads to was not agreed upon. 410 is for good.
    """
    if isinstance(answer, Answered):
        if answer.status in _OK:
            return Taken()
        if answer.status == _GONE:
            return Gone()
    if tries > len(SCHEDULE):
        return Failed(_reason(answer), None)
    wait = SCHEDULE[tries - 1] * (1 + spread / 10)
    asked = answer.retry_after if isinstance(answer, Answered) else 0.0
    return Failed(_reason(answer), max(wait, min(asked, LONGEST)))


def ended(project: Project | None, webhook: str, sequence: int) -> WebhookEnded | None:
    """What is written when the receiver of a webhook is gone; nothing if that has ended, or is another one by now.

    ``sequence`` is that of the event that made it what it was when it was posted to.
    """
    known = project.webhooks.get(webhook) if project is not None else None
    if known is None or known.ended is not None or known.sequence != sequence:
        return None
    return WebhookEnded(webhook=webhook, reason=f"its receiver has answered {_GONE}: it wants nothing any more")


def next_in(had: Mapping[str, int], waiting: Iterable[str], free: int) -> str | None:
    """Which of the tenants that wait, in the order in which they came, has a place next, while so many are ``free``.

    A tenant may have another while it has fewer than are free: so one alone has half of them at most, and somebody new
    finds room. Of several the one comes first that has the fewest.
    """
    may = (each for each in waiting if had.get(each, 0) < free)
    return min(may, key=lambda each: had.get(each, 0), default=None)


def provenance(cause: str, root: str, traceparent: str | None) -> Provenance:
    """Where the end of a webhook comes from: from the event that its receiver did not want."""
    return Provenance(SOURCE, ACTOR, cause, root, traceparent)


def _reason(answer: Answered | Unanswered) -> str:
    if isinstance(answer, Unanswered):
        return answer.why
    return f"answered {answer.status}" + (", a redirect, which is not followed" if answer.status in _REDIRECT else "")

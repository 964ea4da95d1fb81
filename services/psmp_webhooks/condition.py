"""How posting goes, receiver by receiver, since this sender began. Pure."""

from dataclasses import dataclass, field
from typing import assert_never

from psmp.words.answers import WebhookHealth
from psmp_webhooks.rules import Failed, Fate, Gone, Taken


@dataclass(slots=True)
class Condition:
    """How posting to one receiver goes; ``waiting`` are the positions of the events that are to be tried again."""

    posted: int = 0
    delivered: str | None = None
    failing: str | None = None
    trouble: str = ""
    waiting: set[int] = field(default_factory=set)
    given_up: int = 0

    def note(self, position: int, fate: Fate, now: str, *, once: bool = False) -> None:
        """What became of an attempt ``now``; ``once``: it is tried no more, and nothing is lost by that."""
        match fate:
            case Taken():
                self.posted += 1
                self.delivered, self.failing, self.trouble = now, None, ""
                self.waiting.discard(position)
            case Gone():
                self.failing, self.trouble = self.failing or now, "it wants nothing any more"
                self.waiting.clear()
            case Failed(reason, wait):
                self.failing, self.trouble = self.failing or now, reason
                if wait is not None and not once:
                    self.waiting.add(position)
                    return
                self.waiting.discard(position)
                self.given_up += not once
            case never:
                assert_never(never)

    def told(self, webhook: str) -> WebhookHealth:
        """The same in words."""
        return WebhookHealth(
            webhook=webhook,
            posted=self.posted,
            delivered=self.delivered,
            failing=self.failing,
            trouble=self.trouble,
            waiting=len(self.waiting),
            given_up=self.given_up,
        )

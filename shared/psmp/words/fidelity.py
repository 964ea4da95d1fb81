"""What a replay of decisions says of one project: how many were decided the same again, and where one was not."""

from collections.abc import Iterable
from typing import Literal

from psmp.words.values import Word

Outcome = Literal["same", "recorded", "gone", "different"]


class Count(Word):
    """Events of one service.

    ``same`` were decided again to the very bytes and ``different`` to others; ``recorded`` are inputs from outside, and
    of those ``gone`` the input is kept no more.
    """

    same: int = 0
    recorded: int = 0
    gone: int = 0
    different: int = 0

    @property
    def fidelity(self) -> float | None:
        """How many of a hundred that were decided again were decided the same; None when none was."""
        decided = self.same + self.different
        return 100 * self.same / decided if decided else None


class Deviation(Word):
    """One event that would be decided otherwise: the bytes that are recorded, and those ``decided`` now, if any."""

    sequence: int
    position: int
    kind: str
    service: str
    reason: str
    recorded: str
    decided: str | None = None


class Fidelity(Word):
    """A project, replayed to event ``sequence``. ``why`` counts the reasons of what was not decided again.

    ``deviations`` are the first few; ``damage`` says why the log goes no further, if it does not.
    """

    tenant: str
    project: str
    sequence: int
    services: dict[str, Count] = {}
    why: dict[str, int] = {}
    deviations: tuple[Deviation, ...] = ()
    damage: str = ""

    @property
    def total(self) -> Count:
        """All services together."""
        return summed(self.services.values())


def summed(counts: Iterable[Count]) -> Count:
    """Counts together."""
    each = tuple(counts)
    return Count(**{name: sum(getattr(one, name) for one in each) for name in Count.model_fields})

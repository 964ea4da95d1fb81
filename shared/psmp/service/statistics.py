"""How a part of a service describes itself; health, metrics and the watchdog all read this one value."""

from dataclasses import dataclass
from typing import Protocol

from psmp.words.ids import ProjectKey


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts since the start. ``trouble`` says in words why the part cannot do its work now; "" when it can.

    ``stopped`` are the projects that it goes no further with: their logs are damaged, or it cannot take them in.
    """

    name: str
    handled: int = 0
    postponed: int = 0
    buried: int = 0
    waiting: int = 0
    trouble: str = ""
    stopped: frozenset[ProjectKey] = frozenset()


class Loop(Protocol):
    """A part of a service that runs until it is told to stop."""

    async def run(self) -> None:
        """Work until ``stop``; an exception ends the process."""
        ...

    def stop(self) -> None:
        """Take on nothing new; ``run`` returns when what is under way is finished."""
        ...

    def describe(self) -> Statistics:
        """How it stands."""
        ...

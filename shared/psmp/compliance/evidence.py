"""Evidence: what was found in the ledger of one tenant, up to a position and a checkpoint, and in its range of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Standing:
    """One project's ledger as it was walked: its records, the newest checkpoint that covers some of them, a fault.

    ``signed`` is whether a trusted key has signed every checkpoint, None where no keys were given. ``pruned`` records
    have no bytes any more, only their leaf hash. ``first`` and ``last`` are times (RFC 3339).
    """

    project: str
    records: int
    head: str = ""
    pruned: int = 0
    first: str = ""
    last: str = ""
    checkpoints: int = 0
    number: int = 0
    size: int = 0
    root: str = ""
    signed: bool | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """How many events of one kind there are, and the positions of the first and the last of them."""

    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Guards:
    """What Postgres itself says of how the ledger is kept.

    ``guarded`` of ``tables`` refuse every change by a trigger that always fires; ``writers`` are PSMP's own roles that
    were granted UPDATE, DELETE or TRUNCATE on one of them all the same; ``checksums`` is whether pages have them.
    """

    tables: int = 0
    guarded: int = 0
    writers: tuple[str, ...] = ()
    checksums: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that somebody answers for: what, by whom, why, and where it stands."""

    project: str
    position: int
    kind: str
    actor: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days bodies are kept after a project was archived, None for ever; ``holds`` keep projects whole."""

    days: int | None = None
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that a report is made of; nothing else is asked.

    ``strays`` are events of the projection that are not byte for byte those of the ledger: what is counted, in
    ``kinds`` and ``parts``, is counted there. ``people`` are those who acted, PSMP's own services left out. ``sealed``
    are records in which personal text is sealed.
    """

    tenant: str
    position: int
    checkpoint: int
    since: str = ""
    until: str = ""
    keys: bool = False
    standings: tuple[Standing, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    parts: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    guards: Guards = Guards()
    retention: Retention = Retention()
    strays: int = 0
    people: int = 0
    sealed: int = 0

    @property
    def records(self) -> int:
        """How many records there are, at any time."""
        return sum(each.records for each in self.standings)

    @property
    def faults(self) -> tuple[str, ...]:
        """What does not hold."""
        found = [f"{each.project}: {each.fault}" for each in self.standings if each.fault]
        if self.strays:
            found.append(f"{self.strays} events of the projection are not those of the ledger")
        return tuple(found)

    @property
    def covered(self) -> bool:
        """Whether every record but those after the newest checkpoint is covered by one, in every project."""
        return bool(self.standings) and all(each.checkpoints for each in self.standings)

    @property
    def trusted(self) -> bool:
        """Whether in every project all checkpoints are signed by keys that were given."""
        return self.covered and all(each.signed for each in self.standings)

    def count(self, *kinds: str) -> int:
        """How many events of these kinds there are."""
        return sum(self.kinds[kind].count for kind in kinds if kind in self.kinds)

    def told(self, what: str, *kinds: str) -> str:
        """How many there are and where, in a line; "" where there are none."""
        found = [self.kinds[kind] for kind in kinds if kind in self.kinds]
        if not found:
            return ""
        first, last = min(each.first for each in found), max(each.last for each in found)
        where = f"position {first}" if first == last else f"positions {first} to {last}"
        return f"{sum(each.count for each in found)} {what} ({where})"

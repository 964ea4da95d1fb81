"""What log, ledger and checkpoints say of each other, by their heads alone: does all stand, and what is missing. Pure.

Nothing here reads a whole log: that is ``psmp verify``. Whatever is found is put so that a person knows which records
it is about, who has them, and what to type.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from psmp.log.view import Head
from psmp.words.ids import ProjectKey

MOST_TOLD: Final = 12
"""So many sentences are said; the others are counted."""


class Kind(StrEnum):
    """What is amiss, and so what can be done about it."""

    LOG_LACKS = "log_lacks"
    """The ledger has it."""
    LOG_DIFFERS = "log_differs"
    """Log and ledger have different bytes there."""
    LEDGER_LACKS = "ledger_lacks"
    """The log has it."""
    LEDGER_DIFFERS = "ledger_differs"
    """A checkpoint is about other bytes than the ledger has."""
    BOTH_LACK = "both_lack"
    """A checkpoint proves that it was there."""


class Restore(StrEnum):
    """What is to be restored first."""

    LOG = "log"
    LEDGER = "ledger"
    BACKUP = "backup"
    """Neither can be restored from the other."""


_REMEDY: Final[Mapping[Kind, Restore]] = MappingProxyType(
    {
        Kind.BOTH_LACK: Restore.BACKUP,
        Kind.LOG_LACKS: Restore.LOG,
        Kind.LOG_DIFFERS: Restore.LOG,
        Kind.LEDGER_LACKS: Restore.LEDGER,
        Kind.LEDGER_DIFFERS: Restore.LEDGER,
    }
)
"""By urgency: the first of these that is found says what to do first."""

_HOLDER: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.LOG_LACKS: "the log lacks {what}: the ledger has them",
        Kind.LOG_DIFFERS: "the log has other bytes than the ledger for {what}",
        Kind.LEDGER_LACKS: "the ledger lacks {what}: the log has them",
        Kind.LEDGER_DIFFERS: "the ledger has other bytes than checkpoint {by} proves for {what}",
        Kind.BOTH_LACK: "log and ledger both lack {what}, which checkpoint {by} proves: a newer backup has them",
    }
)


@dataclass(frozen=True, slots=True)
class Span:
    """Records of a project by sequence, where they stand in the log, as far as is known; 0 is not known.

    ``key`` None: records of whatever projects stand at these positions.
    """

    key: ProjectKey | None
    first: int = 0
    last: int = 0
    begin: int = 0
    end: int = 0

    def __str__(self) -> str:
        where = _range("position", self.begin, self.end)
        if self.key is None:
            return f"the records at {where}"
        what = f"{_range('record', self.first, self.last)} of {self.key}"
        return f"{what} ({where})" if self.begin else what


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is amiss; ``by`` is the size of the checkpoint that proves it."""

    kind: Kind
    span: Span
    by: int = 0

    def __str__(self) -> str:
        sentence = _HOLDER[self.kind].format(what=self.span, by=self.by)
        return sentence.replace("them", "it") if self.span.key and self.span.first == self.span.last else sentence


@dataclass(frozen=True, slots=True)
class Promise:
    """The newest checkpoint of a project: there were ``size`` records, the last one at ``position`` with hash ``leaf``.

    A checkpoint that is only known as a note, as in a file, tells no position (0) and no leaf (""). ``root`` is that of
    the Merkle tree (RFC 6962) over all of them, in hex.
    """

    size: int
    position: int = 0
    leaf: str = ""
    root: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A record of the ledger, and the hashes of what ledger and log have at its position; "" for nothing."""

    span: Span
    ledger: str
    log: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read, all of it about heads.

    - ``log``: the last position of the stream, 0 for none; ``taken``: how far the ledger says that it took the log in;
    - ``heads``: the ledger's last record of each project;
    - ``pairs``: those of them at positions that the log has, and whatever else both have and was looked at;
    - ``held``: what the ledger has in holes of the log and behind its end;
    - ``acknowledged``: how far the ledger had told the broker that it took the log in; ``tail``: what the log has from
      ``taken`` on up to there;
    - ``promises``: the newest checkpoint of each project; ``leaves``: what the ledger has there, by its hash;
    - ``forged``: which checkpoints are not believed, and why;
    - ``ends``: the sequence with which the log of a project ends that a checkpoint proves more of than the ledger has.
    """

    log: int = 0
    taken: int = 0
    heads: Mapping[ProjectKey, Head] = field(default_factory=dict)
    pairs: Sequence[Pair] = ()
    held: Sequence[Span] = ()
    acknowledged: int = 0
    tail: Sequence[Span] = ()
    promises: Mapping[ProjectKey, Promise] = field(default_factory=dict)
    leaves: Mapping[ProjectKey, str] = field(default_factory=dict)
    ends: Mapping[ProjectKey, int] = field(default_factory=dict)
    forged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found amiss, the most urgent first; nothing when everything stands.

    ``forged``: checkpoints that were not believed. They stop nothing, and somebody should know of them.
    """

    missing: tuple[Missing, ...] = ()
    forged: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything stands."""
        return not self.missing

    @property
    def remedy(self) -> Restore | None:
        """What is to be done first; None when everything stands."""
        found = {each.kind for each in self.missing}
        return next((remedy for kind, remedy in _REMEDY.items() if kind in found), None)

    @property
    def told(self) -> tuple[str, ...]:
        """What is amiss in sentences."""
        more = len(self.missing) - MOST_TOLD
        return (*map(str, self.missing[:MOST_TOLD]), *((f"and {more} more like these",) if more > 0 else ()))


class Regressed(Exception):
    """Log or ledger have gone back in time, or differ. Nothing is decided until they are restored."""

    def __init__(self, standing: Standing, command: str) -> None:
        super().__init__("; ".join(standing.told))
        self.standing = standing
        backup = standing.remedy is Restore.BACKUP
        self.hint = "neither can be restored from the other: docs/recovery.md, both are old" if backup else command


def command(standing: Standing, *words: str) -> str:
    """What to type."""
    return " ".join(("psmp restore", str(standing.remedy), *words, "--yes"))


def short(heads: Mapping[ProjectKey, Head], promises: Mapping[ProjectKey, Promise]) -> list[ProjectKey]:
    """The projects that a checkpoint proves more of than the ledger has: of these the log's end must be known."""
    return sorted(key for key, promise in promises.items() if promise.size > heads.get(key, Head()).sequence)


def compare(facts: Facts) -> Standing:
    """What is amiss."""
    found = dict.fromkeys((*_log(facts), *_ledger(facts), *_promised(facts)))
    order = list(_REMEDY)
    return Standing(tuple(sorted(found, key=lambda each: order.index(each.kind))), facts.forged)


def _log(facts: Facts) -> Iterator[Missing]:
    """What the ledger has, and the log lacks or has otherwise."""
    differing = [pair.span for pair in facts.pairs if pair.ledger != pair.log]
    yield from (Missing(Kind.LOG_DIFFERS, span) for span in differing)
    yield from (Missing(Kind.LOG_LACKS, span) for span in facts.held)
    if facts.taken > facts.log and not facts.held and not differing:
        yield Missing(Kind.LOG_LACKS, Span(None, begin=facts.log + 1, end=facts.taken))


def _ledger(facts: Facts) -> Iterator[Missing]:
    """What the broker was told that the ledger had, and the ledger lacks."""
    until = min(facts.acknowledged, facts.log)
    if until <= facts.taken:
        return
    yield from (Missing(Kind.LEDGER_LACKS, span) for span in facts.tail)
    if not facts.tail:
        yield Missing(Kind.LEDGER_LACKS, Span(None, begin=facts.taken + 1, end=until))


def _promised(facts: Facts) -> Iterator[Missing]:
    """What checkpoints prove, and the ledger or both lack."""
    named = {span.key for span in facts.tail}
    for key, promise in sorted(facts.promises.items()):
        has = facts.heads.get(key, Head()).sequence
        if promise.size <= has:
            if promise.leaf and facts.leaves.get(key) != promise.leaf:
                span = Span(key, promise.size, promise.size, promise.position, promise.position)
                yield Missing(Kind.LEDGER_DIFFERS, span, promise.size)
            continue
        end = facts.ends.get(key, 0)
        if end > has and key not in named:
            yield Missing(Kind.LEDGER_LACKS, Span(key, has + 1, min(end, promise.size)))
        if promise.size > max(has, end):
            yield Missing(Kind.BOTH_LACK, Span(key, max(has, end) + 1, promise.size), promise.size)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans of a project whose records follow each other as one, by position."""
    made: dict[tuple[ProjectKey | None, int], Span] = {}
    for span in sorted(spans, key=lambda each: (str(each.key), each.first)):
        before = made.pop((span.key, span.first - 1), None)
        whole = span if before is None else Span(span.key, before.first, span.last, before.begin, span.end)
        made[span.key, whole.last] = whole
    return sorted(made.values(), key=lambda each: each.begin)


def _range(what: str, first: int, last: int) -> str:
    return f"{what} {first}" if first == last else f"{what}s {first} to {last}"

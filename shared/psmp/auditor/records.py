"""The steps 3 to 6: a log's records, one after the other, against their chain, the signed roots and the receipts."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from re import compile as pattern
from typing import Final

from .bundle import claim
from .signed import Finding, Flawed, Head

GENESIS: Final = "0" * 64
OFTEN: Final = 10_000
"""After how many records it is told how far it is."""
_PRUNED: Final = pattern(rb'\{"pruned":"([0-9a-f]{64})"\}\n')

Tell = Callable[[str, int], object]
"""Who is told how far it is: which log, how many records."""


@dataclass
class Report:
    """What came of one log as far as it was read.

    Its first ``proved`` records are under a signed root, the first ``promised`` under a receipt; the first ``pruned``
    are hashes alone.
    """

    origin: str
    records: int = 0
    proved: int = 0
    promised: int = 0
    pruned: int = 0
    checkpoints: int = 0
    receipts: int = 0
    findings: list[Finding] = field(default_factory=list)


def span(first: int, last: int) -> str:
    """Records ``first`` to ``last`` in words; a ``last`` of 0 is the last one."""
    return f"record {first}" if first == last else f"records {first} to {last or 'the last'}"


class Tree:
    """A log's Merkle tree (RFC 6962, 2.1) as it grows, held against the roots that were signed (steps 4 and 5).

    ``heads`` come in the order of their sizes. The first ``proved`` records are those under a root that was right,
    the first ``kept`` those under one that was kept from before.
    """

    def __init__(self, heads: Iterable[Head]) -> None:
        self.size = self.proved = self.kept = 0
        self._subtrees: list[bytes] = []  # the complete ones, the largest first
        self._heads = iter(heads)
        self._next = next(self._heads, None)

    def append(self, leaf: bytes) -> None:
        """One more leaf hash; raises ``Flawed``."""
        size, stack = self.size, self._subtrees
        while size & 1:
            leaf = hashlib.sha256(b"\x01" + stack.pop() + leaf).digest()
            size >>= 1
        stack.append(leaf)
        self.size += 1
        if self._next is not None and self._next.size == self.size:
            self._compare()

    def end(self) -> None:
        """There are no more; raises ``Flawed`` where more were signed."""
        if self._next is not None:
            size, root = self._next.size, self._next.root.hex()
            expected = f"{size} records, so many were signed with root {root}"
            step = 5 if self._next.kept else 4
            raise Flawed(Finding(step, "truncated", expected, f"{self.size} records", self.size + 1, size))

    def _compare(self) -> None:
        signed: dict[bytes, bool] = {}  # roots, and whether one of the checkpoints with it was kept
        while self._next is not None and self._next.size == self.size:
            signed[self._next.root] = signed.get(self._next.root, False) or self._next.kept
            self._next = next(self._heads, None)
        root = self._subtrees[-1]
        for left in reversed(self._subtrees[:-1]):
            root = hashlib.sha256(b"\x01" + left + root).digest()
        kept = any(signed.values())
        # What was kept is believed more than what is in the bundle: a forger may have signed earlier roots too.
        first = (self.kept if kept else self.proved) + 1
        if len(signed) > 1:
            one, other, *_ = (each.hex() for each in sorted(signed))
            raise Flawed(Finding(5, "split view", one, other, first, self.size))
        if root not in signed:
            raise Flawed(Finding(5 if kept else 4, "root", signed.popitem()[0].hex(), root.hex(), first, self.size))
        self.proved = self.size
        self.kept = self.size if kept else self.kept


class Walk:
    """One log's records on their way through the steps 3 to 6."""

    def __init__(self, report: Report, heads: Iterable[Head], promised: Mapping[int, set[bytes]]) -> None:
        self._report, self._promised = report, promised
        self._project = report.origin.partition("/")[2]
        self._tree = Tree(heads)
        self._prev = GENESIS

    def all(self, records: Iterable[bytes], tell: Tell) -> bool:
        """Take the records in, to the first flaw; whether there was none."""
        report, tree = self._report, self._tree
        report.receipts = len(self._promised)
        try:
            for number, line in enumerate(records, 1):
                body = line[:-1]
                leaf = hashlib.sha256(b"\x00" + body).digest()
                if _claim(body) != (self._project, number, self._prev) or line[-1:] != b"\n":
                    leaf = self._pruned(number, line)
                if number in self._promised:
                    self._keep(number, leaf)
                tree.append(leaf)
                self._prev = leaf.hex()
                if number % OFTEN == 0:
                    tell(report.origin, number)
            tree.end()
            self._end()
        except Flawed as flaw:
            report.findings.append(flaw.finding)
        report.records, report.proved = tree.size, tree.proved
        return not any(each.step > 2 for each in report.findings)

    def _end(self) -> None:
        size, proved, pruned = self._tree.size, self._tree.proved, self._report.pruned
        if (last := max(self._promised, default=0)) > size:
            raise Flawed(Finding(6, "dropped", f"record {last}, a receipt promises it", "nothing", size + 1, last))
        if pruned > proved:
            found = f"{proved} under a signed root"
            raise Flawed(Finding(3, "pruned", f"{pruned}, so many are hashes alone", found, proved + 1, pruned))

    def _keep(self, number: int, leaf: bytes) -> None:
        """Step 6: what was promised for this place stands there, and by its link so does all before it."""
        promised = self._promised[number]
        first = max(self._report.promised, self._tree.kept) + 1
        if leaf in promised:
            self._report.promised = first = number
        if broken := promised - {leaf}:
            raise Flawed(Finding(6, "receipt", min(broken).hex(), leaf.hex(), first, number))

    def _pruned(self, number: int, line: bytes) -> bytes:
        """Step 3: a line that is not the record of this place may have its hash alone; raises ``Flawed``."""
        pruned = _PRUNED.fullmatch(line)
        if pruned is None:
            raise Flawed(self._misplaced(number, line))
        if self._report.pruned != number - 1:
            raise Flawed(Finding(3, "pruned", "a record, as those before it", "a hash alone", number, number))
        self._report.pruned = number
        return bytes.fromhex(pruned[1].decode())

    def _misplaced(self, number: int, line: bytes) -> Finding:
        """Why a line is not the record of this place."""
        found = _claim(line[:-1])
        if isinstance(found, str):
            return Finding(3, "no record", "an event as JSON", found[:200], number, number)
        project, sequence, prev = found
        if line[-1:] != b"\n":
            return Finding(3, "no record", "an end of the line", f"none after {len(line)} bytes", number, number)
        if project != self._project:
            return Finding(3, "foreign", self._project, str(project)[:200], number, number)
        if sequence != number:
            return Finding(3, "gap", str(number), str(sequence)[:200], number, number)
        return Finding(3, "chain", self._prev, str(prev)[:200], max(number - 1, 1), number)


def _claim(body: bytes) -> tuple[object, object, object] | str:
    """What a record says of its place, or why nothing can be read."""
    try:
        return claim(body)
    except ValueError as error:
        return str(error)

"""What is done: the six steps, in the order in which the docstring of this folder tells them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import chain, islice, zip_longest
from operator import attrgetter
from pathlib import Path
from types import NoneType
from typing import Any, Final

from .bundle import LARGEST_MANIFEST, LONGEST_LINE, Bundle, fields, lines, parse, texts
from .records import Report, Tell, Tree, Walk, span
from .signed import Finding, Flawed, Head, Trusted, Wrong, check_manifest, read_checkpoint, read_head, read_receipt

FORMAT: Final = "psmp-bundle-1"
_LOG: Final = {"origin": str, "project": str, "records": str, "checkpoints": str, "count": int, "files": dict}
_ANCHOR: Final = {"origin": str, "records": str, "checkpoints": str, "files": dict}
_size: Final = attrgetter("size")


@dataclass
class Audit:
    """What came of a bundle: of the ``whole``, and of each log. ``said`` is what is no flaw but worth knowing."""

    whole: Report
    made_at: str = ""
    partial: bool = False
    said: list[str] = field(default_factory=list)
    logs: list[Report] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not any(each.findings for each in (self.whole, *self.logs))


@dataclass
class Known:
    """What the auditor has besides the bundle: keys, checkpoints that were kept, records that receipts promise."""

    trusted: Trusted
    kept: dict[str, list[Head]] = field(default_factory=lambda: defaultdict(list))
    promised: dict[str, dict[int, set[bytes]]] = field(default_factory=lambda: defaultdict(dict))
    witnesses: int = 0

    def keep(self, note: str) -> None:
        """A checkpoint from before; raises ``Flawed``."""
        head, _ = read_checkpoint(note, self.trusted)
        self.kept[head.origin].append(replace(head, kept=True))

    def promise(self, note: str) -> None:
        """A receipt; raises ``Flawed``."""
        head = read_receipt(note, self.trusted)
        self.promised[head.origin].setdefault(head.size, set()).add(head.root)


class Auditor:
    """The audit of one bundle."""

    def __init__(self, bundle: Bundle, known: Known, tell: Tell = lambda *_: None) -> None:
        self._bundle, self._known, self._tell = bundle, known, tell
        self._anchor = ""  # the file of the anchor log, once that holds
        self._anchored: dict[str, bytes] = {}  # per log: a hash over the checkpoints of it that the anchor log names

    def run(self, *, signed: bool = False) -> Audit:
        """All steps for all logs; ``signed``: a manifest that nobody signed is a flaw."""
        audit = Audit(Report(""))
        try:
            manifest = self._manifest(audit, signed=signed)
        except Flawed as flaw:
            audit.whole.findings.append(flaw.finding)
            return audit
        audit.whole.findings += self._bundle.check(manifest["files"])
        if manifest["anchor"]:
            audit.logs.append(self._read_anchor(manifest["anchor"]))
        else:
            audit.said.append("no anchor log: nothing tells whether a log was left out")
        audit.logs += map(self._log, manifest["logs"])
        self._missing(audit)
        named = {"manifest.json", "manifest.note", *manifest["files"]}
        named.update(*(each["files"] for each in (*manifest["logs"], manifest["anchor"] or {"files": ()})))
        audit.said += chain.from_iterable(map(_tail, audit.logs))
        if strange := [name for name in self._bundle.names() if name not in named]:
            audit.said.append(f"not in the manifest, so nothing is proved of it: {', '.join(sorted(strange)[:5])}")
        return audit

    def _manifest(self, audit: Audit, *, signed: bool) -> dict[str, Any]:
        """Step 1."""
        if not self._bundle.has("manifest.json"):
            raise Wrong("there is no manifest.json: this is no bundle")
        with self._bundle.open("manifest.json") as file:
            raw = file.read(LARGEST_MANIFEST)
        try:
            found = parse(raw, dict)
        except ValueError as error:
            raise Flawed(Finding(1, "manifest", "an object as JSON", str(error))) from None
        if found.get("format") != FORMAT:
            raise Wrong(f"this is a bundle of format {found.get('format')!r}; {FORMAT!r} can be read")
        kinds = {"format": str, "deployment": str, "made_at": str, "partial": bool, "logs": list, "files": dict}
        manifest = fields(found, anchor=(dict, NoneType), **kinds)
        deployment = audit.whole.origin = manifest["deployment"]
        if all(key.name != deployment for key in self._known.trusted["log"]):
            raise Wrong(f"this is a bundle of {deployment!r}, and none of the log keys is")
        audit.made_at, audit.partial = manifest["made_at"], manifest["partial"]
        for log in manifest["logs"]:
            _consistent(fields(log, **_LOG), f"{deployment}/{log['project']}")
        if manifest["anchor"]:
            _consistent(fields(manifest["anchor"], **_ANCHOR), f"{deployment}/anchor")
        if len({log["origin"] for log in manifest["logs"]}) < len(manifest["logs"]):
            raise Flawed(Finding(1, "manifest", "each log once", "one twice"))
        self._signature(audit, hashlib.sha256(raw).hexdigest(), signed=signed)
        return manifest

    def _signature(self, audit: Audit, digest: str, *, signed: bool) -> None:
        there = self._bundle.has("manifest.note")
        if not signed and not (there and self._known.trusted["statement"]):
            why = "no statement key is trusted" if there else "there is no manifest.note"
            audit.said.append(f"who made this bundle is not proved, {why}; what its logs prove needs no such proof")
            return
        with self._bundle.open("manifest.note") as file:
            note = file.read(LONGEST_LINE)
        try:
            check_manifest(note.decode(), self._known.trusted, audit.whole.origin, digest)
        except Flawed as flaw:
            audit.whole.findings.append(replace(flaw.finding, step=1))
        except ValueError as error:
            audit.whole.findings.append(Finding(1, "no note", "UTF-8", str(error)))

    def _checkpoints(self, report: Report, name: str) -> tuple[Iterator[Head], bytes]:
        """Step 2: the checkpoints that hold, to be read once more, and a hash over them."""
        last = enough = seen = 0
        digest = b""
        try:
            for note in texts(self._bundle.lines(name)):
                head, seen = read_checkpoint(note, self._known.trusted)
                _after(report.origin, last, head)
                last, enough = head.size, head.size if seen >= self._known.witnesses else enough
                report.checkpoints += 1
                digest = hashlib.sha256(digest + head.text.encode()).digest()
        except Flawed as flaw:
            report.findings.append(replace(flaw.finding, first=last + 1))
        if seen < self._known.witnesses:
            expected = f"{self._known.witnesses} of those that are trusted"
            report.findings.append(Finding(2, "too few witnesses", expected, str(seen), enough + 1, last))
        kept = sorted(self._known.kept.get(report.origin, ()), key=_size)
        return merge(islice(self._heads(name), report.checkpoints), kept, key=_size), digest

    def _heads(self, name: str) -> Iterator[Head]:
        """The checkpoints of a file, as they were seen to hold before."""
        return (read_head(note.rpartition("\n\n")[0] + "\n") for note in texts(self._bundle.lines(name)))

    def _log(self, log: dict[str, Any]) -> Report:
        """Step 1 to 6 of one log."""
        report = Report(log["origin"], findings=list(self._bundle.check(log["files"])))
        heads, digest = self._checkpoints(report, log["checkpoints"])
        signed = not any(each.step == 2 for each in report.findings)
        records = self._bundle.lines(log["records"])
        whole = Walk(report, heads, self._known.promised.get(report.origin, {})).all(records, self._tell)
        if whole and report.records != log["count"]:
            report.findings.append(Finding(1, "count", str(log["count"]), str(report.records)))
        if self._anchor and signed and self._anchored.get(report.origin, b"") != digest:
            report.findings.append(self._difference(self._anchor, report.origin, log["checkpoints"]))
        return report

    def _read_anchor(self, anchor: dict[str, Any]) -> Report:
        """Step 1, 2, 4 and 5 of the anchor log, whose records are the texts of checkpoints."""
        report = Report(anchor["origin"], findings=list(self._bundle.check(anchor["files"])))
        heads, _ = self._checkpoints(report, anchor["checkpoints"])
        tree = Tree(heads)
        try:
            for text in texts(self._bundle.lines(anchor["records"])):
                origin = read_head(text).origin
                tree.append(hashlib.sha256(b"\x00" + text.encode()).digest())
                self._anchored[origin] = hashlib.sha256(self._anchored.get(origin, b"") + text.encode()).digest()
            tree.end()
            self._anchor = anchor["records"]
        except Flawed as flaw:
            report.findings.append(flaw.finding)
        report.records, report.proved = tree.size, tree.proved
        return report

    def _difference(self, anchor: str, origin: str, name: str) -> Finding:
        """Step 5: the first checkpoint that the anchor log and the log itself do not both have."""
        anchored = (head for head in map(read_head, texts(self._bundle.lines(anchor))) if head.origin == origin)
        both = zip_longest(anchored, self._heads(name))
        there, here = next(both)
        before = 0
        while there == here:
            before = there.size
            there, here = next(both)
        kind = "split view" if there and here and there.size == here.size else "anchor"
        last = min(each.size for each in (there, here) if each)
        return Finding(5, kind, _told(there), _told(here), before + 1, last)

    def _missing(self, audit: Audit) -> None:
        """Step 5 and 6: logs of this deployment that the auditor or the anchor log knows of, and the bundle lacks."""
        there = {each.origin for each in audit.logs}
        known = {*self._known.kept, *self._known.promised, *self._anchored} - there
        for origin in sorted(known):
            if audit.partial or not origin.startswith(f"{audit.whole.origin}/"):
                audit.said.append(f"checkpoints or receipts of {origin} were not looked at: it is not in this bundle")
            else:
                finding = Finding(5, "missing log", "a log that a checkpoint or a receipt is of", "nothing")
                audit.logs.append(Report(origin, findings=[finding]))


def single(path: Path, known: Known, tell: Tell = lambda *_: None) -> Audit:
    """Step 3 to 6 of one log in a file of its own, against the checkpoints of it that were kept."""
    if len(known.kept) != 1 or known.witnesses:
        raise Wrong("a single log takes --since with checkpoints of it and of no other log, and no --witnesses")
    ((origin, kept),) = known.kept.items()
    report = Report(origin, checkpoints=len(kept))
    with path.open("rb") as file:
        Walk(report, sorted(kept, key=_size), known.promised.get(origin, {})).all(lines(file), tell)
    said = ["a single log: nothing is proved of any other", *_tail(report)]
    return Audit(Report(origin.partition("/")[0]), partial=True, said=said, logs=[report])


def _consistent(log: dict[str, Any], origin: str) -> None:
    """Raises ``Flawed`` unless a log is named as it should be and the hashes are those of its two files."""
    if log["origin"] != origin:
        raise Flawed(Finding(1, "manifest", origin, log["origin"]))
    if {*log["files"]} != {log["records"], log["checkpoints"]}:
        raise Flawed(Finding(1, "manifest", f"the SHA-256 of {origin}'s two files", ", ".join(log["files"])))


def _after(origin: str, last: int, head: Head) -> None:
    """Raises ``Flawed`` unless a checkpoint is of this log and of more records than ``last``."""
    if head.origin != origin:
        raise Flawed(Finding(2, "foreign", origin, head.origin))
    if head.size <= last:
        raise Flawed(Finding(2, "order", f"more than {last} records", str(head.size)))


def _tail(report: Report) -> Iterator[str]:
    """What neither a checkpoint nor a receipt covers."""
    covered = max(report.proved, report.promised)
    if covered < report.records and not report.findings:
        where = f"{span(covered + 1, report.records)} of {report.origin}"
        yield f"{where}: newer than any checkpoint or receipt, so that nothing tells a rewritten one or one left out"


def _told(head: Head | None) -> str:
    return f"{head.size} records with root {head.root.hex()}" if head else "nothing"

"""The graphs of a bundle: first the record by the auditor, then each project's graphs by the rules."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from psmp.auditor.__main__ import UNREADABLE, audit, known
from psmp.auditor.audit import Audit, Known
from psmp.auditor.bundle import Bundle, texts
from psmp.auditor.signed import read_checkpoint
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.graphs.proving import Proof, Proved, Prover
from psmp.cli.offline import progress
from psmp.cli.output import Output
from psmp.words.ids import ProjectKey

_HELP = "psmp maeg verify --help"


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a bundle: the record, and where it holds the projects that have graphs."""

    record: Audit
    proofs: tuple[Proof, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no flaw was found anywhere."""
        graphs = [each for proof in self.proofs for each in proof.graphs]
        return self.record.holds and not any(each.flaws for each in graphs) and not any(p.broken for p in self.proofs)


def proved(path: Path, keys: Path | None, out: Output) -> Found:
    """Verify a bundle and what is settled in it; raises ``Complaint``."""
    if not path.exists():
        raise Complaint(Exit.NOT_FOUND, f"there is no {path}", "psmp export writes a bundle")
    if keys is None:
        hint = "--keys FILE, the public keys as the operator published them; psmp dev prints where its own are"
        raise Complaint(Exit.USAGE, "nothing says which keys are trusted", hint)
    if path.suffix == ".jsonl":
        raise Complaint(Exit.USAGE, f"{path}: one log is no bundle", "psmp export FILE.zip writes one")
    try:
        having = known(keys)
        with progress(out) as tell:
            record = audit(path, having, tell=tell)
        return Found(record, tuple(_proofs(Bundle(path), having)) if record.holds else ())
    except OSError as error:
        why = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise Complaint(Exit.USAGE, why, _HELP) from None
    except UNREADABLE as error:
        raise Complaint(Exit.USAGE, str(error) or type(error).__name__, _HELP) from None


def _proofs(bundle: Bundle, having: Known) -> Iterator[Proof]:
    """Of each log of a bundle that holds, where it has graphs."""
    with bundle.open("manifest.json") as file:
        manifest = json.load(file)
    for log in manifest["logs"]:
        heads = (read_checkpoint(note, having.trusted)[0] for note in texts(bundle.lines(log["checkpoints"])))
        signed = frozenset(f"{each.size} {each.root.hex()}" for each in heads)
        prover = Prover(ProjectKey(*log["project"].split("/")), signed)
        proof = prover.all(line.removesuffix(b"\n") for line in bundle.lines(log["records"]))
        if proof.graphs or proof.broken or proof.pruned:
            yield proof


def told(found: Found, graphs: Sequence[Proved]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "holds": found.holds,
        "record": asdict(found.record) | {"holds": found.record.holds},
        "graphs": [asdict(each) | {"holds": each.holds} for each in graphs],
        "broken": [f"{each.project}: {each.broken}" for each in found.proofs if each.broken],
        "pruned": [f"{each.project}: {each.pruned}" for each in found.proofs if each.pruned],
    }

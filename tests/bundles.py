"""Bundles as an operator hands them out, made with keys of their own, for the auditor to be tried on."""

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier, leaf
from psmp.ledger.notes import Kind, Signer, seal
from psmp.ledger.origins import anchor, origin, receipts, statements
from psmp.words.ids import ProjectKey
from tests.histories import KEY, History, declared

DEPLOYMENT = "psmp.example.org"
LOG = Signer(DEPLOYMENT, Kind.LOG, b"l" * 32)
RECEIPT = Signer(receipts(DEPLOYMENT), Kind.LOG, b"r" * 32)
STATEMENT = Signer(statements(DEPLOYMENT), Kind.LOG, b"s" * 32)
WITNESS = Signer("witness.example.com", Kind.WITNESS, b"w" * 32)
STRANGER = Signer(DEPLOYMENT, Kind.LOG, b"x" * 32)
"""Somebody who calls himself as the deployment is called, and has no key of it."""

EVERY = 8
NOW = 1_795_000_000


def key_file(log: Signer = LOG) -> str:
    """What an auditor was given by another way than the bundle."""
    keys = {"log": log, "receipt": RECEIPT, "statement": STATEMENT, "witness": WITNESS}
    return "# trusted\n\n" + "".join(f"{use} {each.verifier}\n" for use, each in keys.items())


@cache
def events(count: int, key: ProjectKey = KEY) -> tuple[bytes, ...]:
    """The bytes of a log of so many records."""
    history = History(key)
    return tuple(history.add(declared(f"part-{number}")).body for number in range(1, count + 1))


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes, by the ledger's own tree."""
    tree = Frontier()
    for each in leaves:
        tree = tree.append(each)
    return tree.root


def checkpoint(name: str, leaves: Sequence[bytes], size: int) -> Checkpoint:
    """What the log was at this size."""
    return Checkpoint(name, size, root(leaves[:size]))


def note(text: str, *signers: Signer) -> str:
    """A signed note."""
    return seal(text, [each.sign(text, NOW) for each in signers]).decode()


def receipt(name: str, sequence: int, body: bytes, signer: Signer = RECEIPT) -> str:
    """What an agent was given for its declaration."""
    return note(f"psmp receipt v1\n{Checkpoint(name, sequence, leaf(body)).text}", signer)


def pruned(body: bytes) -> bytes:
    """What is left of a record when retention took its body."""
    return b'{"pruned":"%s"}' % leaf(body).hex().encode()


def lines(texts: Iterable[str]) -> str:
    """One JSON string a line."""
    return "".join(json.dumps(each) + "\n" for each in texts)


@dataclass
class Log:
    """One project's log: what its records are, and what was signed of it."""

    key: ProjectKey
    records: list[bytes]
    notes: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Its name."""
        return origin(DEPLOYMENT, self.key)

    @property
    def leaves(self) -> list[bytes]:
        """The leaf hashes of its records."""
        return list(map(leaf, self.records))

    def checkpoints(self, sizes: Iterable[int]) -> list[Checkpoint]:
        """Truly of these records."""
        return [checkpoint(self.origin, self.leaves, size) for size in sizes]

    def sign(self, *signers: Signer, sizes: Iterable[int] | None = None) -> None:
        """Checkpoints at these sizes; otherwise at every eighth record, so that a tail is under none."""
        sizes = range(EVERY, len(self.records) + 1, EVERY) if sizes is None else sizes
        self.notes = [note(each.text, *signers) for each in self.checkpoints(sizes)]


def honest(count: int = 20, key: ProjectKey = KEY) -> Log:
    """A log as it should be: witnessed checkpoints at 8 and 16 of 20 records."""
    log = Log(key, list(events(count, key)))
    log.sign(LOG, WITNESS)
    return log


@dataclass
class Maker:
    """A bundle in the making."""

    logs: list[Log]
    anchored: bool = True
    partial: bool = False
    signed: bool = True
    log_key: Signer = LOG
    files: dict[str, bytes] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], object] = lambda _: None
    """What is done to the manifest before it is signed."""

    def write(self, folder: Path) -> Path:
        """The bundle as a folder."""
        written = self.contents()
        for name, raw in written.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(raw)
        return folder

    def contents(self) -> dict[str, bytes]:
        """Every file of the bundle."""
        found: dict[str, bytes] = dict(self.files)
        logs = [self._log(each, found) for each in self.logs]
        manifest: dict[str, Any] = {
            "format": "psmp-bundle-1",
            "deployment": DEPLOYMENT,
            "made_at": "2026-11-26T00:00:00.000000Z",
            "partial": self.partial,
            "logs": logs,
            "files": digests(self.files),
        }
        if self.anchored:
            manifest["anchor"] = self._anchor(found)
        self.change(manifest)
        found["manifest.json"] = json.dumps(manifest, indent=2).encode()
        if self.signed:
            digest = sha256(found["manifest.json"]).hexdigest()
            text = f"psmp bundle v1\n{DEPLOYMENT}\n{digest}\n"
            found["manifest.note"] = note(text, STATEMENT).encode()
        return found

    def _log(self, log: Log, found: dict[str, bytes]) -> dict[str, Any]:
        name = str(log.key)
        files = {
            f"logs/{name}.jsonl": b"".join(each + b"\n" for each in log.records),
            f"checkpoints/{name}.jsonl": lines(log.notes).encode(),
        }
        found.update(files)
        records, checkpoints = files
        return {
            "origin": log.origin,
            "project": name,
            "records": records,
            "checkpoints": checkpoints,
            "count": len(log.records),
            "files": digests(files),
        }

    def _anchor(self, found: dict[str, bytes]) -> dict[str, Any]:
        texts = [each.partition("\n\n")[0] + "\n" for log in self.logs for each in log.notes]
        leaves = [leaf(each.encode()) for each in texts]
        name = anchor(DEPLOYMENT)
        heads = [checkpoint(name, leaves, len(leaves))] if leaves else []
        files = {
            "anchor/records.jsonl": lines(texts).encode(),
            "anchor/checkpoints.jsonl": lines(note(each.text, self.log_key, WITNESS) for each in heads).encode(),
        }
        found.update(files)
        records, checkpoints = files
        return {"origin": name, "records": records, "checkpoints": checkpoints, "files": digests(files)}


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of each file."""
    return {name: sha256(raw).hexdigest() for name, raw in files.items()}


def zipped(folder: Path, archive: Path) -> Path:
    """The same folder as one .zip."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                made.write(path, path.relative_to(folder).as_posix())
    return archive


def rechained(records: Iterable[bytes], first: int = 1) -> list[bytes]:
    """The records numbered and linked anew from number ``first`` on, as a thorough forger does it."""
    made: list[bytes] = []
    for number, body in enumerate(records, 1):
        if number >= first:
            said = json.loads(body)
            said |= {"sequence": number, "prev": leaf(made[-1]).hex() if made else "0" * 64}
            made.append(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode())
        else:
            made.append(body)
    return made

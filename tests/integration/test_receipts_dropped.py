"""What receipts are for: a record that was promised is gone, everything is signed anew, and the auditor finds it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.keys import Use, read_private
from psmp.ledger.merkle import Frontier, leaf
from psmp.ledger.notes import Signer, seal
from psmp.log.jetstream import JetStreamEventLog
from psmp.stack.keyfiles import PUBLIC, SIGNER
from psmp.wire.connection import Address, connect
from psmp.words.envelope import GENESIS
from psmp.words.ids import ProjectKey
from tests.integration.cli import Shell

pytest.importorskip("psmp.auditor")
pytestmark = pytest.mark.integration

KEY = ProjectKey("default", "rag")
ORIGIN = f"psmp.localhost/{KEY}"
DECLARED = b'"type":"psmp.artifact.declared.v1"'

Records = list[bytes]


@dataclass(frozen=True)
class Told:
    """A log as it is, what ada has kept of it, the public keys, and the log's own key, stolen."""

    records: Records
    receipts: Path
    keys: Path
    stolen: Signer


async def stored(url: str) -> Records:
    nats = await connect(Address(url), "test-reader", inbox="_INBOX_operator")
    try:
        return [record.body async for record in JetStreamEventLog(nats).read(KEY)]
    finally:
        await nats.close()


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, Any], Path]]:
    """A stack on which ada, who keeps receipts, has declared before bob, who keeps none."""
    shell = Shell.at(tmp_path_factory.mktemp("dev"))
    receipts = shell.folder / "receipts"
    with shell.dev() as said:
        for words in (
            ("create", "rag", "--agent", "bob"),
            ("transition", "rag", "--to", "planning", "--reason", "go", "--agent", "bob"),
            ("declare", "rag", "--artifact", "api", "--dep", "numpy>=2", "--agent", "ada", "--receipts", str(receipts)),
            ("declare", "rag", "--artifact", "web", "--agent", "bob"),
        ):
            assert shell.run(*words).code == 0
        yield shell, said, receipts


@pytest.fixture
async def told(dev: tuple[Shell, dict[str, Any], Path]) -> Told:
    _, said, receipts = dev
    folder = Path(said["keys"]).parents[1]
    [stolen] = read_private((folder / SIGNER).read_text().splitlines())[Use.LOG]
    return Told(await stored(said["operator_url"]), receipts, folder / PUBLIC, stolen)


def rechained(records: Sequence[bytes]) -> Records:
    """Numbered and linked anew, as a thorough forger does it."""
    made: Records = []
    for number, body in enumerate(records, 1):
        linked = json.loads(body) | {"sequence": number, "prev": leaf(made[-1]).hex() if made else GENESIS}
        made.append(json.dumps(linked, separators=(",", ":"), ensure_ascii=False).encode())
    return made


def bundle(folder: Path, records: Records, signer: Signer) -> Path:
    """What whoever has the log key hands to an auditor, signed up to its last record."""
    tree = Frontier()
    for each in records:
        tree = tree.append(leaf(each))
    text = Checkpoint(ORIGIN, tree.size, tree.root).text
    files = {
        f"logs/{KEY}.jsonl": b"".join(each + b"\n" for each in records),
        f"checkpoints/{KEY}.jsonl": json.dumps(seal(text, [signer.sign(text)]).decode()).encode() + b"\n",
    }
    names = dict(zip(("records", "checkpoints"), files, strict=True))
    hashes = {name: sha256(raw).hexdigest() for name, raw in files.items()}
    log = {"origin": ORIGIN, "project": str(KEY), "count": tree.size, "files": hashes, **names}
    said = {"format": "psmp-bundle-1", "deployment": "psmp.localhost", "made_at": "2026-11-26T00:00:00.000000Z"}
    manifest = {**said, "partial": False, "logs": [log], "files": {}}
    for name, raw in {**files, "manifest.json": json.dumps(manifest).encode()}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def audited(path: Path, told: Told, *more: str) -> tuple[int, str]:
    words = [sys.executable, "-m", "psmp.auditor", str(path), "--keys", str(told.keys), *more]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def dropped(records: Records) -> Records:
    """Ada's declaration never was; what came of it stands there without it."""
    first = next(each for each in records if DECLARED in each)
    return [each for each in records if each is not first]


def edited(records: Records) -> Records:
    """Ada has asked for something else."""
    return [each.replace(b"numpy", b"scipy") if DECLARED in each else each for each in records]


def cut(records: Records) -> Records:
    """Nothing was after the project began."""
    return records[:2]


def replaced(records: Records) -> Records:
    """Bob's declaration took the place of ada's, and its verdict that of hers."""
    return [*records[:2], *records[4:]]


def test_a_log_that_keeps_its_promises_holds(told: Told, tmp_path: Path) -> None:
    honest = bundle(tmp_path, told.records, told.stolen)
    code, said = audited(honest, told, "--receipts", str(told.receipts))
    assert (code, "1 receipts" in said) == (0, True), said


@pytest.mark.parametrize("tampering", [dropped, edited, cut, replaced])
def test_what_was_promised_is_missed_though_everything_was_signed_anew(
    tampering: Callable[[Records], Records], told: Told, tmp_path: Path
) -> None:
    assert [b"artifact" in each for each in told.records].count(True) == 4
    forged = bundle(tmp_path, rechained(tampering(told.records)), told.stolen)
    code, said = audited(forged, told)
    assert code == 0, said  # who kept nothing has nothing to say
    code, said = audited(forged, told, "--receipts", str(told.receipts))
    assert code == 7, said
    assert "step 6" in said

"""How fast the auditor verifies a bundle, beside SHA-256 alone over the same lines.

By itself, ``python -m tests.bench.audit --events 1000000`` prints how long it takes to make so many events, to open
each as the services do, and to verify them, and how much memory the auditor took.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

from pydantic_core import from_json

from psmp.auditor.audit import Auditor, Known
from psmp.auditor.bundle import Bundle
from psmp.auditor.signed import read_keys
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier, leaf
from psmp.ledger.origins import origin
from psmp.words.envelope import open_event
from tests.bench.figures import Figure
from tests.bench.progress import progress, say
from tests.bundles import DEPLOYMENT, LOG, WITNESS, key_file, note
from tests.histories import KEY, History, declared

EVERY: Final = 256
RECORDS: Final = f"logs/{KEY}.jsonl"
NOTES: Final = f"checkpoints/{KEY}.jsonl"
AIM: Final = 50_000
RUNS: Final = 3


def build(folder: Path, count: int, tell: Callable[[int], None] = lambda _: None) -> None:
    """A bundle of one log of so many events of about a kilobyte, with a checkpoint for each 256."""
    history, tree, name = History(), Frontier(), origin(DEPLOYMENT, KEY)
    for path in (folder / RECORDS, folder / NOTES):
        path.parent.mkdir(parents=True)
    with (folder / RECORDS).open("wb") as records, (folder / NOTES).open("w") as notes:
        for number in range(1, count + 1):
            body = history.add(declared(f"part-{number}")).body
            history.records.clear()
            records.write(body + b"\n")
            tree = tree.append(leaf(body))
            if number % EVERY == 0:
                signed = note(Checkpoint(name, number, tree.root).text, LOG, WITNESS)
                notes.write(json.dumps(signed) + "\n")
                tell(number)
    log = {"origin": name, "project": str(KEY), "records": RECORDS, "checkpoints": NOTES, "count": count}
    manifest = {"format": "psmp-bundle-1", "deployment": DEPLOYMENT, "made_at": "", "partial": True, "files": {}}
    manifest["logs"] = [log | {"files": dict(_digests(folder))}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "keys").write_text(key_file())


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for name in (RECORDS, NOTES):
        with (folder / name).open("rb") as file:
            yield name, file_digest(file, "sha256").hexdigest()


def verify(folder: Path) -> float:
    """The seconds that the auditor takes."""
    begun = time.perf_counter()
    known = Known(read_keys(key_file().splitlines()), witnesses=1)
    if not Auditor(Bundle(folder), known).run().holds:
        raise AssertionError("an honest bundle does not hold")
    return time.perf_counter() - begun


def verify_apart(folder: Path) -> float:
    """The same as a process of its own, with its start."""
    words = [sys.executable, "-m", "psmp.auditor", str(folder), "--keys", str(folder / "keys"), "--witnesses", "1"]
    begun = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def hashed(folder: Path) -> float:
    """The seconds that SHA-256 alone takes over the same lines."""
    begun = time.perf_counter()
    with (folder / RECORDS).open("rb") as file:
        for line in file:
            sha256(line).digest()
    return time.perf_counter() - begun


def audit(count: int = 100_000) -> list[Figure]:
    """Verification of a bundle of so many events; the best of a few runs, for it shares the machine with nobody."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, count)
        size = (folder / RECORDS).stat().st_size / count
        limit = count / min(hashed(folder) for _ in range(RUNS))
        rate = count / min(verify(folder) for _ in range(RUNS))
    note = f"{size:,.0f} bytes each, a checkpoint for each {EVERY}; {rate / limit:.2f} of the limit"
    return [
        Figure("limit: SHA-256 alone, records", limit, "/s"),
        Figure("records verified offline", rate, "/s", AIM, "higher", note),
    ]


def main() -> None:
    """So many events made, opened and verified, with the times."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000, help="how many")
    count = options.parse_args().events
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun, tell = time.perf_counter(), progress("made and signed", count)
        build(folder, count, tell)
        say("made and signed", count, time.perf_counter() - begun)
        parsed = _each(folder, from_json, progress("parsed", count))
        say("parsed as JSON alone", count, parsed, "the limit of opening")
        opened = _each(folder, open_event, progress("opened", count))
        say("opened", count, opened, f"{opened / parsed:,.1f} times the limit's")
        limit = hashed(folder)
        say("hashed with SHA-256 alone", count, limit, "the limit of verifying")
        sys.stderr.write("  verifying ...\n")
        verified = verify_apart(folder)
        beside = f"{verified / limit:,.1f} times the limit's; aim {count / AIM:,.0f} s at most"
        say("verified", count, verified, beside)
    print(f"memory of the auditor at most {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:,.0f} MiB")  # noqa: T201


def _each(folder: Path, read: Callable[[bytes], object], tell: Callable[[int], None]) -> float:
    """The seconds that it takes to read every record."""
    begun = time.perf_counter()
    with (folder / RECORDS).open("rb") as file:
        for number, line in enumerate(file, 1):
            read(line)
            if number % EVERY == 0:
                tell(number)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()

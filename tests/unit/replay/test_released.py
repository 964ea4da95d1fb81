"""What released versions decided is decided the same by this one, but for what is written down beside it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import psmp
from psmp.words.events import EVENTS
from psmp.words.fidelity import Fidelity
from psmp_replay.__main__ import replayed
from tests.replays import FOLDER

FILES = sorted(FOLDER.glob("*/*.jsonl"))
OTHERWISE = "otherwise.json"
"""In a version's folder: by file, the numbers of events that later versions decide otherwise, and rightly so."""


def found(file: Path) -> Iterator[Fidelity]:
    yield from replayed(file.read_bytes().splitlines())


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_what_was_decided_then_is_decided_so_now(file: Path) -> None:
    listed = file.parent / OTHERWISE
    expected = json.loads(listed.read_text())[file.stem] if listed.exists() else []
    (project,) = found(file)
    assert project.sequence > 0
    assert project.damage == ""
    assert project.total.gone == 0
    assert [each.sequence for each in project.deviations] == expected


def test_this_version_decides_everything_as_it_did_itself() -> None:
    assert not (FOLDER / psmp.__version__ / OTHERWISE).exists()
    assert {file.parent.name for file in FILES} >= {psmp.__version__}


def test_every_service_is_among_them_and_most_kinds_of_events() -> None:
    own = [each for file in FILES if file.parent.name == psmp.__version__ for each in found(file)]
    assert {name for each in own for name in each.services} == {"intake", "checker", "keeper", "resolver", "watchdog"}
    text = b"".join(file.read_bytes() for file in FILES)
    kinds = {kind.KIND for kind in EVENTS if f'"{kind.KIND}"'.encode() in text}
    assert len(kinds) > 20, sorted(kinds)


def test_they_are_never_edited() -> None:
    for folder in {file.parent for file in FILES}:
        sums = dict(line.split()[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
        files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.jsonl")}
        assert sums == files

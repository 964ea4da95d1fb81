"""``psmp receipts``: each line of the file is told, and one that does not hold is enough to end with 7."""

import json
from pathlib import Path

import pytest

from psmp.cli.app import run
from psmp.cli.exits import Exit
from psmp.ledger.keys import private
from psmp.ledger.notes import Kind, Signer
from psmp.ledger.receipts import Promises
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp.words.receipt import packed

OURS = Signer("psmp.example/receipts", Kind.LOG, bytes(range(32)))
OTHERS = Signer("psmp.example/receipts", Kind.LOG, bytes(range(1, 33)))
KEY = ProjectKey("acme", "shop")


def line(sequence: int, signer: Signer = OURS) -> str:
    return packed(Promises("psmp.example", (signer,)).note(KEY, sequence, b"{}"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PSMP_RECEIPTS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "keys").write_text(f"receipt {OURS.verifier}\n")
    return tmp_path


def kept(folder: Path, *lines: str) -> str:
    (folder / "receipts").write_text("".join(f"{each}\n" for each in lines))
    return "receipts"


def test_receipts_that_hold_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["receipts", kept(folder, line(1), "", line(2)), "--keys", "keys", "-o", "json"]) == Exit.DONE
    found = json.loads(capsys.readouterr().out)
    assert [(each["line"], each["sequence"], each["holds"]) for each in found] == [(1, 1, True), (3, 2, True)]
    assert {(each["origin"], each["leaf"]) for each in found} == {("psmp.example/acme/shop", leaf_hash(b"{}"))}


def test_people_see_one_line_each(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["receipts", kept(folder, line(1), line(2, OTHERS), "{}"), "--keys", "keys"]) == Exit.INTEGRITY
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"✓ psmp.example/acme/shop  event 1  leaf {leaf_hash(b'{}')[:16]}…"
    assert second.startswith("✗ psmp.example/acme/shop  event 2")
    assert second.endswith("signed by no key that is trusted, named psmp.example/receipts")
    assert third.startswith("✗ line 3  not a receipt")


@pytest.mark.parametrize("spoilt", [line(1, OTHERS), line(1).replace("acme", "acmf"), "nonsense", line(1)[:-40]])
def test_one_that_does_not_hold_is_enough(spoilt: str, folder: Path) -> None:
    assert run(["receipts", kept(folder, line(1), spoilt, line(3)), "--keys", "keys"]) == Exit.INTEGRITY


def test_without_keys_nothing_is_said_of_signatures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["receipts", kept(folder, line(1, OTHERS)), "-o", "jsonl"]) == Exit.DONE
    said = capsys.readouterr()
    assert json.loads(said.out)["holds"] is None
    assert "--keys FILE" in said.err
    assert run(["receipts", kept(folder, "nonsense")]) == Exit.INTEGRITY


def test_the_file_is_found_as_it_is_when_it_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["receipts"]) == Exit.USAGE
    kept(folder, line(1))
    (folder / "psmp.toml").write_text('receipts = "receipts"\n')
    below = folder / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert run(["receipts"]) == Exit.DONE
    monkeypatch.setenv("PSMP_RECEIPTS", "nowhere")
    assert run(["receipts"]) == Exit.NOT_FOUND


def test_a_file_without_any_is_said_to_have_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["receipts", kept(folder), "--keys", "keys"]) == Exit.DONE
    assert "no receipt in it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", [None, "nonsense\n", f"receipt {private(OURS)}\n", f"log {OURS.verifier}\n", ""], ids=str
)
def test_keys_that_cannot_be_used_are_wrong_usage(text: str | None, folder: Path) -> None:
    if text is None:
        (folder / "keys").unlink()
    else:
        (folder / "keys").write_text(text)
    assert run(["receipts", kept(folder, line(1)), "--keys", "keys"]) == Exit.USAGE

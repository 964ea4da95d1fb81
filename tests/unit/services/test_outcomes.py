"""A service that answers is told at its start when its keys cannot be used."""

import os
from pathlib import Path

import pytest

from psmp.ledger.keys import private
from psmp.ledger.notes import Kind, Signer
from psmp.ledger.receipts import verified
from psmp.service import settings
from psmp.service.outcomes import AnsweringSettings
from psmp.words.ids import ProjectKey

RECEIPT = Signer("psmp.example/receipts", Kind.LOG, bytes(range(32)))
OTHER = Signer("psmp.other/receipts", Kind.LOG, bytes(range(32)))
LOG = Signer("psmp.example", Kind.LOG, bytes(range(1, 33)))
KEY = ProjectKey("acme", "shop")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("PSMP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PSMP_NATS_URL", "nats://127.0.0.1:1")
    monkeypatch.setenv("PSMP_DEPLOYMENT", "psmp.example")


def test_without_a_file_nothing_is_promised() -> None:
    assert settings.read(AnsweringSettings).promises is None


def test_every_receipt_key_of_the_file_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "receipts.keys"
    file.write_text(f"# ours\nreceipt {private(RECEIPT)}\nlog {private(LOG)}\n")
    monkeypatch.setenv("PSMP_RECEIPT_KEYS", str(file))
    promises = settings.read(AnsweringSettings).promises
    assert promises is not None
    assert promises.signers == (RECEIPT,)
    assert verified(promises.note(KEY, 1, b"{}"), [RECEIPT.verifier]).origin == "psmp.example/acme/shop"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "PSMP_RECEIPT_KEYS: Path does not point to a file"),
        (f"receipt {RECEIPT.verifier}\n", "is no file of private keys: line 1: not a private key"),
        (f"receipt {private(RECEIPT)}\nnonsense\n", "line 2"),
        (f"log {private(LOG)}\n", "psmp signing-key make receipt psmp.example/receipts --file "),
        (f"receipt {private(RECEIPT)}\nreceipt {private(OTHER)}\n", "all must be named psmp.example/receipts"),
        ("", "must have a receipt key"),
        ("\udcff", "is no file of private keys"),
    ],
)
def test_a_file_that_is_none_ends_the_start_with_a_sentence(
    text: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "receipts.keys"
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    monkeypatch.setenv("PSMP_RECEIPT_KEYS", str(file))
    with pytest.raises(SystemExit) as caught:
        settings.read(AnsweringSettings)
    said = capsys.readouterr().err
    assert caught.value.code == 2
    assert "PSMP_RECEIPT_KEYS: " in said
    assert why in said
    assert private(RECEIPT)[-20:] not in said


@pytest.mark.parametrize("name", ["Psmp.example", "psmp example", "psmp/example", "psmp.example\n", "-"])
def test_a_deployment_is_named_as_a_host_is(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PSMP_DEPLOYMENT", name)
    with pytest.raises(SystemExit):
        settings.read(AnsweringSettings)
    assert "PSMP_DEPLOYMENT" in capsys.readouterr().err

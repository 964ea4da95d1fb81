"""What a client does with receipts: it holds them against what they came with, and keeps them in a file."""

from pathlib import Path

import pytest

from psmp.client.errors import Invalid, NotKept
from psmp.client.receipts import Receipts, received
from psmp.client.results import Settled
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, leaf_hash, open_event, seal_event
from psmp.words.events import ArtifactAccepted
from psmp.words.ids import ProjectKey
from psmp.words.receipt import Receipt, packed, unpacked

KEY = ProjectKey("acme", "shop")
ID = "01890a5d-ac96-774b-bcce-b302099a8057"
EVENT = ArtifactAccepted(artifact="backend", version=1, witness={})
RAW = seal_event(
    KEY, EVENT, Link(7, GENESIS), Provenance("/psmp/checker", "ada", ID, ID), Stamp(ID, "2026-01-01T00:00:00.000000Z")
)
ENVELOPE = open_event(RAW)
RECEIPT = Receipt("psmp.example/acme/shop", 7, leaf_hash(RAW))
HEADER = packed(RECEIPT.text)


def settled(receipt: Receipt | None) -> Settled:
    return Settled(7, ENVELOPE, RAW, ID, receipt)


def test_a_receipt_for_the_outcome_is_handed_out() -> None:
    found = received(HEADER, ENVELOPE, RAW)
    assert found == RECEIPT
    assert isinstance(found, Receipt)
    assert found.note == RECEIPT.text


def test_an_outcome_without_one_has_none() -> None:
    assert received(None, ENVELOPE, RAW) is None


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (Receipt("psmp.example/acme/other", 7, leaf_hash(RAW)), "it is for a record of acme/other, not of acme/shop"),
        (Receipt("psmp.example/acme/shop", 8, leaf_hash(RAW)), "it is for record 8, not 7"),
        (Receipt("psmp.example/acme/shop", 7, leaf_hash(RAW + b" ")), "of other bytes"),
    ],
)
def test_one_for_another_record_is_none_for_this(other: Receipt, why: str) -> None:
    found = received(packed(other.text), ENVELOPE, RAW)
    assert isinstance(found, str)
    assert why in found


def test_what_is_no_receipt_at_all_is_said() -> None:
    assert "not a receipt" in str(received("?", ENVELOPE, RAW))


def test_receipts_are_added_to_what_the_file_has(tmp_path: Path) -> None:
    file = tmp_path / "receipts"
    file.write_text("before\n")
    kept = Receipts(file)
    kept.open()
    kept.keep(settled(received_receipt()))
    kept.keep(settled(None))
    assert file.read_text().startswith("before\n")  # flushed at once, whatever becomes of the process
    [_, line] = file.read_text().splitlines()
    assert unpacked(line) == RECEIPT
    kept.close()


def received_receipt() -> Receipt:
    found = received(HEADER, ENVELOPE, RAW)
    assert isinstance(found, Receipt)
    return found


def test_without_a_file_nothing_is_kept() -> None:
    kept = Receipts()
    kept.open()
    kept.keep(settled(RECEIPT))
    kept.close()


def test_a_file_that_cannot_be_written_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="/receipts"):
        Receipts(tmp_path / "none" / "receipts").open()


def test_a_receipt_that_is_not_kept_is_told_with_the_outcome(tmp_path: Path) -> None:
    kept = Receipts(tmp_path / "receipts")
    kept.open()
    kept.close()
    with pytest.raises(NotKept, match="is not kept") as caught:
        kept.keep(settled(RECEIPT))
    assert caught.value.settled.receipt == RECEIPT

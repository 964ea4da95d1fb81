"""The auditor's steps 5 and 6, what was kept, anchored and promised: each test breaks one step and no other."""

import json
from pathlib import Path

import pytest

from psmp.auditor.audit import Audit, Auditor
from psmp.auditor.bundle import Bundle
from psmp.ledger.merkle import leaf
from tests.bundles import DEPLOYMENT, LOG, RECEIPT, STRANGER, Maker, checkpoint, honest, note, receipt, rechained
from tests.unit.auditor.audited import OTHER, audit, found, known


def test_5_a_kept_checkpoint_is_held_against_the_records(tmp_path: Path) -> None:
    having = known()
    having.keep(honest().notes[0])
    having.keep(note(checkpoint(honest().origin, [b"\0" * 32] * 11, 11).text, LOG))
    assert found(audit(tmp_path, Maker([honest()]), having)) == [(5, "root", 9, 11)]


def test_5_a_kept_checkpoint_of_more_records_than_there_are_is_found(tmp_path: Path) -> None:
    having = known()
    having.keep(note(honest(24).checkpoints([24])[0].text, LOG))
    assert found(audit(tmp_path, Maker([honest()]), having)) == [(5, "truncated", 21, 24)]


def test_5_a_log_that_was_left_out_is_missed(tmp_path: Path) -> None:
    having = known()
    having.keep(honest(8, OTHER).notes[0])
    having.promise(receipt(f"{DEPLOYMENT}/acme/third", 1, b"{}"))
    said = audit(tmp_path, Maker([honest()]), having)
    assert found(said) == [(5, "missing log", 0, 0)] * 2
    assert [each.origin for each in said.logs[2:]] == [f"{DEPLOYMENT}/acme/other", f"{DEPLOYMENT}/acme/third"]


def test_5_what_a_part_of_the_logs_lacks_is_said_and_no_flaw(tmp_path: Path) -> None:
    having = known()
    having.keep(honest(8, OTHER).notes[0])
    said = audit(tmp_path, Maker([honest()], partial=True, anchored=False), having)
    assert said.holds
    assert said.partial
    assert any("acme/other were not looked at" in each for each in said.said)
    assert any("no anchor log" in each for each in said.said)


def test_5_the_anchor_log_tells_which_log_was_left_out(tmp_path: Path) -> None:
    maker = Maker([honest(), honest(8, OTHER)], change=lambda manifest: manifest["logs"].pop())
    assert found(audit(tmp_path, maker)) == [(5, "missing log", 0, 0)]


def anchored(folder: Path, texts: list[str]) -> Audit:
    """A bundle of the honest log whose anchor log holds these checkpoints."""
    stand_in = honest()
    contents = Maker([honest()], signed=False).contents()
    stand_in.notes = [note(each, LOG) for each in texts]
    other = Maker([stand_in], signed=False).contents()
    manifest, others = (json.loads(each["manifest.json"]) for each in (contents, other))
    manifest["anchor"] = others["anchor"]
    contents |= {name: raw for name, raw in other.items() if name.startswith("anchor/")}
    contents["manifest.json"] = json.dumps(manifest).encode()
    for name, raw in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return Auditor(Bundle(folder), known()).run()


def test_5_a_checkpoint_that_the_anchor_log_lacks_is_found(tmp_path: Path) -> None:
    said = anchored(tmp_path, [each.text for each in honest().checkpoints([8])])
    assert found(said) == [(5, "anchor", 9, 16)]
    assert said.logs[1].findings[0].expected == "nothing"


def test_5_a_checkpoint_that_the_log_lacks_is_found(tmp_path: Path) -> None:
    said = anchored(tmp_path, [each.text for each in honest().checkpoints([8, 12, 16])])
    assert found(said) == [(5, "anchor", 9, 12)]


def test_5_another_root_in_the_anchor_log_is_a_split_view(tmp_path: Path) -> None:
    other = checkpoint(honest().origin, [b"\0" * 32] * 16, 16)
    said = anchored(tmp_path, [honest().checkpoints([8])[0].text, other.text])
    assert found(said) == [(5, "split view", 9, 16)]
    assert other.root.hex() in said.logs[1].findings[0].expected


def test_5_an_anchor_log_that_does_not_hold_itself_is_found(tmp_path: Path) -> None:
    folder = Maker([honest()]).write(tmp_path)
    path = folder / "anchor/records.jsonl"
    whole = path.read_text()
    path.write_text(whole.splitlines(keepends=True)[0])
    assert found(Auditor(Bundle(folder), known()).run()) == [(1, "altered file", 0, 0), (4, "truncated", 2, 2)]
    path.write_text(whole.replace("\\n16\\n", "\\n17\\n"))
    assert found(Auditor(Bundle(folder), known()).run()) == [(1, "altered file", 0, 0), (4, "root", 1, 2)]
    path.write_text(whole + "5\n")
    assert found(Auditor(Bundle(folder), known()).run()) == [(1, "altered file", 0, 0), (2, "no text", 0, 0)]
    path.write_text('"no checkpoint"\n')
    assert found(Auditor(Bundle(folder), known()).run()) == [(1, "altered file", 0, 0), (2, "no checkpoint", 0, 0)]


def test_6_a_record_that_was_dropped_after_it_was_promised_is_found(tmp_path: Path) -> None:
    log = honest()
    having = known()
    having.promise(receipt(log.origin, 20, log.records.pop()))
    assert found(audit(tmp_path, Maker([log]), having)) == [(6, "dropped", 20, 20)]


def test_6_two_promises_for_one_place_cannot_both_be_kept(tmp_path: Path) -> None:
    having = known()
    having.promise(receipt(honest().origin, 20, honest().records[19]))
    having.promise(receipt(honest().origin, 20, b"another"))
    said = audit(tmp_path, Maker([honest()]), having)
    assert found(said) == [(6, "receipt", 20, 20)]
    assert said.logs[1].findings[0].expected == leaf(b"another").hex()


def test_6_a_receipt_holds_all_that_came_before_it(tmp_path: Path) -> None:
    """By the link in its bytes: so a broken one says no more than that the flaw is behind the last that was kept."""
    log = honest()
    log.records[17] = log.records[17].replace(b"part-18", b"part-00")
    log.records = rechained(log.records, 18)
    having = known()
    having.promise(receipt(log.origin, 17, honest().records[16]))
    having.promise(receipt(log.origin, 20, honest().records[19]))
    assert found(audit(tmp_path, Maker([log]), having)) == [(6, "receipt", 18, 20)]
    having.promised[log.origin].pop(17)
    assert found(audit(tmp_path, Maker([log]), having)) == [(6, "receipt", 1, 20)]
    having.keep(log.notes[1])
    assert found(audit(tmp_path, Maker([log]), having)) == [(6, "receipt", 17, 20)]


def test_receipts_and_checkpoints_that_do_not_hold_by_themselves_are_refused() -> None:
    for wrong in (
        receipt(honest().origin, 1, b"{}", STRANGER),
        receipt("psmp.example.com/acme/rag", 1, b"{}"),
        note(honest().checkpoints([8])[0].text, RECEIPT),
    ):
        with pytest.raises(Exception, match="unsigned"):
            known().promise(wrong)
    with pytest.raises(Exception, match="unsigned"):
        known().keep(note(honest().checkpoints([8])[0].text, RECEIPT))

"""The auditor as a whole, and its steps 1 and 2, manifest and checkpoints: each test breaks one step and no other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psmp.auditor.audit import Auditor, Known
from psmp.auditor.bundle import Bundle
from psmp.auditor.records import OFTEN
from psmp.auditor.signed import Wrong, read_keys
from tests.bundles import DEPLOYMENT, LOG, STRANGER, WITNESS, Maker, checkpoint, honest, key_file, note, receipt, zipped
from tests.unit.auditor.audited import OTHER, audit, found, known


def test_a_bundle_that_nobody_touched_holds(tmp_path: Path) -> None:
    having = known(witnesses=1)
    having.keep(honest().notes[0])
    having.promise(receipt(honest().origin, 18, honest().records[17]))
    said = audit(tmp_path, Maker([honest(), honest(9, OTHER)]), having, signed=True)
    assert said.holds
    anchor, one, other = said.logs
    assert (anchor.origin, anchor.records, anchor.proved) == ("psmp.example.org/anchor", 3, 3)
    assert (one.origin, one.records, one.proved, one.checkpoints, one.receipts) == (honest().origin, 20, 16, 2, 1)
    assert (one.promised, other.promised) == (18, 0)
    assert (other.records, other.proved, other.checkpoints) == (9, 8, 1)
    assert [each.partition(": ")[0] for each in said.said] == [
        f"records 19 to 20 of {honest().origin}",
        "record 9 of psmp.example.org/acme/other",
    ]


def test_a_zip_says_the_same_as_the_folder(tmp_path: Path) -> None:
    folder = Maker([honest()]).write(tmp_path / "bundle")
    archive = zipped(folder, tmp_path / "bundle.zip")
    assert Auditor(Bundle(archive), known()).run() == Auditor(Bundle(folder), known()).run()


def test_how_far_it_is_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert OFTEN == 10_000
    monkeypatch.setattr("psmp.auditor.records.OFTEN", 8)
    told: list[tuple[str, int]] = []
    Auditor(Bundle(Maker([honest()]).write(tmp_path)), known(), lambda *far: told.append(far)).run()
    assert told == [(honest().origin, 8), (honest().origin, 16)]


def test_1_an_unknown_field_is_found(tmp_path: Path) -> None:
    said = audit(tmp_path, Maker([honest()], change=lambda manifest: manifest.update(comment="trust me")))
    assert found(said) == [(1, "unknown field", 0, 0)]


def at_log(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: manifest["logs"][0].update(changes)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.update(made_at=5),
        lambda manifest: manifest.update(partial=None),
        lambda manifest: manifest.update(logs=["acme/rag"]),
        lambda manifest: manifest.update(anchor=[1]),
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest["logs"].append(manifest["logs"][0]),
        lambda manifest: manifest["anchor"].update(origin=f"{DEPLOYMENT}/other"),
        at_log(origin="psmp.example.org/acme/other"),
        at_log(project="acme/other"),
        at_log(files={}),
        at_log(count="20"),
    ],
)
def test_1_a_manifest_that_is_none_is_found(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    assert [each[:2] for each in found(audit(tmp_path, Maker([honest()], change=change)))] == [(1, "manifest")]


def test_1_a_field_of_a_log_that_is_unknown_is_found(tmp_path: Path) -> None:
    assert found(audit(tmp_path, Maker([honest()], change=at_log(note="x")))) == [(1, "unknown field", 0, 0)]


def test_1_an_altered_file_and_a_missing_one_are_found(tmp_path: Path) -> None:
    maker = Maker([honest()], files={"sbom/rag.json": b"{}", "attestations/rag.json": b"{}"})
    assert audit(tmp_path, maker).holds
    (tmp_path / "sbom/rag.json").write_text("[]")
    (tmp_path / "attestations/rag.json").unlink()
    assert found(Auditor(Bundle(tmp_path), known()).run()) == [(1, "altered file", 0, 0), (1, "missing file", 0, 0)]


def test_1_missing_files_of_a_log_are_found(tmp_path: Path) -> None:
    Maker([honest()]).write(tmp_path)
    for name in ("logs/acme/rag.jsonl", "checkpoints/acme/rag.jsonl", "anchor/records.jsonl"):
        (tmp_path / name).unlink()
    said = found(Auditor(Bundle(tmp_path), known()).run())
    missing = [(1, "missing file", 0, 0)]
    assert said == [*missing, (4, "truncated", 1, 2), *missing * 2, (1, "count", 0, 0)]


def test_1_another_number_of_records_than_the_manifest_says_is_found(tmp_path: Path) -> None:
    assert found(audit(tmp_path, Maker([honest()], change=at_log(count=21)))) == [(1, "count", 0, 0)]


def test_1_a_manifest_that_was_altered_after_it_was_signed_is_found(tmp_path: Path) -> None:
    Maker([honest()]).write(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text().replace("2026-11-26", "2025-11-26"))
    assert found(Auditor(Bundle(tmp_path), known()).run()) == [(1, "altered manifest", 0, 0)]


def test_1_a_manifest_that_a_stranger_signed_is_found(tmp_path: Path) -> None:
    Maker([honest()]).write(tmp_path)
    path = tmp_path / "manifest.note"
    text = path.read_text().rpartition("\n\n")[0] + "\n"
    path.write_text(note(text, STRANGER))
    assert found(Auditor(Bundle(tmp_path), known()).run()) == [(1, "unsigned manifest", 0, 0)]
    path.write_bytes(b"\xff")
    assert found(Auditor(Bundle(tmp_path), known()).run()) == [(1, "no note", 0, 0)]
    path.write_text("no note")
    assert found(Auditor(Bundle(tmp_path), known()).run()) == [(1, "no note", 0, 0)]


def test_1_an_unsigned_manifest_is_a_flaw_only_where_it_is_asked_for(tmp_path: Path) -> None:
    said = audit(tmp_path, Maker([honest()], signed=False))
    assert said.holds
    assert "there is no manifest.note" in said.said[0]
    assert found(Auditor(Bundle(tmp_path), known()).run(signed=True)) == [(1, "missing file", 0, 0)]


def test_1_a_note_that_no_trusted_key_can_be_held_against_is_said(tmp_path: Path) -> None:
    having = Known(read_keys([f"log {LOG.verifier}"]))
    said = audit(tmp_path, Maker([honest()]), having)
    assert said.holds
    assert "no statement key is trusted" in said.said[0]


def test_2_a_checkpoint_that_a_stranger_signed_is_found(tmp_path: Path) -> None:
    log = honest()
    log.notes[1] = note(log.checkpoints([16])[0].text, STRANGER, WITNESS)
    said = audit(tmp_path, Maker([log]))
    assert found(said) == [(2, "unsigned", 9, 0)]
    assert said.logs[1].proved == 8


def test_2_one_false_signature_of_a_trusted_key_is_enough(tmp_path: Path) -> None:
    log = honest()
    other = note(checkpoint(log.origin, log.leaves, 15).text, LOG)
    log.notes[1] = log.notes[1].partition("\n\n")[0] + "\n\n" + other.partition("\n\n")[2]
    assert found(audit(tmp_path, Maker([log]))) == [(2, "false signature", 9, 0)]


def test_2_a_checkpoint_of_another_log_is_found(tmp_path: Path) -> None:
    log = honest()
    log.notes[1] = honest(16, OTHER).notes[1]
    assert found(audit(tmp_path, Maker([log], anchored=False))) == [(2, "foreign", 9, 0)]


def test_2_checkpoints_out_of_order_are_found(tmp_path: Path) -> None:
    log = honest()
    log.notes.reverse()
    assert found(audit(tmp_path, Maker([log]))) == [(2, "order", 17, 0)]


def test_2_a_log_key_signs_for_its_own_deployment_alone(tmp_path: Path) -> None:
    other = type(LOG)("psmp.example.com", LOG.kind, b"o" * 32)
    log = honest()
    log.notes = [note(log.checkpoints([16])[0].text, other)]
    having = Known(read_keys([*key_file().splitlines(), f"log {other.verifier}"]))
    assert found(audit(tmp_path, Maker([log], anchored=False), having)) == [(2, "unsigned", 1, 0)]


def test_2_too_few_witnesses_are_found(tmp_path: Path) -> None:
    log = honest()
    log.notes[1] = note(log.checkpoints([16])[0].text, LOG)
    assert audit(tmp_path, Maker([log])).holds
    assert found(audit(tmp_path, Maker([log]), known(1))) == [(2, "too few witnesses", 9, 16)]
    assert (2, "too few witnesses", 1, 16) in found(audit(tmp_path, Maker([honest()]), known(2)))


def test_2_old_and_new_key_sign_together_while_a_key_is_replaced(tmp_path: Path) -> None:
    log = honest()
    log.sign(LOG, STRANGER)
    for key in (LOG, STRANGER):
        having = Known(read_keys([f"log {key.verifier}"]))
        assert audit(tmp_path, Maker([log], anchored=False, signed=False), having).holds


def test_what_the_manifest_does_not_name_is_said(tmp_path: Path) -> None:
    folder = Maker([honest()]).write(tmp_path / "b")
    (folder / "sbom").mkdir()
    (folder / "sbom/extra.json").touch()
    for path in (folder, zipped(folder, tmp_path / "b.zip")):
        said = Auditor(Bundle(path), known()).run()
        assert said.holds
        assert said.said[-1].endswith("sbom/extra.json")


def test_a_bundle_of_another_format_or_deployment_is_not_judged(tmp_path: Path) -> None:
    with pytest.raises(Wrong, match="psmp-bundle-2"):
        audit(tmp_path, Maker([honest()], change=lambda manifest: manifest.update(format="psmp-bundle-2")))
    with pytest.raises(Wrong, match="none of the log keys"):
        audit(tmp_path, Maker([honest()], change=lambda manifest: manifest.update(deployment="psmp.example.com")))

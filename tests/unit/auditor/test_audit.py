"""The auditor step by step: each test breaks one step and no other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psmp.auditor.audit import Audit, Auditor, Known
from psmp.auditor.bundle import Bundle
from psmp.auditor.records import OFTEN, Tree
from psmp.auditor.signed import Head, Wrong, read_keys
from psmp.ledger.merkle import Frontier, leaf
from psmp.words.ids import ProjectKey
from tests.bundles import (
    DEPLOYMENT,
    LOG,
    RECEIPT,
    STRANGER,
    WITNESS,
    Log,
    Maker,
    checkpoint,
    honest,
    key_file,
    note,
    pruned,
    receipt,
    rechained,
    zipped,
)

OTHER = ProjectKey("acme", "other")
DEEP = b"[" * 100_000 + b"]" * 100_000


def known(witnesses: int = 0) -> Known:
    return Known(read_keys(key_file().splitlines()), witnesses=witnesses)


def audit(folder: Path, maker: Maker, having: Known | None = None, *, signed: bool = False) -> Audit:
    return Auditor(Bundle(maker.write(folder)), having or known()).run(signed=signed)


def found(audit: Audit) -> list[tuple[int, str, int, int]]:
    reports = (audit.whole, *audit.logs)
    return [(each.step, each.kind, each.first, each.last) for report in reports for each in report.findings]


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


def broken(change: Callable[[bytes], bytes]) -> Log:
    """Record 7 is another; nothing was signed."""
    log = honest()
    log.records[6] = change(log.records[6])
    log.notes = []
    return log


@pytest.mark.parametrize(
    ("change", "kind", "place"),
    [
        (lambda _: b"", "no record", 7),
        (lambda _: b"[]", "no record", 7),
        (lambda _: b'[{"subject":"acme/rag"}]', "no record", 7),
        (lambda _: b"null", "no record", 7),
        (lambda body: body[:-1], "no record", 7),
        (lambda body: body + b" ", "no record", 7),
        (lambda body: b" " + body, "no record", 7),
        (lambda body: body.replace(b'"actor"', b'"sequence":7,"actor"'), "no record", 7),
        (lambda body: body.replace(b'"cost":2.0', b'"cost":NaN'), "no record", 7),
        (lambda body: body.replace(b"part-7", b"part-\xff"), "no record", 7),
        (
            lambda body: body.replace(b'"deep"', b'"deeper":' + b"[" * 100_000 + b"]" * 100_000 + b',"deep"'),
            "no record",
            7,
        ),
        (lambda body: body.replace(b"acme/rag", b"acme/other"), "foreign", 7),
        (lambda body: body.replace(b'"sequence":7', b'"sequence":8'), "gap", 7),
        (lambda body: body.replace(b'"sequence":7', b'"sequence":7.0'), "gap", 7),
        (lambda body: body.replace(b'"sequence":7', b'"sequence":true'), "gap", 7),
        (lambda body: body.replace(b'"sequence":7', b'"sequence":"\\ud800"'), "gap", 7),
    ],
)
def test_3_what_is_no_record_of_this_log_is_found(
    tmp_path: Path, change: Callable[[bytes], bytes], kind: str, place: int
) -> None:
    log = broken(change)
    assert log.records != honest().records
    said = audit(tmp_path, Maker([log]))
    assert found(said) == [(3, kind, place, place)]
    assert said.logs[1].records == 6


def test_3_a_link_that_does_not_fit_is_found(tmp_path: Path) -> None:
    prev = leaf(honest().records[5]).hex().encode()
    said = audit(tmp_path, Maker([broken(lambda body: body.replace(prev, b"ab" * 32))]))
    assert found(said) == [(3, "chain", 6, 7)]
    (finding,) = said.logs[1].findings
    assert (finding.expected, finding.found) == (prev.decode(), "ab" * 32)


def test_3_the_first_record_follows_on_nothing(tmp_path: Path) -> None:
    log = honest()
    log.records[0] = log.records[0].replace(b"0" * 64, b"ab" * 32)
    log.notes = []
    assert found(audit(tmp_path, Maker([log]))) == [(3, "chain", 1, 1)]


def test_3_a_last_line_without_an_end_is_found(tmp_path: Path) -> None:
    Maker([honest()]).write(tmp_path)
    path = tmp_path / "logs/acme/rag.jsonl"
    for end in (b"", b" "):
        path.write_bytes(path.read_bytes()[:-1] + end)
        assert found(Auditor(Bundle(tmp_path), known()).run()) == [(1, "altered file", 0, 0), (3, "no record", 20, 20)]


def test_3_bodies_may_be_pruned_at_the_beginning(tmp_path: Path) -> None:
    log = honest()
    log.records[:9] = map(pruned, log.records[:9])
    having = known()
    having.promise(receipt(log.origin, 3, honest().records[2]))
    said = audit(tmp_path, Maker([log]), having)
    assert said.holds
    assert (said.logs[1].pruned, said.logs[1].records, said.logs[1].proved) == (9, 20, 16)
    having.promise(receipt(log.origin, 4, b"another"))
    assert found(audit(tmp_path, Maker([log]), having)) == [(6, "receipt", 4, 4)]


def test_3_a_body_that_is_pruned_behind_one_that_is_not_is_found(tmp_path: Path) -> None:
    log = honest()
    log.records[3] = pruned(log.records[3])
    assert found(audit(tmp_path, Maker([log]))) == [(3, "pruned", 4, 4)]


def test_3_hashes_that_no_checkpoint_covers_prove_nothing(tmp_path: Path) -> None:
    log = honest()
    log.records[:] = map(pruned, log.records)
    assert found(audit(tmp_path, Maker([log]))) == [(3, "pruned", 17, 20)]


def test_3_what_is_almost_pruned_is_no_record(tmp_path: Path) -> None:
    log = honest()
    log.records[0] = pruned(log.records[0]).replace(b"}", b" }")
    log.notes = []
    assert found(audit(tmp_path, Maker([log]))) == [(3, "foreign", 1, 1)]


def test_4_a_signed_root_that_is_not_that_of_the_records_is_found(tmp_path: Path) -> None:
    log = honest()
    log.notes[1] = note(checkpoint(log.origin, [b"\0" * 32] * 16, 16).text, LOG)
    said = audit(tmp_path, Maker([log]))
    assert found(said) == [(4, "root", 9, 16)]
    assert said.logs[1].findings[0].found == honest().checkpoints([16])[0].root.hex()


def test_4_fewer_records_than_were_signed_are_found(tmp_path: Path) -> None:
    log = honest()
    del log.records[15:]
    assert found(audit(tmp_path, Maker([log]))) == [(4, "truncated", 16, 16)]


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


def test_the_auditors_tree_is_the_ledgers() -> None:
    """Another hand wrote it, so that one mistake is not made twice."""
    frontier = Frontier()
    leaves = [leaf(b"%d" % number) for number in range(300)]
    heads = []
    for size, each in enumerate(leaves, 1):
        frontier = frontier.append(each)
        heads.append(Head("log", size, frontier.root))
    tree = Tree(heads)
    for size, each in enumerate(leaves, 1):
        tree.append(each)
        assert tree.proved == size
    tree.end()


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

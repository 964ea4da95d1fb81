"""The auditor's steps 3 and 4, records and their tree: each test breaks one step and no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from psmp.auditor.audit import Auditor
from psmp.auditor.bundle import Bundle
from psmp.auditor.records import Tree
from psmp.auditor.signed import Head
from psmp.ledger.merkle import Frontier, leaf
from tests.bundles import LOG, Log, Maker, checkpoint, honest, note, pruned, receipt
from tests.unit.auditor.audited import audit, found, known


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
    whole = path.read_bytes()
    for end, wanted in ((b"", "an event as JSON"), (b" ", "an end of the line")):
        path.write_bytes(whole[:-1] + end)
        said = Auditor(Bundle(tmp_path), known()).run()
        assert found(said) == [(1, "altered file", 0, 0), (3, "no record", 20, 20)]
        assert said.logs[1].findings[-1].expected == wanted


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

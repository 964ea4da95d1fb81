"""What is stated of a project is by the in-toto specification, and names bytes that anybody can hash."""

import hashlib
import json

import pytest

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Malformed
from psmp.ledger.statements import Subject, verified

CHECKPOINT = Checkpoint("psmp.example/acme/rag", 58, b"\x07" * 32)
BILL = Subject("acme/rag.cdx.json", b"{}\n")


def test_a_statement_is_a_simple_verification_result_over_checkpoint_and_bill() -> None:
    raw = verified(
        CHECKPOINT, BILL, ["B", "A"], verifier="urn:psmp:x:attest:v1", time="2026-11-26T05:00:00Z", position=99
    )
    told = json.loads(raw)
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicateType"] == "https://in-toto.io/attestation/svr/v0.1"
    assert told["predicate"] == {
        "verifier": {"id": "urn:psmp:x:attest:v1"},
        "timeCreated": "2026-11-26T05:00:00Z",
        "properties": ["A", "B"],
    }
    head, bill = told["subject"]
    text = b"psmp.example/acme/rag\n58\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"
    assert head["digest"] == {"sha256": hashlib.sha256(text).hexdigest()}
    assert head["annotations"]["size"] == 58
    assert bill == {"name": "acme/rag.cdx.json", "digest": {"sha256": hashlib.sha256(b"{}\n").hexdigest()}}


def test_nothing_is_not_stated() -> None:
    with pytest.raises(Malformed):
        verified(CHECKPOINT, BILL, [], verifier="u", time="t", position=1)

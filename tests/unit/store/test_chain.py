"""What may be chained to a head, and what is told of that which may not."""

from dataclasses import replace

import pytest

from psmp.log.view import Head
from psmp.store.chain import Claim, Fault, Flaw, extend
from psmp.words.envelope import GENESIS, leaf_hash
from psmp.words.ids import ProjectKey
from tests.histories import KEY, lifetime

RECORDS = lifetime().records
LEAF = "0" * 64


def test_a_whole_log_chains_to_its_last_leaf() -> None:
    head = Head()
    for record in RECORDS:
        after = extend(KEY, head, record.position, record.body, leaf_hash(record.body))
        assert isinstance(after, Head)
        head = after
    assert head == Head(len(RECORDS), len(RECORDS), leaf_hash(RECORDS[-1].body))


def test_another_number_than_the_next_is_told() -> None:
    fault = extend(KEY, Head(), 7, RECORDS[1].body, LEAF)
    assert fault == Fault(KEY, 1, 7, Flaw.CLAIM, "event 1 of acme/rag", "event 2 of acme/rag")


def test_an_event_of_another_project_is_told() -> None:
    fault = extend(ProjectKey("acme", "web"), Head(), 7, RECORDS[0].body, LEAF)
    assert fault == Fault(ProjectKey("acme", "web"), 1, 7, Flaw.CLAIM, "event 1 of acme/web", "event 1 of acme/rag")


def test_a_wrong_link_is_told_with_both_hashes() -> None:
    fault = extend(KEY, Head(1, 1, "f" * 64), 7, RECORDS[1].body, LEAF)
    assert fault == Fault(KEY, 2, 7, Flaw.PREV, "f" * 64, leaf_hash(RECORDS[0].body))
    assert str(fault).startswith("event 2 of acme/rag at position 7: prev, expected ffff")


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b"{}", b'{"subject": "acme/rag", "sequence": "1", "prev": ""}']
)
def test_bytes_that_are_no_event_claim_nothing(body: bytes) -> None:
    assert Claim.read(body) is None
    fault = extend(KEY, Head(), 7, body, LEAF)
    assert isinstance(fault, Fault)
    assert replace(fault, expected="") == Fault(KEY, 1, 7, Flaw.CLAIM, "", "no event")


def test_an_event_claims_its_place() -> None:
    assert Claim.read(RECORDS[0].body) == Claim("acme/rag", 1, GENESIS)

"""What the signer is asked is read as it was written, and what it is not asked in is refused."""

import pytest
from pydantic import ValidationError

from psmp.ledger.signing import MOST, Bundle, Envelope, Refusal, Statement, Why, Wish, Wishes, manifest, pae

WISH = Wish(origin="psmp.example/acme/shop", size=3, root=bytes(range(32)), older=1, proof=(b"\xff" * 32,), note="n")


def test_hashes_come_through_as_they_were() -> None:
    wishes = Wishes(wishes=(WISH, WISH.model_copy(update={"root": b"\xfb" * 32})))
    assert Wishes.model_validate_json(wishes.model_dump_json()) == wishes
    refusal = Refusal(why=Why.FORKS, text="no", size=2, root=b"\x00" * 32)
    assert Refusal.model_validate_json(refusal.model_dump_json()) == refusal


@pytest.mark.parametrize(
    "other", [{"size": 0}, {"older": -1}, {"root": b"x"}, {"proof": (b"x",)}, {"proof": (bytes(32),) * 129}]
)
def test_what_no_tree_has_is_refused(other: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Wish.model_validate({**WISH.model_dump(), **other})


def test_nothing_and_too_much_are_refused() -> None:
    for wishes in ((), (WISH,) * (MOST + 1)):
        with pytest.raises(ValidationError):
            Wishes(wishes=wishes)


def test_a_statement_is_about_a_bundle_or_an_envelope() -> None:
    for said in (Bundle(sha256="0" * 64), Envelope(payload_type="application/vnd.in-toto+json", payload='{"ü":1}')):
        statement = Statement(statement=said)
        assert Statement.model_validate_json(statement.model_dump_json()) == statement
    for wrong in ({"kind": "bundle", "sha256": "0" * 63}, {"kind": "dsse", "payload_type": "a b", "payload": ""}):
        with pytest.raises(ValidationError):
            Statement.model_validate({"statement": wrong})


def test_what_is_signed_of_each_begins_in_a_way_that_none_other_does() -> None:
    assert manifest("psmp.example", "ab") == "psmp bundle v1\npsmp.example\nab\n"
    assert pae("text/plain", "ü") == "DSSEv1 10 text/plain 2 ü"


def test_of_a_bundle_only_the_digest_is_sent_however_many_projects_it_has() -> None:
    assert len(Statement(statement=Bundle(sha256="ab" * 32)).model_dump_json()) < 200

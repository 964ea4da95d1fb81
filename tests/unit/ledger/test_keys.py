"""Key files are read as they are written, and what is no key is told by its line and never shown."""

import pytest

from psmp.ledger import keys, origins
from psmp.ledger.keys import Use, misnamed, private, read_private, read_public
from psmp.ledger.notes import Kind, Malformed, Signer
from psmp.words.ids import ProjectKey

LOG = Signer("psmp.example", Kind.LOG, bytes(range(32)))
NEXT = Signer("psmp.example", Kind.LOG, bytes(range(1, 33)))
RECEIPT = Signer("psmp.example/receipts", Kind.LOG, bytes(range(2, 34)))
WITNESS = Signer("witness.example", Kind.WITNESS, bytes(range(3, 35)))


def test_private_keys_are_read_by_their_use_in_the_order_of_their_lines() -> None:
    lines = ["# ours", "", f"log {private(LOG)}", f"receipt {private(RECEIPT)}", f"log  {private(NEXT)}\n"]
    assert read_private(lines) == {
        Use.LOG: (LOG, NEXT),
        Use.RECEIPT: (RECEIPT,),
        Use.STATEMENT: (),
        Use.WITNESS: (),
        Use.DISPATCH: (),
    }


def test_public_keys_are_read_by_their_use() -> None:
    found = read_public([f"witness {WITNESS.verifier}", f"log {LOG.verifier}"])
    assert found == {
        Use.LOG: (LOG.verifier,),
        Use.RECEIPT: (),
        Use.STATEMENT: (),
        Use.WITNESS: (WITNESS.verifier,),
        Use.DISPATCH: (),
    }


@pytest.mark.parametrize(
    "line",
    [
        "log",
        "log nonsense",
        f"log {LOG.verifier}",
        f"log {private(WITNESS)}",
        f"witness {private(LOG)}",
        f"letter {private(LOG)}",
        f"log {private(LOG).replace('psmp.example', 'psmp.exampel')}",
        f"log {private(LOG)[:-8]}",
        f"log {private(LOG).removeprefix('PRIVATE+KEY+')}",
    ],
)
def test_what_is_no_private_key_is_told_by_its_line_and_never_shown(line: str) -> None:
    with pytest.raises(Malformed, match="line 2: ") as caught:
        read_private(["# ours", line])
    assert private(LOG)[-20:] not in str(caught.value)


def test_a_private_key_is_no_public_one() -> None:
    with pytest.raises(Malformed, match="line 1"):
        read_public([f"log {private(LOG)}"])


def test_every_log_has_a_name_of_its_own() -> None:
    key = ProjectKey("acme", "shop")
    assert origins.origin("psmp.example", key) == "psmp.example/acme/shop"
    assert origins.anchor("psmp.example") == "psmp.example/anchor"
    assert origins.receipts("psmp.example") == "psmp.example/receipts"
    assert origins.statements("psmp.example") == "psmp.example/statements"
    assert origins.dispatches("psmp.example") == "psmp.example/dispatch"
    assert origins.project_of("psmp.example/acme/shop", "psmp.example") == key
    for other in ("psmp.example/anchor", "psmp.other/acme/shop", "acme/shop", "psmp.example/acme/shop/more"):
        assert origins.project_of(other, "psmp.example") is None


def test_only_what_could_be_a_host_names_a_deployment() -> None:
    assert all(map(origins.DEPLOYMENT.match, ("psmp.example.org", "a", origins.HERE)))
    assert not any(map(origins.DEPLOYMENT.match, ("", "-a", "a-", "a/b", "a b", "A", "a\n")))


def test_each_use_has_its_kind() -> None:
    assert [use.kind for use in keys.Use] == [Kind.LOG, Kind.LOG, Kind.LOG, Kind.WITNESS, Kind.LOG]


@pytest.mark.parametrize(
    ("use", "name", "right"),
    [
        (Use.LOG, "psmp.example", ""),
        (Use.LOG, "psmp.example/receipts", "psmp.example.org"),
        (Use.LOG, "a name", "psmp.example.org"),
        (Use.RECEIPT, "psmp.example/receipts", ""),
        (Use.RECEIPT, "psmp.example", "psmp.example/receipts"),
        (Use.STATEMENT, "psmp.example/statements", ""),
        (Use.STATEMENT, "psmp.example", "psmp.example/statements"),
        (Use.STATEMENT, "psmp.example/receipts", "psmp.example.org/statements"),
        (Use.WITNESS, "anything/at-all", ""),
        (Use.DISPATCH, "psmp.example/dispatch", ""),
        (Use.DISPATCH, "psmp.example", "psmp.example/dispatch"),
    ],
)
def test_a_key_is_called_as_its_deployment_with_its_use_behind_it(use: Use, name: str, right: str) -> None:
    assert misnamed(use, name) == right

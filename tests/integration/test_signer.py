"""The signer over NATS: it remembers on disk what it signs, survives being killed, and has no twin."""

import json
import sqlite3
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.dsse import EXTRACT, IN_TOTO
from psmp.ledger.keys import Use
from psmp.ledger.merkle import Frontier, Nodes, leaf, prove_consistency
from psmp.ledger.notes import Kind, Note, Signer
from psmp.ledger.origins import HERE
from psmp.ledger.signing import (
    Answers,
    Bundle,
    Envelope,
    Refusal,
    Stated,
    Statement,
    Why,
    Wish,
    Wishes,
    manifest,
    pae,
)
from psmp.ledger.tiles import reading
from psmp.service.memory import FILE, InUse, Memory
from psmp.stack import NatsServer
from psmp.words import subjects
from tests.following import Place, place, until_true
from tests.signing import KEYS, LOG, STATEMENT, signing

pytestmark = pytest.mark.integration

ORIGIN = f"{HERE}/acme/shop"
NEXT = Signer(HERE, Kind.LOG, bytes(range(7, 39)))


def nodes_of(*leaves: int) -> Nodes:
    return reading({}, {(0, number): leaf(bytes([each])) for number, each in enumerate(leaves)})


NODES = nodes_of(*range(12))


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


def wish(older: int, size: int, nodes: Nodes = NODES, note: str = "", origin: str = ORIGIN) -> Wish:
    proof = tuple(prove_consistency(nodes, older, size)) if older <= size else ()
    return Wish(origin=origin, size=size, root=Frontier.at(nodes, size).root, older=older, proof=proof, note=note)


async def ask(here: Place, *wishes: Wish) -> tuple[str | Refusal, ...]:
    body = Wishes(wishes=wishes).model_dump_json().encode()
    return Answers.model_validate_json(
        (await here.nats.request(subjects.SIGN_CHECKPOINTS, body, timeout=30)).data
    ).answers


def why(said: str | Refusal) -> Why:
    assert isinstance(said, Refusal)
    return said.why


async def test_a_signer_signs_what_extends_what_it_signed_and_nothing_else(here: Place, tmp_path: Path) -> None:
    async with signing(here, tmp_path) as signatory:
        [first] = await ask(here, wish(0, 3))
        assert isinstance(first, str)
        note = Note.read(first.encode())
        assert note.text == Checkpoint(ORIGIN, 3, Frontier.at(NODES, 3).root).text
        assert LOG.verifier in note.signed_by([LOG.verifier])
        said = await ask(here, wish(3, 8), wish(8, 9), wish(9, 9), wish(0, 1, origin=f"{HERE}/acme/other"))
        assert all(isinstance(each, str) for each in said)
        altered = nodes_of(99, *range(1, 12))
        said = await ask(
            here, wish(9, 8), wish(9, 9, altered), wish(9, 12, altered), wish(0, 12), wish(0, 1, origin="x/y/z")
        )
        assert list(map(why, said)) == [Why.SHRINKS, Why.FORKS, Why.UNPROVED, Why.OUT_OF_STEP, Why.FOREIGN]
        assert signatory.describe().buried == 5
        assert (await ask(here, wish(9, 9)))[0] == (await ask(here, wish(0, 9)))[0]


async def test_what_it_has_signed_it_knows_when_it_comes_back(here: Place, tmp_path: Path) -> None:
    async with signing(here, tmp_path):
        await ask(here, wish(0, 8))
    async with signing(here, tmp_path):
        said = await ask(here, wish(0, 3), wish(0, 8, nodes_of(*range(7), 99)), wish(8, 9))
        assert (why(said[0]), why(said[1]), isinstance(said[2], str)) == (Why.SHRINKS, Why.FORKS, True)


async def test_what_cannot_be_remembered_is_not_signed(here: Place, tmp_path: Path) -> None:
    async with signing(here, tmp_path) as signatory:
        await ask(here, wish(0, 3))
        signatory._memory._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(TimeoutError):
            await here.nats.request(
                subjects.SIGN_CHECKPOINTS, Wishes(wishes=(wish(3, 8),)).model_dump_json().encode(), timeout=0.3
            )
        assert "cannot remember" in signatory.describe().trouble
        signatory._memory._connection.execute("PRAGMA query_only = OFF")
        assert isinstance((await ask(here, wish(3, 8)))[0], str)
        await until_true(lambda: signatory.describe().trouble == "")


async def test_one_that_has_lost_its_memory_takes_it_up_from_its_own_note_alone(here: Place, tmp_path: Path) -> None:
    async with signing(here, tmp_path / "one"):
        [note] = await ask(here, wish(0, 8))
    assert isinstance(note, str)
    async with signing(here, tmp_path / "two"):
        altered = nodes_of(99, *range(1, 12))
        said = await ask(here, wish(8, 9), wish(8, 9, altered, note=note), wish(8, 9, note=note))
        assert (why(said[0]), why(said[1]), isinstance(said[2], str)) == (Why.OUT_OF_STEP, Why.UNPROVED, True)


async def test_while_a_key_is_changed_a_verifier_with_either_is_served(here: Place, tmp_path: Path) -> None:
    async with signing(here, tmp_path, {**KEYS, Use.LOG: (LOG, NEXT)}):
        [both] = await ask(here, wish(0, 3))
    async with signing(here, tmp_path, {**KEYS, Use.LOG: (NEXT,)}):
        [after] = await ask(here, wish(3, 8))
    assert isinstance(both, str)
    assert isinstance(after, str)
    for key in (LOG, NEXT):
        assert list(Note.read(both.encode()).signed_by([key.verifier])) == [key.verifier]
    assert list(Note.read(after.encode()).signed_by([LOG.verifier, NEXT.verifier])) == [NEXT.verifier]


async def test_statements_are_signed_with_their_own_key_and_cannot_be_taken_for_checkpoints(
    here: Place, tmp_path: Path
) -> None:
    async def state(statement: Statement) -> Stated:
        body = statement.model_dump_json().encode()
        return Stated.model_validate_json((await here.nats.request(subjects.SIGN_STATEMENT, body, timeout=30)).data)

    async with signing(here, tmp_path):
        bundle = await state(Statement(statement=Bundle(sha256="ab" * 32)))
        note = Note.read(bundle.note.encode())
        assert note.text == manifest(HERE, "ab" * 32)
        assert list(note.signed_by([STATEMENT.verifier, LOG.verifier])) == [STATEMENT.verifier]
        [signature] = (await state(Statement(statement=Envelope(payload_type="a/b", payload='{"ü":1}')))).signatures
        public = Ed25519PublicKey.from_public_bytes(STATEMENT.verifier.key)
        public.verify(b64decode(signature.sig), pae("a/b", '{"ü":1}').encode())
        assert signature.keyid == f"{STATEMENT.verifier.name}+{STATEMENT.verifier.id.hex()}"


async def test_who_has_exports_signed_gets_nothing_signed_that_attests_of_a_project(
    here: Place, tmp_path: Path
) -> None:
    async def state(statement: Statement) -> Stated:
        body = statement.model_dump_json().encode()
        return Stated.model_validate_json((await here.nats.request(subjects.SIGN_EXPORT, body, timeout=30)).data)

    async with signing(here, tmp_path):
        assert (await state(Statement(statement=Bundle(sha256="ab" * 32)))).note
        assert (await state(Statement(statement=Envelope(payload_type=EXTRACT, payload="{}")))).signatures
        refused = await state(Statement(statement=Envelope(payload_type=IN_TOTO, payload="{}")))
        assert (refused.note, refused.signatures, refused.refused is not None) == ("", (), True)


@pytest.mark.parametrize("subject", [subjects.SIGN_CHECKPOINTS, subjects.SIGN_STATEMENT, subjects.SIGN_EXPORT])
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"wishes": [{"origin": "x"}]}'])
async def test_what_cannot_be_read_is_refused_and_not_shown(
    here: Place, tmp_path: Path, subject: str, body: bytes
) -> None:
    async with signing(here, tmp_path):
        said = json.loads((await here.nats.request(subject, body, timeout=30)).data)
        assert said["refused"]["why"] == "malformed"
        assert isinstance((await ask(here, wish(0, 3)))[0], str)


def test_two_processes_do_not_sign_from_one_memory(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path)
    with pytest.raises(InUse, match="another process"):
        Memory.open(tmp_path)
    memory.close()
    Memory.open(tmp_path).close()


def test_a_memory_never_goes_back_and_is_all_or_nothing(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path)
    memory.remember([Checkpoint("a", 5, bytes(32)), Checkpoint("b", 1, bytes(32))])
    memory.remember([Checkpoint("a", 3, bytes(range(32)))])
    assert memory.recall("a") == Checkpoint("a", 5, bytes(32))
    with pytest.raises(sqlite3.IntegrityError):
        memory.remember([Checkpoint("b", 2, bytes(32)), Checkpoint("a", 6, b"short")])
    assert memory.recall("b") == Checkpoint("b", 1, bytes(32))
    assert memory.recall("c") is None
    memory.close()
    connection = sqlite3.connect(tmp_path / FILE)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()

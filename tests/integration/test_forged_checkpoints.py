"""What the start-up check makes of checkpoints that no key of ours has signed: it names and does not believe them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Kind, Signer, seal
from psmp.ledger.origins import HERE, origin
from psmp.stack import NatsServer
from psmp.store.restore.heads import standing
from psmp.store.restore.standing import Kind as Amiss
from psmp.store.restore.standing import Standing
from psmp.words import subjects
from psmp_audit.ledger import LedgerWriter
from tests.following import Place, place, until
from tests.histories import KEY, lifetime
from tests.signing import LOG, Auditor, covered, signing

pytestmark = pytest.mark.integration

KEYS = (LOG.verifier,)
FORGER = Signer(HERE, Kind.LOG, bytes(range(7, 39)))
ALL = len(lifetime().records)


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        await lifetime().store(opened.log)
        await opened.follow(LedgerWriter(opened.pool, opened.log), ALL)
        yield opened


def note(*signers: Signer, size: int = 99) -> str:
    text = Checkpoint(origin(HERE, KEY), size, bytes(32)).text
    return seal(text, [signer.sign(text) for signer in signers]).decode()


async def published(here: Place, said: str, leaf: str = "ab" * 32) -> None:
    headers = {subjects.POSITION: "99", subjects.LEAF: leaf, subjects.NUMBER: "1"}
    await here.nats.request(subjects.checkpoint(KEY), said.encode(), headers=headers, timeout=30)


async def found(here: Place, file: Path | None = None, *, believing: bool = False) -> Standing:
    async with here.pool.acquire() as connection:
        return await standing(here.nats, connection, file, () if believing else KEYS)


async def test_what_another_key_has_signed_stops_nothing_and_is_named(here: Place, tmp_path: Path) -> None:
    await published(here, note(FORGER))
    file = tmp_path / "checkpoints.jsonl"
    file.write_text(json.dumps(note(FORGER, size=98)) + "\n")
    said = await found(here, file)
    assert said.holds
    told = "is forged: no key of this log that is known has signed it"
    assert said.forged == (
        f"the checkpoint of 99 records of {KEY} in the stream PSMP_CHECKPOINTS {told}",
        f"the checkpoint of 98 records of {KEY} in {file} {told}",
    )
    assert [each.kind for each in (await found(here, believing=True)).missing] == [Amiss.BOTH_LACK]


async def test_a_signature_that_was_put_under_another_text_is_none(here: Place) -> None:
    text, _, _ = note(LOG).partition("\n\n")
    _, _, signature = note(LOG, size=98).partition("\n\n")
    await published(here, f"{text}\n\n{signature}")
    said = await found(here)
    assert (said.holds, [each.endswith("does not hold") for each in said.forged]) == (True, [True])


async def test_what_our_own_key_has_signed_is_believed(here: Place) -> None:
    await published(here, note(FORGER, LOG))
    said = await found(here)
    assert ([each.kind for each in said.missing], said.forged) == ([Amiss.BOTH_LACK], ())


async def test_what_a_checkpoint_merely_came_with_is_held_against_its_root(here: Place, tmp_path: Path) -> None:
    async def is_covered() -> bool:
        return await covered(here, ALL)

    async with signing(here, tmp_path), Auditor(here).at_work():
        await until(is_covered)
    [(genuine,)] = await here.rows("SELECT note FROM psmp.checkpoint")
    await published(here, genuine)  # the headers say another leaf
    said = await found(here)
    assert said.holds
    assert said.forged == (f"where record {ALL} of {KEY} stands, by its checkpoint, is forged",)
    await here.pool.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER USER")
    await here.pool.execute("UPDATE psmp.ledger SET leaf = sha256('other') WHERE sequence = $1", ALL)
    assert Amiss.LEDGER_DIFFERS in [each.kind for each in (await found(here)).missing]

"""A log in the form of C2SP tlog-tiles, read by somebody who shares nothing with us but the specification."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from psmp.ledger.merkle import Frontier, leaf
from psmp.ledger.notes import seal
from psmp.ledger.origins import HERE, anchor
from psmp.ledger.proofs import Inclusion
from psmp.log.port import Record
from psmp.stack import NatsServer
from psmp.store.checkpoints import covered as coverage
from psmp.store.checkpoints import extended, included
from psmp.store.tlogtiles import LARGEST, Lacking, NoCheckpoint, write_tiles
from psmp.store.tree import ANCHOR
from psmp.words.ids import ProjectKey
from tests import tlog
from tests.following import Place, place, until
from tests.histories import KEY, History, created, declared, lifetime
from tests.signing import LOG, Auditor, covered, signing

pytestmark = pytest.mark.integration

VKEY = str(LOG.verifier)
OTHER = ProjectKey("acme", "other")


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


def history(key: ProjectKey, events: int) -> History:
    written = History(key)
    written.add(created())
    for number in range(1, events):
        written.add(declared(f"part{number}", needs=1))
    return written


async def signed(here: Place, folder: Path, records: int) -> None:
    """Until everything in the log is covered."""
    async with signing(here, folder), Auditor(here).at_work():

        async def done() -> bool:
            return await covered(here, records)

        await until(done, 60)


async def written(here: Place, key: ProjectKey, folder: Path) -> Any:  # noqa: ANN401
    async with here.pool.acquire() as connection:
        return await write_tiles(connection, key, folder)


@pytest.mark.may_block
async def test_what_is_written_is_read_by_the_specification_as_the_log_grows(here: Place, tmp_path: Path) -> None:
    log = history(KEY, 600)
    stored: list[Record] = []
    await here.publish(*lifetime(OTHER).records)
    others = len(lifetime(OTHER).records)
    for past in (5, 256, 260, 600):
        fresh = log.records[len(stored) : past]
        await here.publish(*fresh)
        stored += fresh
        await signed(here, tmp_path / "signed", others + past)
        folder = tmp_path / str(past)
        await written(here, KEY, folder)
        assert tlog.read(folder, VKEY) == (f"{HERE}/{KEY}", [record.body for record in stored])
        await written(here, KEY, tmp_path / "grown")
        whole = {path for path in folder.rglob("*") if path.is_file() and path.parent.suffix != ".p"}
        for path in whole:
            assert (tmp_path / "grown" / path.relative_to(folder)).read_bytes() == path.read_bytes()


async def test_the_anchor_log_is_read_the_same_way(here: Place, tmp_path: Path) -> None:
    await here.publish(*lifetime().records, *lifetime(OTHER).records)
    await signed(here, tmp_path / "signed", len(lifetime().records) + len(lifetime(OTHER).records))
    await written(here, ANCHOR, tmp_path / "tiles")
    origin, records = tlog.read(tmp_path / "tiles", VKEY)
    notes = await here.rows("SELECT note FROM psmp.checkpoint ORDER BY number")
    assert origin == anchor(HERE)
    assert [record.decode() for record in records] == [note.partition("\n\n")[0] + "\n" for (note,) in notes]


async def test_a_bundle_that_the_form_has_no_room_for_is_left_out_and_told(here: Place, tmp_path: Path) -> None:
    large = b"x" * (LARGEST + 1)
    rows = [("acme", "big", number, number, leaf(body), body) for number, body in enumerate((b"a", large), 1)]
    columns = ("tenant", "project", "sequence", "position", "leaf", "body")
    key = ProjectKey("acme", "big")
    tree = Frontier().append(leaf(b"a")).append(leaf(large))
    note = seal("x\n", [LOG.sign("x\n")]).decode()
    async with here.pool.acquire() as connection:
        with pytest.raises(NoCheckpoint):
            await write_tiles(connection, key, tmp_path)
        await connection.execute(
            "INSERT INTO psmp.checkpoint VALUES (1, 'acme', 'big', 2, $1, 2, $1, $2, now())", tree.root, note
        )
        with pytest.raises(Lacking):
            await write_tiles(connection, key, tmp_path / "lacking")
        await connection.copy_records_to_table("ledger", schema_name="psmp", columns=columns, records=rows)
        assert (await write_tiles(connection, key, tmp_path / "tiles")).left_out == ("tile/entries/000.p/2",)
    assert (tmp_path / "tiles/tile/0/000.p/2").read_bytes() == leaf(b"a") + leaf(large)
    assert not (tmp_path / "tiles/tile/entries").exists()


async def test_of_records_that_were_pruned_hashes_and_proofs_are_left(here: Place, tmp_path: Path) -> None:
    log = history(KEY, 5)
    await here.publish(*log.records)
    await signed(here, tmp_path / "signed", 5)
    await here.pool.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER USER")
    await here.pool.execute("UPDATE psmp.ledger SET body = NULL WHERE sequence <= 2")
    assert (await written(here, KEY, tmp_path / "tiles")).left_out == ("tile/entries/000.p/5",)
    leaves = b"".join(leaf(record.body) for record in log.records)
    assert (tmp_path / "tiles/tile/0/000.p/5").read_bytes() == leaves
    async with here.pool.acquire() as connection:
        proof = await included(connection, KEY, 1)
    assert proof is not None
    assert proof.verify(leaf(log.records[0].body), [LOG.verifier]).size == 5


async def test_every_record_that_a_checkpoint_covers_can_be_proved_and_no_other(here: Place, tmp_path: Path) -> None:
    log = history(KEY, 30)
    await here.publish(*log.records)
    await signed(here, tmp_path, 30)
    async with here.pool.acquire() as connection:
        for number, record in enumerate(log.records, 1):
            proof = await included(connection, KEY, number)
            assert proof is not None
            checkpoint = Inclusion.read(str(proof)).verify(leaf(record.body), [LOG.verifier])
            assert (checkpoint.origin, checkpoint.size) == (f"{HERE}/{KEY}", 30)
        for beyond in (0, -1, 31):
            assert await included(connection, KEY, beyond) is None
        assert await included(connection, OTHER, 1) is None
        assert (await extended(connection, KEY, 7) or "").startswith("old 7\n")
        assert await extended(connection, KEY, 31) is None
        [mine, anchored] = await coverage(connection)
        assert (mine.key, mine.records, mine.behind) == (KEY, 30, 0)
        assert (anchored.key, anchored.behind) == (ANCHOR, 0)
        assert await coverage(connection, OTHER) == []

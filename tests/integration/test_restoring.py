"""Log and ledger put right from each other on real servers: holes, begun and cut off, and servers of one's own."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import Record
from psmp.stack import NatsServer
from psmp.stack.identities import RESTORE, SETUP, Identities
from psmp.store.pool import Connection, open_pool
from psmp.store.restore import journal, leftover
from psmp.store.restore.diagnosis import diagnose
from psmp.store.restore.heads import standing
from psmp.store.restore.journal import Journal
from psmp.store.restore.refill import FILLER, NotRestored, finish, refill
from psmp.store.restore.standing import Kind
from psmp.store.restore.walk import Logged, end_of, logged
from psmp.store.verify import verify
from psmp.wire.assets import CONSUMERS, STREAMS, prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.wire.standing import State, Word, last_word
from psmp.words import subjects
from psmp.words.ids import SYSTEM, ProjectKey
from psmp_audit.ledger import LedgerWriter
from tests.following import Place, place
from tests.histories import KEY, lifetime
from tests.integration.cli import Shell
from tests.servers import StartNats

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def stored(nats: MendedClient) -> list[Logged]:
    return [each async for each in logged(nats, 0, await end_of(nats))]


async def emptied(here: Place) -> None:
    """The stream goes, as from a disk; nothing makes it again."""
    await here.server.stop()
    for folder in here.server.store.glob("**/streams/PSMP_LOG"):
        shutil.rmtree(folder)
    await here.server.start()


def mixed() -> list[Record]:
    """Two projects, taking turns; what the ledger never takes in among them."""
    one, two = lifetime().records, lifetime(OTHER).records
    order = [record for pair in zip(one, two, strict=True) for record in pair]
    return [*order[:4], order[0], *order[4:9], order[1], order[2], *order[9:]]


async def recorded(here: Place) -> int:
    """The mixed log, in the ledger; its end."""
    records = mixed()
    await here.publish(*records)
    await here.follow(LedgerWriter(here.pool, here.log), len(records))
    return len(records)


async def test_a_log_is_written_again_byte_for_byte_at_the_same_positions(here: Place, connection: Connection) -> None:
    """Where the ledger has nothing, for the same bytes came twice, there the new log has nothing either."""
    end = await recorded(here)
    before = await stored(here.nats)
    await emptied(here)
    done = await refill(here.nats, connection)
    await finish(here.nats)
    after = await stored(here.nats)
    doubled = {5, 11, 12}
    assert after == [each for each in before if each.position not in doubled]
    assert done.written == len(after) == end - len(doubled)
    info = json.loads((await here.nats.request("$JS.API.STREAM.INFO.PSMP_LOG")).data)
    config = next(each for each in STREAMS if each["name"] == "PSMP_LOG")
    assert {name: info["config"][name] for name in ("subjects", "deny_delete", "republish")} == {
        name: config[name] for name in ("subjects", "deny_delete", "republish")
    }
    assert all([each.fault is None async for each in verify(here.pool, log=JetStreamEventLog(here.nats))])
    assert (await standing(here.nats, connection)).holds


async def test_headers_are_those_that_the_log_adapter_writes(here: Place, connection: Connection) -> None:
    await lifetime().store(here.log)
    end = await end_of(here.nats)
    await here.follow(LedgerWriter(here.pool, here.log), end)

    async def conditions() -> list[dict[str, str]]:
        found = []
        for position in range(1, end + 1):
            message = await here.nats.jetstream().get_msg("PSMP_LOG", position, direct=True)
            headers = message.headers or {}
            found.append({name: value for name, value in headers.items() if name.startswith("Nats-Expected-Last-Sub")})
        return found

    before = await conditions()
    await emptied(here)
    await refill(here.nats, connection)
    assert await conditions() == before


async def test_what_retention_has_pruned_is_neither_missing_nor_written_again(
    here: Place, connection: Connection
) -> None:
    """Its place stays empty, and what follows is written where it was."""
    end = await recorded(here)
    before = await stored(here.nats)
    assert await connection.fetchval("SELECT psmp.prune('acme', 'rag', 4, 'ada', 'retention')") == 4
    assert (await standing(here.nats, connection)).holds
    await emptied(here)
    await refill(here.nats, connection)
    pruned = {each.position for each in before if each.key == KEY and each.sequence <= 4}
    assert await stored(here.nats) == [each for each in before if each.position not in pruned | {11, 12}]
    found = await standing(here.nats, connection)
    assert (found.holds, await end_of(here.nats)) == (True, end)


@pytest.mark.parametrize("cut", [1, 4, 5, 7, 11])
async def test_what_was_cut_off_is_begun_where_it_stopped(here: Place, connection: Connection, cut: int) -> None:
    end = await recorded(here)
    before = [each for each in await stored(here.nats) if each.position not in (5, 11, 12)]
    await emptied(here)
    rows = await connection.fetch("SELECT * FROM psmp.ledger WHERE position > $1", cut)
    await connection.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER append_only")
    await connection.execute("DELETE FROM psmp.ledger WHERE position > $1", cut)
    await refill(here.nats, connection)
    if cut in (4, 11):  # it ended between a filler and the deletion of it
        last = {"Nats-Expected-Last-Sequence": str(await end_of(here.nats))}
        await here.nats.jetstream().publish(FILLER, b"", headers=last)
    await connection.copy_records_to_table("ledger", schema_name="psmp", records=map(tuple, rows))
    await refill(here.nats, connection)
    assert await stored(here.nats) == before
    assert await end_of(here.nats) == end


async def test_a_place_cannot_be_left_empty_in_a_stream_that_is_finished(here: Place, connection: Connection) -> None:
    await recorded(here)
    await emptied(here)
    await prepare(here.nats)
    with pytest.raises(NotRestored, match="position 5 was never in the ledger") as refused:
        await refill(here.nats, connection)
    assert "before psmp setup" in refused.value.hint


async def test_what_the_log_alone_had_is_put_behind_what_the_ledger_has_where_it_follows(
    here: Place, connection: Connection, tmp_path: Path
) -> None:
    """The tail that the ledger had not come to is put back; what follows on nothing is named and kept."""
    records = lifetime().records
    await here.publish(*records[:8])
    await here.follow(LedgerWriter(here.pool, here.log), 8)
    await here.publish(*records[8:], replace(records[9], body=records[9].body.replace(b"acme/rag", b"acme/gar")))
    found = await diagnose(here.nats, connection, here.pool, None)
    assert leftover.keep(tmp_path, found.walked.surplus) == len(records) - 8 + 1
    assert leftover.keep(tmp_path, found.walked.surplus) == 0
    await emptied(here)
    for _ in range(2):
        done = await refill(here.nats, connection, leftover.kept(tmp_path))
        assert [each.position for each in done.left_out] == [len(records) + 1]
        assert [each.body for each in await stored(here.nats)] == [record.body for record in records]


async def test_a_hole_in_the_middle_is_noticed_by_the_heads_alone(
    fresh_nats: NatsServer, database: str, connection: Connection
) -> None:
    """As when an old block is lost: the stream goes on behind it."""
    nats = await connect(Address(fresh_nats.url), "test")
    config = next(each for each in STREAMS if each["name"] == "PSMP_LOG")
    await nats.request("$JS.API.STREAM.CREATE.PSMP_LOG", json.dumps({**config, "deny_delete": False}).encode())
    audit = next(config for _, config in CONSUMERS if config["name"] == "audit")
    body = json.dumps({"stream_name": "PSMP_LOG", "config": audit}).encode()
    await nats.request("$JS.API.CONSUMER.CREATE.PSMP_LOG.audit", body)
    pool = await open_pool(database, "test")
    try:
        here = Place(fresh_nats, nats, JetStreamEventLog(nats), pool, database)
        end = await recorded(here)
        assert (await standing(nats, connection)).holds
        for position in (1, 6, 7):
            await nats.request("$JS.API.STREAM.MSG.DELETE.PSMP_LOG", json.dumps({"seq": position}).encode())
        found = await standing(nats, connection)
        assert {each.kind for each in found.missing} == {Kind.LOG_LACKS}
        assert {(str(each.span.key), each.span.begin) for each in found.missing} == {
            ("acme/rag", 1),
            ("acme/rag", 6),
            ("acme/other", 7),
        }
        walked = (await diagnose(nats, connection, here.pool, None)).walked
        assert (walked.is_tail, walked.intact, walked.log) == (False, 0, end)
    finally:
        pool.terminate()
        await nats.close()


async def test_rows_that_the_database_lost_are_noticed_by_what_the_broker_was_told(
    here: Place, connection: Connection
) -> None:
    end = await recorded(here)
    await connection.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER append_only")
    await connection.execute("DELETE FROM psmp.ledger WHERE position > 13")
    await connection.execute("UPDATE psmp.follower SET position = 13, leaf = NULL WHERE name = 'audit'")
    found = await standing(here.nats, connection)
    assert {each.kind for each in found.missing} == {Kind.LEDGER_LACKS}
    assert max(each.span.end for each in found.missing) == end


@pytest.mark.may_block
async def test_what_was_cut_off_before_its_end_is_brought_to_it(
    start_nats: StartNats, database: str, tmp_path: Path, connection: Connection
) -> None:
    """All that the ledger has is written: what the log alone had is put back, and the stream is as it is to be."""
    server = await start_nats()
    async with place(server, database) as here:
        records = lifetime().records
        await here.publish(*records[:5])
        await here.follow(LedgerWriter(here.pool, here.log), 5)
        await here.publish(records[5])
        leftover.keep(tmp_path / "psmp-aside", (await stored(here.nats))[5:])
        await emptied(here)
        await refill(here.nats, connection)
    shell = Shell.at(tmp_path, PSMP_NATS_URL=server.url, PSMP_POSTGRES_DSN=database)
    setup = shell.run("setup")
    assert (setup.code, "begun to be written again, and is not finished" in setup.err) == (7, True), setup.err
    dry = shell.run("restore", "log")
    assert (dry.code, "not finished" in dry.out) == (7, True), dry.err
    done = shell.run("restore", "log", "--yes", "-o", "json")
    assert (done.code, done.json["done"]) == (0, {"written": 0, "put_back": 1, "left_out": []}), done.err
    assert not (tmp_path / "psmp-aside" / "restoring.json").exists()
    nats = await connect(Address(server.url), "test")
    info = json.loads((await nats.request("$JS.API.STREAM.INFO.PSMP_LOG")).data)
    assert info["config"]["subjects"] == ["psmp.log.>"]
    assert [each.body for each in await stored(nats)] == [each.body for each in records[:6]]
    assert (await nats.jetstream().consumer_info("PSMP_LOG", "audit")).name == "audit"
    await nats.close()
    again = shell.run("restore", "log")
    assert (again.code, "log and ledger have the same 5 records" in again.out) == (0, True), again.out


def test_what_was_begun_is_kept_until_it_is_finished_and_the_first_word_counts(tmp_path: Path) -> None:
    assert journal.begun(tmp_path) is None
    first = Journal({"audit": 7}, 4)
    assert journal.begin(tmp_path / "new", first) == first
    assert journal.begin(tmp_path / "new", Journal({"audit": 0}, 9)) == first
    assert journal.begun(tmp_path / "new") == first
    journal.finished(tmp_path / "new")
    assert journal.begun(tmp_path / "new") is None


@pytest.mark.may_block
async def test_on_servers_of_ones_own_it_is_restored_by_who_may(
    start_nats: StartNats, database: str, tmp_path: Path
) -> None:
    identities = Identities()
    server = await start_nats(config=identities.conf, includes=identities.includes, env=identities.env)
    setup = await connect(Address(server.url_for(identities.service(SETUP))), "setup", inbox="_INBOX_setup")
    await prepare(setup)
    intake = await connect(Address(server.url_for(identities.service("intake"))), "intake", inbox="_INBOX_intake")
    audit = await connect(Address(server.url_for(identities.service("audit"))), "audit", inbox="_INBOX_audit")
    here = Place(server, audit, JetStreamEventLog(audit), await open_pool(database, "test"), database)
    records = [each for each in lifetime().records if each.kind in ("project.created", "project.transitioned")][:2]
    for number, record in enumerate(records):
        await JetStreamEventLog(intake).append(record.key, record.kind, record.body, expected=number)
    await here.follow(LedgerWriter(here.pool, here.log), len(records))
    shell = Shell.at(
        tmp_path,
        PSMP_NATS_URL=server.url_for(identities.service(RESTORE)),
        PSMP_POSTGRES_DSN=database,
    )
    beat = subjects.heartbeat(SYSTEM, "intake-1")
    await intake.publish(beat, b"alive")
    await intake.flush()
    busy = shell.run("restore", "log")
    assert (busy.code, "services are at work: " in busy.err, "intake-1 was heard" in busy.err) == (1, True, True)
    await intake.publish(beat, b"leaving")
    for client in (intake, audit, setup):
        await client.close()
    await server.stop()
    for folder in server.store.glob("**/streams/PSMP_LOG"):
        shutil.rmtree(folder)
    await server.start()
    dry = shell.run("restore", "log")
    assert (dry.code, "the log lacks records 1 to 2 of acme/rag" in dry.out) == (7, True), dry.err
    done = shell.run("restore", "log", "--yes", "-o", "json")
    assert (done.code, done.json["done"]["written"], done.json["wrong"]) == (0, 2, []), done.err
    reader = await connect(Address(server.url_for(identities.service("audit"))), "audit", inbox="_INBOX_audit")
    assert await last_word(reader) == Word(State.WELL)
    assert (await reader.jetstream().consumer_info("PSMP_LOG", "audit")).name == "audit"
    await reader.close()
    here.pool.terminate()

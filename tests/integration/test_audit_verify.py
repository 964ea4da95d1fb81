"""Verification finds what was done to a ledger, step by step: each test breaks one step and no other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from psmp.stack import NatsServer
from psmp.store.chain import Fault, Flaw
from psmp.store.pool import Connection
from psmp.store.verify import Verified, verify
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp_audit.ledger import LedgerWriter
from tests.following import Place, place
from tests.histories import KEY, History, accepted, lifetime

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")
LAST = len(lifetime().records)


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    """A ledger of two projects, as their logs are."""
    async with place(fresh_nats, database) as opened:
        await lifetime().store(opened.log)
        end = (await lifetime(OTHER).store(opened.log))[-1].position
        await opened.follow(LedgerWriter(opened.pool, opened.log), end)
        yield opened


@asynccontextmanager
async def tampering(here: Place) -> AsyncIterator[Connection]:
    """As a superuser who means harm."""
    async with here.pool.acquire() as connection:
        await connection.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER ALL")
        yield connection
        await connection.execute("ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only")


async def replace_last(here: Place, body: bytes) -> None:
    """Other bytes for the project's last event, with the hash that goes with them."""
    async with tampering(here) as connection:
        await connection.execute(
            "UPDATE psmp.ledger SET body = $2, leaf = $3 WHERE project = 'rag' AND sequence = $1",
            LAST,
            body,
            bytes.fromhex(leaf_hash(body)),
        )


async def walk(here: Place, *, log: bool = True) -> dict[ProjectKey, Verified]:
    known = [KEY, OTHER] if log else []
    found = [each async for each in verify(here.pool, log=here.log if log else None, known=known)]
    assert [each.key for each in found] == [OTHER, KEY]
    assert found[0].fault is None
    assert found[0].events == LAST
    return {each.key: each for each in found}


@pytest.mark.parametrize("log", [True, False])
async def test_a_ledger_that_nobody_touched_holds(here: Place, log: bool) -> None:
    found = (await walk(here, log=log))[KEY]
    assert (found.events, found.fault, found.ahead) == (LAST, None, 0)
    assert found.head.leaf == leaf_hash(lifetime().records[-1].body)


async def test_one_project_can_be_verified_by_itself(here: Place) -> None:
    [found] = [each async for each in verify(here.pool, key=KEY, log=here.log)]
    assert (found.key, found.events, found.fault) == (KEY, LAST, None)


async def test_a_project_that_nobody_knows_has_nothing(here: Place) -> None:
    nobody = ProjectKey("acme", "nobody")
    [found] = [each async for each in verify(here.pool, key=nobody, log=here.log)]
    assert (found.events, found.fault, found.ahead) == (0, None, 0)


async def test_1_a_record_that_was_taken_out_is_missed(here: Place) -> None:
    async with tampering(here) as connection:
        await connection.execute("DELETE FROM psmp.ledger WHERE project = 'rag' AND sequence = 5")
    found = (await walk(here))[KEY]
    assert found.fault == Fault(KEY, 6, 6, Flaw.GAP, "5", "6")
    assert found.events == 4


async def test_2_a_hash_that_is_not_that_of_its_bytes_is_found(here: Place) -> None:
    async with tampering(here) as connection:
        await connection.execute(
            "UPDATE psmp.ledger SET leaf = $1 WHERE project = 'rag' AND sequence = 5", b"\xab" * 32
        )
    found = (await walk(here))[KEY]
    assert found.fault == Fault(KEY, 5, 5, Flaw.LEAF, "ab" * 32, leaf_hash(lifetime().records[4].body))
    assert found.events == 4


async def test_3_a_record_that_names_another_before_it_is_found(here: Place) -> None:
    body, right = lifetime().records[-1].body, leaf_hash(lifetime().records[-2].body)
    await replace_last(here, body.replace(right.encode(), b"ab" * 32))
    found = (await walk(here, log=False))[KEY]
    assert found.fault == Fault(KEY, LAST, LAST, Flaw.PREV, right, "ab" * 32)


@pytest.mark.parametrize(
    ("old", "new", "claim"),
    [
        (b'"subject":"acme/rag"', b'"subject":"acme/gar"', f"event {LAST} of acme/gar"),
        (b'"sequence":%d' % LAST, b'"sequence":%d' % (LAST + 1), f"event {LAST + 1} of acme/rag"),
    ],
)
async def test_4_a_record_that_belongs_elsewhere_is_found(here: Place, old: bytes, new: bytes, claim: str) -> None:
    body = lifetime().records[-1].body
    assert old in body
    await replace_last(here, body.replace(old, new))
    found = (await walk(here, log=False))[KEY]
    assert found.fault == Fault(KEY, LAST, LAST, Flaw.CLAIM, f"event {LAST} of acme/rag", claim)


async def test_5_a_record_that_was_rewritten_with_its_chain_is_held_against_the_log(here: Place) -> None:
    body = lifetime().records[-1].body
    forged = body.replace(b'"actor":"ada"', b'"actor":"bob"')
    await replace_last(here, forged)
    assert (await walk(here, log=False))[KEY].fault is None
    fault = (await walk(here))[KEY].fault
    assert fault is not None
    assert (fault.sequence, fault.flaw) == (LAST, Flaw.LOG)
    assert (fault.expected, fault.found) == (leaf_hash(forged), leaf_hash(body))


async def test_5_a_record_that_the_log_has_lost_is_found(here: Place) -> None:
    history = History()
    for record in lifetime().records:
        history.records.append(record)
    history.head = (await walk(here))[KEY].head
    record = history.add(accepted("api"))
    row = (*KEY, LAST + 1, 999, bytes.fromhex(leaf_hash(record.body)), record.body)
    await here.pool.execute("INSERT INTO psmp.ledger VALUES ($1, $2, $3, $4, $5, $6)", *row)
    fault = (await walk(here))[KEY].fault
    assert fault is not None
    assert (fault.sequence, fault.flaw, fault.found) == (LAST + 1, Flaw.LOG, "nothing")


async def test_6_a_tail_that_was_cut_off_is_missed(here: Place) -> None:
    async with tampering(here) as connection:
        await connection.execute("DELETE FROM psmp.ledger WHERE project = 'rag' AND sequence > 5")
    assert (await walk(here, log=False))[KEY].fault is None
    found = (await walk(here))[KEY]
    assert found.fault == Fault(KEY, 6, 6, Flaw.UNRECORDED, "nothing", leaf_hash(lifetime().records[5].body))
    assert found.events == 5


async def test_6_a_project_that_was_taken_out_altogether_is_missed(here: Place) -> None:
    async with tampering(here) as connection:
        await connection.execute("DELETE FROM psmp.ledger WHERE project = 'rag'")
    [other, found] = [each async for each in verify(here.pool, log=here.log, known=[KEY, OTHER])]
    assert (other.key, other.fault) == (OTHER, None)
    assert found.fault == Fault(KEY, 1, 1, Flaw.UNRECORDED, "nothing", leaf_hash(lifetime().records[0].body))


async def test_what_the_ledger_has_not_come_to_yet_is_lag_and_no_fault(here: Place) -> None:
    third = ProjectKey("acme", "third")
    await lifetime(third).store(here.log)
    *_, found = [each async for each in verify(here.pool, log=here.log, known=[KEY, OTHER, third])]
    assert (found.key, found.events, found.fault, found.ahead) == (third, 0, None, LAST)


async def test_a_walk_goes_on_behind_a_page(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psmp.store.verify.PAGE", 4)
    assert (await walk(here))[KEY].events == LAST

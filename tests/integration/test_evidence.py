"""Reports out of a real ledger: an empty, a healthy and a tampered one differ; a report can be made again."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from psmp.compliance.evidence import Evidence, Retention
from psmp.compliance.report import FRAMEWORKS, markdown, report
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier
from psmp.ledger.notes import Kind, Signer, seal
from psmp.ledger.origins import origin
from psmp.stack import NatsServer
from psmp.store.evidence import Scope, gather
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp_audit.ledger import LedgerWriter
from psmp_keeper.projector import Projector
from tests.following import Place, place
from tests.histories import KEY, lifetime

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")
SIGNER = Signer("psmp.example", Kind.LOG, bytes(range(32)))
STRANGER = Signer("psmp.example", Kind.LOG, bytes(range(1, 33)))
MOMENT = datetime(2026, 11, 26, tzinfo=UTC)
LAST = len(lifetime().records)


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    """Two projects, each with a checkpoint over 50 records, the first with one over 20 as well."""
    async with place(fresh_nats, database) as opened:
        await lifetime().store(opened.log)
        end = (await lifetime(OTHER).store(opened.log))[-1].position
        await opened.follow(LedgerWriter(opened.pool, opened.log), end)
        await opened.follow(Projector(opened.pool, opened.log), end)
        for number, (key, size) in enumerate(((KEY, 20), (KEY, 50), (OTHER, 50)), 1):
            await sign(opened, key, size, number)
        yield opened


async def sign(here: Place, key: ProjectKey, size: int, number: int, signer: Signer = SIGNER) -> None:
    tree = Frontier()
    for record in lifetime(key).records[:size]:
        tree = tree.append(bytes.fromhex(leaf_hash(record.body)))
    checkpoint = Checkpoint(origin("psmp.example", key), size, tree.root)
    note = seal(checkpoint.text, [signer.sign(checkpoint.text)]).decode()
    anchored = hashlib.sha256(b"\x00" + checkpoint.text.encode()).digest()
    query = "SELECT position FROM psmp.ledger WHERE tenant = $1 AND project = $2 AND sequence = $3"
    position = await here.pool.fetchval(query, *key, size)
    row = number, *key, size, tree.root, position, anchored, note, MOMENT
    await here.pool.execute("INSERT INTO psmp.checkpoint VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *row)


async def harm(here: Place, statement: str) -> None:
    """As a superuser who means it."""
    async with here.pool.acquire() as connection:
        await connection.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER ALL")
        await connection.execute(statement)
        await connection.execute("ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only")


async def found(here: Place, **options: object) -> Evidence:
    return await gather(here.pool, replace(Scope("acme", keys=(SIGNER.verifier,)), **options))  # type: ignore[arg-type]


async def test_a_healthy_ledger_holds_with_its_checkpoints(here: Place) -> None:
    evidence = await found(here)
    assert evidence.faults == ()
    assert [(each.project, each.records, each.checkpoints, each.size, each.number) for each in evidence.standings] == [
        ("other", LAST, 1, 50, 3),
        ("rag", LAST, 2, 50, 2),
    ]
    assert evidence.trusted
    assert evidence.standings[1].head == leaf_hash(lifetime().records[-1].body)
    assert (evidence.position, evidence.checkpoint, evidence.strays) == (2 * LAST, 3, 0)
    assert evidence.guards.guarded == evidence.guards.tables >= 4
    assert evidence.guards.writers == ()
    assert evidence.count("artifact.declared") == 8
    assert evidence.people == 1
    told = {each.kind: each.what for each in evidence.decisions if each.project == "rag"}
    assert told.keys() == {
        *("project.created", "project.changed", "project.transitioned"),
        *("waived", "subject.erased", "hold.placed", "hold.released"),
    }
    assert told["project.changed"] == "changed, to be governed by ada, every conflict blocks"
    assert told["subject.erased"] == "maria erased, approved by privacy-office"


async def test_an_empty_ledger_has_nothing_to_say(here: Place) -> None:
    evidence = await gather(here.pool, Scope("nobody"))
    assert (evidence.records, evidence.standings, evidence.position, evidence.faults) == (0, (), 0, ())
    assert "no record of this tenant" in markdown(report(FRAMEWORKS["soc2"], evidence))


HARM = {
    "edit": "UPDATE psmp.ledger SET body = convert_to(replace(convert_from(body, 'UTF8'), 'it is time', 'it is late'),"
    " 'UTF8') WHERE project = 'rag' AND sequence = 2",
    "delete": "DELETE FROM psmp.ledger WHERE project = 'rag' AND sequence = 30",
    "cut below the checkpoint": "DELETE FROM psmp.ledger WHERE project = 'rag' AND sequence > 40",
    "the whole project": "DELETE FROM psmp.ledger WHERE project = 'rag'",
    "cut behind the checkpoint": "DELETE FROM psmp.ledger WHERE project = 'rag' AND sequence > 55",
}


@pytest.mark.parametrize("statement", HARM.values(), ids=HARM)
async def test_a_tampered_ledger_covers_nothing(here: Place, statement: str) -> None:
    healthy = markdown(report(FRAMEWORKS["hipaa"], await found(here)))
    await harm(here, statement)
    made = report(FRAMEWORKS["hipaa"], await found(here))
    assert not made.holds
    assert {each.status for _, each in made.findings} == {"not covered"}
    assert markdown(made) != healthy
    assert "**No.**" in markdown(made)


async def test_a_rewritten_chain_is_found_by_its_checkpoint(here: Place) -> None:
    history = lifetime()
    forged = lifetime()
    forged.records.clear()
    forged.head = type(forged.head)()
    for record in history.records:
        event = record.body.replace(b'"reason":"it is time"', b'"reason":"it is late"')
        prev = f'"prev":"{forged.head.leaf}"'.encode()
        event = event[: event.index(b'"prev"')] + prev + event[event.index(b'"prev"') + len(prev) :]
        number = forged.head.sequence + 1
        forged.head = type(forged.head)(number, number, leaf_hash(event))
        statement = "UPDATE psmp.ledger SET body = $1, leaf = $2 WHERE project = 'rag' AND sequence = $3"
        async with here.pool.acquire() as connection:
            await connection.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER ALL")
            await connection.execute(statement, event, bytes.fromhex(forged.head.leaf), number)
    fault = (await found(here)).standings[1].fault
    assert "checkpoint 1 over 20 records has the root" in fault


async def test_an_event_of_the_projection_that_was_changed_is_a_stray(here: Place) -> None:
    await here.pool.execute("UPDATE psmp.event SET body = body || ' ' WHERE project = 'rag' AND sequence = 4")
    await here.pool.execute("DELETE FROM psmp.event WHERE project = 'other' AND sequence = 9")
    evidence = await found(here)
    assert evidence.strays == 2
    assert evidence.faults == ("2 events of the projection are not those of the ledger",)


async def test_what_one_of_the_two_has_not_come_to_yet_is_no_stray(here: Place) -> None:
    more = lifetime(ProjectKey("acme", "late"))
    end = (await more.store(here.log))[-1].position
    await here.follow(LedgerWriter(here.pool, here.log), end)
    assert (await found(here)).faults == ()
    await here.follow(Projector(here.pool, here.log), end)
    assert (await found(here)).faults == ()


async def test_a_strangers_signature_is_not_believed(here: Place) -> None:
    await sign(here, OTHER, 58, 4, STRANGER)
    evidence = await found(here)
    assert [each.signed for each in evidence.standings] == [False, True]
    assert not evidence.trusted
    unkeyed = await found(here, keys=())
    assert [each.signed for each in unkeyed.standings] == [None, None]


async def test_a_note_that_says_something_else_is_not_believed(here: Place) -> None:
    checkpoint = Checkpoint(origin("psmp.example", KEY), 7, b"\x07" * 32)
    note = seal(checkpoint.text, [SIGNER.sign(checkpoint.text)]).decode()
    await here.pool.execute("ALTER TABLE psmp.checkpoint DISABLE TRIGGER ALL")
    await here.pool.execute("UPDATE psmp.checkpoint SET note = $1 WHERE number = 1", note)
    assert [each.signed for each in (await found(here)).standings] == [True, False]
    await here.pool.execute("UPDATE psmp.checkpoint SET note = 'noise' WHERE number = 1")
    assert [each.signed for each in (await found(here)).standings] == [True, False]


async def test_a_report_can_be_made_again_at_its_position(here: Place) -> None:
    first = await found(here)
    text = markdown(report(FRAMEWORKS["soc2"], first))
    more = lifetime(ProjectKey("acme", "late"))
    end = (await more.store(here.log))[-1].position
    await here.follow(LedgerWriter(here.pool, here.log), end)
    await here.follow(Projector(here.pool, here.log), end)
    await sign(here, KEY, 58, 4)
    assert markdown(report(FRAMEWORKS["soc2"], await found(here))) != text
    again = await found(here, position=first.position, checkpoint=first.checkpoint)
    assert markdown(report(FRAMEWORKS["soc2"], again)) == text


async def test_a_range_of_time_counts_what_is_in_it_and_verifies_all(here: Place) -> None:
    evidence = await found(here, since=datetime(2026, 11, 18, microsecond=50_000, tzinfo=UTC))
    assert evidence.count("artifact.declared") == 0
    assert evidence.count("alert.raised") == 6
    assert evidence.records == 2 * LAST


async def test_only_the_newest_decisions_are_told(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psmp.store.evidence.MOST_TOLD", 1)
    monkeypatch.setattr("psmp.store.evidence.PAGE", 7)
    waived = [each for each in (await found(here)).decisions if each.kind == "waived"]
    assert [each.what for each in waived] == ["C-4 waived for 60 s", "3 older ones are not told here"]


async def test_a_guard_that_was_taken_away_is_missed(here: Place) -> None:
    await here.pool.execute("ALTER TABLE psmp.anchor DISABLE TRIGGER ALL")
    await here.pool.execute("GRANT DELETE ON psmp.tile TO psmp_audit")
    guards = (await found(here)).guards
    assert guards.guarded == guards.tables - 1
    assert guards.writers == ("psmp_audit",)


async def test_pruned_records_hold_by_their_leaves_where_the_pruning_is_recorded(here: Place) -> None:
    await here.pool.execute("SELECT psmp.prune('acme', 'rag', 30, 'office', 'policy 7')")
    evidence = await found(here)
    assert evidence.faults == ()
    assert [each.pruned for each in evidence.standings] == [0, 30]
    assert evidence.standings[1].checkpoints == 2
    [pruned] = [each for each in evidence.decisions if each.kind == "pruned"]
    assert (pruned.what, pruned.actor, pruned.reason) == ("bodies pruned up to event 30", "office", "policy 7")
    await harm(here, "UPDATE psmp.ledger SET body = NULL WHERE project = 'rag' AND sequence = 31")
    assert "event 31 of acme/rag" in (await found(here)).standings[1].fault


async def test_what_was_said_last_of_retention_and_holds_counts(here: Place) -> None:
    assert (await found(here)).retention == Retention()
    for sequence, (tenant, project, kind, data) in enumerate(
        (
            ("psmp", "system", "retention.changed", {"tenant": "acme", "days": 90, "reason": "policy"}),
            ("psmp", "system", "retention.changed", {"tenant": "rival", "days": 1, "reason": "policy"}),
            ("acme", "rag", "hold.placed", {"reason": "case 4"}),
            ("acme", "other", "hold.placed", {"reason": "case 5"}),
            ("acme", "other", "hold.released", {"reason": "over"}),
        ),
        101,
    ):
        await here.pool.execute(
            "INSERT INTO psmp.event VALUES ($1, $2, $3, $3, now(), gen_random_uuid(), $4, '/psmp/intake', 'operator',"
            " gen_random_uuid(), gen_random_uuid(), $5)",
            *(tenant, project, sequence, kind, json.dumps({"data": data}).encode()),
        )
    evidence = await found(here)
    assert evidence.retention == Retention(90, ("rag",))
    told = {each.what for each in evidence.decisions if each.actor == "operator"}
    assert told == {"bodies to be kept 90 days", "legal hold placed", "legal hold released"}


async def test_a_reader_may_gather(here: Place) -> None:
    await here.pool.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET role = psmp_reader', current_database()); END $$"
    )
    await here.pool.expire_connections()
    assert (await found(here)).faults == ()

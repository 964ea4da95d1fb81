"""Bundles from a real Postgres: what is exported of an honest ledger holds, and what was done to one is found."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest

from psmp.auditor.audit import Audit, Auditor, Known
from psmp.auditor.bundle import Bundle
from psmp.auditor.signed import read_keys
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import leaf
from psmp.ledger.notes import Note
from psmp.ledger.origins import anchor
from psmp.store.export.bundle import Elsewhere, Scope, bind
from psmp.store.export.sheets import Sheets, fresh
from psmp.store.pool import Pool, open_pool
from psmp.words.ids import ProjectKey
from tests.bundles import DEPLOYMENT, LOG, STATEMENT, WITNESS, Log, honest, key_file, note, receipt, rechained, root
from tests.histories import KEY
from tests.tampering import edited

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")
THEIRS = ProjectKey("umbrella", "rag")
ALL = Scope()
MADE_AT = "2026-11-26T00:00:00.000000Z"
THEN = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database, "test")
    yield opened
    opened.terminate()


async def fill(pool: Pool, *logs: Log) -> None:
    """A ledger as the audit writer leaves it."""
    position, number, leaves = 0, 0, list[bytes]()
    for log in logs:
        rows = []
        for sequence, body in enumerate(log.records, 1):
            position += 1
            rows.append((*log.key, sequence, position, leaf(body), body))
        await pool.copy_records_to_table("ledger", schema_name="psmp", records=rows)
        for each in log.notes:
            read, number = Checkpoint.read(Note.read(each.encode()).text), number + 1
            leaves.append(leaf(read.text.encode()))
            row = (number, *log.key, read.size, read.root, position, leaves[-1], each, THEN)
            await pool.execute("INSERT INTO psmp.checkpoint VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *row)
    head = Checkpoint(anchor(DEPLOYMENT), number, root(leaves))
    await pool.execute(
        "INSERT INTO psmp.anchor VALUES ($1, $2, $3, $4)", number, head.root, note(head.text, LOG, WITNESS), THEN
    )


async def harm(pool: Pool, *statements: tuple[str, Sequence[object]]) -> None:
    """As a superuser who means harm."""
    async with pool.acquire() as connection:
        for table in ("ledger", "checkpoint", "anchor"):
            await connection.execute(f"ALTER TABLE psmp.{table} DISABLE TRIGGER ALL")
        for statement, arguments in statements:
            await connection.execute(statement, *arguments)


async def signed(digest: str) -> str:
    return note(f"psmp bundle v1\n{DEPLOYMENT}\n{digest}\n", STATEMENT)


async def exported(pool: Pool, path: Path, scope: Scope = ALL) -> Path:
    with fresh(path) as pages:
        await bind(pool, pages, DEPLOYMENT, MADE_AT, scope=scope, sign=signed, files={"sbom/rag.json": b"{}"})
    return path


def audited(path: Path, *, receipts: Sequence[str] = (), since: Sequence[str] = ()) -> Audit:
    known = Known(read_keys(key_file().splitlines()), witnesses=1)
    for each in receipts:
        known.promise(each)
    for each in since:
        known.keep(each)
    return Auditor(Bundle(path), known).run(signed=True)


def found(audit: Audit) -> list[tuple[str, str, int, int]]:
    reports = (audit.whole, *audit.logs)
    return [(report.origin, each.kind, each.first, each.last) for report in reports for each in report.findings]


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
async def test_what_is_exported_of_an_honest_ledger_holds(pool: Pool, tmp_path: Path, name: str) -> None:
    logs = [honest(9, OTHER), honest(), honest(3, THEIRS)]
    logs[2].notes = []
    await fill(pool, *logs)
    audit = audited(await exported(pool, tmp_path / name))
    assert audit.made_at == MADE_AT
    assert not audit.partial
    assert [(each.origin, each.records, each.checkpoints) for each in audit.logs] == [
        (anchor(DEPLOYMENT), 3, 1),
        (logs[0].origin, 9, 1),
        (logs[1].origin, 20, 2),
        (logs[2].origin, 3, 0),
    ]
    assert found(audit) == [(logs[2].origin, "too few witnesses", 1, 0)]
    assert [path.name for path in tmp_path.iterdir()] == [name]


async def test_the_bytes_are_those_of_the_ledger(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    folder = await exported(pool, tmp_path / "bundle")
    assert (folder / "logs/acme/rag.jsonl").read_bytes() == b"".join(each + b"\n" for each in honest().records)
    notes = (folder / "checkpoints/acme/rag.jsonl").read_text().splitlines()
    assert list(map(json.loads, notes)) == honest().notes
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["files"] == {"sbom/rag.json": sha256(b"{}").hexdigest()}


@pytest.mark.parametrize("scope", [Scope("acme"), Scope("acme", "rag")], ids=["a tenant", "a project"])
async def test_a_part_tells_nothing_of_others(pool: Pool, tmp_path: Path, scope: Scope) -> None:
    await fill(pool, honest(9, OTHER), honest(), honest(8, THEIRS))
    folder = await exported(pool, tmp_path / "part", scope)
    audit = audited(folder)
    assert audit.holds
    assert audit.partial
    wanted = [honest().origin] if scope.project else [honest(9, OTHER).origin, honest().origin]
    assert [each.origin for each in audit.logs] == wanted
    for path in folder.rglob("*.json*"):
        assert "umbrella" not in path.read_text()


class Meanwhile:
    """Pages that have something done to the ledger when the first of them is written."""

    def __init__(self, pages: Sheets, dsn: str, *statements: tuple[str, Sequence[object]]) -> None:
        self._pages, self._dsn, self._statements = pages, dsn, list(statements)

    def write(self, name: str, data: bytes) -> None:
        statements, self._statements = self._statements, []
        if statements:
            with ThreadPoolExecutor(1) as other:
                other.submit(asyncio.run, self._do(statements)).result()
        self._pages.write(name, data)

    async def _do(self, statements: Iterable[tuple[str, Sequence[object]]]) -> None:
        connection = await asyncpg.connect(self._dsn)
        for statement, arguments in statements:
            await connection.execute(statement, *arguments)
        await connection.close()


async def test_records_and_checkpoints_are_of_one_moment(pool: Pool, database: str, tmp_path: Path) -> None:
    """What is written while the export is under way is in neither."""
    await fill(pool, honest())
    body, head = honest(24).records[20], honest(24).checkpoints([21])[0]
    row = (*KEY, 21, 21, leaf(body), body)
    signed_row = (3, *KEY, 21, head.root, 21, leaf(head.text.encode()), note(head.text, LOG, WITNESS), THEN)
    with fresh(tmp_path / "bundle") as pages:
        meanwhile = Meanwhile(
            pages,
            database,
            ("INSERT INTO psmp.ledger VALUES ($1, $2, $3, $4, $5, $6)", row),
            ("INSERT INTO psmp.checkpoint VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", signed_row),
        )
        await bind(pool, meanwhile, DEPLOYMENT, MADE_AT, sign=signed)
    audit = audited(tmp_path / "bundle")
    assert audit.holds
    assert (audit.logs[1].records, audit.logs[1].checkpoints) == (20, 2)
    assert audited(await exported(pool, tmp_path / "next")).logs[1].records == 21


async def test_an_edited_row_is_found(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    body = edited(honest().records)[4]
    await harm(pool, ("UPDATE psmp.ledger SET body = $1, leaf = $2 WHERE sequence = 5", (body, leaf(body))))
    assert found(audited(await exported(pool, tmp_path / "b"))) == [(honest().origin, "chain", 5, 6)]


async def test_a_deleted_row_is_found(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    await harm(pool, ("DELETE FROM psmp.ledger WHERE sequence = 5", ()))
    assert found(audited(await exported(pool, tmp_path / "b"))) == [(honest().origin, "gap", 5, 5)]


async def test_a_log_that_was_edited_and_linked_anew_is_found(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    forged = rechained(edited(honest().records), 5)
    change = "UPDATE psmp.ledger SET body = $2, leaf = $3 WHERE sequence = $1"
    await harm(pool, *((change, (number, body, leaf(body))) for number, body in enumerate(forged, 1)))
    assert found(audited(await exported(pool, tmp_path / "b"))) == [(honest().origin, "root", 1, 8)]


async def test_a_tail_that_was_cut_off_with_its_checkpoints_needs_one_that_was_kept(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    earlier = Checkpoint(anchor(DEPLOYMENT), 1, leaf(honest().checkpoints([8])[0].text.encode()))
    await harm(
        pool,
        ("DELETE FROM psmp.ledger WHERE sequence > 13", ()),
        ("DELETE FROM psmp.checkpoint WHERE size > 8", ()),
        ("UPDATE psmp.anchor SET size = 1, root = $1, note = $2", (earlier.root, note(earlier.text, LOG, WITNESS))),
    )
    folder = await exported(pool, tmp_path / "b")
    assert audited(folder).holds
    assert found(audited(folder, since=honest().notes)) == [(honest().origin, "truncated", 14, 16)]


async def test_a_rewritten_tail_newer_than_any_checkpoint_needs_receipts(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    forged = rechained(edited(honest().records, 18), 18)
    change = "UPDATE psmp.ledger SET body = $2, leaf = $3 WHERE sequence = $1"
    await harm(pool, *((change, (number, body, leaf(body))) for number, body in enumerate(forged, 1)))
    folder = await exported(pool, tmp_path / "b")
    assert audited(folder).holds
    kept = receipt(honest().origin, 18, honest().records[17])
    assert found(audited(folder, receipts=[kept])) == [(honest().origin, "receipt", 1, 18)]
    assert found(audited(folder, receipts=[kept], since=honest().notes)) == [(honest().origin, "receipt", 17, 18)]


async def test_a_body_with_a_new_line_in_it_is_found(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    await harm(pool, ("UPDATE psmp.ledger SET body = $1 WHERE sequence = 5", (b'{"a":1}\n{}',)))
    assert found(audited(await exported(pool, tmp_path / "b"))) == [(honest().origin, "foreign", 5, 5)]


async def test_notes_that_are_none_are_left_for_the_auditor(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    await harm(pool, ("UPDATE psmp.checkpoint SET note = 'no note' WHERE size = 8", ()))
    kinds = [kind for _, kind, *_ in found(audited(await exported(pool, tmp_path / "b")))]
    assert kinds[0] == "no checkpoint"
    assert "no note" in kinds


async def test_bodies_that_were_pruned_leave_their_hashes(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    await pool.execute(
        "SELECT psmp.prune(tenant, project, least(9, max(sequence)), 'records-office', 'due') FROM psmp.ledger "
        "GROUP BY tenant, project"
    )
    audit = audited(await exported(pool, tmp_path / "b"))
    assert audit.holds
    assert audit.logs[1].pruned == 9


async def test_a_ledger_of_another_deployment_is_told(pool: Pool, tmp_path: Path) -> None:
    await fill(pool, honest())
    with pytest.raises(Elsewhere, match=r"no log of 'psmp\.example\.com'"), fresh(tmp_path / "b") as pages:
        await bind(pool, pages, "psmp.example.com", MADE_AT)
    assert list(tmp_path.iterdir()) == []


async def test_an_empty_ledger_gives_an_empty_bundle(pool: Pool, tmp_path: Path) -> None:
    with fresh(tmp_path / "b") as pages:
        manifest = await bind(pool, pages, DEPLOYMENT, MADE_AT)
    assert manifest["logs"] == []
    assert Auditor(Bundle(tmp_path / "b"), Known(read_keys(key_file().splitlines()))).run().holds

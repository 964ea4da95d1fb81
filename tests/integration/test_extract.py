"""Extracts out of a real ledger: they say the same as the log, whatever was asked for, and change nothing."""

import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from psmp.ledger import dsse
from psmp.ledger.dsse import Envelope
from psmp.ledger.extracts import COLUMNS, Wanted
from psmp.ledger.notes import Kind, Signer
from psmp.stack import NatsServer
from psmp.store.export.extract import Extract, Nothing
from psmp.words.envelope import leaf_hash
from psmp.words.events import ArtifactDeclared
from psmp.words.ids import ProjectKey
from psmp.words.values import PathClaim
from psmp_audit.ledger import LedgerWriter
from tests.following import Place, place
from tests.histories import History, created, lifetime

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")
ALIEN = ProjectKey("rival", "rag")
KEY = Signer("psmp.example/statements", Kind.LOG, bytes(range(32)))
MADE_AT = "2026-11-26T05:00:00Z"


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    """A ledger of two projects of one tenant and one of another's; the second says what begins a formula."""
    async with place(fresh_nats, database) as opened:
        await lifetime().store(opened.log)
        other = History(OTHER)
        other.add(created("=cmd|'/c calc'!A1"))
        other.add(ArtifactDeclared(artifact="x", version=1, type="code", paths=(PathClaim(path="-1"),)), "bob")
        await other.store(opened.log)
        end = (await lifetime(ALIEN).store(opened.log))[-1].position
        await opened.follow(LedgerWriter(opened.pool, opened.log), end)
        yield opened


def asked(here: Place, project: str | None = None, wanted: Wanted | None = None) -> Extract:
    return Extract(here.pool, "acme", project, wanted or Wanted(), deployment="psmp.example", made_at=MADE_AT)


async def signed(kind: str, payload: bytes) -> Envelope:
    return dsse.seal(kind, payload, [dsse.sign(KEY, dsse.pae(kind, payload))])


async def unsigned(_kind: str, _payload: bytes) -> None:
    return None


async def test_csv_has_every_record_of_the_tenant_and_nobody_elses(here: Place) -> None:
    out = io.BytesIO()
    manifest = json.loads(await asked(here).csv(out))
    header, *rows = csv.reader(io.StringIO(out.getvalue().decode(), newline=""), strict=True)
    assert tuple(header) == COLUMNS
    told = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    assert {each["tenant"] for each in told} == {"acme"}
    assert [each["project"] for each in told] == ["other"] * 2 + ["rag"] * len(lifetime().records)
    assert [each["leaf"] for each in told[2:]] == [leaf_hash(each.body) for each in lifetime().records]
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r")]
    assert manifest["records"] == len(rows)
    assert manifest["sha256"] == hashlib.sha256(out.getvalue()).hexdigest()
    assert [(each["origin"], each["size"]) for each in manifest["logs"]] == [
        ("psmp.example/acme/other", 2),
        ("psmp.example/acme/rag", len(lifetime().records)),
    ]


async def test_json_is_one_document_with_a_signed_manifest(here: Place) -> None:
    out = io.BytesIO()
    raw = await asked(here, "rag").json(out, signed)
    told = json.loads(out.getvalue())
    assert told["manifest"] == json.loads(raw)
    assert [each["event"] for each in told["records"]] == [json.loads(each.body) for each in lifetime().records]
    envelope = Envelope.read(json.dumps(told["envelope"]).encode())
    assert envelope.signed_by([KEY.verifier]) == (KEY.verifier,)
    assert envelope.payload == raw
    lines = out.getvalue().split(b"\n")[1:-2]
    by_hand = hashlib.sha256(b"".join(each.removesuffix(b",") + b"\n" for each in lines)).hexdigest()
    assert told["manifest"]["sha256"] == by_hand


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(kind="conflict"), [8, 15, 34]),
        (Wanted(agent="eve"), [26, 28]),
        (Wanted(until=datetime(2026, 11, 18, microsecond=3000, tzinfo=UTC)), [1, 2]),
        (Wanted(kind="slot.left", agent="eve"), [28]),
        (Wanted(kind="nothing"), []),
    ],
)
async def test_only_what_was_asked_for_is_in_it(here: Place, wanted: Wanted, numbers: list[int]) -> None:
    out = io.BytesIO()
    await asked(here, "rag", wanted).json(out, unsigned)
    told = json.loads(out.getvalue())
    assert [each["sequence"] for each in told["records"]] == numbers
    assert told["manifest"]["records"] == len(numbers)
    assert told["manifest"]["verifiable"] is False
    assert told["envelope"] is None


async def test_a_project_that_is_not_there_has_no_extract(here: Place) -> None:
    out = io.BytesIO()
    with pytest.raises(Nothing):
        await asked(here, "nobody").csv(out)
    with pytest.raises(Nothing):
        await asked(here, "nobody").json(out, unsigned)
    assert not out.getvalue()


async def test_what_is_no_event_is_shown_as_bytes_and_counted(here: Place) -> None:
    async with here.pool.acquire() as connection:
        await connection.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER ALL")
        await connection.execute("UPDATE psmp.ledger SET body = 'noise' WHERE project = 'other' AND sequence = 2")
    out = io.BytesIO()
    await asked(here, "other").json(out, unsigned)
    told = json.loads(out.getvalue())
    assert told["manifest"]["unreadable"] == 1
    assert told["records"][1]["unreadable"]
    assert "event" not in told["records"][1]


async def test_an_extract_goes_on_behind_a_page(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psmp.store.export.extract.PAGE", 4)
    out = io.BytesIO()
    assert json.loads(await asked(here, "rag").csv(out))["records"] == len(lifetime().records)

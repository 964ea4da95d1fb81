"""Attestations out of a real ledger: only of a completed project whose record holds, and anybody can check them."""

import hashlib
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from psmp.cli.attesting import attested, bill_of
from psmp.ledger import dsse
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.dsse import Envelope
from psmp.ledger.merkle import Frontier
from psmp.ledger.notes import Kind, Signer, seal
from psmp.ledger.origins import origin
from psmp.stack import NatsServer
from psmp.store.export.attest import Unproved, Verified, look
from psmp.words.envelope import leaf_hash, open_event
from psmp.words.events import ConflictCleared, ResolutionApplied, ResolutionRequested
from psmp.words.values import Phase
from psmp_audit.ledger import LedgerWriter
from tests.following import Place, place
from tests.histories import KEY, History, accepted, conflict, created, declared, detected, moved

pytestmark = pytest.mark.integration

HERE = "psmp.example"
LOG = Signer(HERE, Kind.LOG, bytes(range(32)))
STATEMENT = Signer(f"{HERE}/statements", Kind.LOG, bytes(range(1, 33)))
MOMENT = datetime(2026, 11, 26, tzinfo=UTC)


def finished(*, waived: bool = False) -> History:
    history = History()
    for event in (
        created(),
        moved(Phase.INITIALIZED, Phase.PLANNING),
        declared("api", 3),
        accepted("api"),
        declared("web", 1),
        detected("web", conflict(1, "api", "web")),
    ):
        history.add(event)
    if waived:
        history.add(ResolutionRequested(resolution="R-1", conflict="C-1", strategy="waive", reason="so", seconds=9))
        history.add(ResolutionApplied(resolution="R-1", conflict="C-1", strategy="waive", reason="so", seconds=9))
    history.add(ConflictCleared(artifact="web", version=1, cleared=("C-1",)))
    history.add(moved(Phase.PLANNING, Phase.IN_PROGRESS))
    history.add(moved(Phase.IN_PROGRESS, Phase.COMPLETED))
    return history


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


async def kept(here: Place, history: History, *, covered: int | None = -1, signed: History | None = None) -> None:
    """The history in the ledger, with a checkpoint over the first so many records (-1: all, None: no checkpoint).

    The checkpoint is that of ``signed``, where it is not that of the history itself.
    """
    end = (await history.store(here.log))[-1].position
    await here.follow(LedgerWriter(here.pool, here.log), end)
    if covered is None:
        return
    size = len(history.records) if covered == -1 else covered
    tree = Frontier()
    for record in (signed or history).records[:size]:
        tree = tree.append(bytes.fromhex(leaf_hash(record.body)))
    checkpoint = Checkpoint(origin(HERE, KEY), size, tree.root)
    note = seal(checkpoint.text, [LOG.sign(checkpoint.text)]).decode()
    row = 1, *KEY, size, tree.root, size, b"\x00" * 32, note, MOMENT
    await here.pool.execute("INSERT INTO psmp.checkpoint VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", *row)


async def looked(here: Place, *keys: Signer) -> Verified | Unproved:
    return await look(here.pool, KEY, HERE, [each.verifier for each in keys])


async def proved(here: Place, *keys: Signer) -> Verified:
    found = await looked(here, *keys)
    assert isinstance(found, Verified), found
    return found


async def refused(here: Place, *keys: Signer) -> Unproved:
    found = await looked(here, *keys)
    assert isinstance(found, Unproved)
    return found


async def own_key(kind: str, payload: bytes) -> Envelope:
    return dsse.seal(kind, payload, [dsse.sign(STATEMENT, dsse.pae(kind, payload))])


async def harm(here: Place, statement: str) -> None:
    for table in ("ledger", "checkpoint"):
        await here.pool.execute(f"ALTER TABLE psmp.{table} DISABLE TRIGGER ALL")
    await here.pool.execute(statement)


async def test_a_completed_project_has_every_property_that_its_log_shows(here: Place) -> None:
    await kept(here, finished())
    found = await proved(here, LOG)
    assert sorted(found.properties) == [
        "PSMP_ALL_DECLARATIONS_JUDGED",
        "PSMP_CHECKPOINT_SIGNED",
        "PSMP_COMPLETED",
        "PSMP_LOG_VERIFIED",
        "PSMP_NO_CONFLICT_WAIVED",
        "PSMP_NO_OPEN_CONFLICTS",
    ]
    assert "PSMP_CHECKPOINT_SIGNED" not in (await proved(here)).properties


async def test_a_waiver_is_never_forgotten(here: Place) -> None:
    await kept(here, finished(waived=True))
    assert "PSMP_NO_CONFLICT_WAIVED" not in (await proved(here)).properties


async def test_anybody_can_check_the_attestation_with_no_code_of_ours(here: Place) -> None:
    await kept(here, finished())
    found = await proved(here)
    bill = bill_of(found.status)
    written = (await attested(found, bill, HERE, own_key)).written()

    said = json.loads(written)
    payload, kind = b64decode(said["payload"]), said["payloadType"].encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    key = Ed25519PublicKey.from_public_bytes(STATEMENT.verifier.key)
    [signature] = said["signatures"]
    key.verify(b64decode(signature["sig"]), signed)
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(signature["sig"]), signed.replace(b"PSMP_COMPLETED", b"PSMP_PERFECTED"))

    statement = json.loads(payload)
    head, material = statement["subject"]
    text = "\n".join(found.note.split("\n")[:3]) + "\n"
    assert head["digest"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert material["digest"]["sha256"] == hashlib.sha256(bill.encode()).hexdigest()
    assert statement["predicate"]["properties"] == sorted(found.properties)


async def test_an_unfinished_project_is_not_attested(here: Place) -> None:
    history = finished()
    history.records.pop()
    await kept(here, history)
    found = await refused(here)
    assert (found.reason, found.broken, found.waits) == ("it is IN_PROGRESS, not COMPLETED", False, False)
    assert found.status is not None
    assert found.status.sequence == len(history.records)


async def test_an_archived_project_is_not_attested(here: Place) -> None:
    history = finished()
    history.add(moved(Phase.COMPLETED, Phase.ARCHIVED))
    await kept(here, history, covered=9)
    assert (await refused(here)).reason == "it is ARCHIVED, not COMPLETED"


async def test_nobody_is_not_attested(here: Place) -> None:
    assert await refused(here) == Unproved("it is not there", absent=True)


async def test_what_no_checkpoint_covers_waits(here: Place) -> None:
    await kept(here, finished(), covered=None)
    found = await refused(here)
    assert (found.reason, found.broken, found.waits) == ("no checkpoint covers it yet", False, True)


async def test_a_checkpoint_from_before_the_end_is_not_enough(here: Place) -> None:
    await kept(here, finished(), covered=5)
    found = await refused(here)
    assert found.waits
    assert "over 5 records" in found.reason


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE psmp.ledger SET body = body || ' ' WHERE sequence = 2",
        "DELETE FROM psmp.ledger WHERE sequence = 3",
        "UPDATE psmp.checkpoint SET root = sha256('x')",
        "UPDATE psmp.checkpoint SET size = 12",
        "UPDATE psmp.checkpoint SET note = 'noise'",
        "UPDATE psmp.checkpoint SET note = replace(note, 'rag', 'gar')",
    ],
)
async def test_a_record_that_does_not_hold_is_not_attested(here: Place, statement: str) -> None:
    await kept(here, finished())
    await harm(here, statement)
    assert (await refused(here)).broken


async def test_a_record_that_was_rewritten_with_its_chain_is_not_attested(here: Place) -> None:
    rewritten = History()
    rewritten.add(created("another name"))
    for record in finished().records[1:]:
        rewritten.add(open_event(record.body).data)
    await kept(here, rewritten, signed=finished())
    found = await refused(here)
    assert found.broken
    assert "its checkpoint over 9 records says" in found.reason


async def test_a_checkpoint_that_nobody_trusted_has_signed_is_not_enough(here: Place) -> None:
    await kept(here, finished())
    assert await refused(here, STATEMENT) == Unproved("none of the given keys has signed its checkpoint", broken=True)


async def test_a_walk_goes_on_behind_a_page(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psmp.store.export.attest.PAGE", 3)
    await kept(here, finished())
    assert (await proved(here)).checkpoint.size == 9

"""Receipts on their whole way: signed by whoever answers, checked and kept by the client, the same for ever."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from psmp.client import Client, FalseReceipt, NotGranted, Refusal, Settled, VerdictPending, connect
from psmp.ledger.keys import Use, private, read_private, read_public
from psmp.ledger.notes import Kind, Note, Signer
from psmp.ledger.receipts import Promises, verified
from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Record
from psmp.log.views import Views
from psmp.service.outcomes import POSITION, Outcomes
from psmp.service.statistics import Loop
from psmp.service.telemetry import Telemetry
from psmp.service.worker import Worker, of_event
from psmp.stack import NatsServer
from psmp.stack.keyfiles import DISPATCH, PUBLIC, RECEIPTS, SIGNER, WEBHOOKS, development
from psmp.words.commands import RequestSlot
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp.words.receipt import HEADER, packed, unpacked
from psmp.words.values import Change, Phase
from psmp_intake.consumer import Intake
from psmp_intake.consumer import lane as commands
from psmp_intake.limits import Limit, Limits
from psmp_resolver.consumer import Resolver
from tests.in_process import Services, services

pytestmark = pytest.mark.integration

KEY = ProjectKey("default", "rag")
OLD = Signer("psmp.example/receipts", Kind.LOG, bytes(range(32)))
NEW = Signer("psmp.example/receipts", Kind.LOG, bytes(range(1, 33)))
PROMISES = Promises("psmp.example", (OLD,))
WORKERS = ("intake", "checker", "keeper")


@pytest.fixture
async def here(fresh_nats: NatsServer) -> AsyncIterator[Services]:
    async with services(fresh_nats, PROMISES) as found:
        yield found


@pytest.fixture
async def client(fresh_nats: NatsServer) -> AsyncIterator[Client]:
    async with connect(fresh_nats.url, agent="ada", timeout=60) as client:
        yield client


def promised(settled: Settled | None, *trusted: Signer) -> Settled:
    """``settled``, once its receipt is found to be signed and to be for the bytes that it came with."""
    assert settled is not None
    assert settled.receipt is not None
    found = verified(settled.receipt.note, [each.verifier for each in trusted or (OLD,)])
    assert found == settled.receipt
    assert (found.key, found.sequence, found.leaf) == (KEY, settled.sequence, leaf_hash(settled.raw))
    return settled


def resolver(here: Services) -> Loop:
    views, outcomes = Views(here.log, PROJECT_FOLD), Outcomes(here.nats, PROMISES)
    resolver = Resolver(here.nats, outcomes, here.log, views, Telemetry("test", "test"))
    return Worker(here.nats, "resolver", "PSMP_LOG", "resolver", resolver.handle, of_event)


async def opened(client: Client) -> None:
    promised(await client.create_project("rag"))
    promised(await client.transition("rag", Phase.PLANNING, reason="go"))


async def test_whoever_answers_signs_a_receipt_for_the_record_that_it_answers_with(
    here: Services, client: Client
) -> None:
    bob = client.as_agent("bob")
    async with here.running(*here.workers(*WORKERS), resolver(here)):
        await opened(client)
        promised(await client.declare("rag", "api", dependencies=["numpy>=2"]))
        clash = await bob.declare("rag", "etl", dependencies=["numpy<2"])
        assert promised(clash).event.KIND == "conflict.detected"
        change = Change(agent="bob", artifact="etl", name="numpy", constraint=">=2")
        resolved = await bob.resolve("rag", "C-1", changes=[change], reason="I can")
        assert promised(resolved).event.KIND == "resolution.applied"
        promised(await bob.amend("rag", "etl", dependencies=["numpy>=2"]))
        granted = promised(await client.begin("rag"))
        with pytest.raises(Refusal) as refused:
            await client.begin("rag")
        promised(refused.value.settled)
        promised(await client.finish("rag", failure="no more", fence=granted.sequence))
        promised(await client.withdraw("rag", "api", reason="done"))


async def test_who_waited_for_a_slot_has_a_receipt_for_the_grant(here: Services, client: Client) -> None:
    async with here.running(*here.workers(*WORKERS)):
        promised(await client.create_project("rag", policy={"max_concurrent_agents": 1}))
        await client.transition("rag", Phase.PLANNING, reason="go")
        granted = await client.begin("rag")
        waiting = asyncio.ensure_future(client.as_agent("bob")._settle("rag", RequestSlot(wait_seconds=30), None, 20))
        await here.written(KEY, "slot.requested")
        await client.finish("rag", failure="no more", fence=granted.sequence)
        assert promised(await waiting).envelope.source == "/psmp/keeper"


async def test_who_waited_in_vain_has_a_receipt_for_the_refusal(here: Services, client: Client) -> None:
    async with here.running(*here.workers(*WORKERS), *here.watchdog()):
        await client.create_project("rag", policy={"max_concurrent_agents": 1})
        await client.transition("rag", Phase.PLANNING, reason="go")
        await client.begin("rag")
        with pytest.raises(NotGranted) as refused:
            await client.as_agent("bob")._settle("rag", RequestSlot(wait_seconds=1), None, 20)
    assert promised(refused.value.settled).envelope.source == "/psmp/watchdog"


async def test_the_same_command_has_the_same_receipt_again(here: Services, client: Client) -> None:
    async with here.running(*here.workers(*WORKERS)):
        await opened(client)
        first = promised(await client.declare("rag", "api"))  # the checker tells it, and intake when it is asked again
        await client.declare("rag", "web")
        again = promised(await client.declare("rag", "api", command_id=first.command_id))
        assert again == first
        assert first.receipt is not None
        assert again.receipt is not None
        assert again.receipt.note == first.receipt.note


async def test_without_a_key_nothing_is_promised(fresh_nats: NatsServer, client: Client, tmp_path: Path) -> None:
    async with (
        services(fresh_nats) as here,
        here.running(*here.workers(*WORKERS)),
        connect(fresh_nats.url, agent="ada", timeout=60, receipts=tmp_path / "receipts") as keeping,
    ):
        assert (await client.create_project("rag")).receipt is None
        await keeping.transition("rag", Phase.PLANNING, reason="go")
        assert (await keeping.declare("rag", "api")).receipt is None
        assert (tmp_path / "receipts").read_text() == ""


async def test_what_is_in_no_log_is_promised_to_nobody(here: Services, client: Client) -> None:
    async with here.running(*here.workers("intake")):
        with pytest.raises(Refusal) as caught:
            await client.transition("none", Phase.PLANNING, reason="go")
        assert caught.value.settled is not None
        assert caught.value.settled.position is None
        assert caught.value.settled.receipt is None


async def test_while_keys_are_replaced_both_sign(fresh_nats: NatsServer, client: Client) -> None:
    both = Promises("psmp.example", (OLD, NEW))
    async with services(fresh_nats, both) as here, here.running(*here.workers(*WORKERS)):
        await client.create_project("rag")
        await client.transition("rag", Phase.PLANNING, reason="go")
        settled = await client.declare("rag", "api")
        for trusted in ((OLD,), (NEW,), (OLD, NEW)):
            promised(settled, *trusted)
        assert settled.receipt is not None
        assert len(Note.read(settled.receipt.note.encode()).signatures) == 2


class Mute(Outcomes):
    """Dies with the record stored and nothing answered."""

    def __init__(self, here: Services) -> None:
        super().__init__(here.nats, PROMISES)
        self.reached = asyncio.Event()

    async def tell(self, *_: object) -> None:
        self.reached.set()
        await asyncio.Event().wait()


def intake(here: Services, outcomes: Outcomes) -> Worker:
    limits, views = Limits(Limit(0, 1), Limit(0, 1)), Views(here.log, PROJECT_FOLD)
    service = Intake(here.nats, outcomes, here.log, views, Telemetry("test", "test"), limits)
    return Worker(here.nats, "intake", "PSMP_COMMANDS", "intake", service.handle, commands)


async def test_an_intake_that_dies_before_its_answer_owes_a_receipt_that_the_next_one_gives(
    here: Services, client: Client
) -> None:
    mute = Mute(here)
    dying = asyncio.ensure_future(intake(here, mute).run())
    asked = asyncio.ensure_future(client.create_project("rag"))
    async with asyncio.timeout(20):
        await mute.reached.wait()
        dying.cancel()
        await asyncio.wait({dying})
        assert await here.kinds(KEY) == ["project.created"]
        async with here.running(intake(here, Outcomes(here.nats, PROMISES))):
            settled = promised(await asked)
    assert await here.kinds(KEY) == ["project.created"]
    assert settled.sequence == 1


async def test_a_verdict_that_nobody_told_is_told_with_its_receipt_when_it_is_asked_for(
    here: Services, client: Client
) -> None:
    async with here.running(*here.workers("intake")):
        await opened(client)
        with pytest.raises(VerdictPending) as pending:
            await client.declare("rag", "api", timeout=1)
    async with here.running(*here.workers(*WORKERS)):
        settled = promised(await client.outcome(pending.value))
    assert settled.event.KIND == "artifact.accepted"


class Lying(Outcomes):
    """Promises another record than the one it answers with."""

    async def tell(self, key: ProjectKey, agent: str, command_id: str, record: Record) -> None:
        note = PROMISES.note(key, 1, record.body + b" ")
        await self.publish(key, agent, command_id, record.body, {POSITION: str(record.position), HEADER: packed(note)})


async def test_a_receipt_that_is_for_other_bytes_is_an_error_and_is_not_kept(
    here: Services, fresh_nats: NatsServer, tmp_path: Path
) -> None:
    file = tmp_path / "receipts"
    async with (
        here.running(intake(here, Lying(here.nats))),
        connect(fresh_nats.url, agent="ada", timeout=60, receipts=file) as client,
    ):
        with pytest.raises(FalseReceipt, match="of other bytes") as caught:
            await client.create_project("rag")
    assert caught.value.settled.event.KIND == "project.created"
    assert unpacked(caught.value.received).sequence == 1
    assert file.read_text() == ""


async def test_receipts_of_answers_and_refusals_are_kept_in_their_order(
    here: Services, fresh_nats: NatsServer, tmp_path: Path
) -> None:
    file = tmp_path / "receipts"
    async with here.running(*here.workers(*WORKERS)):
        async with connect(fresh_nats.url, agent="ada", timeout=60, receipts=file) as client:
            outcomes = [await client.create_project("rag")]
            outcomes.append(await client.transition("rag", Phase.PLANNING, reason="go"))
            outcomes.append(await client.declare("rag", "api"))
            with pytest.raises(Refusal) as refused:
                await client.declare("rag", "api")
            assert refused.value.settled is not None
            outcomes.append(refused.value.settled)
            assert [json.loads(line) for line in file.read_text().splitlines()] == [
                each.receipt and each.receipt.note for each in outcomes
            ]
        async with connect(fresh_nats.url, agent="ada", timeout=60, receipts=file) as client:
            await client.as_agent("bob").declare("rag", "web")
    assert [unpacked(line).sequence for line in file.read_text().splitlines()] == [
        *(each.sequence for each in outcomes),
        outcomes[-1].sequence + 2,
    ]


def test_keys_are_made_once_and_each_is_for_one_file(tmp_path: Path) -> None:
    development(tmp_path, "psmp.example")
    files = (SIGNER, RECEIPTS, DISPATCH, WEBHOOKS, PUBLIC)
    before = {name: (tmp_path / name).read_text() for name in files}
    development(tmp_path, "psmp.example")
    assert {name: (tmp_path / name).read_text() for name in files} == before
    assert {f"ledger/{each.name}" for each in (tmp_path / "ledger").iterdir()} == set(files)
    secret = {name: read_private(before[name].splitlines()) for name in (SIGNER, RECEIPTS)}
    public = read_public(before[PUBLIC].splitlines())
    assert {use: len(keys) for use, keys in public.items()} == {
        Use.LOG: 1,
        Use.RECEIPT: 1,
        Use.STATEMENT: 1,
        Use.WITNESS: 0,
        Use.DISPATCH: 0,
    }
    assert public[Use.RECEIPT] == tuple(each.verifier for each in secret[RECEIPTS][Use.RECEIPT])
    assert public[Use.LOG] == tuple(each.verifier for each in secret[SIGNER][Use.LOG])
    assert secret[RECEIPTS][Use.LOG] == secret[SIGNER][Use.RECEIPT] == ()
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in (SIGNER, RECEIPTS)} == {0o600}
    assert private(secret[SIGNER][Use.LOG][0]) not in before[PUBLIC]

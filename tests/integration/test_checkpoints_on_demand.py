"""A checkpoint when somebody asks for it: at once, of what is asked for alone, or why there is none."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest

import psmp
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Note
from psmp.ledger.origins import HERE, origin
from psmp.service.covering import covering
from psmp.stack import NatsServer
from psmp.words.answers import Problem, SignedCheckpoint
from psmp.words.ids import ProjectKey
from tests.following import Place, place, until, until_true
from tests.histories import KEY, lifetime
from tests.integration.test_checkpoints import append, tampered
from tests.signing import LOG, Auditor, signing

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")
HOUR = 3600.0
ALL = len(lifetime().records)


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


def slow(here: Place) -> Auditor:
    """An audit writer that makes no checkpoint by itself."""
    return Auditor(here, age=HOUR, records=10**6)


async def asked(here: Place, at_least: int, key: ProjectKey = KEY, within: float = 60) -> SignedCheckpoint:
    found = await covering(here.nats, key, "ada", at_least, within=within)
    assert isinstance(found, SignedCheckpoint), found
    return found


async def refused(here: Place, at_least: int, key: ProjectKey = KEY, within: float = 60) -> Problem:
    found = await covering(here.nats, key, "ada", at_least, within=within)
    assert isinstance(found, Problem), found
    return found


async def sizes(here: Place) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in await here.rows("SELECT project, size FROM psmp.checkpoint ORDER BY number")]


async def ready(auditor: Auditor) -> None:
    """Until it waits for what happens next, with nothing due."""
    await until_true(lambda: auditor.growth.followed and not auditor.growth.stale)


async def test_what_is_asked_for_is_signed_at_once_and_nothing_else(
    here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psmp_audit.questions._WITHIN", HOUR)  # only the checkpoint itself ends the wait for it
    auditor = slow(here)
    async with signing(here, tmp_path), auditor.at_work():
        await ready(auditor)
        for history in (lifetime(OTHER), lifetime()):
            await history.store(here.log)
        found = await asked(here, ALL)
        note = Note.read(found.note.encode())
        assert note.text == Checkpoint(origin(HERE, KEY), ALL, bytes.fromhex(found.root)).text
        assert note.signed_by([LOG.verifier])
        assert found.signers == (HERE,)
        assert await sizes(here) == [("rag", ALL)]
        [(position, root, number)] = await here.rows(
            "SELECT ledger.position, root, number FROM psmp.checkpoint JOIN psmp.ledger USING (tenant, project) "
            "WHERE sequence = size"
        )
        assert (found.position, bytes.fromhex(found.root), found.number) == (position, root, number)
        assert auditor.growth.waiting == 1


async def test_what_covers_it_already_is_the_answer(here: Place, tmp_path: Path) -> None:
    await lifetime().store(here.log)
    async with signing(here, tmp_path), slow(here).at_work():
        first = await asked(here, 3)
        again = [await asked(here, at_least) for at_least in (1, ALL)]
    assert again == [first, first]
    assert await sizes(here) == [("rag", ALL)]


async def test_many_that_ask_for_one_log_are_all_answered(
    here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for patience in ("_WITHIN", "_UNRECORDED"):  # they ask before there is anything
        monkeypatch.setattr(f"psmp_audit.questions.{patience}", HOUR)
    auditor = slow(here)
    async with signing(here, tmp_path), auditor.at_work():
        await ready(auditor)
        asking = [asyncio.ensure_future(asked(here, each)) for each in range(1, ALL + 1)]
        await lifetime().store(here.log)
        found = await asyncio.gather(*asking)
        assert all(each.sequence >= number for number, each in enumerate(found, 1))
        assert not auditor.growth.awaited


async def test_what_is_not_recorded_is_told_with_what_is(here: Place, tmp_path: Path) -> None:
    await lifetime().store(here.log)
    async with signing(here, tmp_path), slow(here).at_work():
        problem = await refused(here, ALL + 1)
        assert (problem.code, f"has {ALL} records" in problem.reason) == ("NOT_RECORDED", True)
        assert str(ALL) in problem.hint
        assert (await refused(here, 1, ProjectKey("acme", "nothing"))).code == "UNKNOWN_PROJECT"


async def test_while_the_signer_is_away_the_answer_says_so_and_then_comes(here: Place, tmp_path: Path) -> None:
    await lifetime().store(here.log)

    async def told() -> bool:
        problem = await refused(here, 1, within=3)
        return problem.code == "UNAVAILABLE" and "the signer does not answer" in problem.reason

    async with slow(here).at_work():
        await until(told, 60)
        waiting = asyncio.ensure_future(asked(here, 1))
        async with signing(here, tmp_path):
            assert (await waiting).sequence == ALL


async def test_of_a_project_that_is_stopped_there_is_none_and_why(here: Place, tmp_path: Path) -> None:
    history = lifetime()
    await history.store(here.log)
    async with signing(here, tmp_path):
        async with slow(here).at_work():
            await asked(here, 1)
        await tampered(
            here, "UPDATE psmp.ledger SET leaf = sha256('other'), body = 'other' WHERE project = 'rag' AND sequence = 2"
        )
        auditor = slow(here)
        async with auditor.at_work():
            await ready(auditor)
            await append(here, history)
            for _ in range(2):  # once when it is found, once when it is known
                problem = await refused(here, ALL + 1)
                assert (problem.code, "proof does not show" in problem.reason) == ("CHECKPOINTS_STOPPED", True)
            assert (await asked(here, ALL)).sequence == ALL  # what was signed stays


async def test_nobody_at_work_is_said_in_the_end(here: Place) -> None:
    begun = monotonic()
    problem = await refused(here, 1, within=0.3)
    assert (problem.code, problem.reason) == ("UNAVAILABLE", "the audit writer does not answer")
    assert monotonic() - begun < 30


async def test_a_replica_that_rests_does_not_answer_for_the_one_at_work(here: Place, tmp_path: Path) -> None:
    async with signing(here, tmp_path), slow(here).at_work(), slow(here).at_work():
        await lifetime().store(here.log)
        assert (await asked(here, ALL)).sequence == ALL


async def test_a_client_has_it_with_a_typed_error_where_there_is_none(
    here: Place, fresh_nats: NatsServer, tmp_path: Path
) -> None:
    await lifetime().store(here.log)
    async with psmp.connect(fresh_nats.url, tenant="acme", agent="ada", timeout=30) as client:
        async with signing(here, tmp_path), slow(here).at_work():
            found = await client.checkpoint("rag", at_least=3)
            assert found == await client.checkpoint("rag")
            assert found.sequence == ALL
            with pytest.raises(psmp.NotCovered, match=f"none of number {ALL + 9}") as caught:
                await client.checkpoint("rag", at_least=ALL + 9)
            assert caught.value.code == "NOT_RECORDED"
            with pytest.raises(psmp.UnknownProject):
                await client.checkpoint("nothing")
            with pytest.raises(psmp.Invalid):
                await client.checkpoint("rag", at_least=0)
        with pytest.raises(psmp.NoAnswer, match="psmp_audit and psmp_signer run"):
            await client.checkpoint("rag", timeout=0.3)
        auditor = slow(here)
        async with auditor.at_work():
            await ready(auditor)
            await append(here, lifetime())

            async def told() -> bool:
                with pytest.raises(psmp.NoAnswer) as caught:
                    await client.checkpoint("rag", at_least=ALL + 1, timeout=3)
                return "the signer does not answer" in caught.value.reason

            await until(told, 60)

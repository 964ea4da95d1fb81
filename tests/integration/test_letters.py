"""Dead letters from the fault to the retry: noticed once, handled again by whose they are, dropped with a reason."""

import json
from collections.abc import AsyncIterator

import pytest

from psmp.log.jetstream import direct_get
from psmp.service import worker as workers
from psmp.stack import NatsServer
from psmp.wire import letters
from psmp.wire.mended import written
from psmp.wire.message import Message
from psmp.wire.settle import Delivery, Done
from psmp.words import subjects
from psmp.words.commands import CreateProject, DeclareArtifact, DropLetter, RetryLetter, TransitionProject
from psmp.words.events import AlertRaised, CommandRefused, LetterDropped, LetterRetried
from psmp.words.ids import OPERATOR, SYSTEM, ProjectKey
from psmp.words.refusals import Code
from psmp.words.values import Dependency, Phase, Severity
from psmp_watchdog import letters as watched
from psmp_watchdog.letters import Letters
from tests.following import until
from tests.in_process import Services, services

pytestmark = pytest.mark.integration

KEY, OTHER = ProjectKey("acme", "rag"), ProjectKey("acme", "other")


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses of a worker, a hundred times as short."""
    monkeypatch.setattr(workers, "SCHEDULE", (0.01, 0.02, 0.04))
    monkeypatch.setattr(workers, "AGAIN", 0.01)
    monkeypatch.setattr(watched, "PATIENCE", 0.01)


@pytest.fixture
async def here(fresh_nats: NatsServer) -> AsyncIterator[Services]:
    async with services(fresh_nats) as found:
        yield found


async def opened(here: Services, key: ProjectKey = KEY) -> None:
    await here.ask(key, "ada", CreateProject(name="RAG"))
    await here.ask(key, "ada", TransitionProject(to=Phase.PLANNING, reason="go"))


def declaration(artifact: str = "api") -> DeclareArtifact:
    return DeclareArtifact(artifact=artifact, type="code", dependencies=(Dependency(name="numpy", constraint=">=2"),))


async def alert(here: Services, key: ProjectKey, number: int) -> AlertRaised:
    await here.written(key, AlertRaised.KIND, number)
    found = (await here.events(key, AlertRaised))[number - 1]
    assert isinstance(found, AlertRaised)
    return found


async def delivery_of(here: Services, number: int) -> Delivery:
    [found] = await direct_get(here.nats, "PSMP_DLQ", {"seq": number, "batch": 1, "next_by_subj": "psmp.dlq.>"})
    headers = found.headers or {}
    return Delivery(Message(headers["Nats-Subject"], "", found.data, written(headers)), number, 2)


async def test_what_a_service_gives_up_is_laid_before_a_person_and_handled_again_when_that_is_asked(
    here: Services,
) -> None:
    here.spoilt["checker"] = b'"api"'
    async with here.running(*here.workers("intake", "checker", "keeper"), *here.watchdog(), *here.watchdog("two")):
        await opened(here)
        await here.send(KEY, "ada", declaration())
        raised = await alert(here, KEY, 1)
        assert (raised.alert, raised.severity, raised.person) == ("letter-1", Severity.HIGH, True)
        assert raised.text == "checker gave up psmp.log.acme.rag.artifact.declared: RuntimeError: spoilt"
        assert (await here.ask(KEY, "ada", declaration("web"))).KIND == "artifact.accepted"
        assert (await here.kinds(KEY)).count("artifact.accepted") == 1

        refused = await here.ask(KEY, "bob", RetryLetter(letter=1, reason="I like it"))
        assert isinstance(refused, CommandRefused)
        assert refused.code is Code.NOT_ALLOWED

        retried = await here.ask(KEY, "ada", RetryLetter(letter=1, reason="once more"))
        assert retried == LetterRetried(letter=1, reason="once more")
        assert (await alert(here, KEY, 2)).alert == "letter-2"  # in vain: a new letter, behind the old one
        second = await letters.fetch(here.nats, 2)
        assert second is not None
        assert (second.subject, second.origin.consumer) == ("psmp.log.acme.rag.artifact.declared", "checker")

        del here.spoilt["checker"]
        await here.ask(KEY, "ada", RetryLetter(letter=2, reason="mended"))
        await here.written(KEY, "artifact.accepted", 2)
        twice = await here.ask(KEY, "ada", RetryLetter(letter=2, reason="again"))
        assert isinstance(twice, CommandRefused)
        assert twice.code is Code.UNKNOWN_LETTER
        await here.settled("PSMP_LOG", "keeper")
    assert await here.count("PSMP_DLQ") == 2
    told = await here.records(KEY)
    assert [each.kind for each in told].count(AlertRaised.KIND) == 2
    watchdog = Letters(here.nats, here.decider())  # a letter that is delivered again, long after it was retried
    for number in (1, 2):
        assert await watchdog.handle(await delivery_of(here, number)) == Done()
    assert await here.records(KEY) == told


async def test_a_retry_is_not_lost_when_nobody_is_there_to_handle_it(here: Services) -> None:
    here.spoilt["intake"] = b"artifact.declare"
    async with here.running(*here.workers("intake")[:1], *here.watchdog()):
        await opened(here)
        await here.send(KEY, "ada", declaration())
        await alert(here, KEY, 1)
        await here.ask(KEY, "ada", RetryLetter(letter=1, reason="mended"))
    assert "artifact.declared" not in await here.kinds(KEY)
    del here.spoilt["intake"]
    async with here.running(*here.workers("intake")[1:]):
        await here.written(KEY, "artifact.declared")
        await here.settled("PSMP_LOG", "intake-letters")
    assert (await here.kinds(KEY)).count("artifact.declared") == 1


async def test_what_names_no_project_is_the_operators_and_nobody_else_is_heard_there(here: Services) -> None:
    nobody = ProjectKey("acme", "none")
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await here.nats.request("psmp.cmd.acme.none.ada.nonsense", b"?", timeout=30)
        raised = await alert(here, SYSTEM, 1)
        assert raised.text.startswith("intake gave up psmp.cmd.acme.none.ada.nonsense: the subject is not ")
        await here.nats.request(subjects.command(nobody, "ada", "slot.leave"), b"unreadable", timeout=30)
        await alert(here, SYSTEM, 2)  # a project that there is not
        for agent, command in (("ada", DropLetter(letter=1, reason="x")), (OPERATOR, CreateProject(name="x"))):
            await here.send(SYSTEM, agent, command)
        await alert(here, SYSTEM, 4)
        dropped = await here.ask(SYSTEM, OPERATOR, DropLetter(letter=1, reason="nonsense"))
        assert dropped == LetterDropped(letter=1, reason="nonsense")
    assert "letter.dropped" in await here.kinds(SYSTEM)
    assert (await letters.fetch(here.nats, 1)) is not None


async def test_what_the_broker_reports_is_buried_once_by_two_watchdogs_and_handled_when_it_is_retried(
    here: Services,
) -> None:
    async with here.running(*here.workers("intake"), *here.watchdog(), *here.watchdog("two")):
        await opened(here)
        await here.send(KEY, "ada", declaration())
        await here.written(KEY, "artifact.declared")
        position = (await here.records(KEY))[-1].position
        report = {"stream": "PSMP_LOG", "consumer": "checker", "stream_seq": position, "deliveries": 10}
        lost = report | {"stream_seq": position + 1000}
        foreign = report | {"consumer": "somebody"}
        for each in (foreign, lost, report, report):
            await here.nats.publish(
                "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.PSMP_LOG.checker", json.dumps(each).encode()
            )
        raised = await alert(here, KEY, 1)
        assert "the broker delivered it 10 times, and nobody answered" in raised.text
        await here.settled("PSMP_ADVISORIES", "advisories")
        assert await here.count("PSMP_ADVISORIES") == 4
        letter = await letters.fetch(here.nats, 1)
        assert letter is not None
        assert letter.origin == ("checker", "PSMP_LOG", "checker")
        assert letter.body == (await here.records(KEY))[2].body
        await here.ask(KEY, "ada", RetryLetter(letter=1, reason="it is well"))
        async with here.running(*here.workers("checker")):
            await here.written(KEY, "artifact.accepted")
    assert await here.count("PSMP_DLQ") == 1
    assert (await here.kinds(KEY)).count("alert.raised") == 1


async def test_what_is_delivered_in_vain_is_reported_by_a_real_broker(here: Services) -> None:
    """Nobody answers: the consumer is given so little patience that all is over in half a second."""
    body = {"name": "checker", "durable_name": "checker", "ack_policy": "explicit", "deliver_policy": "all"}
    body |= {"filter_subjects": ["psmp.log.*.*.artifact.declared"], "max_deliver": 2, "ack_wait": 100_000_000}  # type: ignore[dict-item]
    await here.nats.request(
        "$JS.API.CONSUMER.CREATE.PSMP_LOG.checker", json.dumps({"stream_name": "PSMP_LOG", "config": body}).encode()
    )
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await opened(here)
        await here.send(KEY, "ada", declaration())
        await here.nats.subscribe("_INBOX.nobody")  # first: the broker forgets a request whose reply nobody hears
        ask = json.dumps({"batch": 10, "expires": 60_000_000_000}).encode()
        await here.nats.publish("$JS.API.CONSUMER.MSG.NEXT.PSMP_LOG.checker", ask, reply="_INBOX.nobody")
        raised = await alert(here, KEY, 1)
    assert "the broker delivered it 2 times" in raised.text


async def test_a_flood_of_letters_fills_no_log_and_none_is_forgotten(
    here: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "MOST_WAITING", 3)
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await opened(here)
        await opened(here, OTHER)
        for _ in range(5):
            await here.nats.request(subjects.command(KEY, "eve", "slot.leave"), b"unreadable", timeout=30)
        await alert(here, KEY, 3)
        await here.nats.request(subjects.command(OTHER, "eve", "slot.leave"), b"unreadable", timeout=30)
        await alert(here, OTHER, 1)
        assert (await here.kinds(KEY)).count("alert.raised") == 3
        await here.ask(KEY, "ada", DropLetter(letter=1, reason="garbage"))
        await alert(here, KEY, 4)

        async def in_time() -> bool:
            return await here.count("PSMP_DLQ") == 6

        await until(in_time)
    assert (await here.kinds(KEY)).count("alert.raised") == 4

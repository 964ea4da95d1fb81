"""What each service can do on a server with the project's own nats.conf: all it needs, and no more."""

import asyncio

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import Outpaced
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.view import View
from psmp.stack.identities import READER, SETUP
from psmp.stack.waiting import until
from psmp.wire.assets import CONSUMERS
from psmp.wire.keyring import Keyring
from psmp.wire.settle import Done, Later, Never, Origin, Outcome, settle
from psmp.words import subjects
from psmp.words.events import ProjectCreated
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.sealed import Token
from psmp.words.values import Policy, Target
from psmp_checker.turns import Turns
from tests.guarded import Guarded, guarded
from tests.histories import History
from tests.integration.permitted import (
    ANSWERS,
    CONSTRUCTION,
    CONSUMERS_OF,
    DESTRUCTION,
    ERASURE,
    EVERY_SERVICE,
    EVERYBODY,
    KINDS,
    RESETS,
    SPOKEN,
    WRITES,
    key,
    lasting,
    pull_one,
)

__all__ = ["guarded", "key"]

pytestmark = pytest.mark.integration


def test_every_kind_of_event_has_a_service_that_may_write_it() -> None:
    assert frozenset().union(*WRITES.values(), {"retention.applied"}) == KINDS  # said by who prunes, no service


@pytest.mark.parametrize("service", EVERY_SERVICE)
async def test_a_service_writes_the_kinds_of_events_that_are_its_to_decide(
    guarded: Guarded, key: ProjectKey, service: str
) -> None:
    async with guarded.as_service(service) as speaker:
        for kind in sorted(WRITES[service]):
            assert "error" not in await speaker.ask(f"psmp.log.{key.tenant}.{key.project}.{kind}", b"{}")
        for kind in sorted(KINDS - WRITES[service]):
            assert await speaker.is_refused_to_publish(f"psmp.log.{key.tenant}.{key.project}.{kind}")
    expected = {f"psmp.log.{key.tenant}.{key.project}.{kind}": 1 for kind in WRITES[service]}
    assert await guarded.stored(key.project) == expected


async def test_the_watchdog_founds_the_project_of_the_services_and_no_other(guarded: Guarded, key: ProjectKey) -> None:
    async with guarded.as_service("watchdog") as watchdog:
        subject = f"psmp.log.{SYSTEM.tenant}.{SYSTEM.project}.project.created"
        assert not await watchdog.is_refused_to_publish(subject)
        assert await watchdog.is_refused_to_publish(f"psmp.log.{key.tenant}.{key.project}.project.created")


@pytest.mark.parametrize("service", ["intake", "checker"])
async def test_a_deciding_service_appends_alone_and_together_and_reads(guarded: Guarded, service: str) -> None:
    kind = min(WRITES[service])
    keys = [ProjectKey("default", f"batch-{service}-{number}") for number in range(25)]
    async with guarded.as_service(service) as speaker:
        log = JetStreamEventLog(speaker.nats)
        first = await log.append(keys[0], kind, b"alone", expected=0)
        positions = await asyncio.gather(*(log.append(each, kind, b"together", expected=0) for each in keys[1:]))
        with pytest.raises(Outpaced):
            await log.append(keys[0], kind, b"late", expected=0)
        assert sorted(positions) == list(range(first + 1, first + len(keys)))
        assert [record.body async for record in log.read(keys[0])] == [b"alone"]
        assert speaker.refusals == []


@pytest.mark.parametrize("service", ["intake", "checker", "keeper", "orchestrator", "watchdog"])
async def test_a_service_keeps_its_own_snapshots_and_reaches_nobody_elses(
    guarded: Guarded, key: ProjectKey, service: str
) -> None:
    history = History(key)
    history.add(ProjectCreated(name="snapshots", targets=(Target(),), policy=Policy()))
    async with guarded.as_service("intake") as intake:
        [stored] = await history.store(JetStreamEventLog(intake.nats))

    async with guarded.as_service(service) as speaker:
        log = JetStreamEventLog(speaker.nats)
        view = View(key, PROJECT_FOLD)
        view.advance(stored)
        snapshots = JetStreamSnapshots(speaker.nats, log, service, every=1)
        assert await snapshots.load(key, PROJECT_FOLD) is None
        snapshots.offer(view)
        await snapshots.settled()
        kept = await snapshots.load(key, PROJECT_FOLD)
        assert kept is not None
        assert (kept.head, snapshots.failures, speaker.refusals) == (view.head, 0, [])

        other = "checker" if service == "intake" else "intake"
        assert await speaker.is_refused_to_publish(f"psmp.snap.{other}.{key.tenant}.{key.project}")
        assert await speaker.is_refused_to_publish(
            f"$JS.API.DIRECT.GET.PSMP_SNAPSHOTS.psmp.snap.{other}.{key.tenant}.{key.project}"
        )
        assert await speaker.is_refused_to_publish("$JS.API.DIRECT.GET.PSMP_SNAPSHOTS")


async def test_the_checker_takes_turns_and_nobody_else_does(guarded: Guarded, key: ProjectKey) -> None:
    async with guarded.as_service("checker") as checker:
        turn = await Turns(checker.nats, "checker").take(key)
        assert turn is not None
        async with turn.held():
            assert await Turns(checker.nats, "checker").take(key) is None
        assert checker.refusals == []
        assert await checker.is_refused_to_publish(subjects.turn("intake", key))
    for name in {*EVERYBODY} - {"checker"}:
        async with guarded.as_service(name) as speaker:
            assert await speaker.is_refused_to_publish(subjects.turn("checker", key))


@pytest.mark.parametrize(
    ("service", "durable", "outcome"),
    [
        *(("intake", "intake", Never("unreadable")), ("checker", "checker", Done()), ("checker", "solver", Done())),
        ("webhooks", "webhooks", Never("nobody took it")),
    ],
)
async def test_a_service_pulls_its_consumer_and_settles_what_it_got(
    guarded: Guarded, service: str, durable: str, outcome: Outcome
) -> None:
    [stream] = [stream for stream, name in CONSUMERS_OF[service] if name == durable]
    key = ProjectKey("default", f"pull-{durable}")
    async with guarded.as_agent("CoderAgent") as agent, guarded.as_service("intake") as intake:
        await agent.ask(f"psmp.cmd.default.{key.project}.CoderAgent.artifact.declare", b"command")
        for kind in ("artifact.declared", "alert.raised"):
            await intake.ask(f"psmp.log.default.{key.project}.{kind}", b"event")
    async with guarded.as_service(service) as speaker, guarded.as_service(READER) as reader:
        first = await pull_one(speaker.nats, stream, durable)
        speaker.nats.send(first.message.reply, b"+WPI")
        origin = Origin(service, stream, durable)
        await settle(speaker.nats, origin, first, Later(0.001), key)
        while (again := await pull_one(speaker.nats, stream, durable)).position != first.position:
            await settle(speaker.nats, origin, again, Done(), key)
        assert again.tries == 2
        await settle(speaker.nats, origin, again, outcome, key)

        async def nothing_is_pending() -> bool:
            found = await reader.ask(f"$JS.API.CONSUMER.INFO.{stream}.{durable}")
            return bool(found["num_ack_pending"] == 0)

        assert await until(nothing_is_pending, within=60)
        assert speaker.refusals == []
    letters = (await guarded.stored(key.project)).get(
        f"psmp.dlq.{service}.default.{key.project}.{durable}.{first.position}", 0
    )
    assert letters == isinstance(outcome, Never)


@pytest.mark.parametrize("service", EVERY_SERVICE)
async def test_a_service_pulls_and_acknowledges_for_nobody_else(guarded: Guarded, service: str) -> None:
    theirs = {(stream, str(config["name"])) for stream, config in CONSUMERS} - set(CONSUMERS_OF[service])
    async with guarded.as_service(service) as speaker:
        for stream, durable in sorted(theirs):
            assert await speaker.is_refused_to_publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}")
            assert await speaker.is_refused_to_publish(f"$JS.ACK.{stream}.{durable}.1.1.1.1.1")
            assert await speaker.is_refused_to_publish(f"$JS.ACK._.account.{stream}.{durable}.1.1.1.1.1")
            assert await speaker.is_refused_to_publish(f"$JS.API.CONSUMER.RESET.{stream}.{durable}")


@pytest.mark.parametrize("service", sorted(RESETS))
async def test_who_follows_the_whole_log_sets_its_consumer_back(guarded: Guarded, service: str) -> None:
    async with guarded.as_service(service) as speaker:
        reset = await speaker.nats.jetstream().reset_consumer("PSMP_LOG", RESETS[service], seq=1)
        assert reset.reset_seq == 1
        assert speaker.refusals == []


@pytest.mark.parametrize("name", EVERYBODY)
async def test_nobody_hears_the_log_commands_or_what_is_meant_for_another(guarded: Guarded, name: str) -> None:
    async with guarded.as_service(name) as speaker:
        for subject in (">", "psmp.>", "psmp.log.>", "psmp.cmd.>", "psmp.out.>", "psmp.snap.>", "psmp.dlq.>", "$JS.>"):
            assert await speaker.is_refused_to_subscribe(subject)
        for other in EVERYBODY:
            assert await speaker.is_refused_to_subscribe(f"_INBOX_{other}.>") == (other != name)
        assert await speaker.is_refused_to_subscribe("_INBOX.>")
        assert await speaker.is_refused_to_subscribe("_R_.>")
        assert await speaker.is_refused_to_subscribe("psmp.qry.*.*.*", "keeper") == (name != "keeper")
        assert await speaker.is_refused_to_subscribe("psmp.qry.*.*.checkpoint") == (name not in ANSWERS)


@pytest.mark.parametrize("name", EVERYBODY)
async def test_nobody_deletes_but_who_erases_and_only_setup_makes_or_alters(guarded: Guarded, name: str) -> None:
    before = await lasting(guarded)
    async with guarded.as_service(name) as speaker:
        for subject in DESTRUCTION if name != "intake" else set(DESTRUCTION) - ERASURE:
            assert await speaker.is_refused_to_publish(subject), subject
        if name != "gateway":
            assert await speaker.is_refused_to_publish(SPOKEN)
        for subject in CONSTRUCTION if name != SETUP else ():
            assert await speaker.is_refused_to_publish(subject), subject
    assert await lasting(guarded) == before


@pytest.mark.parametrize("name", EVERYBODY)
async def test_keys_are_made_and_destroyed_by_intake_opened_by_the_keeper_and_seen_by_nobody_else(
    guarded: Guarded, key: ProjectKey, name: str
) -> None:
    reading = ("STREAM.MSG.GET.PSMP_KEYS", "DIRECT.GET.PSMP_KEYS", f"DIRECT.GET.PSMP_KEYS.psmp.key.{name}.maria.p")
    async with guarded.as_service("intake") as intake:
        made = await Keyring(intake.nats).to_seal(key, "maria", 1)
    assert made is not None
    token = Token(key.project, "maria", "name", made.id, "AAAA")
    async with guarded.as_service(name) as speaker:
        if name in ("intake", "keeper"):
            assert list((await Keyring(speaker.nats).to_open("default", [token])).values()) == [made.secret]
            assert speaker.refusals == []
        else:
            for way in reading:
                assert await speaker.is_refused_to_publish(f"$JS.API.{way}"), way
        assert await speaker.is_refused_to_subscribe("psmp.key.>")
        assert await speaker.is_refused_to_publish("psmp.key.default.maria.p") is (name != "intake")

"""What each service can do on a server with the project's own nats.conf: all it needs, and no more."""

import asyncio
import itertools
import json
from collections.abc import Mapping

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog, direct_get
from psmp.log.port import Outpaced
from psmp.log.snapshots import JetStreamSnapshots
from psmp.log.view import View
from psmp.stack.identities import OPTIONAL, READER, RESTORE, RETENTION, SETUP
from psmp.stack.waiting import until
from psmp.wire import letters
from psmp.wire.assets import CONSUMERS, SERVICES, STREAMS, prepare
from psmp.wire.keyring import Keyring
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.wire.pull import Puller
from psmp.wire.settle import Delivery, Done, Later, Never, Origin, Outcome, bury, settle
from psmp.wire.standing import State, Word, last_word, say
from psmp.words import subjects
from psmp.words.events import EVENTS, ProjectCreated
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.sealed import Token
from psmp.words.values import Policy, Target
from psmp_checker.turns import Turns
from tests.guarded import Guarded, guarded
from tests.histories import History

__all__ = ["guarded"]

pytestmark = pytest.mark.integration

WRITES: Mapping[str, frozenset[str]] = {
    "intake": frozenset(
        {
            "project.created",
            "project.changed",
            "project.transitioned",
            "task.created",
            "task.changed",
            "task.archived",
            "artifact.declared",
            "artifact.amended",
            "artifact.withdrawn",
            "slot.requested",
            "slot.granted",
            "slot.renewed",
            "slot.finished",
            "slot.failed",
            "slot.left",
            "resolution.requested",
            "resolution.answered",
            "alert.raised",
            "alert.acknowledged",
            "letter.retried",
            "letter.dropped",
            "command.refused",
            "subject.erased",
            "hold.placed",
            "hold.released",
            "retention.changed",
            "maeg.created",
            "maeg.approved",
            "maeg.abandoned",
            "subpac.executed",
            "subpac.reviewed",
            "subpac.issued",
            "webhook.added",
            "webhook.changed",
            "webhook.removed",
            "webhook.rotated",
            "webhook.tested",
        }
    ),
    "checker": frozenset(
        {
            "artifact.accepted",
            "conflict.detected",
            "conflict.cleared",
            "compatibility.started",
            "compatibility.checked",
        }
    ),
    "keeper": frozenset({"project.transitioned", "slot.granted", "slot.refused"}),
    "orchestrator": frozenset(
        {
            "subpac.issued",
            "subpac.dispatched",
            "subpac.failed",
            "ber.generated",
            "pdo.finalized",
            "pdo.aggregated",
            "wrap.accepted",
            "alert.raised",
            "alert.cleared",
        }
    ),
    "audit": frozenset(),
    "signer": frozenset(),
    "resolver": frozenset(
        {
            "resolution.requested",
            "resolution.proposed",
            "resolution.applied",
            "resolution.refused",
            "resolution.failed",
            "alert.raised",
        }
    ),
    "watchdog": frozenset(
        {
            "project.stalled",
            "project.recovering",
            "slot.expired",
            "slot.refused",
            "agent.silenced",
            "agent.returned",
            "resolution.refused",
            "waiver.expired",
            "alert.raised",
            "alert.cleared",
        }
    ),
    "gateway": frozenset(),
    "webhooks": frozenset({"webhook.ended"}),
}
KINDS = frozenset(event.KIND for event in EVENTS)
EVERY_SERVICE = (*SERVICES, *OPTIONAL)
EVERYBODY = (*EVERY_SERVICE, SETUP, READER)
CONSUMERS_OF: Mapping[str, tuple[tuple[str, str], ...]] = {
    "intake": (("PSMP_COMMANDS", "intake"), ("PSMP_LOG", "intake-letters")),
    "checker": (("PSMP_LOG", "checker"), ("PSMP_LOG", "solver")),
    "resolver": (("PSMP_LOG", "resolver"),),
    "keeper": (("PSMP_LOG", "keeper"), ("PSMP_LOG", "projector")),
    "orchestrator": (("PSMP_LOG", "orchestrator"),),
    "audit": (("PSMP_LOG", "audit"),),
    "signer": (),
    "watchdog": (("PSMP_DLQ", "letters"), ("PSMP_ADVISORIES", "advisories"), ("PSMP_LOG", "watchdog-letters")),
    "gateway": (),
    "webhooks": (("PSMP_LOG", "webhooks"),),
}
ANSWERS = frozenset({"keeper", "audit"})
"""Who hears questions for a checkpoint; the keeper leaves them to the audit writer."""
RESETS = {"keeper": "projector", "audit": "audit"}

_numbers = itertools.count(1)


@pytest.fixture
def key() -> ProjectKey:
    """A project that no other test knows."""
    return ProjectKey("default", f"s{next(_numbers)}")


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


async def _pull_one(nats: MendedClient, stream: str, durable: str) -> Delivery:
    arrived: asyncio.Queue[Delivery] = asyncio.Queue()
    puller = Puller(nats, stream, durable, arrived.put_nowait, limit=1)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(puller.run())
        delivery = await arrived.get()
        puller.stop()
    return delivery


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
        first = await _pull_one(speaker.nats, stream, durable)
        speaker.nats.send(first.message.reply, b"+WPI")
        origin = Origin(service, stream, durable)
        await settle(speaker.nats, origin, first, Later(0.001), key)
        while (again := await _pull_one(speaker.nats, stream, durable)).position != first.position:
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


DESTRUCTION = (
    *(f"$JS.API.STREAM.DELETE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.STREAM.PURGE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.STREAM.MSG.DELETE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.STREAM.RESTORE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.STREAM.SNAPSHOT.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.CONSUMER.DELETE.{stream}.{config['name']}" for stream, config in CONSUMERS),
    *(f"$JS.API.CONSUMER.PAUSE.{stream}.{config['name']}" for stream, config in CONSUMERS),
    "$JS.API.ACCOUNT.PURGE.PSMP",
    "$SYS.REQ.SERVER.PING",
    "psmp.evt.default.p.conflict.cleared",
    "_INBOX.CoderAgent.x",
)
SPOKEN = "psmp.cmd.default.p.CoderAgent.artifact.declare"
CONSTRUCTION = (
    *(f"$JS.API.STREAM.UPDATE.{stream['name']}" for stream in STREAMS),
    "$JS.API.STREAM.CREATE.MORE",
    *(f"$JS.API.CONSUMER.CREATE.{stream['name']}" for stream in STREAMS),
    *(f"$JS.API.CONSUMER.CREATE.{stream}.{config['name']}" for stream, config in CONSUMERS),
    "$JS.API.CONSUMER.CREATE.PSMP_LOG.mine.psmp.log.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.PSMP_LOG.mine",
)


ERASURE = {f"$JS.API.STREAM.MSG.DELETE.{stream}" for stream in ("PSMP_KEYS", "PSMP_COMMANDS", "PSMP_DLQ")}
"""What intake may, to erase a person."""


async def lasting(guarded: Guarded) -> dict[str, int]:
    """What is stored, but for turns: they end by themselves."""
    return {name: count for name, count in (await guarded.stored("psmp")).items() if not name.startswith("psmp.turn.")}


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


async def test_only_the_audit_writer_and_who_restores_say_how_it_stands_and_every_service_that_writes_hears_it(
    guarded: Guarded,
) -> None:
    for name in {*EVERYBODY} - {"audit"}:
        async with guarded.as_service(name) as speaker:
            assert await speaker.is_refused_to_publish("psmp.standing"), name
    async with guarded.as_service("audit") as audit:
        await say(audit.nats, Word(State.REGRESSED, ("the log lacks record 5",), "psmp restore log"))
        assert audit.refusals == []
    for name in {"audit", *(name for name, kinds in WRITES.items() if kinds)}:
        async with guarded.as_service(name) as service:
            word = await last_word(service.nats)
            assert word is not None
            assert word.trouble == "the log lacks record 5. Next: psmp restore log"
    async with guarded.as_service(RESTORE) as restore:
        await say(restore.nats, Word(State.WELL))
        assert restore.refusals == []


async def test_who_restores_writes_and_deletes_in_the_log_and_nowhere_else(guarded: Guarded, key: ProjectKey) -> None:
    async with guarded.as_service(RESTORE) as restore:
        stored = await restore.ask(f"psmp.log.{key.tenant}.{key.project}.project.created", b"event")
        answer = await restore.ask("$JS.API.STREAM.MSG.DELETE.PSMP_LOG", {"seq": stored["seq"]})
        assert answer["success"]
        for subject in (
            *(each for each in DESTRUCTION if each != "$JS.API.STREAM.MSG.DELETE.PSMP_LOG"),
            *(each for each in CONSTRUCTION if ".PSMP_LOG" not in each),
        ):
            assert await restore.is_refused_to_publish(subject), subject
        assert await restore.is_refused_to_subscribe("psmp.log.>")
        for way in ("STREAM.MSG.GET.PSMP_KEYS", "DIRECT.GET.PSMP_KEYS", "DIRECT.GET.PSMP_COMMANDS"):
            assert await restore.is_refused_to_publish(f"$JS.API.{way}"), way


async def test_who_prunes_says_so_in_the_log_erases_message_by_message_and_may_do_nothing_else(
    guarded: Guarded, key: ProjectKey
) -> None:
    async with guarded.as_service("intake") as intake:
        stored = await intake.ask(f"psmp.log.{key.tenant}.{key.project}.project.created", b"event")
    erasing = {f"$JS.API.STREAM.MSG.DELETE.{stream}" for stream in ("PSMP_LOG", "PSMP_COMMANDS", "PSMP_DLQ")}
    async with guarded.as_service(RETENTION) as retention:
        said = await retention.ask(f"psmp.log.{key.tenant}.{key.project}.retention.applied", b"event")
        assert said["seq"] == stored["seq"] + 1
        assert (await retention.ask("$JS.API.STREAM.MSG.DELETE.PSMP_LOG", {"seq": stored["seq"]}))["success"]
        assert (await retention.ask("$JS.API.STREAM.PURGE.PSMP_SNAPSHOTS", {}))["success"]
        assert await last_word(retention.nats) is not None
        assert retention.refusals == []
        for kind in (event.KIND for event in EVENTS if event.KIND != "retention.applied"):
            assert await retention.is_refused_to_publish(f"psmp.log.{key.tenant}.{key.project}.{kind}"), kind
        for subject in (*DESTRUCTION, *CONSTRUCTION):
            allowed = subject in erasing or subject == "$JS.API.STREAM.PURGE.PSMP_SNAPSHOTS"
            if not allowed:
                assert await retention.is_refused_to_publish(subject), subject
        for way in ("STREAM.MSG.GET.PSMP_KEYS", "DIRECT.GET.PSMP_KEYS", "DIRECT.GET.PSMP_CHECKPOINTS"):
            assert await retention.is_refused_to_publish(f"$JS.API.{way}"), way
        for subject in ("psmp.standing", "psmp.cmd.default.p.CoderAgent.artifact.declare", "psmp.sign.checkpoints"):
            assert await retention.is_refused_to_publish(subject), subject
        assert await retention.is_refused_to_subscribe("psmp.log.>")


async def test_nobody_else_says_that_anything_was_pruned(guarded: Guarded, key: ProjectKey) -> None:
    for name in EVERYBODY:
        async with guarded.as_service(name) as speaker:
            assert await speaker.is_refused_to_publish(f"psmp.log.{key.tenant}.{key.project}.retention.applied"), name


async def test_setup_may_run_again(guarded: Guarded) -> None:
    async with guarded.as_service(SETUP) as setup:
        await prepare(setup.nats)
        assert setup.refusals == []


async def test_the_watchdog_reads_hearts_dead_letters_and_lag(guarded: Guarded) -> None:
    async with guarded.as_service("watchdog") as watchdog, guarded.as_agent("IdeaAgent") as agent:
        await agent.ask("psmp.hb.default.hearts.IdeaAgent", b"alive")
        await watchdog.nats.jetstream().publish("psmp.hb.psmp.system.watchdog-1", b"alive")
        beats = await direct_get(
            watchdog.nats, "PSMP_HEARTBEATS", {"seq": 1, "batch": 512, "next_by_subj": "psmp.hb.>"}
        )
        assert {"psmp.hb.default.hearts.IdeaAgent", "psmp.hb.psmp.system.watchdog-1"} <= {
            (beat.headers or {})["Nats-Subject"] for beat in beats
        }
        assert "error" not in await watchdog.ask("$JS.API.STREAM.INFO.PSMP_DLQ")
        assert "error" not in await watchdog.ask("$JS.API.CONSUMER.INFO.PSMP_COMMANDS.intake")
        assert watchdog.refusals == []


async def test_the_operator_reads_everything_but_keys_and_says_nothing(guarded: Guarded) -> None:
    async with guarded.as_service(READER) as reader:
        found = await reader.ask("$JS.API.STREAM.NAMES")
        assert set(found["streams"]) == {stream["name"] for stream in STREAMS}
        for stream in STREAMS:
            name, subject = stream["name"], stream["subjects"][0]
            if name != "PSMP_KEYS":
                await direct_get(reader.nats, name, {"seq": 1, "batch": 10, "next_by_subj": subject})
            assert "error" not in await reader.ask(f"$JS.API.CONSUMER.LIST.{name}")
        assert reader.refusals == []
        for subject in ("psmp.log.default.p.command.refused", "psmp.out.default.IdeaAgent.p.0", "psmp.dlq.intake"):
            assert await reader.is_refused_to_publish(subject)


async def test_the_operator_is_heard_about_letters_and_alerts_that_are_nobodys_and_about_nothing_else(
    guarded: Guarded,
) -> None:
    async with guarded.as_service(READER) as reader, guarded.as_service("intake") as intake:
        answers = await reader.listen("psmp.out.psmp.operator.>")
        for kind in (
            "letter.retry",
            "letter.drop",
            "alert.acknowledge",
            "subject.erase",
            "hold.place",
            "retention.set",
        ):
            said = await reader.ask(f"psmp.cmd.psmp.system.operator.{kind}", b"{}")
            assert said["stream"] == "PSMP_COMMANDS"
        await intake.nats.publish("psmp.out.psmp.operator.system.0", b"an outcome")
        await intake.fence()
        await reader.fence()
        assert [each.data for each in answers] == [b"an outcome"]
        for who in ("psmp.system.operator.project.transition", "psmp.system.ada.letter.drop"):
            assert await reader.is_refused_to_publish(f"psmp.cmd.{who}")
        assert await reader.is_refused_to_publish("psmp.cmd.default.p.operator.letter.drop")
        await reader.nats.publish("psmp.qry.psmp.operator.alerts", b"{}")
        assert await reader.is_refused_to_publish("psmp.qry.default.operator.alerts")
        assert await reader.is_refused_to_subscribe("psmp.out.default.>")


async def test_the_watchdog_buries_for_everybody_and_follows_what_is_buried(guarded: Guarded) -> None:
    async with guarded.as_service("watchdog") as watchdog:
        origin = Origin("checker", "PSMP_LOG", "checker")
        given_up = Delivery(Message("psmp.log.default.buried.artifact.declared", "", b"{}"), 1, 10)
        assert await bury(watchdog.nats, origin, given_up, "nobody answered", ProjectKey("default", "buried"))
        [letter] = [await _pull_one(watchdog.nats, "PSMP_DLQ", "letters")]
        await settle(watchdog.nats, Origin("watchdog", "PSMP_DLQ", "letters"), letter, Done())
        await watchdog.fence()
        assert watchdog.refusals == []


@pytest.mark.parametrize("service", ["intake", "checker", "keeper", "watchdog"])
async def test_who_handles_messages_reads_the_letters_that_are_retried(guarded: Guarded, service: str) -> None:
    async with guarded.as_service(service) as speaker:
        assert await letters.fetch(speaker.nats, 1_000_000) is None
        assert speaker.refusals == []


@pytest.mark.parametrize(
    ("subject", "asker"),
    [(subjects.SIGN_CHECKPOINTS, "audit"), (subjects.SIGN_STATEMENT, READER), (subjects.SIGN_EXPORT, "gateway")],
)
async def test_only_who_is_to_asks_the_signer_and_only_the_signer_hears(
    guarded: Guarded, subject: str, asker: str
) -> None:
    async with guarded.as_service("signer") as signer:
        asked = await signer.nats.subscribe(subject)
        await signer.fence()
        assert signer.refusals == []
        async with guarded.as_service(asker) as speaker:
            await speaker.nats.publish(subject, b"?", reply=f"_INBOX_{asker}.answer")
            question = await asked.next_msg(timeout=30)
            assert not await signer.is_refused_to_publish(question.reply, b"an answer")
            assert await signer.is_refused_to_publish(question.reply, b"another")
            assert speaker.refusals == []
    for name in {*EVERYBODY} - {asker}:
        async with guarded.as_service(name) as speaker:
            assert await speaker.is_refused_to_publish(subject), name
            assert await speaker.is_refused_to_subscribe(subject) == (name != "signer"), name


async def test_audit_publishes_checkpoints_and_nobody_else_does(guarded: Guarded, key: ProjectKey) -> None:
    subject = subjects.checkpoint(key)
    async with guarded.as_service("audit") as audit:
        assert (await audit.ask(subject, b"a note"))["stream"] == "PSMP_CHECKPOINTS"
        last = json.dumps({"last_by_subj": f"{subjects.CHECKPOINTS}.>"}).encode()
        found = await audit.nats.request("$JS.API.DIRECT.GET.PSMP_CHECKPOINTS", last, timeout=30)
        assert found.data == b"a note"
        assert audit.refusals == []
    for name in {*EVERYBODY} - {"audit"}:
        async with guarded.as_service(name) as speaker:
            assert await speaker.is_refused_to_publish(subject), name


async def test_the_gateway_speaks_for_every_tenant_but_ours_and_reads_what_it_shows(
    guarded: Guarded, key: ProjectKey
) -> None:
    async with guarded.as_service("gateway") as gateway, guarded.as_service("intake") as intake:
        outcomes = await gateway.listen("psmp.out.default.CoderAgent.>")
        events = await gateway.listen("psmp.evt.>")
        for tenant in ("default", "other"):
            said = await gateway.ask(f"psmp.cmd.{tenant}.{key.project}.CoderAgent.artifact.declare", b"{}")
            assert said["stream"] == "PSMP_COMMANDS"
            await gateway.nats.publish(f"psmp.qry.{tenant}.CoderAgent.status", b"{}")
            await gateway.nats.publish(f"psmp.hb.{tenant}.{key.project}.CoderAgent", b"alive")
        await intake.ask(f"psmp.log.default.{key.project}.project.created", b"{}")
        await intake.nats.publish(f"psmp.out.default.CoderAgent.{key.project}.0", b"an outcome")
        await intake.fence()
        await gateway.fence()
        assert ([each.data for each in outcomes], len(events)) == ([b"an outcome"], 1)
        page = {"seq": 1, "batch": 10, "next_by_subj": f"psmp.log.default.{key.project}.>"}
        assert len(await direct_get(gateway.nats, "PSMP_LOG", page)) == 1
        await direct_get(gateway.nats, "PSMP_DLQ", {"seq": 1, "batch": 1, "next_by_subj": "psmp.dlq.>"})
        for what in ("STREAM.INFO.PSMP_LOG", "CONSUMER.INFO.PSMP_LOG.audit"):
            assert "error" not in json.loads((await gateway.nats.request(f"$JS.API.{what}", b"", timeout=30)).data)
        await last_word(gateway.nats)
        assert gateway.refusals == []
        assert await gateway.is_refused_to_publish("psmp.cmd.psmp.system.operator.letter.drop")
        assert await gateway.is_refused_to_publish("psmp.qry.psmp.operator.alerts")
        assert await gateway.is_refused_to_publish(f"psmp.out.default.CoderAgent.{key.project}.0")


async def test_a_question_for_a_checkpoint_gets_the_audit_writers_answer_though_the_keeper_hears_it(
    guarded: Guarded,
) -> None:
    async with (
        guarded.as_service("keeper") as keeper,
        guarded.as_service("audit") as audit,
        guarded.as_agent("CoderAgent") as agent,
    ):
        heard = await keeper.nats.subscribe("psmp.qry.*.*.*", "keeper")
        await keeper.fence()
        question = await audit.nats.subscribe("psmp.qry.*.*.checkpoint")
        await audit.fence()
        answer = asyncio.ensure_future(agent.ask("psmp.qry.default.CoderAgent.checkpoint", b"{}"))
        asked = await question.next_msg(timeout=30)
        await heard.next_msg(timeout=30)
        assert not await audit.is_refused_to_publish(asked.reply, json.dumps({"an": "answer"}).encode())
        assert await answer == {"an": "answer"}
        assert await audit.is_refused_to_publish(asked.reply, b"another")
        assert await audit.is_refused_to_publish("_INBOX.CoderAgent.answer", b"forged")


async def test_the_keeper_answers_where_it_was_asked_once_and_nowhere_else(guarded: Guarded) -> None:
    async with guarded.as_service("keeper") as keeper, guarded.as_agent("CoderAgent") as agent:
        question = await keeper.nats.subscribe("psmp.qry.*.*.*", "keeper")
        await keeper.fence()
        answers = await agent.listen("_INBOX.CoderAgent.answer")
        await agent.nats.publish("psmp.qry.default.CoderAgent.status", b"?", reply="_INBOX.CoderAgent.answer")
        asked = await question.next_msg(timeout=30)
        assert not await keeper.is_refused_to_publish(asked.reply, json.dumps({"an": "answer"}).encode())
        assert await keeper.is_refused_to_publish(asked.reply, b"another")
        assert await keeper.is_refused_to_publish("_R_.some.other", b"forged")
        assert await keeper.is_refused_to_publish("_INBOX.CoderAgent.answer", b"forged")
        await agent.fence()
    assert [message.data for message in answers] == [b'{"an": "answer"}']

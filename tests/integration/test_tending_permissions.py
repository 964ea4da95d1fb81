"""Who restores, prunes, sets up, watches or operates can do that on a server with our nats.conf, and no more."""

import pytest

from psmp.log.jetstream import direct_get
from psmp.stack.identities import READER, RESTORE, RETENTION, SETUP
from psmp.wire import letters
from psmp.wire.assets import STREAMS, prepare
from psmp.wire.message import Message
from psmp.wire.settle import Delivery, Done, Origin, bury, settle
from psmp.wire.standing import State, Word, last_word, say
from psmp.words.events import EVENTS
from psmp.words.ids import ProjectKey
from tests.guarded import Guarded, guarded
from tests.integration.permitted import CONSTRUCTION, DESTRUCTION, EVERYBODY, WRITES, key, pull_one

__all__ = ["guarded", "key"]

pytestmark = pytest.mark.integration


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
        [letter] = [await pull_one(watchdog.nats, "PSMP_DLQ", "letters")]
        await settle(watchdog.nats, Origin("watchdog", "PSMP_DLQ", "letters"), letter, Done())
        await watchdog.fence()
        assert watchdog.refusals == []


@pytest.mark.parametrize("service", ["intake", "checker", "keeper", "watchdog"])
async def test_who_handles_messages_reads_the_letters_that_are_retried(guarded: Guarded, service: str) -> None:
    async with guarded.as_service(service) as speaker:
        assert await letters.fetch(speaker.nats, 1_000_000) is None
        assert speaker.refusals == []

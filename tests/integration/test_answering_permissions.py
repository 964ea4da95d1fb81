"""Who may sign, publish checkpoints and answer on a server with our nats.conf: once, where it was asked, no other."""

import asyncio
import json

import pytest

from psmp.log.jetstream import direct_get
from psmp.stack.identities import READER
from psmp.wire.standing import last_word
from psmp.words import subjects
from psmp.words.ids import ProjectKey
from tests.guarded import Guarded, guarded
from tests.integration.permitted import EVERYBODY, key

__all__ = ["guarded", "key"]

pytestmark = pytest.mark.integration


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

"""Webhooks from a real log to real receivers: signed, tried again, given up, and never sent where they must not go."""

import asyncio
import base64
import hashlib
import hmac
import os
import shutil
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.jetstream import JetStreamEventLog
from psmp.log.port import Record
from psmp.log.views import Views
from psmp.service.clock import now, stamp
from psmp.stack import Ground, NatsServer
from psmp.stack.services import Service, ServiceProcess
from psmp.stack.waiting import until
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, connect
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.wire.settle import Delivery, Done, Later, Never, Origin, settle
from psmp.words import subjects
from psmp.words.envelope import Provenance
from psmp.words.events import AlertRaised, Event, ProjectCreated
from psmp.words.ids import ProjectKey
from psmp.words.values import Policy, Severity, Target
from psmp_webhooks.__main__ import working
from psmp_webhooks.consumer import AT_ONCE, PLACES, Sender
from psmp_webhooks.endpoints import Endpoint
from psmp_webhooks.post import post, resolve
from psmp_webhooks.rules import SCHEDULE, Answered, Unanswered
from tests.following import until_true
from tests.guarded import Guarded, guarded
from tests.integration.test_tls import authority, openssl
from tests.receiver import OK, Got, Receiver, cut, drip, hang, receiving, status

__all__ = ["guarded"]

pytestmark = pytest.mark.integration

KEY = ProjectKey("acme", "rag")
BYTES = b"s" * 32
SECRET = "whsec_" + base64.b64encode(BYTES).decode()


def endpoint(receiver: Receiver, name: str = "ops", **more: Any) -> Endpoint:
    known = {"name": name, "url": receiver.url, "secret": SECRET, "allow_http": True, "allow_private": True}
    return Endpoint.model_validate({**known, **more})


def sender(*endpoints: Endpoint) -> Sender:
    return Sender(endpoints, lambda: now().timestamp(), lambda: 0.0)


def is_genuine(got: Got) -> bool:
    """By the specification, and by nothing of ours."""
    headers = got.headers
    signed = b"%s.%s.%s" % (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), got.body)
    expected = base64.b64encode(hmac.new(BYTES, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


@pytest.fixture
async def nats(fresh_nats: NatsServer) -> AsyncIterator[MendedClient]:
    client = await connect(Address(fresh_nats.url), "test")
    await prepare(client)
    yield client
    await client.close()


@asynccontextmanager
async def sending(nats: MendedClient, *endpoints: Endpoint) -> AsyncIterator[None]:
    worker = working(nats, sender(*endpoints))
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        yield
        worker.stop()


async def write(nats: MendedClient, *events: Event, key: ProjectKey = KEY) -> list[Record]:
    """The next events of a project, now."""
    log = JetStreamEventLog(nats)
    decider = Decider(log, Views(log, PROJECT_FOLD), stamp)
    records: list[Record] = []
    for event in events:
        fresh = stamp().id
        answers = iter([(event, Provenance("/psmp/watchdog", "psmp_watchdog", fresh, fresh))])
        record = await decider.decide(key, lambda _, answers=answers: next(answers, None))  # type: ignore[misc]
        assert record is not None
        records.append(record)
    return records


def raised(alert: str = "project-stalled") -> AlertRaised:
    return AlertRaised(alert=alert, severity=Severity.HIGH, text="so", person=True)


CREATED = ProjectCreated(name="Rag", targets=(Target(),), policy=Policy())


def of(record: Record, tries: int = 1) -> Delivery:
    message = Message(subjects.log(record.key, record.kind), "", record.body)
    return Delivery(message, record.position, tries)


async def test_who_fails_twice_and_then_takes_it_gets_the_same_bytes_three_times(nats: MendedClient) -> None:
    async with (
        receiving(status(500), cut, OK) as receiver,
        receiving() as other,
        sending(nats, endpoint(receiver), endpoint(other, "other")),
    ):
        _, alert = await write(nats, CREATED, raised())

        async def taken() -> bool:
            info = await nats.jetstream().consumer_info("PSMP_LOG", "webhooks")
            return len(receiver.got) == 3 and info.num_ack_pending == 0

        await until(taken, within=60)
    assert {got.body for got in receiver.got} == {alert.body}
    assert all(is_genuine(got) for got in receiver.got)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    first, _, last = (int(got.headers["webhook-timestamp"]) for got in receiver.got)
    assert 2 <= last - first <= 60
    [got] = other.got  # who took it at once is not asked again
    assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert got.line == "POST /hooks?of=psmp HTTP/1.1"
    assert got.headers["host"] == f"127.0.0.1:{other.port}"


async def test_a_receiver_that_hangs_or_never_comes_to_an_end_costs_its_time_and_no_more() -> None:
    clock = asyncio.get_running_loop().time
    for behaviour in (hang, drip):
        async with receiving(behaviour) as receiver:
            begun = clock()
            answer = await post(endpoint(receiver), b"{}", {}, within=0.3)
            assert answer == Unanswered("no answer within 0.3 s")
            assert clock() - begun < 20


async def test_one_that_hangs_holds_up_nobody_else(nats: MendedClient) -> None:
    async with receiving(hang) as slow, receiving() as quick:
        slow_one = endpoint(slow, "slow", tenants=["acme"])
        handler = sender(slow_one, endpoint(quick, "quick"))
        _, alert = await write(nats, CREATED, raised())
        _, other = await write(nats, CREATED, raised(), key=ProjectKey("other", "rag"))
        async with asyncio.TaskGroup() as group:
            held = group.create_task(handler.handle(of(alert)))

            async def reached() -> bool:
                return len(quick.got) == 1 and len(slow.got) == 1

            await until(reached, within=60)
            assert await handler.handle(of(other)) == Done()
            held.cancel()
    assert [got.body for got in quick.got] == [alert.body, other.body]


async def test_a_tenant_all_of_whose_receivers_hang_leaves_room_for_the_others(
    nats: MendedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "__kwdefaults__", {"within": 3600.0, "resolve": resolve})
    every, let = ["alert.*", "project.*"], asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await let.wait()
        writer.write(OK)

    async with receiving(hold) as slow, receiving() as quick:
        hanging = endpoint(slow, "slow", tenants=["acme"], kinds=every)
        async with sending(nats, hanging, endpoint(quick, tenants=["other"], kinds=every)):
            try:
                for number in range(10):  # nobody wants these: they are had, and more are asked for at once
                    await write(nats, CREATED, key=ProjectKey("third", f"p{number}"))
                for number in range(PLACES):
                    await write(nats, CREATED, key=ProjectKey("acme", f"p{number}"))
                await write(nats, *(raised(f"a-{number}") for number in range(5)), key=ProjectKey("acme", "p0"))

                async def in_hand() -> bool:
                    info = await nats.jetstream().consumer_info("PSMP_LOG", "webhooks")
                    return info.num_ack_pending == PLACES + 5 and len(slow.got) == AT_ONCE

                await until(in_hand, within=60)
                [record] = await write(nats, CREATED, key=ProjectKey("other", "rag"))
                await until_true(lambda: [got.body for got in quick.got] == [record.body])
            finally:
                let.set()
            await until_true(lambda: len(slow.got) == PLACES + 5)


async def test_a_redirect_to_an_address_inside_is_not_followed() -> None:
    async with receiving() as inside:
        async with receiving(status(307, location=inside.url)) as receiver:
            assert await post(endpoint(receiver), b"{}", {}) == Answered(307)
        assert inside.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "0"])
async def test_an_address_inside_is_not_even_connected_to(host: str) -> None:
    async with receiving() as receiver:
        url = f"http://{host}:{receiver.port}/"
        answer = await post(endpoint(receiver, url=url, allow_private=False), b"{}", {})
        assert isinstance(answer, Unanswered)
        assert answer.why.startswith("refused: ")
        assert receiver.connections == 0


async def test_a_name_is_looked_up_once_and_where_it_leads_a_moment_later_makes_no_difference() -> None:
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    async with receiving() as receiver:
        named = endpoint(receiver, url=f"http://hooks.test:{receiver.port}/")
        assert await post(named, b"{}", {}, resolve=rebinding) == Answered(204)
    assert asked == ["hooks.test"]
    assert receiver.got[0].headers["host"] == f"hooks.test:{receiver.port}"


async def test_one_address_inside_among_others_is_enough_to_go_nowhere() -> None:
    async def mixed(_host: str, _port: int) -> list[str]:
        return ["203.0.114.1", "127.0.0.1"]

    async with receiving() as receiver:
        named = endpoint(receiver, url=f"http://hooks.test:{receiver.port}/", allow_private=False)
        answer = await post(named, b"{}", {}, resolve=mixed)
        assert isinstance(answer, Unanswered)
        assert "127.0.0.1, no address of the open internet" in answer.why
        assert receiver.connections == 0


@pytest.mark.may_block  # openssl is waited for
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
async def test_over_tls_the_certificate_must_be_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    ca = authority(tmp_path, "ca")
    (tmp_path / "extensions").write_text("subjectAltName = DNS:hooks.test\nauthorityKeyIdentifier = keyid\n")
    openssl(tmp_path, "req -newkey rsa:2048 -nodes -subj /CN=hooks -keyout server.key -out server.csr")
    sign = "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions"
    openssl(tmp_path, f"{sign} -out server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")

    async def here(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    async with receiving(context=context) as receiver:
        named = endpoint(receiver, url=f"https://hooks.test:{receiver.port}/", ca=str(ca))
        assert await post(named, b"{}", {}, resolve=here) == Answered(204)
        assert receiver.names == ["hooks.test"]
        other = endpoint(receiver, url=f"https://other.test:{receiver.port}/", ca=str(ca))
        answer = await post(other, b"{}", {}, resolve=here)
        assert isinstance(answer, Unanswered)
        assert "Hostname mismatch" in answer.why
        unknown = await post(endpoint(receiver, url=named.url), b"{}", {}, resolve=here)
        assert isinstance(unknown, Unanswered)
        assert len(receiver.got) == 1


async def test_what_is_no_http_or_no_answer_at_all_is_a_failure_with_a_reason() -> None:
    for answer, why in (
        (b"SSH-2.0-server\r\n\r\n", "answered no HTTP"),
        (cut, "answered no HTTP: the connection was closed"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"x" * 100_000, "answered no HTTP"),
    ):
        async with receiving(answer) as receiver:
            found = await post(endpoint(receiver), b"{}", {})
            assert isinstance(found, Unanswered)
            assert found.why.startswith(why)
    gone = await post(endpoint(Receiver([OK], port=1)), b"{}", {})
    assert isinstance(gone, Unanswered)
    assert gone.why.startswith("cannot be reached")


async def test_who_is_gone_is_asked_no_more_and_who_asks_for_time_gets_it(nats: MendedClient) -> None:
    _, alert, again = await write(nats, CREATED, raised(), raised("letter-1"))
    async with receiving(status(410)) as gone, receiving(status(429, retry_after="77"), OK) as busy:
        handler = sender(endpoint(gone, "gone"), endpoint(busy, "busy"))
        assert await handler.handle(of(alert)) == Later(77)
        assert await handler.handle(of(again)) == Done()
        assert await handler.handle(of(alert, tries=2)) == Done()
        assert (len(gone.got), len(busy.got)) == (1, 3)


async def test_what_is_given_up_is_a_dead_letter_with_its_bytes_but_never_news_of_one(nats: MendedClient) -> None:
    _, alert, of_letter = await write(nats, CREATED, raised(), raised("letter-1"))
    async with receiving(status(500)) as receiver:
        handler = sender(endpoint(receiver))
        outcome = await handler.handle(of(alert, tries=len(SCHEDULE) + 1))
        assert outcome == Never("ops: answered 500")
        assert await handler.handle(of(of_letter, tries=len(SCHEDULE) + 1)) == Done()
    await nats.subscribe("test.ack")
    delivery = of(alert, tries=len(SCHEDULE) + 1)
    acked = Message(delivery.subject, "test.ack", delivery.body)
    await settle(nats, Origin("webhooks", "PSMP_LOG", "webhooks"), delivery._replace(message=acked), outcome, KEY)
    letter = await nats.jetstream().get_last_msg("PSMP_DLQ", f"psmp.dlq.webhooks.{KEY.tenant}.{KEY.project}.>")
    assert letter.data == alert.body
    assert (letter.headers or {})["Psmp-Reason"] == "ops: answered 500"


async def test_old_news_is_told_to_nobody_and_a_secret_that_is_gone_is_a_failure(
    nats: MendedClient, tmp_path: Path
) -> None:
    _, alert = await write(nats, CREATED, raised())
    async with receiving() as receiver:
        late = Sender([endpoint(receiver)], lambda: now().timestamp() + 90_000, lambda: 0.0)
        assert await late.handle(of(alert)) == Done()
        assert await late.handle(of(alert, tries=2)) == Done()  # it was tried in time, but not taken
        assert len(receiver.got) == 1
        file = tmp_path / "secret"
        file.write_text(SECRET)
        handler = sender(endpoint(receiver, secret=None, secret_file=str(file)))
        file.unlink()
        assert await handler.handle(of(alert)) == Later(1.0)
        assert len(receiver.got) == 1


async def test_the_service_itself_posts_what_happens_with_the_rights_that_it_has(
    guarded: Guarded, session_ground: Ground, tmp_path: Path
) -> None:
    async with receiving() as receiver, guarded.as_service("intake") as intake:
        file = tmp_path / "webhooks.toml"
        file.write_text(
            f'[[webhook]]\nname = "ops"\nurl = "{receiver.url}"\nsecret = "{SECRET}"\nkinds = ["project.*"]\n'
            "allow_http = true\nallow_private = true\n"
        )
        login = guarded.identities.service("webhooks")
        told = {"PSMP_WEBHOOKS_FILE": str(file), "PSMP_NATS_URL": guarded.server.url_for(login)}
        service = Service(name="webhooks", argv=(sys.executable, "-m", "psmp_webhooks"), cwd=Path.cwd())
        process = ServiceProcess(service, session_ground, {**os.environ, **told})
        await process.start()
        try:
            [created] = await write(intake.nats, CREATED, key=ProjectKey("default", "posted"))

            async def posted() -> bool:
                return any(got.body == created.body for got in receiver.got)

            await until(posted, within=60)
        finally:
            await process.stop()
    assert all(map(is_genuine, receiver.got))
    said = (session_ground.path / "logs" / f"{guarded.server.name}.log").read_text()
    assert not [line for line in said.splitlines() if "Violation" in line and "webhooks" in line]

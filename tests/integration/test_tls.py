"""The server with TLS: deploy/tls/nats.conf, and a certificate of an authority that lives as long as the test."""

import asyncio
import json
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from psmp.stack import NatsServer
from psmp.stack.identities import Identities
from psmp.wire import brief
from psmp.wire.connection import Address, NatsUnreachable, connect
from psmp.words import subjects
from tests.servers import StartNats

pytestmark = [
    pytest.mark.integration,
    pytest.mark.may_block,  # openssl is waited for
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates"),
]

TLS_CONF = Path(__file__).parents[2] / "deploy" / "tls" / "nats.conf"

EXTENSIONS = """\
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True, timeout=60)  # noqa: S607


def authority(folder: Path, name: str) -> Path:
    """The certificate of a new authority called ``name``; its key lies beside it."""
    openssl(
        folder,
        f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"
        " -addext keyUsage=critical,keyCertSign,cRLSign",
    )
    return folder / f"{name}.pem"


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    """The authority that signs server.pem, for 127.0.0.1 alone."""
    certificate = authority(tmp_path, "ca")
    (tmp_path / "extensions").write_text(EXTENSIONS)
    openssl(tmp_path, "req -newkey rsa:2048 -nodes -subj /CN=nats -keyout server.key -out server.csr")
    openssl(
        tmp_path,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out server.pem",
    )
    return certificate


@pytest.fixture
def identities() -> Identities:
    return Identities()


@pytest.fixture
async def server(start_nats: StartNats, tmp_path: Path, identities: Identities, ca: Path) -> NatsServer:
    texts = {"nats.conf": identities.conf, **identities.includes, "deploy/tls/nats.conf": TLS_CONF.read_text()}
    for name, text in texts.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    env = {"PSMP_NATS_TLS_CERT": str(ca.with_name("server.pem")), "PSMP_NATS_TLS_KEY": str(ca.with_name("server.key"))}
    return await start_nats(config=tmp_path / "deploy/tls/nats.conf", env=identities.env | env)


def address(server: NatsServer, identities: Identities, ca: Path | None, host: str = "127.0.0.1") -> Address:
    url = server.url_for(identities.tenant()).replace("nats://", "tls://").replace("@127.0.0.1", f"@{host}")
    return Address(url, ca=ca)


async def test_a_client_that_trusts_the_authority_connects(
    server: NatsServer, identities: Identities, ca: Path
) -> None:
    nats = await connect(address(server, identities, ca), "test", inbox="_INBOX.test")
    await nats.flush()
    await nats.close()


async def test_a_client_refuses_a_server_that_it_has_no_reason_to_trust(
    server: NatsServer, identities: Identities, ca: Path
) -> None:
    stranger = authority(ca.parent, "stranger")
    for place in (
        address(server, identities, None),
        address(server, identities, stranger),
        address(server, identities, ca, host="localhost"),
    ):
        with pytest.raises(NatsUnreachable) as refused:
            await connect(place, "test")
        assert refused.value.refused


async def test_a_brief_question_goes_over_tls_too_and_nowhere_that_it_has_no_reason_to_trust(
    server: NatsServer, identities: Identities, ca: Path
) -> None:
    place = address(server, identities, ca)
    subject = subjects.question("default", "bob", "status")
    ask = partial(brief.asked, subject=subject, inbox="_INBOX.bob", body=b"hello", within=20)
    assert await asyncio.to_thread(ask, place.url, ca=ca) is None, "nobody is there to answer"

    keeper = server.url_for(identities.service("keeper")).replace("nats://", "tls://")
    nats = await connect(Address(keeper, ca=ca), "test", inbox="_INBOX_keeper")

    async def answer(message: Msg) -> None:
        await message.respond(message.data.upper())

    try:
        await nats.subscribe("psmp.qry.*.*.*", cb=answer)
        await nats.flush()
        assert await asyncio.to_thread(ask, place.url, ca=ca) == b"HELLO"
        with pytest.raises(OSError, match="certificate verify failed"):
            await asyncio.to_thread(ask, place.url)
    finally:
        await nats.close()


async def test_nobody_is_served_without_tls(server: NatsServer, identities: Identities) -> None:
    user, password = identities.tenant()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    greeting = json.loads((await reader.readline()).removeprefix(b"INFO "))
    assert greeting["tls_required"]
    writer.write(
        b"CONNECT " + json.dumps({"user": user, "pass": password, "verbose": False}).encode() + b"\r\nPING\r\n"
    )
    async with asyncio.timeout(60):
        answer = await reader.read()
    assert b"PONG" not in answer
    writer.close()

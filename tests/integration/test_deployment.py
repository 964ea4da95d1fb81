"""What docker-compose.yml says, done without Docker: the same commands, users, rights and secrets on real servers."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
import pytest

import psmp
from psmp.stack import Ground, NatsServer, Postgres, Service, free_port
from psmp.stack.binaries import locate_postgres
from psmp.stack.services import ServiceProcess
from psmp.stack.waiting import until
from psmp.wire.assets import SERVICES
from tests import compose
from tests.api import Api
from tests.servers import StartNats

pytestmark = [pytest.mark.integration, pytest.mark.may_block]


@dataclass(frozen=True, slots=True)
class Deployment:
    """Running servers, and what the compose file would tell each service."""

    secrets: dict[str, str]
    nats: NatsServer
    monitor: int
    postgres: Postgres
    folder: Path

    def environment(self, name: str) -> dict[str, str]:
        """What service ``name`` finds in its environment, with the servers where they are here."""
        server = urlsplit(self.postgres.dsn())
        told = compose.environment(compose.services()[name])
        resolved = {key: compose.resolved(value, self.secrets) for key, value in told.items()}
        for key, value in resolved.items():
            here = value.replace("@nats:4222", f"@127.0.0.1:{self.nats.port}")
            here = here.replace("/var/lib/psmp", str(self.folder))
            here = here.replace("//nats:8222", f"//127.0.0.1:{self.monitor}")
            resolved[key] = here.replace("@postgres:5432/psmp", f"@/psmp?{server.query}")
        return {"PATH": os.defpath, **resolved}

    async def run(self, *argv: str | Path, env: dict[str, str]) -> tuple[int, str]:
        """The exit status of a program and what it said."""
        process = await asyncio.create_subprocess_exec(
            *argv, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()

    async def psmp(self, name: str, *arguments: str) -> tuple[int, str]:
        """What the command line says that service ``name`` runs."""
        return await self.run(sys.executable, "-m", "psmp.cli.app", *arguments, env=self.environment(name))


@pytest.fixture
async def deployment(start_nats: StartNats, session_ground: Ground, tmp_path: Path) -> AsyncIterator[Deployment]:
    secrets = compose.made_secrets(tmp_path)
    asked = compose.environment(compose.services()["nats"]).keys() - {"PSMP_NATS_STORE", "PSMP_NATS_MONITOR"}
    env = {name: value for name, value in secrets.items() if name in asked or name.startswith("PSMP_DEFAULT_")}
    monitor = free_port()
    env["PSMP_NATS_MONITOR"] = f"127.0.0.1:{monitor}"
    nats = await start_nats(config=compose.ROOT / "nats.conf", env=env)
    postgres = Postgres(session_ground, durable=False, name="postgres-deployment")
    await postgres.start()
    secrets["PSMP_POSTGRES_OWNER_PASSWORD"] = unquote(urlsplit(postgres.dsn()).password or "")
    yield Deployment(secrets, nats, monitor, postgres, tmp_path)
    await postgres.stop()


async def make_users(deployment: Deployment) -> None:
    """What the postgres image does when the database is new."""
    server = urlsplit(deployment.postgres.dsn())
    where = parse_qs(server.query)
    told = compose.environment(compose.services()["postgres"])
    env = {key: compose.resolved(value, deployment.secrets) for key, value in told.items()}
    env |= {"PATH": f"{locate_postgres()}:{os.defpath}", "PGHOST": where["host"][0], "PGPORT": where["port"][0]}
    env["PGPASSWORD"] = deployment.secrets["PSMP_POSTGRES_OWNER_PASSWORD"]
    assert await deployment.run(compose.ROOT / "deploy/postgres/users.sh", env=env) == (0, "")


async def test_a_deployment_by_the_compose_file_governs_a_project(
    deployment: Deployment, session_ground: Ground
) -> None:
    await make_users(deployment)
    status, said = await deployment.psmp("setup", "setup")
    assert status == 0, said
    for signer, use, name in (
        ("signer", "log", "psmp.localhost"),
        ("signer", "statement", "psmp.localhost/statements"),
        ("orchestrator", "dispatch", "psmp.localhost/dispatch"),
    ):
        status, said = await deployment.psmp(
            signer, "signing-key", "make", use, name, "--file", str(deployment.folder / "keys")
        )
        assert status == 0, said

    here = {"PSMP_GATEWAY_HOST": "127.0.0.1", "PSMP_GATEWAY_PORT": str(free_port())}
    async with AsyncExitStack() as exits:
        for name in SERVICES:
            _, *argv = compose.command(compose.services()[name])
            service = Service(name=f"{name}-deployed", argv=(sys.executable, *argv), env=here)
            process = ServiceProcess(service, session_ground, deployment.environment(name))
            exits.push_async_callback(process.stop)
            await process.start()

        password = deployment.secrets["PSMP_DEFAULT_CODERAGENT_PASSWORD"]
        url = f"nats://default.CoderAgent:{password}@127.0.0.1:{deployment.nats.port}"
        coder = await exits.enter_async_context(psmp.connect(url, tenant="default", agent="CoderAgent"))
        await coder.create_project("deployed", name="Deployed")
        await coder.transition("deployed", "PLANNING", reason="it runs")
        verdict = await coder.declare("deployed", "backend", type="code", dependencies=["fastapi>=0.100"])
        assert verdict.accepted
        with pytest.raises(psmp.NotAllowed):
            await exits.enter_async_context(psmp.connect(url, tenant="default", agent="IdeaAgent"))

        reader = await asyncpg.connect(deployment.environment("operator")["PSMP_POSTGRES_DSN"])
        exits.push_async_callback(reader.close)

        async def recorded() -> bool:
            entries: int = await reader.fetchval("SELECT count(*) FROM psmp.ledger WHERE project = 'deployed'")
            rows: int = await reader.fetchval("SELECT count(*) FROM psmp.artifact WHERE project = 'deployed'")
            covered: int = await reader.fetchval("SELECT max(size) FROM psmp.checkpoint WHERE project = 'deployed'")
            return (entries, rows, covered) == (4, 1, 4)

        assert await until(recorded, within=60)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute("DELETE FROM psmp.ledger")

        status, said = await deployment.psmp("operator", "key", "create", "eye", "-o", "json")
        assert status == 0, said
        token = json.loads(said[: said.rindex("}") + 1])["token"]
        api = Api(f"http://127.0.0.1:{here['PSMP_GATEWAY_PORT']}/api/v1", token)
        assert [each["project"] for each in (await api.get("/projects")).json["items"]] == ["deployed"]

        status, said = await deployment.psmp("operator", "doctor", "-o", "json")
        assert status == 0, said
        status, said = await deployment.psmp("operator", "verify")
        assert status == 0, said
        status, said = await deployment.psmp("operator", "replay", "--check")
        assert status == 0, said

    said = (session_ground.path / "logs" / f"{deployment.nats.name}.log").read_text()
    assert {line for line in said.splitlines() if "Violation" in line and "default.CoderAgent" not in line} == set()

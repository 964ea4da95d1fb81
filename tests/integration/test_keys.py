"""One key, two doors: what ``psmp key`` makes opens the HTTP API and NATS as the same agent, until it is taken back."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from nats.errors import NoRespondersError

import psmp
from psmp.client.clock import stamp
from psmp.client.errors import NotAllowed, Refusal
from psmp.stack.identities import SETUP, TENANTS_CONF, Identities
from psmp.stack.waiting import until
from psmp.wire.assets import prepare
from psmp.wire.connection import Address, NatsUnreachable, connect
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.commands import ChangeProject, CreateProject, CreateTask
from psmp.words.envelope import seal_command
from psmp.words.ids import ProjectKey
from psmp.words.values import Policy
from tests.api import Api
from tests.gateway import Gateway, gateway
from tests.integration.cli import Ended, Shell
from tests.servers import StartNats

__all__ = ["gateway"]

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
WITHIN = 45.0


@pytest.fixture
def shell(tmp_path: Path, gateway: Gateway) -> Shell:
    return Shell.at(tmp_path, PSMP_POSTGRES_DSN=gateway.stack.postgres_dsn, PSMP_NATS_URL=gateway.stack.nats_url)


async def ran(shell: Shell, *words: str, **variables: str) -> Ended:
    """One command, while the stack goes on."""
    return await asyncio.to_thread(partial(shell.run, *words, **variables))


async def made(shell: Shell, *words: str) -> dict[str, Any]:
    done = await ran(shell, "key", "create", *words, "-o", "json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def speaking(gateway: Gateway, key: str, agent: str, **more: Any) -> Any:  # noqa: ANN401 - a context of a client
    return psmp.connect(gateway.stack.nats_url, key=key, agent=agent, tenant="default", timeout=60, **more)


async def eventually(holds: Callable[[], Awaitable[bool]]) -> bool:
    return bool(await until(holds, within=WITHIN))


async def test_a_key_opens_both_doors_as_the_same_agent_and_in_no_other_name(gateway: Gateway, shell: Shell) -> None:
    await gateway.project("doors")
    key = await made(shell, "CoderAgent", "--role", "agent")
    assert key["nats"] == "lets it in"
    assert (await Api(gateway.admin.url, key["token"]).get("/projects")).status == 200
    async with speaking(gateway, key["token"], "CoderAgent") as client:
        assert (await client.declare("doors", "a")).accepted
        with pytest.raises(NotAllowed):  # its role may not do that over HTTP either
            await client.create_project("more", timeout=10.0)
        with pytest.raises(NotAllowed):
            await client._settle("doors", ChangeProject(name="Mine", reason="so"), None, 10.0)
        await client._settle("doors", CreateTask(task="docs", title="Write the docs"), None, 60)
        with pytest.raises(NotAllowed):
            await client.as_agent("IdeaAgent").declare("doors", "b", timeout=10.0)
    with pytest.raises(NotAllowed):
        async with speaking(gateway, key["token"], "IdeaAgent"):
            pass
    items = (await gateway.admin.get("/projects/doors/artifacts")).json["items"]
    assert [(each["artifact"], each["agent"]) for each in items] == [("a", "CoderAgent")]


async def test_a_revoked_key_is_cut_off_at_both_doors_and_a_rotated_one_goes_on_for_a_while(
    gateway: Gateway, shell: Shell
) -> None:
    first = await made(shell, "ada", "--role", "agent")
    rotated = await ran(shell, "key", "rotate", first["name"], "-o", "json")
    assert rotated.code == 0, rotated.err
    second = rotated.json
    assert {second[each] for each in ("agent", "role", "tenant")} == {"ada", "agent", "default"}
    for each in (first, second):
        assert (await Api(gateway.admin.url, each["token"]).get("/projects")).status == 200
    async with speaking(gateway, first["token"], "ada"), speaking(gateway, second["token"], "ada") as other:
        assert (await ran(shell, "key", "revoke", first["name"])).code == 0

        async def is_out() -> bool:
            try:
                client = await connect(Address(gateway.stack.nats_url, key=first["token"]), "x", within=5.0)
            except NatsUnreachable as error:
                return error.refused
            await client.close()
            return False

        async def is_out_over_http() -> bool:
            return (await Api(gateway.admin.url, first["token"]).get("/projects")).status == 401

        assert await eventually(is_out)
        assert await eventually(is_out_over_http)
        assert await other.projects() is not None
        assert other.statistics.reconnects == 0  # nobody else was cut off
    assert (await ran(shell, "key", "rotate", first["name"])).code == 4


async def test_a_key_for_some_projects_and_a_watchers_key_have_no_more_on_nats_than_over_http(
    gateway: Gateway, shell: Shell
) -> None:
    narrow = await made(shell, "ada", "--role", "agent", "--project", "doors")
    assert (narrow["nats_user"], "nats_seed" in narrow) == (None, False)
    viewer = await made(shell, "eye", "--role", "viewer")
    async with speaking(gateway, viewer["token"], "eye") as client:
        assert await client.projects() is not None
        with pytest.raises(NotAllowed):
            await client.declare("doors", "x", timeout=10.0)


async def test_only_a_privileged_key_names_privileged_agents_and_a_bare_claim_does_nothing(
    gateway: Gateway, shell: Shell
) -> None:
    policy = {"privileged": ("ada",)}
    plain = await made(shell, "ada", "--role", "admin")
    trusted = await made(shell, "ada", "--role", "admin", "--privileged")
    over_http = Api(gateway.admin.url, plain["token"], {"Psmp-Privileged": "true"})
    refused = await over_http.post("/projects", {"project": "grab", "policy": policy})
    assert (refused.status, refused.code) == (403, "NOT_ALLOWED"), refused
    async with speaking(gateway, plain["token"], "ada") as client:
        with pytest.raises(NotAllowed):  # NATS does not let it speak as a privileged client
            await client.create_project("grab", policy=policy, timeout=10.0)
    async with speaking(gateway, plain["token"], "ada", privileged=True) as client:
        with pytest.raises(NotAllowed):
            await client.create_project("grab", timeout=10.0)
    nats = await connect(Address(gateway.stack.nats_url, key=plain["token"]), "bare", inbox=subjects.inbox("ada"))
    try:
        assert await _refused_bare(nats, policy) == "NOT_ALLOWED"
    finally:
        await nats.close()
    async with speaking(gateway, trusted["token"], "ada") as client:
        await client.create_project("granted", policy=policy)
        assert (await client.status("granted")).policy.privileged == ("ada",)
    created = await Api(gateway.admin.url, trusted["token"]).post("/projects", {"project": "also", "policy": policy})
    assert created.status == 201, created


async def _refused_bare(nats: MendedClient, policy: dict[str, Any]) -> str:
    """What becomes of a command that names somebody privileged and was sent like any other."""
    key, command, stamped = (
        ProjectKey("default", "grab"),
        CreateProject(name="x", policy=Policy.model_validate(policy)),
        stamp(None),
    )
    outcome = await nats.subscribe(subjects.outcome(key, "ada", stamped.id))
    body = seal_command(key, "ada", command, stamped, None)
    await nats.request(subjects.command(key, "ada", command.KIND), body, timeout=10)
    said = await outcome.next_msg(timeout=WITHIN)
    return str(json.loads(said.data)["data"]["code"])


async def test_the_file_of_a_server_of_ones_own_is_written_and_the_server_reads_it(
    start_nats: StartNats, database: str, tmp_path: Path
) -> None:
    identities = Identities()
    users = tmp_path / TENANTS_CONF
    users.parent.mkdir()
    users.write_text(identities.includes[TENANTS_CONF])
    config = tmp_path / "nats.conf"
    config.write_text(identities.conf)
    server = await start_nats(config=config, env=identities.env)
    setup = await connect(Address(server.url_for(identities.service(SETUP))), "setup", inbox="_INBOX_setup")
    await prepare(setup)
    await setup.close()
    assert server.child is not None
    pid = tmp_path / "nats.pid"
    pid.write_text(str(server.child.pid))
    shell = Shell.at(
        tmp_path,
        PSMP_POSTGRES_DSN=database,
        PSMP_NATS_URL=server.url,
        PSMP_NATS_USERS=str(users),
        PSMP_NATS_PID_FILE=str(pid),
    )
    for tenant in ("default", "fresh"):
        key = await made(shell, "ada", "--role", "agent", "--tenant", tenant)
        assert key["nats"] == "lets it in"
        assert key["token"] not in users.read_text()

        async def declares(key: dict[str, Any] = key, tenant: str = tenant) -> bool:
            client = await connect(Address(server.url, key=key["token"]), "ada", inbox=subjects.inbox("ada"))
            try:
                told = await client.request(f"psmp.cmd.{tenant}.p.ada.artifact.declare", b"x", timeout=2)
            except (NoRespondersError, TimeoutError):
                return False
            finally:
                await client.close()
            return b"PSMP_COMMANDS" in told.data

        assert await eventually(declares)
        assert (await ran(shell, "key", "revoke", key["name"])).code == 0
    assert "# key " not in users.read_text()
    without = await ran(shell, "key", "apply", PSMP_NATS_USERS="")
    assert (without.code, "--nats-users" in without.err) == (2, True)


async def test_what_is_kept_of_a_key_opens_nothing(gateway: Gateway, shell: Shell) -> None:
    key = await made(shell, "zoe", "--role", "agent")
    connection = await asyncpg.connect(gateway.stack.postgres_dsn)
    [row] = await connection.fetch("SELECT * FROM psmp.api_key WHERE name = $1", key["name"])
    await connection.close()
    assert row["nkey"] == key["nats_user"]
    assert not {key["token"], key["nats_seed"]} & {str(each) for each in dict(row).values()}
    with pytest.raises((NotAllowed, Refusal, psmp.Invalid)):
        async with speaking(gateway, key["token"][:-1] + "x", "zoe"):
            pass

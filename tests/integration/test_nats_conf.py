"""nats.conf as nats-server reads it: what it accepts, what it refuses, what it takes up while it runs."""

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest
from nats.errors import NoRespondersError

from psmp.stack import NatsServer
from psmp.stack.binaries import locate_nats_server
from psmp.stack.identities import SETUP, TENANTS_CONF, Identities
from psmp.stack.waiting import until
from psmp.wire.assets import prepare
from psmp.wire.connection import NatsUnreachable
from tests.guarded import AGENTS, Guarded
from tests.servers import StartNats

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"PATH": os.defpath, "PSMP_NATS_STORE": '"/nowhere"', "PSMP_NATS_MONITOR": "127.0.0.1:-1"}


def check(conf: Path, env: dict[str, str]) -> str:
    """What ``nats-server -t`` finds wrong."""
    argv = [str(locate_nats_server()), "-t", "-c", str(conf)]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=30, check=False)
    return "" if done.returncode == 0 else done.stderr


def written(folder: Path, identities: Identities) -> Path:
    """The configuration and what it includes, as files."""
    for name, text in {"nats.conf": identities.conf, **identities.includes}.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return folder / "nats.conf"


def variables() -> set[str]:
    """What the committed configuration asks of the environment."""
    texts = [(ROOT / name).read_text() for name in ("nats.conf", TENANTS_CONF)]
    code = (line.partition("#")[0] for text in texts for line in text.splitlines())
    return {word.strip("\",{}[]'")[1:] for line in code for word in line.split() if word.startswith("$PSMP_")}


def test_the_committed_files_are_valid_with_every_variable_and_with_no_fewer() -> None:
    passwords = {name: "p0" for name in variables() if name.endswith("_PASSWORD")}
    assert check(ROOT / "nats.conf", ENVIRONMENT | passwords) == ""
    for name in passwords:
        assert name in check(ROOT / "nats.conf", ENVIRONMENT | {n: p for n, p in passwords.items() if n != name})


@pytest.mark.parametrize("kind", ["cmd", "qry", "hb", "out", "evt"])
@pytest.mark.parametrize("wanted", ["psmp.{kind}.default.>", "psmp.{kind}.>", "psmp.{kind}.*.>"])
def test_a_tenant_cannot_import_what_bears_anothers_name(tmp_path: Path, kind: str, wanted: str) -> None:
    identities = Identities({"other": AGENTS})
    conf = written(tmp_path, identities)
    included = conf.parent / TENANTS_CONF
    env = ENVIRONMENT | identities.env
    assert check(conf, env) == ""
    honest = included.read_text()
    greedy = honest.replace(f'"psmp.{kind}.other.>" }} }}', f'"{wanted.format(kind=kind)}" }} }}')
    assert greedy != honest
    included.write_text(greedy)
    assert "import not authorized" in check(conf, env)


@pytest.mark.parametrize("stream", ["psmp.log.>", "psmp.snap.>", "psmp.dlq.>", "$JS.API.>"])
def test_a_tenant_cannot_import_what_is_not_for_tenants(tmp_path: Path, stream: str) -> None:
    identities = Identities()
    conf = written(tmp_path, identities)
    included = conf.parent / TENANTS_CONF
    for kind in ("stream", "service"):
        more = f'  imports: [\n    {{ {kind}: {{ account: PSMP, subject: "{stream}" }} }}'
        included.write_text(identities.includes[TENANTS_CONF].replace("  imports: [", more))
        assert "import not authorized" in check(conf, ENVIRONMENT | identities.env)


@pytest.mark.parametrize("variant", ["$2a$", '"$2b$', '"$2y$'])
async def test_a_password_may_be_given_as_its_bcrypt_hash(start_nats: StartNats, variant: str) -> None:
    hashed = f"{variant}04$abcdefghijklmnopqrstuuqJ6SXhx.ohcxO.mmd3C2MLYCsMW4ZyW"
    closing = '"' if variant.startswith('"') else ""
    identities = Identities()
    env = identities.env | {"PSMP_INTAKE_PASSWORD": hashed + closing}
    server = await start_nats(config=identities.conf, includes=identities.includes, env=env)
    guarded = Guarded(server, identities)
    login = identities.service("intake")._replace(password="a-plain-password")  # noqa: S106 - that of the hash
    async with guarded.connected(login, "_INBOX_intake") as intake:
        assert await intake.is_refused_to_publish("psmp.cmd.default.p.A.artifact.declare")
    with pytest.raises(NatsUnreachable) as refused:
        async with guarded.as_service("intake"):
            pass
    assert refused.value.refused


async def test_a_running_server_takes_up_a_new_tenant_and_a_new_agent(start_nats: StartNats, tmp_path: Path) -> None:
    """nats-server 2.15 connects a new account to others only when it reloads once more (akin to nats-server #8560)."""
    identities = Identities({"default": AGENTS})
    server: NatsServer = await start_nats(config=written(tmp_path, identities), env=identities.env)
    guarded = Guarded(server, identities)

    def reload() -> None:
        assert server.child is not None
        server.child.signal(signal.SIGHUP)

    async def declares(tenant: str) -> bool:
        """Whether the newcomer is let in and has its command acknowledged."""
        try:
            async with guarded.as_agent("Latecomer", tenant) as late:
                return "error" not in await late.ask(f"psmp.cmd.{tenant}.p.Latecomer.artifact.declare")
        except NoRespondersError:
            reload()
        except NatsUnreachable:
            pass
        return False

    async with guarded.as_service(SETUP) as setup:
        await prepare(setup.nats)
    async with guarded.as_agent("IdeaAgent") as old, guarded.as_service("intake") as intake:
        events = await old.listen("psmp.evt.default.>")
        identities.add("default", "Latecomer")
        identities.add("fresh", "Latecomer")
        written(tmp_path, identities)
        reload()
        for tenant in ("default", "fresh"):
            assert await until(partial(declares, tenant), within=60)
        await old.ask("psmp.cmd.default.p.IdeaAgent.artifact.declare")
        await intake.ask("psmp.log.default.p.project.created", b"event")
        await old.fence()
        assert [message.data for message in events] == [b"event"]
        assert old.nats.stats["reconnects"] == intake.nats.stats["reconnects"] == 0


async def test_without_accounts_of_their_own_agents_would_write_the_log_by_reply_subjects(
    start_nats: StartNats,
) -> None:
    """The positive control: the same rights in the services' account, and the log has an event that nobody decided."""
    identities = Identities({"default": AGENTS})
    rights = '{ publish: ["psmp.cmd.default.*.Mallory.>"], subscribe: ["_INBOX.Mallory.>"] }'
    insider = f'users: [\n      {{ user: "Mallory", password: "p0", permissions: {rights} }}\n'
    conf = identities.conf.replace("users: [\n", insider, 1)
    server = await start_nats(config=conf, includes=identities.includes, env=identities.env)
    guarded = Guarded(server, identities)
    async with guarded.as_service(SETUP) as setup:
        await prepare(setup.nats)
    login = identities.service("intake")._replace(user="Mallory", password="p0")  # noqa: S106 - as configured above
    async with guarded.connected(login, "_INBOX.Mallory") as mallory:
        subject = "psmp.cmd.default.p.Mallory.artifact.declare"
        await mallory.nats.publish(subject, b"x", reply="psmp.log.default.p.artifact.accepted")

        async def smuggled() -> bool:
            return "psmp.log.default.p.artifact.accepted" in await guarded.stored("p")

        assert await until(smuggled, within=60)
        assert mallory.refusals == []

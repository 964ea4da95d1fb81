"""What ``psmp dev`` says when its stack stands, and what whoever lacks a part of it is told."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from psmp.cli.pages import stack
from psmp.cli.running import Addresses
from tests.unit.cli.rendering import WIDTHS, looked_at, rendered

FOUND = Addresses(
    pid=1,
    url="nats://default._operator:p123@127.0.0.1:4222",
    tenant="default",
    retention_url="nats://retention:secret@127.0.0.1:4222",
    operator_url="nats://operator:p456@127.0.0.1:4222",
    api_url="http://127.0.0.1:4280/api/v1",
    api_lacks="",
    dashboard="http://127.0.0.1:4280/ui/",
    dashboard_lacks="",
    api_key="psmp_0",
    api_key_file="/home/ada/.local/state/psmp/api-key",
    postgres_dsn="postgresql://psmp:p789@/psmp",
    nats_monitor="http://127.0.0.1:8222",
    nats_version="2.15.1",
    postgres_version="18.6",
    services={"intake": "http://127.0.0.1:5001", "checker": "http://127.0.0.1:5002"},
    data=None,
    keys="/tmp/psmp-1/ledger/keys",  # noqa: S108 - of no file that is there
    ready_after=1.53,
)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_banner_of_a_stack(width: int) -> None:
    looked_at(f"stack-{width}", rendered(stack.banner(FOUND, "psmp 0.1.0", None), width))


def test_whoever_lacks_the_gateway_or_the_dashboard_is_told_what_to_do() -> None:
    without = rendered(stack.banner(replace(FOUND, api_lacks="pip install 'psmp[gateway]'"), "psmp 0.1.0", None), 80)
    assert "not there, nor the HTTP API: pip install 'psmp[gateway]'" in without
    assert "127.0.0.1:4280" not in without
    unbuilt = rendered(stack.banner(replace(FOUND, dashboard_lacks="make dashboard"), "psmp 0.1.0", None), 80)
    assert "not built: make dashboard" in unbuilt
    assert "/ui/" not in unbuilt


def test_whose_shell_does_not_find_psmp_is_told_how_it_will() -> None:
    lines = rendered(stack.banner(FOUND, "psmp 0.1.0", None, Path("/a place/.venv/bin")), 80).splitlines()
    told = lines.index("  export PATH='/a place/.venv/bin':$PATH")
    assert lines[told + 1] == "  psmp demo --attach"


def test_a_second_stack_is_reached_by_its_addresses_alone() -> None:
    lines = rendered(stack.banner(FOUND, "psmp 0.1.0", 4711), 80).splitlines()
    for name, value in (
        ("PSMP_URL", FOUND.url),
        ("PSMP_NATS_URL", FOUND.operator_url),
        ("PSMP_POSTGRES_DSN", shlex.quote(FOUND.postgres_dsn)),
    ):
        assert f"  export {name}={value}" in lines, "verify, dlq and doctor would look at the other one"

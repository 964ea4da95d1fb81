"""The client lives in crowded environments: it brings three libraries along, and nothing before it is used."""

import subprocess
import sys

SERVER_PARTS = (
    "asyncpg",
    "cryptography",
    "cyclopts",
    "opentelemetry",
    "prometheus_client",
    "psmp.cli",
    "psmp.compat",
    "psmp.log",
    "psmp.service",
    "psmp.stack",
    "psmp.store",
    "psmp.story",
    "pydantic_settings",
    "rich",
    "structlog",
    "uvloop",
)

CONNECTED = """
import asyncio, sys
import psmp.client

async def fail_to_connect():
    try:
        async with psmp.client.connect("nats://127.0.0.1:1", agent="coder", timeout=0.2):
            pass
    except psmp.client.Unreachable:
        print(*sys.modules)

asyncio.run(fail_to_connect())
"""


def modules_after(program: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_connecting_loads_no_server_part() -> None:
    loaded = modules_after(CONNECTED)
    assert {"psmp.client", "nats", "pydantic", "packaging"} <= loaded
    assert not [part for part in SERVER_PARTS if part in loaded]


def test_importing_psmp_loads_nothing_but_itself() -> None:
    before = "import sys; known = set(sys.modules); import psmp; print(*(set(sys.modules) - known))"
    assert modules_after(before) == {"psmp"}


def test_every_public_name_is_there_and_is_what_it_says() -> None:
    every = "import psmp; print(*(getattr(psmp, name).__name__ for name in psmp.__all__ if name != '__version__'))"
    names = "import psmp; print(*(name for name in dir(psmp) if name != '__version__'))"
    assert modules_after(every) == modules_after(names)


def test_a_name_that_is_none_is_refused_as_python_does() -> None:
    asked = (
        "import psmp\ntry:\n    psmp.nonsense\nexcept AttributeError as error:\n    print(error.args[0].split()[-1])"
    )
    assert modules_after(asked) == {"'nonsense'"}

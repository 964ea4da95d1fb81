"""``psmp dev``, ``setup`` and ``doctor``: a stack that comes and goes, and servers of one's own."""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psmp.stack import NatsServer
from psmp.stack.postgres import Postgres
from tests.integration.cli import WITHIN, Shell
from tests.servers import Loop

pytestmark = pytest.mark.integration


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell.at(tmp_path)


@pytest.fixture
def data() -> Iterator[str]:
    """A folder that an unprivileged Postgres can reach, unlike pytest's own when it runs as root."""
    with tempfile.TemporaryDirectory(prefix="psmp-test-") as folder:
        Path(folder).chmod(0o755)
        yield f"{folder}/data"


def health(shell: Shell, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    checked = shell.run("doctor", "-o", "jsonl", *words)
    return checked.code, {each["subject"]: each for each in checked.jsonl}


def test_a_stack_keeps_what_it_is_told_to_keep_and_tells_of_deaths(shell: Shell, data: str) -> None:
    with shell.dev("--data", data):
        assert shell.run("create", "kept", "--agent", "ada").code == 0
        assert_webhooks(shell)
        stale = shell.run(
            "transition", "kept", "--to", "PLANNING", "--reason", "x", "--agent", "ada", "--if-sequence", "9"
        )
        assert (stale.code, "PRECONDITION_FAILED" in stale.err, "by event 1" in stale.err) == (8, True, True)
        taken = shell.run("dev", "--data", data)
        assert (taken.code, "another psmp dev owns" in taken.err) == (1, True)
    assert not (shell.folder / "state" / "psmp" / "dev.json").exists()
    gone = shell.run("status", "kept")
    assert (gone.code, "psmp dev" in gone.err) == (2, True)

    with shell.running("dev", "-o", "jsonl", "--data", data) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert shell.run("status", "kept").out.startswith("kept  INITIALIZED")
        os.kill(serving(said["services"]["checker"]), signal.SIGKILL)
        told = [json.loads(process.stdout.readline()) for _ in range(2)]
        assert [(each["part"], each["happening"]) for each in told] == [("checker", "died"), ("checker", "ready")]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=WITHIN) == 0


def assert_webhooks(shell: Shell) -> None:
    """They are added, listed, given a new secret, tested and removed; the sender runs without having been asked for."""
    me = ("--agent", "ada")
    added = shell.run("webhook", "add", "ops", "https://127.0.0.1:1/psmp", "--kind", "project.*", *me)
    assert (added.code, added.out.startswith("whsec_")) == (0, True), added.err
    rotated = shell.run("webhook", "rotate", "ops", "--overlap", "1", "-o", "json", *me)
    assert rotated.json["secret"] != added.out.strip()
    assert shell.run("webhook", "test", "ops", *me).code == 0
    deadline = time.monotonic() + WITHIN
    while "refused: 127.0.0.1 is 127.0.0.1" not in (listed := shell.run("webhook", "list", "-o", "jsonl")).out:
        assert time.monotonic() < deadline, listed.out
    assert shell.run("webhook", "remove", "ops", *me).code == 0
    wrong = shell.run("webhook", "add", "ops", "https://user:word@hooks.example/", *me)
    assert (wrong.code, "url" in wrong.err) == (2, True)


def serving(url: str) -> int:
    """The process of ours that serves there: a child of the stack with this port in its environment."""
    wanted = f"PSMP_HTTP_PORT={url.rpartition(':')[2]}".encode()
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                return int(folder.name)
        except OSError:
            continue
    pytest.skip("this system does not tell the environment of processes")


def test_a_stack_for_people_says_where_everything_is(shell: Shell) -> None:
    nowhere = shell.run("dev", "--webhooks", "nowhere.toml")
    assert (nowhere.code, "there is no such file" in nowhere.err) == (2, True)
    (shell.folder / "webhooks.toml").write_text("")
    with shell.running("dev", "--webhooks", "webhooks.toml") as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Ready in"):
            lines.append(process.stdout.readline())
            assert lines[-1], process.communicate()[1]
        page = "".join(lines)
        assert all(f"\n{part:<13}" in page for part in ("NATS", "Postgres", "intake", "webhooks", "Persistence"))
        export = next(line.split()[1] for line in lines if "export PSMP_URL=" in line)
        elsewhere = Shell.at(shell.folder / "elsewhere", PSMP_URL=export.partition("=")[2])
        elsewhere.folder.mkdir()
        assert elsewhere.run("create", "x", "--agent", "ada").code == 0
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=WITHIN) == 0


def test_servers_of_ones_own_are_set_up_and_looked_at(
    shell: Shell, session_loop: Loop, nats_server: NatsServer, postgres: Postgres
) -> None:
    session_loop.run(_make(postgres, "own"))
    words = ("--nats-url", nats_server.url, "--postgres-dsn", postgres.dsn("own"))
    code, found = health(shell, *words)
    assert code == 1
    assert found["stream PSMP_LOG"]["fix"] == "psmp setup"
    assert found["migrations"]["found"] == "none applied"

    done = shell.run("setup", *words, "-o", "json")
    assert (done.code, done.json["streams"][0]) == (0, "PSMP_LOG")
    again = shell.run("setup", *words, "-o", "json")
    assert (again.code, again.json["migrations"]) == (0, [])

    code, found = health(shell, *words)
    assert code == 1  # nobody has started the services
    assert {each["health"] for name, each in found.items() if name.startswith(("stream", "consumer"))} == {"well"}
    assert found["migrations"]["health"] == "well"
    assert found["service intake"] == {
        "subject": "service intake",
        "health": "bad",
        "found": "not heard of, or stopped",
        "fix": "start it: python -m psmp_intake",
    }
    assert found["flushing"]["health"] == "unknown"


async def _make(postgres: Postgres, name: str) -> None:
    import asyncpg  # noqa: PLC0415 - only this test makes a database by hand

    connection = await asyncpg.connect(postgres.dsn())
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


def test_dead_servers_are_named_within_their_time(shell: Shell) -> None:
    words = ("--nats-url", "nats://me:secret@127.0.0.1:9", "--postgres-dsn", "postgresql://me:secret@127.0.0.1:9/x")
    began = time.monotonic()
    code, found = health(shell, *words, "--nats-monitor", "http://127.0.0.1:9")
    assert code == 6
    assert found["NATS"]["health"] == found["Postgres"]["health"] == "away"
    assert all(each["fix"] for each in found.values())
    assert "secret" not in json.dumps(found)
    assert time.monotonic() - began < 50
    for command in (("status", "x"), ("create", "x", "--agent", "a"), ("watch",), ("events", "x", "-f")):
        ended = shell.run(*command, "--url", "nats://me:secret@127.0.0.1:9", "--timeout", "0.5")
        assert (ended.code, ended.out) == (6, "")
        assert "secret" not in ended.err


def test_nothing_to_talk_to_says_what_to_start(shell: Shell) -> None:
    for command in (("status", "x"), ("verify",), ("replay", "--check"), ("demo", "--attach"), ("doctor",)):
        ended = shell.run(*command)
        assert ended.code in {2, 6}
        assert "psmp dev" in ended.out + ended.err


@pytest.mark.parametrize("words", [("--version",), ("--help",)])
def test_a_word_about_itself_needs_nothing(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.run(*words).code == 0


def test_the_version_is_told_at_once(shell: Shell) -> None:
    best = min(_seconds(shell, "--version") for _ in range(5))
    assert best < 0.1


def _seconds(shell: Shell, *words: str) -> float:
    """What it takes of a processor, which is what it takes on a machine with nothing else to do."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert shell.run(*words).code == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_data_and_talk_survive_a_closed_pipe(shell: Shell) -> None:
    psmp = '"$0" -m psmp.cli.app'
    script = f"({psmp} --help; echo $? >&2) | true; ({psmp} completion bash; echo $? >&2) | true"
    done = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable],
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
        env=dict(shell.environment),
    )
    assert (done.returncode, done.stderr) == (0, "0\n0\n")


def test_a_stack_asks_the_index_that_it_is_given(shell: Shell) -> None:
    nobody = "http://127.0.0.1:9/simple"
    with shell.dev("--index", nobody):
        assert shell.run("create", "deep", "--agent", "ada").code == 0
        assert shell.run("transition", "deep", "--to", "planning", "--reason", "go", "--agent", "ada").code == 0
        assert (
            shell.run("status", "deep").out.splitlines()[2].startswith("what packages need themselves is not checked: ")
        )
        declared = shell.run(
            "declare", "deep", "--artifact", "web", "--agent", "ada", "--type", "code", "--dep", "a>=1"
        )
        assert declared.code == 0, declared.err
        until = time.monotonic() + WITHIN
        while "is unknown" not in (told := shell.run("status", "deep").out):
            assert time.monotonic() < until, told
        assert "the index could not be reached" in " ".join(told.split())
        assert f"asking {nobody}" in " ".join(shell.run("events", "deep").out.split())

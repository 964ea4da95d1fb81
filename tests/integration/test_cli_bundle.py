"""``psmp export`` from a running stack, ``psmp verify`` without one, and what was done to Postgres in between."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

import psmp.auditor
from tests.integration.cli import Shell

pytestmark = pytest.mark.integration

HARM = """
ALTER TABLE psmp.ledger DISABLE TRIGGER ALL;
UPDATE psmp.ledger SET body = convert_to(replace(convert_from(body, 'UTF8'), 'Too soon', 'On time'), 'UTF8')
WHERE project = 'rag' AND sequence = 2;
UPDATE psmp.ledger SET leaf = sha256('\\x00'::bytea || body) WHERE project = 'rag' AND sequence = 2;
ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only;
"""


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("dev")
    shell = Shell.at(folder, PSMP_AGENT="ada", PSMP_RECEIPTS=str(folder / "receipts"))
    with shell.dev() as said:
        for project in ("rag", "web"):
            assert shell.run("create", project).code == 0
            assert shell.run("transition", project, "--to", "PLANNING", "--reason", "Too soon").code == 0
        shell.recorded("rag", "web")
        yield shell, said


def covered(shell: Shell, path: str, keys: str, *words: str) -> dict[str, Any]:
    """A bundle in which checkpoints cover every record; they are made within a second."""
    said = None
    for number in range(60):
        name = f"{number}-{path}"
        assert shell.run("export", name, *words).code == 0
        said = shell.run("verify", f"./{name}", "--keys", keys, "--signed", "-o", "json")
        assert said.code == 0, said
        if all(each["proved"] == each["records"] for each in said.json["logs"]):
            (shell.folder / name).rename(shell.folder / path)
            return dict(said.json)
    raise AssertionError(said)


def test_a_bundle_is_written_verified_and_no_longer_holds_when_it_was_tampered_with(
    dev: tuple[Shell, dict[str, Any]], tmp_path: Path
) -> None:
    shell, keys = Shell(tmp_path, dev[0].environment), dev[1]["keys"]
    audit = covered(shell, "whole", keys)
    assert [each["origin"] for each in audit["logs"]] == [
        f"psmp.localhost/{name}" for name in ("anchor", "default/rag", "default/web", "psmp/system")
    ]
    assert [each["records"] for each in audit["logs"][1:3]] == [2, 2]
    kept = ("--receipts", shell.environment["PSMP_RECEIPTS"], "--since", "whole/checkpoints/default/rag.jsonl")
    held = shell.run("verify", "./whole", "--keys", keys, *kept, "-o", "json")
    assert (held.code, [each["receipts"] for each in held.json["logs"]]) == (0, [0, 2, 2, 0])
    part = covered(shell, "part.zip", keys, "--project", "rag")
    assert (part["partial"], [each["origin"] for each in part["logs"]]) == (True, ["psmp.localhost/default/rag"])
    assert covered(shell, "theirs", keys, "--tenant", "default")["partial"] is True

    alone = [sys.executable, "-m", "auditor", str(tmp_path / "whole"), "--keys", keys, "--signed", "--json"]
    ended = subprocess.run(
        alone, cwd=Path(psmp.auditor.__file__).parents[1], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(ended.stdout)["logs"] == shell.run("verify", "./whole", "--keys", keys, "-o", "json").json["logs"]

    async def harm() -> None:
        connection = await asyncpg.connect(dev[1]["postgres_dsn"])
        await connection.execute(HARM)
        await connection.close()

    asyncio.run(harm())
    assert shell.run("export", "after.zip").code == 0
    told = shell.run("verify", "after.zip", "--keys", keys, "-o", "json")
    assert told.code == 7
    (found,) = (finding for log in told.json["logs"] for finding in log["findings"])
    assert (found["kind"], found["last"]) == ("root", 2)
    assert found["expected"] != found["found"]
    by_receipt = shell.run("verify", "after.zip", "--keys", keys, *kept, "-o", "json").json["logs"][1]["findings"]
    assert [(each["kind"], each["first"], each["last"]) for each in by_receipt] == [("receipt", 2, 2)]
    assert shell.run("verify", "whole", "--keys", keys).code == 0


def test_what_cannot_be_exported_leaves_nothing(dev: tuple[Shell, dict[str, Any]], tmp_path: Path) -> None:
    shell = Shell(tmp_path, dev[0].environment)
    (tmp_path / "there").mkdir()
    assert shell.run("export", "there").code == 2
    assert shell.run("export", "none.zip", "--project", "nobody").code == 4
    assert shell.run("export", "none", "--tenant", "nobody").code == 4
    assert shell.run("export", "none", "--deployment", "psmp.example.com").code == 2
    assert shell.run("export", "none/none").code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]


def test_without_a_signer_a_bundle_is_signed_by_nobody(dev: tuple[Shell, dict[str, Any]], tmp_path: Path) -> None:
    shell = Shell(tmp_path, dev[0].environment)
    keys = dev[1]["keys"]
    children = psutil.Process(dev[1]["pid"]).children(recursive=True)
    (signer,) = (each for each in children if any("psmp_signer" in word for word in each.cmdline()))
    os.kill(signer.pid, signal.SIGSTOP)
    try:
        told = shell.run("export", "signed")
        assert (told.code, told.out) == (6, "")
        assert "--unsigned" in told.err
        unsigned = shell.run("export", "unsigned.zip", "--unsigned", "-o", "json")
    finally:
        os.kill(signer.pid, signal.SIGCONT)
    assert unsigned.json["signed"] is False
    told = shell.run("verify", "unsigned.zip", "--keys", keys, "-o", "json")
    assert told.json["whole"]["findings"] == []
    told = shell.run("verify", "unsigned.zip", "--keys", keys, "--signed", "-o", "json")
    assert [each["kind"] for each in told.json["whole"]["findings"]] == ["missing file"]
    assert told.code == 7

"""What ``psmp verify`` and ``psmp replay --check`` say of a record that somebody changed behind our back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.integration.cli import Shell

pytestmark = pytest.mark.integration

HARM = """
ALTER TABLE psmp.ledger DISABLE TRIGGER ALL;
UPDATE psmp.ledger SET body = convert_to(replace(convert_from(body, 'UTF8'), 'Too soon', 'On time'), 'UTF8')
WHERE sequence = 2;
ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only;
UPDATE psmp.project SET state = 'COMPLETED' WHERE project = 'rag';
"""


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, Any]]]:
    shell = Shell.at(tmp_path_factory.mktemp("dev"), PSMP_AGENT="ada")
    with shell.dev() as said:
        assert shell.run("create", "rag").code == 0
        assert shell.run("transition", "rag", "--to", "PLANNING", "--reason", "Too soon").code == 0
        shell.recorded("rag")
        yield shell, said


def harm(dsn: str) -> None:
    async def do() -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute(HARM)
        await connection.close()

    asyncio.run(do())


def test_what_was_changed_is_found_and_named(dev: tuple[Shell, dict[str, Any]], tmp_path: Path) -> None:
    shell = Shell(tmp_path, dev[0].environment)
    before, compared = shell.run("verify", "rag"), shell.run("replay", "--check")
    assert (before.code, compared.code) == (0, 0)
    assert "2 events unbroken" in before.out
    assert "equal by hash" in compared.out

    harm(dev[1]["postgres_dsn"])

    broken = shell.run("verify")
    assert broken.code == 7
    assert "broken at event 2, position " in broken.out
    (fault,) = (each["fault"] for each in shell.run("verify", "rag", "-o", "json").json)
    assert (fault["sequence"], fault["kind"]) == (2, "leaf")
    assert len(fault["expected"]) == len(fault["found"]) == 64
    assert fault["expected"] != fault["found"]

    differing = shell.run("replay", "rag", "--check")
    assert differing.code == 7
    assert "1 row differs" in differing.out
    (report,) = shell.run("replay", "rag", "--check", "-o", "json").json
    assert [(each["table"], each["problem"]) for each in report["differences"]] == [("project", "other")]
    assert report["digests"]["project"]["log"] != report["digests"]["project"]["live"]
    assert report["digests"]["event"]["log"] == report["digests"]["event"]["live"]

    # The log is the truth, so what was made of it can be made again; the audit trail stays broken.
    assert shell.run("replay", "--rebuild").code == 0
    while shell.run("replay", "rag", "--check").code == 7 or not shell.run("status", "rag").out:
        continue
    assert shell.run("verify").code == 7

"""``psmp key``: a key is shown once, kept as a hash, and taken back."""

from pathlib import Path

import asyncpg
import pytest

from psmp.words.api_keys import digest, name_of
from tests.integration.cli import Shell

pytestmark = pytest.mark.integration


@pytest.fixture
def shell(tmp_path: Path, database: str) -> Shell:
    return Shell.at(tmp_path, PSMP_POSTGRES_DSN=database)


@pytest.mark.may_block
async def test_a_key_is_made_seen_and_revoked_and_nothing_kept_opens_anything(shell: Shell, database: str) -> None:
    made = shell.run("key", "create", "ada", "--role", "agent", "--project", "rag", "--note", "for ci", "-o", "json")
    assert made.code == 0, made.err
    token = made.json["token"]
    name = name_of(token) or ""
    assert (made.json["name"], made.json["agent"], made.json["role"], made.json["projects"]) == (
        *(name, "ada"),
        *("agent", ["rag"]),
    )
    plain = shell.run("key", "create", "eye")
    assert name_of(plain.out.strip()) is not None
    assert plain.out.strip() not in plain.err

    connection = await asyncpg.connect(database)
    rows = await connection.fetch("SELECT * FROM psmp.api_key")
    await connection.close()
    assert digest(token) in {row["digest"] for row in rows}
    assert not [row for row in rows if token in str(dict(row)) or token.split("_")[2] in str(dict(row))]

    listed = shell.run("key", "list")
    assert all(each in listed.out for each in (name, "for ci", "rag", "viewer"))
    assert token not in listed.out
    assert shell.run("key", "revoke", name).code == 0
    again = shell.run("key", "revoke", name)
    assert (again.code, "opens anything" in again.err) == (4, True)
    left = shell.run("key", "list", "-o", "json").json
    assert [each["agent"] for each in left] == ["eye"]
    everything = shell.run("key", "list", "--all", "-o", "json").json
    assert [each["revoked"] is None for each in everything] == [False, True]


@pytest.mark.parametrize(
    "words",
    [("a.b",), ("psmp_intake",), ("ada", "--tenant", "psmp"), ("ada", "--role", "king"), ("ada", "--days", "0")],
)
def test_a_key_that_cannot_be_is_not_made(shell: Shell, words: tuple[str, ...]) -> None:
    refused = shell.run("key", "create", *words)
    assert (refused.code, refused.out) == (2, "")

"""Receipts in a person's hands: kept as commands are given, and held against the keys of the stack that gave them."""

import json
from pathlib import Path
from typing import Any

import pytest

from psmp.cli.exits import Exit
from psmp.words.envelope import leaf_hash
from psmp.words.receipt import unpacked
from tests.integration.cli import Shell
from tests.integration.of_dev import dev, shell

__all__ = ["dev", "shell"]

pytestmark = pytest.mark.integration


def test_receipts_are_kept_by_flag_environment_and_file_and_hold_under_the_public_keys(
    dev: tuple[Shell, dict[str, Any]], shell: Shell
) -> None:
    mine, keys = str(shell.folder / "mine"), dev[1]["keys"]
    assert shell.run("create", "kept", "--agent", "ada", "--receipts", mine).code == 0
    moved = shell.run("transition", "kept", "--to", "planning", "--reason", "go", "--agent", "ada", PSMP_RECEIPTS=mine)
    assert moved.code == 0
    (shell.folder / "psmp.toml").write_text('project = "kept"\nagent = "ada"\nreceipts = "mine"\n')
    declared = shell.run("declare", "--artifact", "api", "--dep", "numpy>=2", "-o", "jsonl")
    assert declared.code == 0
    assert shell.run("declare", "--artifact", "api").code == Exit.GOVERNED  # a refusal is a record as well

    held = shell.run("receipts", "--keys", keys, "-o", "json")
    assert held.code == 0, held.err
    assert [(each["origin"], each["sequence"], each["holds"]) for each in held.json] == [
        ("psmp.localhost/default/kept", number, True) for number in (1, 2, 4, 5)
    ]
    events = shell.run("events", "kept", "-o", "jsonl").jsonl
    assert [events[each["sequence"] - 1]["type"] for each in held.json][2] == "psmp.artifact.accepted.v1"
    assert held.json[2]["leaf"] == leaf_hash(declared.out.strip().encode())

    receipts = Path(mine).read_text().splitlines()
    other = json.dumps(unpacked(receipts[0]).note.replace("\n1\n", "\n2\n"))
    Path(mine).write_text("\n".join((other, *receipts[1:])) + "\n")
    spoilt = shell.run("receipts", mine, "--keys", keys)
    assert spoilt.code == Exit.INTEGRITY
    assert "does not hold" in spoilt.out


def test_a_file_that_cannot_be_written_is_said_before_anything_is_done(shell: Shell) -> None:
    ended = shell.run("create", "unkept", "--agent", "ada", "--receipts", str(shell.folder / "none" / "mine"))
    assert ended.code == Exit.USAGE
    assert "cannot be written" in ended.err
    assert "unkept" not in shell.run("projects", "-o", "json").out

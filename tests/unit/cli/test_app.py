"""The application: every command is there, can be imported and describes itself; faults end as the table says."""

import importlib
import inspect

import pytest

from psmp.cli import app
from psmp.cli.app import COMMANDS, build, main, run
from psmp.cli.exits import Exit

PLACES = {name: place for group in COMMANDS.values() for name, (place, _) in group.items()}


def test_every_command_of_the_design_is_there() -> None:
    wanted = "dev demo setup init status declare amend withdraw transition begin finish projects events watch verify"
    more = "check settle manifest replay doctor heartbeat completion create run renew leave inbox alerts acknowledge"
    others = "resolve answer tasks diff mcp change archive"
    proof = "receipts checkpoints prove tiles witness export erase analytics report sbom attest"
    assert set(f"{wanted} {more} {others} {proof}".split()) == {name for name in PLACES if " " not in name}
    assert {f"dlq {each}" for each in ("list", "show", "retry", "drop")} < set(PLACES)
    assert {"signing-key make", "signing-key public", "hook claude-code"} < set(PLACES)
    assert {f"maeg {each}" for each in ("submit", "check", "show", "watch", "verify", "attest")} < set(PLACES)
    assert {f"restore {each}" for each in ("log", "ledger")} < set(PLACES)
    assert {f"webhook {each}" for each in ("add", "list", "change", "rotate", "test", "remove")} < set(PLACES)
    assert {f"task {each}" for each in ("add", "list", "show", "take", "done", "change", "archive")} < set(PLACES)
    assert {f"key {each}" for each in ("create", "list", "rotate", "revoke", "apply")} < set(PLACES)


@pytest.mark.parametrize("name", PLACES)
def test_every_command_can_be_loaded_and_says_what_it_does(name: str) -> None:
    module, _, function = PLACES[name].partition(":")
    found = getattr(importlib.import_module(f"psmp.cli.commands.{module}"), function)
    assert inspect.getdoc(found)


@pytest.mark.parametrize("name", PLACES)
def test_every_option_is_described(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = build()
    for word in name.split():
        command = command[word]
    arguments = command.assemble_argument_collection()
    undescribed = [each.name for each in arguments if each.show and not each.parameter.help]
    assert not undescribed
    assert run([*name.split(), "--help"]) == Exit.DONE
    assert "Exit codes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "next_step"),
    [
        (["stauts"], 'Did you mean "status"?'),
        (["status", "--bogus"], "psmp status --help"),
        (["status", "-o", "yaml"], '"table", "json", "jsonl"'),
        (["transition", "rag"], "psmp transition --help"),
        (["transition", "rag", "--to", "HAPPY", "--reason", "x"], "psmp transition --help"),
        (["completion", "tcsh"], "psmp completion --help"),
        (["dev", "--port", "65536"], "psmp dev --help"),
        (["witness", "--port", "-1", "--keys", "a", "--logs", "b", "--state", "c"], "psmp witness --help"),
    ],
)
def test_wrong_usage_ends_with_2_and_what_to_type(
    words: list[str], next_step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == Exit.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert next_step in said.err


def test_an_interruption_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "build", interrupted)
    assert run([]) == Exit.INTERRUPTED


def test_what_nobody_foresaw_is_raised_for_python_to_end_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise KeyError("x")

    monkeypatch.setattr(app, "build", broken)
    with pytest.raises(KeyError) as caught:
        run([])
    app.unforeseen(KeyError, caught.value, None)
    assert "PSMP_DEBUG=1" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--version"])
    assert capsys.readouterr().out == app.version() + "\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_completion_for_every_common_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == Exit.DONE
    assert "transition" in capsys.readouterr().out

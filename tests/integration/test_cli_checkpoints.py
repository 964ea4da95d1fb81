"""What an operator and an auditor type about checkpoints, on a real stack."""

import json
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from psmp.ledger.keys import Use, read_private, read_public
from psmp.ledger.merkle import leaf
from psmp.ledger.proofs import Inclusion
from tests import tlog
from tests.integration.cli import Shell

pytestmark = [pytest.mark.integration, pytest.mark.may_block]


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, Any]]]:
    shell = Shell.at(tmp_path_factory.mktemp("dev"), PSMP_AGENT="ada")
    with shell.dev() as said:
        assert shell.run("create", "rag").code == 0
        assert shell.run("transition", "rag", "--to", "PLANNING", "--reason", "Too soon").code == 0
        shell.recorded("rag")
        yield shell, said


def until(condition: Callable[[], bool], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def covered(shell: Shell) -> int:
    [found] = shell.run("checkpoints", "rag", "-o", "jsonl").jsonl
    return int(found["covered"])


def test_checkpoints_are_shown_with_what_they_cover_and_who_signed(dev: tuple[Shell, dict[str, Any]]) -> None:
    shell, _ = dev
    found = {(each["tenant"], each["project"]): each for each in shell.run("checkpoints", "-o", "jsonl").jsonl}
    assert set(found) == {("default", "rag"), ("psmp", "system"), ("_", "anchor")}
    rag = found["default", "rag"]
    assert (rag["records"], rag["covered"], rag["signed_by"]) == (2, 2, ["psmp.localhost"])
    page = shell.run("checkpoints").out
    assert "default/rag" in page
    assert "anchor log" in page
    assert shell.run("checkpoints", "nothing").code == 4


def test_a_checkpoint_is_made_when_it_is_asked_for(dev: tuple[Shell, dict[str, Any]]) -> None:
    shell, said = dev
    vkey = str(read_public(Path(said["keys"]).read_text().splitlines())[Use.LOG][0])
    assert shell.run("create", "asked").code == 0
    made = shell.run("checkpoints", "asked", "--now", "-o", "json").json
    assert (made["covered"], made["signed_by"]) == (1, ["psmp.localhost"])
    origin, size, root = tlog.open_checkpoint(made["note"], vkey)
    assert (origin, size, root.hex()) == ("psmp.localhost/default/asked", 1, made["root"])
    assert "default/asked" in shell.run("checkpoints", "asked", "--now", "--at-least", "1").out
    ended = shell.run("checkpoints", "asked", "--now", "--at-least", "9")
    assert (ended.code, "has 1 record, none of number 9" in ended.err) == (8, True)
    assert shell.run("checkpoints", "nothing", "--now").code == 4
    assert shell.run("checkpoints", "asked", "--at-least", "1").code == 2


def test_a_proof_is_checked_with_the_keys_that_the_stack_names(dev: tuple[Shell, dict[str, Any]]) -> None:
    shell, said = dev
    keys = read_public(Path(said["keys"]).read_text().splitlines())
    assert [len(keys[use]) for use in Use] == [1, 1, 1, 0, 0]
    events = shell.run("events", "rag", "-o", "jsonl").jsonl
    assert len(events) == 2
    proof = Inclusion.read(shell.run("prove", "rag", "2").out)
    folder = shell.folder / "tiles"
    told = shell.run("tiles", "rag", "--to", str(folder), "-o", "json").json
    assert told == {"records": 2, "files": 3, "left_out": []}
    origin, records = tlog.read(folder, str(keys[Use.LOG][0]))
    assert origin == "psmp.localhost/default/rag"
    assert [json.loads(each)["type"] for each in records] == ["psmp.project.created.v1", "psmp.project.transitioned.v1"]
    assert proof.verify(leaf(records[1]), keys[Use.LOG]).size == 2
    extends = shell.run("prove", "rag", "--since", "1").out
    assert extends.startswith("old 1\n")
    assert shell.run("prove", "--anchor", "1").out.startswith("c2sp.org/tlog-proof@v1\nindex 0\n")
    for words in (("prove", "rag", "9"), ("prove", "rag", "--since", "9"), ("tiles", "nothing", "--to", "x")):
        ended = shell.run(*words)
        assert (ended.code, ended.out) == (4, "")
        assert "next: " in ended.err
    for which in ([], ["0"], ["--since", "-1"]):
        assert shell.run("prove", "rag", *which).code == 2
    assert "records of the anchor log in" in shell.run("tiles", "--anchor", "--to", str(shell.folder / "anchor")).out


def test_nothing_is_restored_under_a_stack_that_runs(dev: tuple[Shell, dict[str, Any]]) -> None:
    shell, _ = dev
    addresses = json.loads((shell.folder / "state" / "psmp" / "dev.json").read_bytes())
    operator = {"PSMP_NATS_URL": addresses["operator_url"], "PSMP_POSTGRES_DSN": addresses["postgres_dsn"]}
    for what in ("log", "ledger"):
        ended = shell.run("restore", what)
        assert (ended.code, "stop psmp dev, then psmp restore … --data " in ended.err) == (2, True)
    ended = shell.run("restore", "ledger", **operator)
    assert (ended.code, "is PSMP_NATS_URL that of the user restore?" in ended.err) == (6, True)


def test_the_doctor_says_that_checkpoints_cover_everything(dev: tuple[Shell, dict[str, Any]]) -> None:
    shell, _ = dev
    well = shell.until(lambda ended: all(each["health"] == "well" for each in ended.jsonl), "doctor", "-o", "jsonl")
    found = {each["subject"]: each for each in well.jsonl}
    assert found["checkpoints"]["health"] == "well"
    assert found["service signer"]["health"] == "well"
    assert found["stream PSMP_CHECKPOINTS"]["health"] == "well"


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder that an unprivileged Postgres can reach, unlike pytest's own when it runs as root."""
    with tempfile.TemporaryDirectory(prefix="psmp-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


def test_what_is_kept_keeps_its_keys_and_its_checkpoints(tmp_path: Path, data: Path) -> None:
    shell = Shell.at(tmp_path, PSMP_AGENT="ada")
    with shell.dev("--data", str(data)) as said:
        assert shell.run("create", "rag").code == 0
        until(lambda: covered(shell) == 1)
        keys = Path(said["keys"]).read_text()
        for name in ("signer.private", "receipts.private"):
            assert stat.S_IMODE((data / "ledger" / name).stat().st_mode) == 0o600
    with shell.dev("--data", str(data)) as said:
        assert shell.run("transition", "rag", "--to", "PLANNING", "--reason", "Too soon").code == 0
        until(lambda: covered(shell) == 2)
        assert Path(said["keys"]).read_text() == keys
        sound = {"well", "unknown"}
        shell.until(lambda ended: {each["health"] for each in ended.jsonl} <= sound, "doctor", "-o", "jsonl")
    vkey = str(read_public(keys.splitlines())[Use.LOG][0])
    lines = [json.loads(line) for line in (data / "ledger/checkpoints.jsonl").read_text().splitlines()]
    checkpoints = [tlog.open_checkpoint(line, vkey) for line in lines]
    assert [size for origin, size, _ in checkpoints if origin == "psmp.localhost/default/rag"] == [1, 2]


class TestKeys:
    def test_keys_are_appended_for_nobody_elses_eyes_and_their_public_lines_printed(self, tmp_path: Path) -> None:
        shell, file = Shell.at(tmp_path), tmp_path / "keys"
        made = [
            shell.run("signing-key", "make", use, name, "--file", str(file)).out
            for use, name in (
                ("log", "psmp.example"),
                ("statement", "psmp.example/statements"),
                ("log", "psmp.example"),
            )
        ]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        keys = read_private(file.read_text().splitlines())
        assert [key.name for key in keys[Use.LOG]] == ["psmp.example", "psmp.example"]
        assert keys[Use.LOG][0].seed != keys[Use.LOG][1].seed
        public = read_public("".join(made).splitlines())
        assert public == {use: tuple(key.verifier for key in found) for use, found in keys.items()}
        assert read_public(shell.run("signing-key", "public", "--file", str(file)).out.splitlines()) == public

    def test_a_file_that_others_could_read_is_closed(self, tmp_path: Path) -> None:
        file = tmp_path / "keys"
        file.touch(mode=0o644)
        assert Shell.at(tmp_path).run("signing-key", "make", "witness", "w.example", "--file", str(file)).code == 0
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    @pytest.mark.parametrize(
        "words",
        [
            ("make", "log", "a name", "--file", "keys"),
            ("make", "letter", "psmp.example", "--file", "keys"),
            ("make", "statement", "psmp.example", "--file", "keys"),
            ("make", "log", "psmp.example", "--file", "no/such/folder"),
            ("public", "--file", "nothing"),
            ("public", "--file", "spoilt"),
        ],
    )
    def test_what_cannot_be_is_said_and_nothing_is_written(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        (tmp_path / "spoilt").write_text("log PRIVATE+KEY+psmp.example+00000000+secret\n")
        ended = Shell.at(tmp_path).run("signing-key", *words)
        assert ended.code == 2
        assert "secret" not in ended.err
        assert not (tmp_path / "keys").exists()

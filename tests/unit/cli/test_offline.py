"""``psmp verify`` on bundles: the stand-alone auditor's findings on the command line's own pages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from psmp.cli import offline
from psmp.cli.app import run
from psmp.cli.output import Format, Output
from tests.bundles import DEPLOYMENT, Maker, honest, key_file, lines, pruned, receipt, rechained, zipped
from tests.tampering import edited


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    Path("keys").write_text(key_file())
    Maker([honest()]).write(Path("bundle"))
    return tmp_path


def test_an_honest_bundle_holds(capsys: pytest.CaptureFixture[str]) -> None:
    zipped(Path("bundle"), Path("bundle.zip"))
    Path("receipts").write_text(lines([receipt(honest().origin, 20, honest().records[19])]))
    besides = ["--since", "bundle/checkpoints/acme/rag.jsonl", "--receipts", "receipts", "--witnesses", "1", "--signed"]
    for name in ("./bundle", "bundle.zip", "bundle"):
        assert run(["verify", name, "--keys", "keys", *besides]) == 0
        said = capsys.readouterr()
        assert f"✓ {honest().origin}  20 records, 16 under a signed root, 2 checkpoints, 1 receipt\n" in said.out
        assert "newer than any checkpoint" not in said.out, "the receipt covers what the checkpoint does not"
        assert said.out.endswith("the record of 2026-11-26T00:00:00.000000Z holds\n")
        assert said.err == ""


def test_a_tampered_bundle_ends_with_7_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    log = honest()
    log.records = rechained(edited(log.records), 5)
    log.records[0] = pruned(log.records[0])
    Maker([log]).write(Path("bundle"))
    assert run(["verify", "./bundle", "--keys", "keys"]) == 7
    said = capsys.readouterr().out
    assert f"✗ {log.origin}  8 records, 0 under a signed root, 1 pruned, 2 checkpoints\n" in said
    assert "  step 4    root, in records 1 to 8\n" in said
    assert said.endswith("does not hold\n")
    assert run(["verify", "./bundle", "--keys", "keys", "-o", "json"]) == 7
    document = json.loads(capsys.readouterr().out)
    (finding,) = document["logs"][1]["findings"]
    assert (document["holds"], finding["kind"], finding["first"], finding["last"]) == (False, "root", 1, 8)
    assert finding["expected"] == honest().checkpoints([8])[0].root.hex()


@pytest.mark.parametrize("option", ["--keys", "--since", "--receipts"])
def test_a_file_that_is_not_there_is_named(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    keys = [] if option == "--keys" else ["--keys", "keys"]
    assert run(["verify", "./bundle", *keys, option, "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("psmp: nowhere: No such file or directory\nnext: ")


def test_fewer_than_no_witnesses_cannot_be_asked_for() -> None:
    assert run(["verify", "./bundle", "--keys", "keys", "--witnesses", "-1"]) == 2


def test_a_manifest_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bundle/manifest.json").write_text("{")
    assert run(["verify", "bundle", "--keys", "keys"]) == 7
    said = capsys.readouterr().out
    assert said.startswith("✗ the bundle\n")
    assert said.endswith("the record does not hold\n")
    Maker([honest()], change=lambda manifest: manifest.update(more=1)).write(Path("bundle"))
    assert run(["verify", "bundle", "--keys", "keys"]) == 7
    assert capsys.readouterr().out.startswith("✗ the bundle\n  step 1    unknown field, in a file\n")
    Maker([honest()], change=lambda manifest: manifest["files"].update(more="0")).write(Path("bundle"))
    assert run(["verify", "bundle", "--keys", "keys"]) == 7
    assert capsys.readouterr().out.startswith(f"✗ {DEPLOYMENT}\n  step 1    missing file, in a file\n")


@pytest.mark.parametrize(
    ("words", "end", "hint"),
    [
        (["./nowhere", "--keys", "keys"], 4, "psmp export"),
        (["./bundle"], 2, "--keys FILE"),
        (["./bundle", "--keys", "nokeys"], 2, "psmp verify --help"),
        (["./keys", "--keys", "keys"], 2, "psmp verify --help"),
        (["--keys", "keys"], 2, "psmp export"),
        (["rag", "--signed"], 2, "psmp export"),
        (["bundle"], 2, "psmp verify ./bundle --keys KEYS"),
    ],
)
def test_what_cannot_be_verified_is_said_with_what_to_type(
    words: list[str], end: int, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", *words]) == end
    said = capsys.readouterr()
    assert said.out == ""
    assert hint in said.err


def test_an_auditor_needs_nothing_of_what_servers_need() -> None:
    """The offline path loads nothing of the extra `server`."""
    program = (
        "import sys; from psmp.cli.app import run; end = run(['verify', './bundle', '--keys', 'keys']);"
        "loaded = {'asyncpg', 'psmp.store', 'structlog', 'pydantic_settings'} & set(sys.modules); print(loaded, end)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.endswith("set() 0\n")


def test_how_far_it_is_is_shown_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Output(Format.TABLE)
    with offline.progress(out) as tell:
        assert tell("a log", 10_000) is None
    monkeypatch.setattr(type(out.margin), "is_terminal", True)
    with out.margin.capture() as captured, offline.progress(out) as tell:
        tell("a log", 10_000)
    assert isinstance(captured.get(), str)

"""The auditor's own command: how it ends, what it says, and that nothing it is given makes it fall over."""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

import psmp.auditor
from psmp.auditor.__main__ import main
from psmp.ledger.notes import Kind, Signer
from tests.bundles import DEPLOYMENT, LOG, Log, Maker, honest, key_file, lines, note, receipt, zipped
from tests.histories import KEY


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(key_file())
    return path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Maker([honest()]).write(tmp_path / "bundle")


def test_it_runs_alone_wherever_it_is_copied(tmp_path: Path, keys: Path, bundle: Path) -> None:
    shutil.copytree(Path(psmp.auditor.__file__).parent, tmp_path / "elsewhere" / "auditor")
    words = [sys.executable, "-W", "error", "-m", "auditor", str(bundle), "--keys", str(keys)]
    ended = subprocess.run(words, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("the record holds\n")


def test_it_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    for path in Path(psmp.auditor.__file__).parent.glob("*.py"):
        for each in ast.walk(ast.parse(path.read_text())):
            if isinstance(each, ast.Import):
                assert {name.name.partition(".")[0] for name in each.names} <= sys.stdlib_module_names
            elif isinstance(each, ast.ImportFrom) and not each.level:
                assert str(each.module).partition(".")[0] in {*sys.stdlib_module_names, "cryptography"}


def test_it_can_answer_in_json(keys: Path, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(bundle), "--keys", str(keys), "--json", "--signed"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["holds"] is True
    assert said["whole"]["origin"] == DEPLOYMENT
    assert [each["records"] for each in said["logs"]] == [2, 20]
    (bundle / "logs/acme/rag.jsonl").unlink()
    assert main([str(bundle), "--keys", str(keys), "--json"]) == 7
    said = json.loads(capsys.readouterr().out)
    assert said["holds"] is False
    assert said["logs"][1]["findings"][0] == {
        "step": 1,
        "kind": "missing file",
        "expected": "logs/acme/rag.jsonl",
        "found": "nothing",
        "first": 0,
        "last": 0,
    }


def test_it_says_what_was_found_where(keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = honest()
    log.records[:2] = [b'{"pruned":"%s"}' % each.hex().encode() for each in log.leaves[:2]]
    log.records[6] = log.records[6].replace(b"acme/rag", b"\\ud800\\u001b[2Jr")
    maker = Maker([log], files={"sbom/x": b"x"}, change=lambda manifest: manifest["files"].update({"sbom/x": "0"}))
    receipts = tmp_path / "receipts"
    receipts.write_text(lines([receipt(log.origin, 20, log.records[19])]))
    assert main([str(maker.write(tmp_path / "b")), "--keys", str(keys), "--receipts", str(receipts)]) == 7
    said = capsys.readouterr().out
    assert "          step 1, altered file, in a file\n" in said
    assert (
        f"TAMPERED  {log.origin}  6 records, 0 of them under a signed root, 2 pruned, 2 checkpoints, 1 receipts" in said
    )
    assert "          step 3, foreign, in record 7\n            expected acme/rag\n" in said
    assert "            found    \\ud800\\x1b[2Jr\n" in said
    assert said.isascii()


def test_a_single_log_is_held_against_checkpoints_that_were_kept(
    keys: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(lines(honest().notes))
    asked = [str(bundle / "logs/acme/rag.jsonl"), "--keys", str(keys)]
    assert main([*asked, "--since", str(kept)]) == 0
    assert "20 records, 16 of them under a signed root, 2 checkpoints" in capsys.readouterr().out
    assert main(asked) == 2
    assert main([*asked, "--since", str(kept), "--witnesses", "1"]) == 2
    forged = honest()
    forged.records[0] = forged.records[0].replace(b"part-1", b"part-0")
    Maker([forged]).write(bundle)
    assert main([*asked, "--since", str(kept)]) == 7


def test_a_single_log_that_is_covered_to_its_end_has_no_tail(keys: Path, tmp_path: Path) -> None:
    log = honest(16)
    (tmp_path / "log.jsonl").write_bytes(b"".join(each + b"\n" for each in log.records))
    (tmp_path / "kept").write_text(log.notes[1])
    assert main([str(tmp_path / "log.jsonl"), "--keys", str(keys), "--since", str(tmp_path / "kept")]) == 0


def test_nothing_there_ends_with_4(keys: Path, tmp_path: Path) -> None:
    assert main([str(tmp_path / "nowhere"), "--keys", str(keys)]) == 4


LOG_LINE = f"log {LOG.verifier}"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "log",
        "log a+b",
        f"paper {LOG.verifier}",
        f"witness {LOG.verifier}",
        LOG_LINE.replace(DEPLOYMENT, "psmp.example.com"),
        LOG_LINE[:-4],
        LOG_LINE[:-1] + "é",
        f"log {DEPLOYMENT}+00000000+AA==",
        "log a+5aa5cc4a+",
    ],
)
def test_keys_that_are_none_end_with_2(tmp_path: Path, bundle: Path, line: str) -> None:
    (tmp_path / "keys").write_text(line)
    assert main([str(bundle), "--keys", str(tmp_path / "keys")]) == 2


def test_what_the_auditor_brings_must_hold_by_itself(
    keys: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [str(bundle), "--keys", str(keys)]
    (tmp_path / "since").write_text(note(honest().checkpoints([8])[0].text, Signer("stranger", Kind.LOG, b"x" * 32)))
    assert main([*asked, "--since", str(tmp_path / "since")]) == 2
    assert "since does not hold by itself" in capsys.readouterr().err
    (tmp_path / "receipts").write_text('"no note"\n')
    assert main([*asked, "--receipts", str(tmp_path / "receipts")]) == 2
    assert main([*asked, "--receipts", str(tmp_path / "nowhere")]) == 2
    assert main([str(bundle), "--keys", str(tmp_path / "nowhere")]) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        "no empty line\n",
        "text\n\n",
        "text\n\nno signature\n",
        "text\n\n— name !\n",
        "text\n\n— name QR==\n",
        "text\n\n— name AAAAAAAA more\n",
        "text\n\n— name AAAAAAAA",
        "te\x00xt\n\n— name AAAAAAAA\n",
        "text\n\n" + "— name AAAAAAAA\n" * 101,
        "\ud800\n\n— name AAAAAAAA\n",
        note(f"{DEPLOYMENT}/acme/rag\n08\n{'A' * 43}=\n", LOG),
        note(f"{DEPLOYMENT}/acme/rag\n8\n{'A' * 42}B=\n", LOG),
        note(f"{DEPLOYMENT}/acme/rag\n8\n{'A' * 43}=\nmore\n", LOG),
    ],
)
def test_a_note_that_is_none_is_a_finding(keys: Path, tmp_path: Path, wrong: str) -> None:
    log = Log(KEY, honest().records, [wrong])
    folder = Maker([log], anchored=False).write(tmp_path / "b")
    assert main([str(folder), "--keys", str(keys)]) == 7


def hostile_link(folder: Path) -> None:
    path = folder / "logs/acme/rag.jsonl"
    path.unlink()
    path.symlink_to("/etc/passwd")


def loop(folder: Path) -> None:
    path = folder / "logs/acme/rag.jsonl"
    path.unlink()
    path.symlink_to(path)


def pipe(folder: Path) -> None:
    path = folder / "logs/acme/rag.jsonl"
    path.unlink()
    os.mkfifo(path)


def renamed(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"] = {name: "0" * 64}
        (folder / "manifest.json").write_text(json.dumps(manifest))

    return change


def instead(name: str, raw: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(raw)


DEEP = b"[" * 100_000 + b"]" * 100_000
HOSTILE: list[tuple[str, Callable[[Path], object], int]] = [
    ("a link out of the bundle", hostile_link, 2),
    ("a link to itself", loop, 7 if sys.version_info >= (3, 13) else 2),
    ("a pipe that nobody writes to", pipe, 7),
    ("a name outside", renamed("../keys"), 2),
    ("a name from the root", renamed("/etc/passwd"), 2),
    ("a name with a NUL", renamed("a\0b"), 2),
    ("a name that is too long", renamed("a" * 5000), 2),
    ("a name that is a folder", renamed("logs"), 7),
    ("a manifest that is no JSON", instead("manifest.json", b"{"), 7),
    ("a manifest in another encoding", instead("manifest.json", b"\xff\xfe{}"), 7),
    ("a deep manifest", instead("manifest.json", DEEP), 7),
    ("a manifest that is a list", instead("manifest.json", b"[]"), 7),
    ("a number too long to read", instead("manifest.json", b'{"format":%s}' % (b"1" * 5000)), 7),
    ("a line without an end", instead("logs/acme/rag.jsonl", b'"' + b"a" * 5_000_000), 7),
    ("lines of nothing", instead("logs/acme/rag.jsonl", b"\n" * 1000), 7),
    ("a deep record", instead("logs/acme/rag.jsonl", DEEP + b"\n"), 7),
    ("deep notes", instead("checkpoints/acme/rag.jsonl", DEEP + b"\n"), 7),
    ("notes in another encoding", instead("anchor/records.jsonl", b"\xff\n"), 7),
    ("half of a surrogate pair", instead("anchor/records.jsonl", b'"\\ud800"\n'), 7),
]


@pytest.mark.parametrize(("change", "end"), [each[1:] for each in HOSTILE], ids=[each[0] for each in HOSTILE])
def test_a_hostile_bundle_is_told_and_not_fallen_over(
    keys: Path, bundle: Path, change: Callable[[Path], object], end: int, capsys: pytest.CaptureFixture[str]
) -> None:
    change(bundle)
    assert main([str(bundle), "--keys", str(keys)]) == end
    said = capsys.readouterr()
    assert said.err if end == 2 else "DOES NOT HOLD" in said.out


def test_a_folder_without_a_manifest_is_no_bundle(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty"), "--keys", str(keys)]) == 2


def test_a_zip_that_is_none_ends_with_2(
    keys: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "b.zip"
    asked = [str(archive), "--keys", str(keys)]
    archive.write_bytes(b"no archive")
    assert main(asked) == 2
    assert f"{archive} is neither a folder nor a .zip" in capsys.readouterr().err
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("other", b"")
    assert main(asked) == 2
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("manifest.json", b"{}")
    assert main(asked) == 2
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("manifest.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("manifest.json", b"{}")
    assert main(asked) == 2
    zipped(bundle, archive)
    raw = bytearray(archive.read_bytes())
    raw[60:70] = b"0123456789"
    archive.write_bytes(raw)
    assert main(asked) in (2, 7)


def test_a_zip_that_unpacks_to_too_much_is_left_alone(
    keys: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / "zeros").write_bytes(bytes(50_000_000))
    assert main([str(zipped(bundle, tmp_path / "b.zip")), "--keys", str(keys)]) == 2
    assert "unpacks to more than 200 times its size" in capsys.readouterr().err


def test_a_name_that_leads_out_of_a_zip_is_only_a_name(keys: Path, bundle: Path, tmp_path: Path) -> None:
    renamed("../keys")(bundle)
    assert main([str(zipped(bundle, tmp_path / "b.zip")), "--keys", str(keys)]) == 7
    assert main([str(zipped(bundle, tmp_path / "c.zip")), "--keys", str(tmp_path)]) == 2


def test_a_signature_has_one_spelling(keys: Path, bundle: Path) -> None:
    """Two bits of the last letter say nothing, and are to be 0: else a byte could be changed unseen."""
    path = bundle / "manifest.note"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    written = path.read_text().removesuffix("=\n")
    same = letters[letters.index(written[-1]) + 1]
    assert b64decode(f"{written[-3:]}=") == b64decode(f"{written[-3:-1]}{same}=")
    path.write_text(f"{written[:-1]}{same}=\n")
    assert main([str(bundle), "--keys", str(keys)]) == 7

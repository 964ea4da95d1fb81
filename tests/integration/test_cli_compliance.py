"""Analytics, reports, extracts, bills and attestations as a person types them, against a running stack."""

import csv
import hashlib
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli import Ended, Shell

pytestmark = [pytest.mark.integration, pytest.mark.may_block]

NUMPY = ("--dep",)


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    shell = Shell.at(tmp_path_factory.mktemp("dev"), PSMP_AGENT="ada")
    with shell.dev() as said:
        for words in (
            ("create", "rag"),
            ("transition", "rag", "--to", "PLANNING", "--reason", "=go"),
            ("declare", "rag", "--artifact", "api", *NUMPY, "numpy>=2"),
        ):
            assert shell.run(*words).code == 0, words
        clash = shell.run("declare", "rag", "--artifact", "web", *NUMPY, "numpy<2", PSMP_AGENT="bob")
        assert clash.code == 3, clash
        assert shell.run("begin", "rag").code == 3
        mended = shell.run("amend", "rag", "--artifact", "web", "--dep", "numpy", "--reason", "any", PSMP_AGENT="bob")
        assert mended.code == 0, mended
        yield Shell(shell.folder, {**shell.environment, "KEYS": said["keys"]})


def until(shell: Shell, *words: str, code: int = 0) -> Ended:
    """The command again and again until it ends so: projection and ledger follow the log within moments."""
    deadline = time.monotonic() + 60
    while (ended := shell.run(*words)).code != code:
        assert time.monotonic() < deadline, ended
    return ended


def settled(shell: Shell) -> None:
    """Until the projection has the last of what was done."""
    deadline = time.monotonic() + 60
    while not shell.run("analytics", "-o", "json").json["resolved"]:
        assert time.monotonic() < deadline
    shell.recorded("rag")


def test_analytics_says_who_causes_what(dev: Shell) -> None:
    settled(dev)
    found: dict[str, Any] = dev.run("analytics", "rag", "-o", "json").json
    assert {each["agent"]: each["share"] for each in found["agents"]} == {"ada": 0.5, "bob": 0.5}
    assert [each["subject"] for each in found["subjects"]] == ["numpy"]
    assert [each["decided_by"] for each in found["resolved"]] == [None, "agent"]
    assert {each["code"] for each in found["refusals"]} == {"PROJECT_BLOCKED"}
    page = dev.run("analytics", "--project", "rag")
    assert page.code == 0
    for word in ("who causes conflicts", "50.0%", "blocked", "PROJECT_BLOCKED", "numpy (pypi)"):
        assert word in page.out
    assert dev.run("analytics", "--since", "yesterday").code == 2


def test_a_report_is_reproducible_at_its_position(dev: Shell) -> None:
    settled(dev)
    for framework in ("soc2", "gdpr", "hipaa"):
        made = dev.run("report", framework)
        assert made.code == 0, made
        assert made.out.startswith("# ")
        again = next(line.split("`")[1] for line in made.out.splitlines() if line.startswith("The same report again"))
        assert dev.run(*again.split()[1:]).out == made.out
    told = dev.run("report", "soc2", "-o", "json").json
    assert {each["status"] for each in told["controls"]} <= {"covered", "partly", "not covered"}
    assert dev.run("report", "iso").code == 2


def test_an_extract_has_what_was_asked_for(dev: Shell, tmp_path: Path) -> None:
    settled(dev)
    rag = ("--project", "rag", "--unsigned")
    whole = dev.run("export", "--format", "json", *rag).json
    assert whole["manifest"]["records"] == len(whole["records"]) > 8
    assert whole["envelope"] is None
    file = tmp_path / "bob.csv"
    asked = ("export", str(file), "--format", "csv", "--tenant", "default", "--agent", "bob", "--unsigned")
    assert dev.run(*asked).code == 0
    assert dev.run(*asked).code == 2  # it is there already
    header, *rows = csv.reader(io.StringIO(file.read_bytes().decode(), newline=""), strict=True)
    assert {row[header.index("actor")] for row in rows} == {"bob"}
    manifest = json.loads((tmp_path / "bob.csv.manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert manifest["records"] == len(rows)
    table = dev.run("export", "--format", "csv", "--kind", "project.transitioned", *rag).out
    assert '"\'=go"' in table
    assert dev.run("export", "--format", "json", "--project", "nobody", "--unsigned").code == 4
    assert dev.run("export", str(tmp_path / "no" / "x"), "--format", "json", *rag).code == 2
    assert dev.run("export", str(tmp_path / "bundle"), "--kind", "conflict", *rag).code == 2
    assert {each.name for each in tmp_path.iterdir()} == {"bob.csv", "bob.csv.manifest.json"}


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("analytics", "nope"), 4, "there is no project nope of tenant default\nnext: known are rag"),
        (("analytics", "--tenant", "nope"), 4, "there is no tenant nope with a project\nnext: known are default"),
        (("report", "soc2", "--tenant", "nope"), 4, "there is no tenant nope with a project\nnext: known are default"),
        (
            ("export", "--format", "csv", "--kind", "nope"),
            2,
            "--kind nope: there are no such events\nnext: known are agent",
        ),
    ],
)
def test_what_is_not_there_is_no_empty_answer(dev: Shell, words: tuple[str, ...], code: int, sentence: str) -> None:
    ended = dev.run(*words)
    assert (ended.code, sentence in ended.err, ended.out) == (code, True, ""), ended


def test_a_bill_can_be_had_as_of_any_event(dev: Shell) -> None:
    told = dev.run("sbom", "rag").json
    assert [each["purl"] for each in told["components"]] == ["pkg:pypi/numpy"]
    before = dev.run("sbom", "rag", "--at", "2").json
    assert before["components"] == []
    assert dev.run("sbom", "rag", "--at", "2").out == dev.run("sbom", "rag", "--at", "2").out
    assert dev.run("sbom", "nobody").code == 4


def test_the_signer_signs_an_extract_and_anybody_can_check_it(dev: Shell, tmp_path: Path) -> None:
    settled(dev)
    whole = dev.run("export", "--format", "json", "--project", "rag").json
    file = tmp_path / "rag.dsse.json"
    file.write_text(json.dumps(whole["envelope"]))
    checked = dev.run("attest", "--check", str(file), "--keys", dev.environment["KEYS"])
    assert checked.code == 0, checked
    assert checked.json == whole["manifest"]
    assert whole["manifest"]["logs"][0]["checkpoint"].startswith("psmp.localhost/default/rag\n")
    table = tmp_path / "rag.csv"
    assert dev.run("export", str(table), "--format", "csv").code == 0
    beside = tmp_path / "rag.csv.manifest.dsse.json"
    assert dev.run("attest", "--check", str(beside), "--keys", dev.environment["KEYS"]).code == 0


def test_a_report_checks_signatures_with_the_keys_that_are_named(dev: Shell) -> None:
    settled(dev)
    told = until(dev, "report", "hipaa", "--keys", dev.environment["KEYS"], "-o", "json").json
    assert [each["signed"] for each in told["projects"]] == [True]
    statuses = {each["control"]: each["status"] for each in told["controls"]}
    assert statuses["164.312(c)(1), (c)(2)"] == "covered"
    assert list(statuses.values()).count("covered") == 1


def test_only_a_completed_project_is_attested_and_anybody_can_check_it(dev: Shell, tmp_path: Path) -> None:
    keys = ("--keys", dev.environment["KEYS"])
    early = dev.run("attest", "rag", *keys)
    assert early.code == 3
    assert "not COMPLETED" in early.err
    assert dev.run("attest", "nobody").code == 4
    assert dev.run("attest", "--check", "nothing.json").code == 2

    for phase in ("IN_PROGRESS", "COMPLETED"):
        done = dev.run("transition", "rag", "--to", phase, "--reason", "all done")
        assert done.code in (0, 3), done  # it is IN_PROGRESS since its conflict was cleared
    written, bill, text = (tmp_path / name for name in ("rag.att.json", "rag.cdx.json", "rag.txt"))
    told = ("attest", "rag", *keys, "--sbom", str(bill), "--checkpoint", str(text), "--output", str(written))
    deadline = time.monotonic() + 60
    while (ended := dev.run(*told)).code != 0:  # 3 or 8 until ledger and checkpoint have come to the end
        assert ended.code in (3, 8), ended
        assert time.monotonic() < deadline, ended

    checking = ("attest", "--check", str(written), *keys)
    checked = dev.run(*checking, "--sbom", str(bill), "--checkpoint", str(text))
    assert checked.code == 0, checked
    statement = checked.json
    assert statement["predicateType"] == "https://in-toto.io/attestation/svr/v0.1"
    assert "PSMP_CHECKPOINT_SIGNED" in statement["predicate"]["properties"]
    digests = {each["digest"]["sha256"] for each in statement["subject"]}
    assert digests == {hashlib.sha256(file.read_bytes()).hexdigest() for file in (bill, text)}
    size = str(statement["subject"][0]["annotations"]["size"])
    assert dev.run("sbom", "rag", "--at", size).out == bill.read_text()

    bundle = tmp_path / "bundle"
    assert dev.run("export", str(bundle), "--project", "rag").code == 0
    enclosed = (bundle / "attestations" / "default" / "rag.json", bundle / "sbom" / "default" / "rag.cdx.json")
    assert dev.run("attest", "--check", str(enclosed[0]), *keys, "--sbom", str(enclosed[1])).code == 0
    assert set(json.loads((bundle / "manifest.json").read_text())["files"]) == {
        *("sbom/default/rag.cdx.json", "attestations/default/rag.json")
    }
    assert dev.run("verify", str(bundle), *keys).code == 0
    enclosed[1].write_text("{}")
    assert dev.run("verify", str(bundle), *keys).code == 7

    bill.write_text(bill.read_text() + " ")
    assert dev.run(*checking, "--sbom", str(bill)).code == 7
    forged = json.loads(written.read_text())
    forged["payload"] = forged["payload"][::-1]
    written.write_text(json.dumps(forged))
    assert dev.run(*checking).code in (2, 7)

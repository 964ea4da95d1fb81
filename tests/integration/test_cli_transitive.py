"""``psmp check --transitive`` as a process, over an index made here."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.integration.cli import PSMP, WITHIN, Ended, Shell
from tests.little_index import LittleIndex, Release, serving

pytestmark = pytest.mark.integration

PUBLISHED = (
    Release("numpy", "1.26.4"),
    Release("numpy", "2.1.0"),
    Release("tensorflow", "2.15.0", ("numpy>=1.23.5,<2.0.0",)),
    Release("tensorflow", "2.18.0", ("numpy>=1.26",)),
    Release("bad", "1.0", yanked="it does not work"),
)


@pytest.fixture
def index() -> Iterator[LittleIndex]:
    with serving(LittleIndex(PUBLISHED)) as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell.at(tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))


def team(*needs: str, **others: Any) -> dict[str, Any]:
    """A set in which each artifact, ``a0`` and so on, has one need, written ``numpy >=2``."""
    declarations = []
    for number, (name, _, constraint) in enumerate(each.partition(" ") for each in needs):
        need = {"name": name, "constraint": constraint}
        declarations.append({"artifact": f"a{number}", "agent": f"agent{number}", "dependencies": [need]})
    return {"targets": [{"python": "3.11", "machine": "x86_64"}], "declarations": declarations, **others}


def check(shell: Shell, index: str, *asked: dict[str, Any], words: tuple[str, ...] = ()) -> Ended:
    (shell.folder / "sets.jsonl").write_text("".join(json.dumps(each) + "\n" for each in asked))
    return shell.run("check", "--transitive", "--index", index, *words, "sets.jsonl")


CLASH = team("tensorflow ==2.15.*", "numpy >=2.0", id="tf")


def applied(asked: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """The set after the changes of a suggestion."""
    after: dict[str, Any] = json.loads(json.dumps(asked))
    for change in changes:
        assert change["action"] == "require"
        for declaration in after["declarations"]:
            for need in declaration["dependencies"]:
                if (declaration["artifact"], need["name"]) == (change["artifact"], change["name"]):
                    need["constraint"] = change["constraint"]
    return after


def test_what_packages_need_is_a_conflict_with_its_chain_and_a_way_out_that_works(
    shell: Shell, index: LittleIndex
) -> None:
    done = check(shell, index.url, CLASH)
    assert (done.code, done.err) == (3, "")
    (conflict,) = done.json["conflicts"]
    assert (done.json["id"], conflict["id"], conflict["kind"], conflict["subject"]) == (
        *("tf", "C-1", "transitive", "numpy"),
    )
    assert conflict["causes"] == [["a0", "a1"]]
    assert conflict["chain"] == [
        "a0 requires tensorflow==2.15.*",
        "tensorflow==2.15.* needs numpy>=1.23.5,<2.0.0",
        "a1 requires numpy>=2.0",
    ]
    assert [(each["artifact"], each["sequence"]) for each in conflict["parties"]] == [("a0", 1), ("a1", 2)]
    again = check(shell, index.url, applied(CLASH, conflict["suggestions"][0]["changes"]))
    assert (again.code, again.json["verdict"]) == (0, "compatible")


def test_versions_that_nobody_published(shell: Shell, index: LittleIndex) -> None:
    done = check(shell, index.url, team("numpy >2.5,<3"))
    assert (done.code, [each["kind"] for each in done.json["conflicts"]]) == (3, ["no-version"])
    assert done.json["conflicts"][0]["causes"] == [["a0"]]


def test_what_is_to_be_known_besides_is_a_warning(shell: Shell, index: LittleIndex) -> None:
    done = check(shell, index.url, team("bad ==1.0"))
    assert (done.code, done.json["verdict"]) == (0, "compatible")
    assert done.json["warnings"] == ["python3.11-linux-x86_64: bad==1.0 is yanked (it does not work)"]


def test_without_an_answer_it_is_unknown(shell: Shell, unused_tcp_port: int) -> None:
    url = f"http://me:secret@127.0.0.1:{unused_tcp_port}/simple"
    (shell.folder / "set.json").write_text(json.dumps(team("numpy >=1")))
    done = shell.run("check", "--transitive", "set.json", PSMP_INDEX_URL=url)
    assert (done.code, done.json["verdict"]) == (8, "unknown")
    assert done.json["unknown"] == ["python3.11-linux-x86_64: the index could not be reached"]
    assert "secret" not in done.out + done.err


def test_what_cannot_be_read_does_not_ask_the_index(shell: Shell, index: LittleIndex) -> None:
    done = check(shell, index.url, {"declarations": 3}, team())
    assert (done.code, [each["verdict"] for each in done.jsonl]) == (2, ["invalid", "compatible"])
    assert index.asked == []


def test_a_direct_conflict_is_told_once_and_others_beside_it(shell: Shell, index: LittleIndex) -> None:
    done = check(shell, index.url, team("numpy <2", "numpy >=2"))
    assert done.code == 3
    assert [(each["kind"], each["causes"]) for each in done.jsonl[0]["conflicts"]] == [("version", [["a0", "a1"]])]


def test_where_nothing_was_published_the_smaller_cause_is_told(shell: Shell, index: LittleIndex) -> None:
    index.releases = (*PUBLISHED, Release("dateutil", "2.9.0"), Release("dateutil", "2.9.0.post0"))
    done = check(shell, index.url, team("dateutil >2.9.0,<2.9.1", "dateutil ==2.9.0.post0"))
    assert [(each["kind"], each["causes"]) for each in done.jsonl[0]["conflicts"]] == [("no-version", [["a0"]])]


def test_a_moment_is_kept_to(shell: Shell, index: LittleIndex) -> None:
    index.releases = (*PUBLISHED, Release("numpy", "3.0", published="2025-01-01T00:00:00Z"))
    early = check(shell, index.url, team("numpy >=3"), words=("--exclude-newer", "2024-06-01T00:00:00Z"))
    late = check(shell, index.url, team("numpy >=3"), words=("--exclude-newer", "2025-06-01T00:00:00Z"))
    assert (early.code, late.code) == (3, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--transitive",), "PSMP_INDEX_URL"),
        (("--index", "http://127.0.0.1:9/simple"), "add --transitive"),
        (("--transitive", "--index", "http://127.0.0.1:9", "--exclude-newer", "soon"), "--exclude-newer soon"),
    ],
)
def test_wrong_usage_says_what_to_do(shell: Shell, words: tuple[str, ...], said: str) -> None:
    done = shell.run("check", *words)
    assert (done.code, done.out, said in done.err) == (2, "", True)


def test_a_missing_extra_is_named(shell: Shell) -> None:
    code = (
        "import sys; sys.modules['uv'] = None; from psmp.cli.app import main;"
        "main(['check', '--transitive', '--index', 'http://127.0.0.1:9/simple'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env=dict(shell.environment),
        text=True,
        timeout=WITHIN,
        check=False,
    )
    assert (done.returncode, "pip install 'psmp[server]'" in done.stderr) == (1, True)


def test_a_line_is_answered_before_the_next_one_comes(shell: Shell, index: LittleIndex) -> None:
    with subprocess.Popen(
        [*PSMP, "check", "--transitive", "--index", index.url, "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(shell.environment),
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for asked, verdict in ((team("numpy >=1"), "compatible"), (CLASH, "conflict")):
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["verdict"] == verdict
        process.stdin.close()
        assert process.wait(timeout=WITHIN) == 3


@dataclass
class Tiring(LittleIndex):
    """Answers each question once, and does not answer when it is put again."""

    tired: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str) -> tuple[int, str, bytes]:
        if path in self.asked:
            self.tired.set()
            self.closed.wait()
        return super().answer(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("silent", [True, False], ids=["the resolver waits", "a page is waited for"])
def test_stopped_it_ends_at_once_and_leaves_nothing(shell: Shell, number: signal.Signals, *, silent: bool) -> None:
    (shell.folder / "set.json").write_text(json.dumps(team("numpy >=1")))
    tiring = Tiring(PUBLISHED, silent=frozenset({"numpy"}) if silent else frozenset())
    with (
        serving(tiring) as index,
        shell.running("check", "--transitive", "--index", index.url, "set.json") as process,
    ):
        assert (index.called if silent else tiring.tired).wait(WITHIN)
        children = psutil.Process(process.pid).children(recursive=True)
        assert ("uv" in {each.name() for each in children}) is silent
        begun = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=WITHIN) == 130
        assert time.monotonic() - begun < 30
        assert not any(each.is_running() for each in children)
    assert not list((shell.folder / "cache" / "psmp" / "resolver").glob("question-*"))

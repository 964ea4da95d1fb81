"""``psmp manifest`` against a real stack and an index made here: what it writes can be installed, or it says why."""

import hashlib
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psmp.client import connect_sync
from psmp.words.values import Target
from tests.bills import validator
from tests.integration.cli import WITHIN, Ended, Shell
from tests.little_index import LittleIndex, Release, serving

pytestmark = pytest.mark.integration

HERE = Target(python=f"3.{sys.version_info.minor}")
PUBLISHED = (
    Release("numpy", "1.26.4"),
    Release("numpy", "2.1.0"),
    Release("tensorflow", "2.15.0", ("numpy>=1.23.5,<2.0.0",)),
    Release("tensorflow", "2.18.0", ("numpy>=1.26.0",)),
    Release("pytest", "8.0"),
    Release("odd", "1.0", source=b"not built"),
)
PAGE = Path(__file__).parents[2] / "docs" / "transitive.md"
FORMATS = ("requirements", "cyclonedx")


@pytest.fixture(scope="module")
def index() -> Iterator[LittleIndex]:
    with serving(LittleIndex(PUBLISHED)) as running:
        yield running


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory, shared_dev: tuple[Path, dict[str, Any]]) -> tuple[Shell, str]:
    folder = tmp_path_factory.mktemp("dev")
    shell = Shell.at(folder, XDG_CACHE_HOME=str(folder / "cache"), XDG_STATE_HOME=str(shared_dev[0]))
    return shell, shared_dev[1]["url"]


@pytest.fixture
def shell(dev: tuple[Shell, str], tmp_path: Path) -> Shell:
    """A folder of the test's own that finds the module's stack."""
    return Shell(tmp_path, dev[0].environment)


@pytest.fixture
def project(dev: tuple[Shell, str], request: pytest.FixtureRequest) -> str:
    """A project of two events, for this interpreter."""
    name = f"p-{hashlib.sha256(request.node.name.encode()).hexdigest()[:16]}"
    with connect_sync(dev[1], agent="ada") as client:
        client.create_project(name, targets=[HERE])
        client.transition(name, "PLANNING", reason="go")
    return name


def declare(dev: tuple[Shell, str], project: str, artifact: str, *needs: str, **others: Any) -> bool:
    """Declares as the agent of this name; a need may have a purpose and a scope: ``dev:pytest  # tests``."""
    read = []
    for need, _, purpose in (each.partition("  # ") for each in needs):
        scope, _, rest = need.rpartition(":")
        name, _, constraint = rest.partition(" ")
        read.append({"name": name, "constraint": constraint, "purpose": purpose, "scope": scope or "runtime"})
    with connect_sync(dev[1], agent=f"agent-{artifact}") as client:
        return client.declare(project, artifact, dependencies=read, **others).accepted


def manifest(shell: Shell, project: str, index: str, *words: str) -> Ended:
    return shell.run("manifest", project, "--index", index, *words)


def install(file: Path, index: str, folder: Path) -> list[str]:
    """What pip makes of it, by hash and with nothing besides."""
    pip = (sys.executable, "-m", "pip", "install", "--isolated", "--no-cache-dir", "--require-hashes", "--no-deps")
    done = subprocess.run(
        [*pip, "--index-url", index, "--target", str(folder), "-r", str(file)],
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return sorted(path.name.removesuffix(".dist-info") for path in folder.iterdir())


def test_what_is_written_can_be_installed_and_says_who_declared_what(
    shell: Shell, dev: tuple[Shell, str], project: str, index: LittleIndex, tmp_path: Path
) -> None:
    assert declare(dev, project, "ml", "tensorflow ==2.15.*  # training", "dev:pytest")
    assert declare(dev, project, "data", "numpy >=1.26")
    assert declare(dev, project, "old", "numpy ==2.1.0", environment="old")
    with connect_sync(dev[1], agent="agent-gone") as client:
        client.declare(project, "gone", dependencies=["numpy<1.27"])
        client.withdraw(project, "gone", reason="of no use")
    done = manifest(shell, project, index.url, "--output", "requirements.txt")
    assert (done.code, done.out) == (0, "")
    file = tmp_path / "requirements.txt"
    lines = file.read_text().splitlines()
    assert lines[1].startswith(f"# declared in: project {project} as of event 11, 20")
    assert lines[2].startswith("# question: ")
    assert "# agent-ml requires tensorflow==2.15.* for ml: training" in lines
    assert install(file, index.url, tmp_path / "installed") == ["numpy-1.26.4", "tensorflow-2.15.0"]

    with_dev = manifest(shell, project, index.url, "--dev", "--output", "dev.txt")
    assert with_dev.code == 0
    assert "pytest-8.0" in install(tmp_path / "dev.txt", index.url, tmp_path / "dev")
    own = manifest(shell, project, index.url, "--environment", "old", "--dev")
    assert (own.code, "numpy==2.1.0 \\" in own.out, "tensorflow" in own.out) == (0, True, False)


def test_the_same_position_index_and_time_have_the_same_bytes(
    shell: Shell, dev: tuple[Shell, str], project: str, index: LittleIndex, tmp_path: Path
) -> None:
    assert declare(dev, project, "data", "numpy")
    moment = ("--exclude-newer", "2024-06-01")
    text, bill = (manifest(shell, project, index.url, *moment, "--format", each) for each in FORMATS)
    told = bill.json
    validator()(told)
    status = shell.run("status", project, "-o", "json").json
    assert told["metadata"]["timestamp"].replace("+00:00", "Z") == status["time"]
    assert {"name": "psmp:sequence", "value": str(status["sequence"])} in told["metadata"]["properties"]
    assert {"name": "psmp:artifact:data:agent", "value": "agent-data"} in told["components"][0]["properties"]

    assert declare(dev, project, "later", "numpy <2")
    elsewhere = Shell(tmp_path, {**shell.environment, "PSMP_CACHE_DIR": str(tmp_path / "another")})
    past = (*moment, "--at", str(status["sequence"]))
    again = [manifest(elsewhere, project, index.url, *past, "--format", each) for each in FORMATS]
    assert [each.out for each in again] == [text.out, bill.out]
    assert manifest(shell, project, index.url, *moment).out != text.out


def test_an_open_conflict_is_explained_and_nothing_is_written(
    shell: Shell, dev: tuple[Shell, str], project: str, index: LittleIndex, tmp_path: Path
) -> None:
    assert declare(dev, project, "new", "numpy >=2")
    assert not declare(dev, project, "old", "numpy <2")
    asked = len(index.asked)
    done = manifest(shell, project, index.url, "--output", "requirements.txt")
    assert (done.code, done.out, len(index.asked)) == (3, "", asked)
    assert "no version of numpy satisfies" in done.err
    assert f"psmp amend {project}" in done.err
    assert not (tmp_path / "requirements.txt").exists()


def test_a_proof_of_the_resolver_is_explained_and_nothing_is_written(
    shell: Shell, dev: tuple[Shell, str], project: str, index: LittleIndex
) -> None:
    declare(dev, project, "ml", "tensorflow ==2.15.*")
    declare(dev, project, "data", "numpy >=2.0")
    done = manifest(shell, project, index.url)
    assert (done.code, done.out) == (3, "")
    assert "(ml), which needs numpy<2.0.0" in " ".join(done.err.split())
    assert f"psmp amend {project} --agent agent-data --artifact data --set 'numpy<=1.26.4'" in done.err


def test_what_is_not_known_is_not_written(
    shell: Shell, dev: tuple[Shell, str], project: str, index: LittleIndex, unused_tcp_port: int
) -> None:
    nothing = manifest(shell, project, index.url)
    assert (nothing.code, "nothing needs a package" in nothing.err) == (8, True)
    assert declare(dev, project, "data", "numpy", "dev:odd")
    down = manifest(shell, project, f"http://127.0.0.1:{unused_tcp_port}/simple")
    assert (down.code, down.out) == (8, "")
    assert "the index could not be reached" in down.err
    fine = manifest(shell, project, index.url)
    assert (fine.code, "odd==1.0 is published as source only" in fine.err) == (0, True)
    odd = manifest(shell, project, index.url, "--dev")
    assert (odd.code, odd.out) == (8, "")


def test_a_wrong_place_is_named(shell: Shell, project: str, index: LittleIndex) -> None:
    assert manifest(shell, "nowhere", index.url).code == 4
    assert manifest(shell, project, index.url, "--environment", "mars").code == 4
    assert manifest(shell, project, index.url, "--at", "soon").code == 2
    assert manifest(shell, project, index.url, "--from", "x").code == 2
    assert shell.run("manifest", project).code == 2


def test_a_file_needs_no_server(tmp_path: Path, index: LittleIndex) -> None:
    shell = Shell.at(tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"))
    needs: list[dict[str, Any]] = [{"name": "numpy", "constraint": "<2", "purpose": "vectors"}]
    asked = {"id": "team", "targets": [{}], "declarations": [{"artifact": "a", "dependencies": needs}]}
    (tmp_path / "set.json").write_text(json.dumps(asked))
    words = ("manifest", "--from", "set.json", "--index", index.url)
    done = shell.run(*words)
    assert done.code == 0
    assert "# declared in: set team" in done.out
    assert "# a requires numpy<2 for a: vectors" in done.out
    assert shell.run(*words, "--format", "cyclonedx").code == 2
    dated = shell.run(*words, "--format", "cyclonedx", "--exclude-newer", "2024-06-01")
    assert (dated.code, dated.json["metadata"]["timestamp"]) == (0, "2024-06-01T00:00:00+00:00")
    assert shell.run(*words, "--output", "nowhere/requirements.txt").code == 2

    needs[0]["constraint"] = "=>2"
    (tmp_path / "set.json").write_text(json.dumps(asked))
    assert shell.run(*words).code == 2
    needs[:] = [{"name": "numpy", "constraint": "<1,>=2"}]
    (tmp_path / "set.json").write_text(json.dumps(asked))
    clash = shell.run(*words)
    assert (clash.code, "C-1" in clash.err) == (3, True)
    (tmp_path / "set.json").write_text(f"{json.dumps(asked)}\n{json.dumps(asked)}\n")
    assert "several sets" in shell.run(*words).err


def transcripts() -> Iterator[tuple[str, str]]:
    """Each command of the page with what it answers."""
    for block in re.findall(
        r"^    \$ .*\n(?:    .*\n|\n(?=    [^$]))*", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    ):
        command, *said = (line[4:] for line in block.splitlines())
        yield command.removeprefix("$ "), "\n".join(said).strip("\n") + "\n"


def steady(text: str) -> str:
    """Without what is never the same: the question has the port of the index in it, and the log the time."""
    text = re.sub(r"(?<=question: )[0-9a-f]{64}", "...", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "...", text)


def test_the_page_shows_what_the_commands_say(shell: Shell, dev: tuple[Shell, str], index: LittleIndex) -> None:
    with connect_sync(dev[1], agent="ada") as client:
        client.create_project("vision", targets=[Target(machine="x86_64")])
        client.transition("vision", "PLANNING", reason="go")
    assert declare(dev, "vision", "trainer", "tensorflow ==2.15.*  # training")
    assert declare(dev, "vision", "features", "numpy >=1.26  # vectors")
    commands = dict(transcripts())
    (shell.folder / "team.json").write_text(commands.pop("cat team.json"))
    assert list(commands) == ["psmp check --transitive team.json", "psmp manifest vision"]
    for command, said in commands.items():
        words = [*shlex.split(command)[1:], *(("-o", "table") if "check" in command else ())]
        done = shell.run(*words, PSMP_INDEX_URL=index.url)
        assert steady(said) == steady(done.out), done.out

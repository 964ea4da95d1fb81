"""The GitHub Action and the GitLab job, their steps run in bash as a runner runs them, in real repositories."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import psmp
from tests.unit.cli.diffs.repositories import Repository, numbered

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "deploy" / "github-action" / "action.yml"
JOB = ROOT / "deploy" / "gitlab" / "psmp-check.yml"
BIN = Path(sys.executable).parent
CLASH = {"services/api/pyproject.toml": 6, "services/ml/requirements.txt": 2}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two services, which clash on the branch ``clash`` alone; two branches that change the same line."""
    made = Repository(tmp_path / "a repository")
    api = '[project]\nname = "api"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [\n  "pandas>=2.0",\n]\n'
    made.put({"services/api/pyproject.toml": api, "services/ml/requirements.txt": "numpy\npandas\n"})
    made.put({"app.py": numbered(*range(1, 31))})
    made.commit()
    for name, line in {"one": "twenty", "two": "TWENTY"}.items():
        made.git("checkout", "--quiet", "-b", name, "main")
        made.put({"app.py": numbered(*range(1, 20), line, *range(21, 31))})
        made.commit()
    made.git("checkout", "--quiet", "-b", "clash", "main")
    made.put({"services/ml/requirements.txt": "numpy\npandas==1.5.*\n"})
    made.commit()
    made.git("checkout", "--quiet", "main")
    return made


def environment(**told: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT", "PSMP_"))}
    return {**kept, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **told}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended."""

    code: int
    out: str
    outputs: Mapping[str, str]
    summary: str

    @property
    def marked(self) -> dict[str, int]:
        """The places of its errors."""
        return {
            path: int(line) for path, line in re.findall(r"^::error file=([^,]*),line=(\d+),", self.out, re.MULTILINE)
        }


def act(folder: Path, tmp_path: Path, **inputs: str) -> Ended:
    """The action as GitHub runs it: its inputs with their defaults, the variables of a runner, bash as it calls it."""
    action = yaml.safe_load(ACTION.read_text())
    given = {name: str(each.get("default", "")) for name, each in action["inputs"].items()} | inputs
    (tmp_path / "output").write_text("")
    (tmp_path / "summary").write_text("")
    runner = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ACTION.parent),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "RUNNER_TEMP": str(tmp_path),
    }
    done = subprocess.CompletedProcess[str]([], 0, "", "")
    for step in action["runs"]["steps"]:
        if step.get("if") == "inputs.psmp == ''" and given["psmp"]:
            continue
        assert step["shell"] == "bash"
        named = {name: _filled(text, given) for name, text in step.get("env", {}).items()}
        script = tmp_path / "step.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],  # noqa: S607 - as a runner does
            cwd=folder,
            env=environment(**runner, **named),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            break
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    return Ended(done.returncode, done.stdout, outputs, (tmp_path / "summary").read_text())


def _filled(text: str, inputs: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)


OURS = {"psmp": str(BIN / "psmp"), "python": "3.12"}


def test_a_pull_request_that_makes_manifests_clash_fails_on_their_lines(repository: Repository, tmp_path: Path) -> None:
    repository.git("checkout", "--quiet", "clash")
    ended = act(repository.folder, tmp_path, **OURS)
    assert (ended.code, ended.outputs) == (3, {"verdict": "conflict"})
    assert ended.marked == CLASH
    assert "| `pandas` | critical | services-ml-requirements | `==1.5.*` | `services/ml/requirements.txt:2` |" in (
        ended.summary
    )


def test_one_that_does_not_passes(repository: Repository, tmp_path: Path) -> None:
    ended = act(repository.folder, tmp_path, **OURS)
    assert (ended.code, ended.outputs, ended.out) == (0, {"verdict": "compatible"}, "")
    assert "all can stand together" in ended.summary


def test_changes_of_two_branches_that_meet_are_found(repository: Repository, tmp_path: Path) -> None:
    changes = {"manifests": "none", "changes": "main...one\n  main...two\n"}
    ended = act(repository.folder, tmp_path, **OURS, **changes)
    assert (ended.code, ended.marked) == (3, {"app.py": 20})


@pytest.mark.parametrize(
    ("inputs", "code", "verdict"),
    [
        ({"fail-on": "never"}, 0, "conflict"),
        ({"fail-on": "unknown"}, 3, "conflict"),
        ({"fail-on": "sometimes"}, 2, None),
        ({"manifests": "services/ml/*.txt"}, 0, "compatible"),
        ({"manifests": "services/*/*.txt\nservices/api/*"}, 3, "conflict"),
        ({"manifests": "elsewhere/*.txt"}, 2, None),
        ({"manifests": "none"}, 0, "compatible"),
        ({"manifests": "app.py"}, 2, "invalid"),
        ({"changes": "nowhere...main"}, 2, "invalid"),
        ({"manifests": "$(touch stolen)`touch stolen`", "changes": "$(touch stolen)"}, 2, None),
        ({"python": "$(touch stolen)", "declarations": "$(touch stolen)"}, 2, "invalid"),
    ],
)
def test_inputs_say_what_is_checked_and_when_it_fails(
    repository: Repository, tmp_path: Path, inputs: dict[str, str], code: int, verdict: str | None
) -> None:
    repository.git("checkout", "--quiet", "clash")
    ended = act(repository.folder, tmp_path, **(OURS | inputs))
    assert (ended.code, ended.outputs.get("verdict")) == (code, verdict), ended.out
    assert not (repository.folder / "stolen").exists()


def test_where_there_is_no_repository_it_fails(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = act(tmp_path / "empty", tmp_path, **OURS)
    assert (ended.code, ended.outputs) == (2, {})
    assert "actions/checkout" in ended.out


def job(folder: Path, tmp_path: Path, **variables: str) -> tuple[int, str, list[dict[str, Any]]]:
    """The job as GitLab runs it: one script of its lines, variables as the file has them."""
    (said,) = yaml.safe_load(JOB.read_text()).values()
    script = tmp_path / "job.sh"
    script.write_text("\n".join(("set -eo pipefail", *said["before_script"], *said["script"])))
    done = subprocess.run(
        ["bash", str(script)],  # noqa: S607 - as a runner does
        cwd=folder,
        env=environment(**said["variables"] | variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    report = folder / said["artifacts"]["reports"]["codequality"]
    return done.returncode, done.stdout, json.loads(report.read_text())


def test_the_job_fails_with_a_report_where_something_clashes(repository: Repository, tmp_path: Path) -> None:
    repository.git("checkout", "--quiet", "clash")
    code, out, report = job(repository.folder, tmp_path)
    assert code == 3
    assert "no version of pandas" in " ".join(out.split())
    assert {each["location"]["path"]: each["location"]["lines"]["begin"] for each in report} == CLASH
    assert {each["severity"] for each in report} == {"critical"}


def test_the_job_passes_with_an_empty_report_where_nothing_does(repository: Repository, tmp_path: Path) -> None:
    assert job(repository.folder, tmp_path)[::2] == (0, [])
    one_file = {"PSMP_MANIFESTS": "services/ml/requirements.txt", "PSMP_CHANGES": "main...one"}
    assert job(repository.folder, tmp_path, **one_file)[::2] == (0, [])


def test_both_are_pinned_to_this_version() -> None:
    (said,) = yaml.safe_load(JOB.read_text()).values()
    assert said["variables"]["PSMP_PACKAGE"] == f"psmp[cli]=={psmp.__version__}"
    pinned = re.findall(r"^([\w.-]+==[\w.]+)", (ACTION.parent / "requirements.lock").read_text(), re.MULTILINE)
    assert pinned
    assert set(pinned) <= set(re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))


def shown() -> list[dict[str, Any]]:
    """The steps of the workflows that the page shows."""
    page = (ROOT / "docs" / "ci.md").read_text()
    files = [yaml.safe_load(each) for each in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)]
    return [step for each in files for one in each.get("jobs", {}).values() for step in one["steps"]]


def test_the_page_names_inputs_that_there_are() -> None:
    steps = [each for each in shown() if "github-action" in each.get("uses", "")]
    assert len(steps) == 2
    inputs = yaml.safe_load(ACTION.read_text())["inputs"].keys()
    assert all(each["with"].keys() <= inputs for each in steps)


def test_a_pull_request_is_held_against_the_other_branches_as_the_page_shows(
    repository: Repository, tmp_path: Path
) -> None:
    (finding,) = [each for each in shown() if each.get("id") == "others"]
    for name, branch in {"main": "main", "agent/own": "one", "agent/rival": "two", "else": "clash"}.items():
        repository.git("update-ref", f"refs/remotes/origin/{name}", branch)
    repository.git("checkout", "--quiet", "one")
    output = tmp_path / "found"
    told = {"BASE": "origin/main", "OWN": "origin/agent/own", "GITHUB_OUTPUT": str(output)}
    script = ["bash", "-eo", "pipefail", "-c", finding["run"]]
    subprocess.run(script, cwd=repository.folder, env=environment(**told), timeout=60, check=True)
    ranges = output.read_text().removeprefix("ranges<<END\n").removesuffix("END\n")
    assert ranges == "origin/main...HEAD\norigin/main...origin/agent/rival\n"
    ended = act(repository.folder, tmp_path, **OURS, manifests="none", changes=ranges)
    assert (ended.code, ended.marked) == (3, {"app.py": 20})

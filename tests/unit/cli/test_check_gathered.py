"""``psmp check`` on what a repository has: manifests and changes, and the marks that it makes on their lines."""

import json
from pathlib import Path

import pytest

from psmp.cli.app import run
from psmp.cli.exits import Exit
from psmp.cli.gathered import gathered
from psmp.cli.pages import marks
from psmp.cli.pages.marks import Mark
from psmp.words.checks import CheckAnswer, Declaration
from psmp.words.values import Conflict, Party, PathClaim, Severity, Suggestion
from tests.unit.cli.diffs.repositories import Repository, numbered

API = '[project]\nname = "api"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [\n  "pandas>=2.0",\n]\n'


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = Repository(tmp_path / "mono")
    made.put({"services/api/pyproject.toml": API, "services/ml/requirements.txt": "numpy\npandas==1.5.*\n"})
    made.put(
        {"services/ml/requirements-dev.txt": "-r requirements.txt\npytest>=8\n", "app.py": numbered(*range(1, 31))}
    )
    made.commit()
    for name, line in {"one": "twenty", "two": "TWENTY", "apart": "five"}.items():
        made.git("checkout", "--quiet", "-b", name, "main")
        number = 5 if name == "apart" else 20
        made.put({"app.py": numbered(*range(1, number), line, *range(number + 1, 31))})
        made.commit()
    made.git("checkout", "--quiet", "main")
    monkeypatch.chdir(made.folder)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return made


def check(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    end = run(["check", *words])
    return end, capsys.readouterr().out


@pytest.mark.usefixtures("repository")
class TestGathering:
    def test_manifests_that_clash_are_marked_on_their_lines(self, capsys: pytest.CaptureFixture[str]) -> None:
        files = ("--from", "services/api/pyproject.toml", "--from", "services/ml/requirements.txt")
        end, out = check(capsys, *files, "-o", "github", "--python", "3.12")
        assert end == Exit.GOVERNED
        first, second = out.splitlines()
        assert first.startswith("::error file=services/api/pyproject.toml,line=6,title=psmp%3A pandas ")
        assert second.startswith("::error file=services/ml/requirements.txt,line=2,")
        assert "no version of pandas" in first
        assert "%0AWay out 1: " in first

    def test_a_need_of_an_included_file_is_marked_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        files = ("--from", "services/api/pyproject.toml", "--from", "services/ml/requirements-dev.txt")
        _, out = check(capsys, *files, "-o", "github", "--python", "3.12")
        assert "::error file=services/ml/requirements.txt,line=2," in out

    def test_changes_that_meet_are_marked_and_those_apart_are_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        end, out = check(capsys, "--from-diff", "main...one", "--from-diff", "main...two", "-o", "github")
        assert end == Exit.GOVERNED
        assert out.startswith("::error file=app.py,line=20,title=psmp%3A app.py (path)%3A high conflict::Because one ")
        end, out = check(capsys, "--from-diff", "main...one", "--from-diff", "main...apart", "-o", "github")
        assert (end, out) == (Exit.DONE, "")

    def test_an_interpreter_is_told_of_the_file_that_asks_for_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        _, out = check(capsys, "--from", "services/api/pyproject.toml", "--python", "3.10", "-o", "github")
        assert out.startswith("::error file=services/api/pyproject.toml,title=psmp%3A python ")

    def test_they_are_added_to_a_set(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        declared = {"artifact": "services-api-pyproject", "dependencies": [{"name": "pandas", "constraint": "<2"}]}
        (tmp_path / "set.json").write_text(json.dumps({"id": "rag", "declarations": [declared]}))
        words = (str(tmp_path / "set.json"), "--from", "services/api/pyproject.toml", "--python", "3.12", "-o", "json")
        end, out = check(capsys, *words)
        assert end == Exit.GOVERNED
        (conflict,) = json.loads(out)["conflicts"]
        assert conflict["causes"] == [["services-api-pyproject", "services-api-pyproject-2"]]

    def test_the_summary_of_the_job_has_the_table(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = tmp_path / "summary.md"
        page.write_text("before\n")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
        check(capsys, "--from-diff", "main...one", "--from-diff", "main...two", "-o", "github")
        lines = page.read_text().splitlines()
        assert lines[:2] == ["before", "### psmp check: ❌ not all can stand together"]
        assert "| `app.py` | high | one | `writes lines [20, 21) of app.py at " in page.read_text()

    def test_a_manifest_that_cannot_be_read_is_marked_where(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("broken.txt").write_text("numpy\n=>1\n")
        end, out = check(capsys, "--from", "broken.txt", "-o", "github")
        assert end == Exit.USAGE
        assert out.startswith("::error file=broken.txt,line=2,title=psmp%3A it cannot be read::broken.txt:2: not a req")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--python", "3"), "--python 3: not a Python"),
            (("-", "--from", "services/ml/requirements.txt"), "several sets are given"),
            (("--from-diff", "nowhere...main"), "nowhere"),
        ],
    )
    def test_what_cannot_be_meant_is_said(
        self,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
        words: tuple[str, ...],
        said: str,
    ) -> None:
        (tmp_path / "two.jsonl").write_text('{"declarations": []}\n' * 2)
        named = [str(tmp_path / "two.jsonl") if each == "-" else each for each in words]
        assert run(["check", *named]) == Exit.USAGE
        assert said in capsys.readouterr().err

    def test_a_report_is_one_document_and_its_findings_stay_the_same_when_lines_move(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = ("--from", "services/api/pyproject.toml", "--from", "services/ml/requirements.txt", "-o", "gitlab")
        before = json.loads(check(capsys, *words, "--python", "3.12")[1])
        Path("services/ml/requirements.txt").write_text("# moved\n\nnumpy\npandas==1.5.*\n")
        after = json.loads(check(capsys, *words, "--python", "3.12")[1])
        assert [each["location"]["lines"]["begin"] for each in before] == [6, 2]
        assert [each["location"]["lines"]["begin"] for each in after] == [6, 4]
        assert [each["fingerprint"] for each in before] == [each["fingerprint"] for each in after]
        assert len({each["fingerprint"] for each in before}) == 2
        assert before[0].keys() == {"description", "check_name", "fingerprint", "severity", "location"}


@pytest.mark.usefixtures("repository")
def test_names_are_ids_of_their_own_and_say_what_they_are() -> None:
    files = [Path("services/ml/requirements.txt"), Path.cwd() / "services/ml/requirements.txt"]
    known = [Declaration(artifact="one", paths=(PathClaim(path="app.py"),))]
    found = gathered(files, ["main...one", "main...two"], known)
    names = [each.artifact for each in found.declarations]
    assert names == ["services-ml-requirements", "services-ml-requirements-2", "one-2", "two"]
    assert set(found.files.values()) == {"services/ml/requirements.txt"}


def party(artifact: str, **more: str) -> Party:
    return Party(artifact=artifact, version=1, agent=artifact, constraint="<2|`x`", sequence=1, **more)  # type: ignore[arg-type]


def answered(*parties: Party) -> CheckAnswer:
    conflict = Conflict(
        id="C-1",
        kind="version",
        ecosystem="npm",
        subject="x",
        scope="runtime",
        severity=Severity.MEDIUM,
        environments=(),
        causes=(("a", "b"),),
        parties=parties,
        text="50% of <b>\nx",
        suggestions=(Suggestion(n=1, changes=(), text="use *one*"),),
    )
    warnings, unknown = ("lookalike: reqeusts",), ("a marker",)
    return CheckAnswer(id=7, verdict="conflict", conflicts=(conflict,), warnings=warnings, unknown=unknown)


class TestMarks:
    def test_what_has_no_place_is_said_once_of_the_whole(self) -> None:
        found = list(marks.marks(answered(party("a"), party("b")), {}))
        assert [(each.level, each.path, each.line) for each in found] == [
            ("error", "", None),
            ("warning", "", None),
            ("warning", "", None),
        ]
        assert marks.gitlab(found, "set.json")[0]["location"] == {"path": "set.json", "lines": {"begin": 1}}
        assert [each["severity"] for each in marks.gitlab(found, "set.json")] == ["minor", "info", "info"]

    def test_a_place_without_a_line_is_a_file(self) -> None:
        found = list(marks.marks(answered(party("a", location="package.json"), party("b")), {"b": "b/package.json"}))
        assert [(each.path, each.line) for each in found[:2]] == [("package.json", None), ("b/package.json", None)]

    def test_nothing_that_is_said_can_be_taken_for_a_command(self) -> None:
        mark = Mark("error", "a,b:c", "one\r\n::error::two 100%", "a:b,c", 3)
        line = "::error file=a%3Ab%2Cc,line=3,title=psmp%3A a%2Cb%3Ac::one%0D%0A::error::two 100%25\n"
        assert marks.github([mark]) == line

    def test_nothing_that_is_said_can_break_the_page(self) -> None:
        page = marks.summary(answered(party("a"), party("b")), {"a": "x|y.txt"})
        assert "### psmp check: 7: ❌ not all can stand together" in page
        assert "| `x` | medium | a | `<2\\| x ` | `x\\|y.txt` |" in page
        assert "50% of &lt;b> x" in page
        assert "1. use \\*one\\*" in page
        assert page.endswith("- lookalike: reqeusts\n- a marker\n\n")

    def test_what_cannot_be_checked_is_an_error(self) -> None:
        found = list(marks.marks(CheckAnswer(verdict="invalid", errors=("/declarations: missing",)), {}))
        assert marks.github(found) == "::error title=psmp%3A this cannot be checked::/declarations: missing\n"
        assert marks.gitlab(found, "-")[0]["severity"] == "critical"

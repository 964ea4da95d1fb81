"""Real manifests, read without running them: what is needed, what is left unread, and where a fault stands."""

import json
from pathlib import Path

import pytest

from psmp.cli import manifests
from psmp.cli.manifests import ManifestFault
from psmp.cli.manifests.requirements import MOST_FILES
from psmp.words.values import Dependency


def declared(path: Path) -> tuple[Dependency, ...]:
    """What is needed, wherever it is written."""
    return tuple(each.model_copy(update={"location": None}) for each in manifests.read(path).dependencies)


def needs(path: Path) -> list[tuple[str, str, str]]:
    return [(each.name, each.constraint, each.scope) for each in manifests.read(path).dependencies]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / next(iter(files))


def requirements(folder: Path, text: str, **others: str) -> Path:
    return write(folder, **{"requirements.txt": text, **others})


def fault_of(path: Path) -> ManifestFault:
    with pytest.raises(ManifestFault) as caught:
        manifests.read(path)
    assert caught.value.hint
    return caught.value


class TestRequirements:
    def test_names_constraints_extras_and_markers_are_read_as_written(self, tmp_path: Path) -> None:
        path = requirements(tmp_path, 'uvicorn[standard]>=0.20,<1 ; python_version < "3.13"\nPyYAML\n')
        assert declared(path) == (
            Dependency(name="uvicorn", constraint=">=0.20,<1", extras=("standard",), marker='python_version < "3.13"'),
            Dependency(name="PyYAML"),
        )

    def test_comments_and_blank_lines_are_no_needs(self, tmp_path: Path) -> None:
        assert needs(requirements(tmp_path, "# all of it\n\n   # indented\npandas>=2.0\n")) == [
            ("pandas", ">=2.0", "runtime")
        ]

    def test_a_comment_behind_a_need_is_its_purpose(self, tmp_path: Path) -> None:
        path = requirements(tmp_path, "pandas>=2.0  # DataFrame API\nnumpy\n")
        purposes = [need.purpose for need in manifests.read(path, purpose="analysis").dependencies]
        assert purposes == ["DataFrame API", "analysis"]

    def test_a_hash_in_an_address_is_no_comment(self, tmp_path: Path) -> None:
        path = requirements(tmp_path, "demo @ https://host/demo.zip#sha256=ab\n")
        assert declared(path) == (Dependency(name="demo", reference="https://host/demo.zip"),)

    def test_a_password_in_a_reference_stays_here(self, tmp_path: Path) -> None:
        found = manifests.read(requirements(tmp_path, "demo @ git+https://me:secret@host/demo.git@v1\n"))
        assert found.dependencies[0].reference == "git+https://host/demo.git@v1"
        assert "requirements.txt:1" in found.unread[0]
        assert "secret" not in found.unread[0]

    def test_each_need_says_where_it_is_written(self, tmp_path: Path) -> None:
        path = requirements(tmp_path, "numpy\n\n-r more.txt\n", **{"more.txt": "pandas\n"})
        places = {each.name: each.location for each in manifests.read(path).dependencies}
        assert places == {"numpy": "requirements.txt:1", "pandas": "more.txt:1"}

    def test_lines_go_on_after_a_backslash(self, tmp_path: Path) -> None:
        path = requirements(tmp_path, "pandas \\\n  >=2.0, \\\n  <3\nnumpy\n")
        assert needs(path) == [("pandas", ">=2.0,<3", "runtime"), ("numpy", "", "runtime")]

    def test_hashes_of_a_locked_file_are_passed_over(self, tmp_path: Path) -> None:
        path = requirements(tmp_path, "idna==3.7 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via anyio\n")
        assert declared(path) == (Dependency(name="idna", constraint="==3.7"),)

    @pytest.mark.parametrize(
        "option",
        ["-i https://host/simple", "--index-url=https://host/simple", "--pre", "--no-binary :all:", "-f wheels"],
    )
    def test_options_about_sources_are_passed_over(self, tmp_path: Path, option: str) -> None:
        assert needs(requirements(tmp_path, f"{option}\nnumpy\n")) == [("numpy", "", "runtime")]

    @pytest.mark.parametrize("form", ["-r more.txt", "-rmore.txt", "--requirement more.txt", "--requirement=more.txt"])
    def test_included_files_are_read(self, tmp_path: Path, form: str) -> None:
        path = requirements(tmp_path, f"{form}\nnumpy\n", **{"more.txt": "pandas\n"})
        assert [name for name, *_ in needs(path)] == ["pandas", "numpy"]

    def test_an_include_is_relative_to_the_file_that_names_it(self, tmp_path: Path) -> None:
        files = {"reqs/a.txt": "-r b.txt\n", "reqs/b.txt": "pandas\n"}
        assert [name for name, *_ in needs(requirements(tmp_path, "-r reqs/a.txt\n", **files))] == ["pandas"]

    def test_files_that_include_each_other_are_read_once(self, tmp_path: Path) -> None:
        path = requirements(tmp_path, "-r more.txt\nnumpy\n", **{"more.txt": "-r requirements.txt\npandas\n"})
        assert [name for name, *_ in needs(path)] == ["pandas", "numpy"]

    def test_an_include_does_not_climb_above_the_folder(self, tmp_path: Path) -> None:
        write(tmp_path, **{"secret.txt": "pandas\n"})
        fault = fault_of(write(tmp_path, **{"app/requirements.txt": "\n-r ../secret.txt\n"}))
        assert fault.line == 2
        assert "--root" in fault.hint

    def test_an_include_climbs_as_far_as_it_is_told(self, tmp_path: Path) -> None:
        write(tmp_path, **{"shared.txt": "pandas\n"})
        path = write(tmp_path, **{"app/requirements.txt": "-r ../shared.txt\n"})
        assert [each.name for each in manifests.read(path, root=tmp_path).dependencies] == ["pandas"]

    def test_a_link_out_of_the_folder_is_not_followed(self, tmp_path: Path) -> None:
        target = write(tmp_path, **{"secret.txt": "pandas\n"})
        path = write(tmp_path, **{"app/requirements.txt": "-r inside.txt\n"})
        (tmp_path / "app" / "inside.txt").symlink_to(target)
        assert "lies outside" in fault_of(path).problem

    def test_the_number_of_includes_is_bounded(self, tmp_path: Path) -> None:
        chain = {f"r{n}.txt": f"-r r{n + 1}.txt\n" for n in range(MOST_FILES + 5)}
        assert f"more than {MOST_FILES} files" in fault_of(write(tmp_path, **chain)).problem

    def test_a_missing_include_names_the_line_that_asks_for_it(self, tmp_path: Path) -> None:
        fault = fault_of(requirements(tmp_path, "numpy\n-r gone.txt\n"))
        assert str(fault) == f"{tmp_path / 'requirements.txt'}:2: there is no file {tmp_path / 'gone.txt'}"

    def test_an_address_is_not_fetched(self, tmp_path: Path) -> None:
        assert "only files are read" in fault_of(requirements(tmp_path, "-r https://host/more.txt\n")).problem

    def test_constraints_narrow_what_is_needed_and_add_nothing(self, tmp_path: Path) -> None:
        limits = 'pandas==2.1.*\nnumpy<2\nPandas!=2.1.3 ; sys_platform == "win32"\n'
        path = requirements(tmp_path, "-c limits.txt\npandas>=2.0\n", **{"limits.txt": limits})
        assert [(need.constraint, need.marker) for need in manifests.read(path).dependencies] == [
            (">=2.0,==2.1.*", None),
            (">=2.0,==2.1.*,!=2.1.3", 'sys_platform == "win32"'),
        ]

    @pytest.mark.parametrize("line", ["-e .", "--editable=./lib", "git+https://host/x.git", "./x-1.0.whl", "../lib"])
    def test_what_names_no_package_is_said_aloud(self, tmp_path: Path, line: str) -> None:
        found = manifests.read(requirements(tmp_path, f"numpy\n{line}\n"))
        assert [need.name for need in found.dependencies] == ["numpy"]
        assert "requirements.txt:2" in found.unread[0]

    def test_a_password_in_an_address_is_never_shown(self, tmp_path: Path) -> None:
        found = manifests.read(requirements(tmp_path, "git+https://me:secret@host/x.git\n"))
        assert "secret" not in found.unread[0]

    @pytest.mark.parametrize(
        ("text", "line"),
        [("numpy\npandas=>2\n", 2), ("\n\n==1.0\n", 3), ("a \\\n b\n", 1), ("x>=1 ; python_version > \n", 1)],
    )
    def test_a_fault_names_its_line(self, tmp_path: Path, text: str, line: int) -> None:
        fault = fault_of(requirements(tmp_path, text))
        assert fault.line == line
        assert fault.problem.startswith("not a requirement")

    def test_an_unknown_option_is_a_fault(self, tmp_path: Path) -> None:
        assert "--evil" in fault_of(requirements(tmp_path, "--evil x\n")).problem

    def test_a_file_of_another_shell_is_read_too(self, tmp_path: Path) -> None:
        path = tmp_path / "requirements.txt"
        path.write_bytes("pandas>=2.0\r\nnumpy\r\n".encode("utf-16"))
        assert [name for name, *_ in needs(path)] == ["pandas", "numpy"]

    def test_what_is_not_text_is_a_fault_with_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / "requirements.txt"
        path.write_bytes(b"numpy\n\xff\xffpandas\n")
        assert fault_of(path).line == 2

    def test_an_empty_file_asks_for_nothing(self, tmp_path: Path) -> None:
        assert needs(requirements(tmp_path, "")) == []


class TestPyproject:
    def test_each_section_has_its_scope(self, tmp_path: Path) -> None:
        text = """
            [build-system]
            requires = ["hatchling>=1.27"]
            [project]
            name = "demo"
            dependencies = ["pandas>=2.0", "fastapi[all]"]
            [project.optional-dependencies]
            docs = ["sphinx"]
            [dependency-groups]
            test = ["pytest>=8", {include-group = "Lint_Tools"}]
            lint-tools = ["ruff"]
        """
        assert needs(write(tmp_path, **{"pyproject.toml": text})) == [
            ("pandas", ">=2.0", "runtime"),
            ("fastapi", "", "runtime"),
            ("sphinx", "", "dev"),
            ("pytest", ">=8", "dev"),
            ("ruff", "", "dev"),
            ("hatchling", ">=1.27", "build"),
        ]

    def test_a_project_does_not_need_itself(self, tmp_path: Path) -> None:
        text = '[project]\nname = "My.App"\n[project.optional-dependencies]\ngpu = ["torch"]\nall = ["my-app[gpu]"]\n'
        assert needs(write(tmp_path, **{"pyproject.toml": text})) == [("torch", "", "dev")]

    def test_extras_and_groups_say_what_for(self, tmp_path: Path) -> None:
        text = '[project.optional-dependencies]\ndocs = ["sphinx"]\n[dependency-groups]\ntest = ["pytest"]\n'
        found = manifests.read(write(tmp_path, **{"pyproject.toml": text}))
        assert [need.purpose for need in found.dependencies] == ["extra docs", "group test"]

    @pytest.mark.parametrize(
        ("text", "line", "problem"),
        [
            ('[project]\ndependencies = [\n  "numpy",\n  "pandas=>2",\n]\n', 4, "not a requirement"),
            ('[project]\ndependencies = "numpy"\n', 2, "not a list"),
            ("[project]\ndependencies = [3]\n", 2, "not text"),
            ("[project\n", 1, "not TOML"),
            ("project = 1\n", 1, "not a table"),
            ('[dependency-groups]\na = [{include-group = "b"}]\n', 2, "is included, but there is none"),
            ('[dependency-groups]\na = [{include-group = "a"}]\n', 2, "includes itself"),
            ('[project]\ndynamic = ["dependencies"]\n', 2, "only a build could tell"),
            ("[tool.poetry.dependencies]\npandas = '^2'\n", 1, "Poetry"),
        ],
    )
    def test_a_fault_names_its_line(self, tmp_path: Path, text: str, line: int, problem: str) -> None:
        fault = fault_of(write(tmp_path, **{"pyproject.toml": text}))
        assert (fault.line, problem in fault.problem) == (line, True), str(fault)

    def test_dependencies_that_setuptools_takes_from_files_are_read_from_there(self, tmp_path: Path) -> None:
        text = """
            [project]
            dynamic = ["dependencies"]
            [tool.setuptools.dynamic]
            dependencies = {file = ["reqs.txt"]}
        """
        path = write(tmp_path, **{"pyproject.toml": text, "reqs.txt": "pandas\n"})
        assert needs(path) == [("pandas", "", "runtime")]


class TestPackageJson:
    def package(self, folder: Path, **sections: object) -> Path:
        return write(folder, **{"package.json": json.dumps(sections, indent=2)})

    def test_each_section_has_its_scope(self, tmp_path: Path) -> None:
        path = self.package(
            tmp_path,
            dependencies={"react": "^18.2.0"},
            devDependencies={"vite": ">=5 <6 || 7.x"},
            peerDependencies={"@types/react": "*", "preact": "10"},
            peerDependenciesMeta={"preact": {"optional": True}},
        )
        assert declared(path) == (
            Dependency(name="react", constraint="^18.2.0", ecosystem="npm"),
            Dependency(name="@types/react", constraint="*", ecosystem="npm"),
            Dependency(name="vite", constraint=">=5 <6 || 7.x", ecosystem="npm", scope="dev"),
        )

    def test_an_alias_is_the_package_behind_it(self, tmp_path: Path) -> None:
        path = self.package(tmp_path, dependencies={"old": "npm:@scope/real@~1.2.3-rc.1+b"})
        assert declared(path) == (Dependency(name="@scope/real", constraint="~1.2.3-rc.1+b", ecosystem="npm"),)

    @pytest.mark.parametrize(
        "source",
        ["latest", "workspace:*", "file:../x", "git+https://me:secret@host/x", "owner/repo", "https://h/x.tgz"],
    )
    def test_what_is_no_range_is_said_aloud(self, tmp_path: Path, source: str) -> None:
        path = self.package(tmp_path, dependencies={"x": source})
        found = manifests.read(path)
        assert declared(path) == (Dependency(name="x", ecosystem="npm"),)
        assert "package.json:3" in found.unread[0]
        assert "secret" not in found.unread[0]

    @pytest.mark.parametrize(
        ("text", "line"),
        [('{\n "dependencies": {\n  "x": 3\n }\n}', 3), ('{"a": 1,\n}', 1), ("[]", 1), ('{\n"dependencies": []}', 2)],
    )
    def test_a_fault_names_its_line(self, tmp_path: Path, text: str, line: int) -> None:
        # From Python 3.13 on a trailing comma is found on its own line, before that on the next.
        assert fault_of(write(tmp_path, **{"package.json": text})).line in {line, line + (text[-2:] == "\n}")}

    def test_nesting_without_end_is_a_fault(self, tmp_path: Path) -> None:
        assert "not JSON" in fault_of(write(tmp_path, **{"package.json": "[" * 200_000})).problem


def test_a_file_that_is_no_manifest_is_refused_with_the_ones_that_are(tmp_path: Path) -> None:
    fault = fault_of(write(tmp_path, **{"setup.py": "raise SystemExit"}))
    assert "pyproject.toml" in fault.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert str(fault_of(tmp_path / "requirements.txt")).startswith(str(tmp_path / "requirements.txt"))


def test_a_file_of_any_size_is_not_read(tmp_path: Path) -> None:
    assert "larger" in fault_of(requirements(tmp_path, "#" * 1_048_577)).problem


def test_an_overlong_purpose_is_cut(tmp_path: Path) -> None:
    found = manifests.read(requirements(tmp_path, "numpy  # " + "word " * 100))
    assert len(found.dependencies[0].purpose) == 200

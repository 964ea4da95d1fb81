"""A set of declarations gets one verdict, with everything that is wrong, unknown or worth a warning at its place."""

import json
from typing import Any

import pytest

from psmp.compat.answer import answer
from psmp.compat.requirement import Ask, Requirement, Subject
from psmp.words.checks import CheckAnswer, CheckSet
from psmp.words.values import Target

HERE = (Target(python="3.12"),)


def answered(*declarations: dict[str, Any], **more: object) -> CheckAnswer:
    asked = CheckSet.model_validate_json(json.dumps({"declarations": declarations, **more}))
    return answer(asked, HERE)


def declaration(artifact: str, *needs: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"artifact": artifact, "dependencies": needs, **more}


def test_a_set_without_targets_is_checked_where_we_are() -> None:
    found = answered(declaration("a", requires_python="<3.12"))
    assert found.verdict == "conflict"
    assert [(each.kind, each.environments) for each in found.conflicts] == [("python", ("python3.12-linux",))]
    assert answered(declaration("a", requires_python="<3.12"), targets=[{"python": "3.11"}]).verdict == "compatible"


def test_nothing_declared_is_compatible() -> None:
    assert answered(id=7) == CheckAnswer(id=7, verdict="compatible")


def test_everything_that_is_wrong_is_told_with_its_place() -> None:
    wrong = declaration("a", {"name": "x", "constraint": "=>2"}, {"name": "y", "marker": "z"}, requires_python="3")
    beside = declaration("b", {"name": "x", "constraint": ">1", "reference": "https://example.org/x.whl"})
    found = answered(wrong, beside, declaration("a"))
    assert found.verdict == "invalid"
    assert [error.split(",")[0].split(":")[0] for error in found.errors] == [
        "/declarations/0/dependencies/0/constraint",
        "/declarations/0/dependencies/1/marker",
        "/declarations/0/requires_python",
        "/declarations/1/dependencies/0/reference",
        "/declarations/2/artifact",
    ]


def test_a_reference_that_carries_a_secret_is_invalid() -> None:
    found = answered(declaration("a", {"name": "x", "reference": "https://me:secret@example.org/x.whl"}))
    assert found.verdict == "invalid"


def test_what_cannot_be_known_is_neither_compatible_nor_a_conflict() -> None:
    some = {"name": "x", "constraint": "<2", "marker": "platform_machine == 'x86_64'"}
    found = answered(declaration("a", some), declaration("b", {"name": "x", "constraint": ">=2"}))
    assert found.verdict == "unknown"
    assert len(found.unknown) == 1
    clash = answered(declaration("a", some), declaration("b", {"name": "x", "constraint": ">2,<1"}))
    assert clash.verdict == "conflict"


def test_a_witness_names_what_several_need() -> None:
    shared = {"name": "Numpy", "constraint": ">=1.26"}
    found = answered(declaration("a", shared, {"name": "x"}), declaration("b", {"name": "numpy", "constraint": "<3"}))
    assert found.witness == {"numpy": ">=1.26,<3"}


def test_lookalikes_and_strange_letters_are_warnings() -> None:
    found = answered(declaration("a", {"name": "requests"}), declaration("b", {"name": "reqeusts"}, {"name": "nаme"}))  # noqa: RUF001
    assert found.verdict == "compatible"
    assert [warning.split(":")[:2] for warning in found.warnings] == [
        ["lookalike", " nаme"],  # noqa: RUF001
        ["lookalike", " reqeusts"],
        ["lookalike", " requests"],
    ]


def test_an_environment_of_its_own_keeps_an_artifact_apart() -> None:
    old, new = {"name": "x", "constraint": "<2"}, {"name": "x", "constraint": ">=2"}
    assert answered(declaration("a", old), declaration("b", new, environment="b")).verdict == "compatible"
    both = answered(declaration("a", old, environment="lab"), declaration("b", new, environment="lab"))
    assert [(each.subject, each.environment) for each in both.conflicts] == [("x", "lab")]
    assert "no version of x in lab satisfies the runtime scope" in both.conflicts[0].text


def test_parties_say_where_it_is_written() -> None:
    needs = [
        {"name": "x", "constraint": "<2", "location": "pyproject.toml:7", "purpose": "old API"},
        {"name": "x", "constraint": ">=2", "location": "requirements.txt:3"},
    ]
    found = answered(declaration("a", needs[0], agent="coder"), declaration("b", needs[1]))
    parties = found.conflicts[0].parties
    assert [(each.agent, each.artifact, each.location, each.purpose, each.sequence) for each in parties] == [
        ("coder", "a", "pyproject.toml:7", "old API", 1),
        ("b", "b", "requirements.txt:3", "", 2),
    ]


@pytest.mark.parametrize(
    ("subject", "ask", "text"),
    [
        (Subject("pypi", "x"), Ask(">=1"), "x>=1"),
        (Subject("pypi", "x"), Ask(marker="os_name == 'nt'"), "x where os_name == 'nt'"),
        (Subject("pypi", "x"), Ask(reference="./x"), "x @ ./x"),
        (Subject("python", "python"), Ask(">=3.9"), "Python>=3.9"),
    ],
)
def test_a_requirement_reads_as_it_could_be_written(subject: Subject, ask: Ask, text: str) -> None:
    assert str(Requirement("a", "A", subject, ask)) == text


def test_paths_are_checked_too() -> None:
    def claim(*ranges: object, base: str = "r1") -> dict[str, Any]:
        return {"path": "app/main.py", "base": base, "ranges": ranges}

    apart = answered(declaration("a", paths=[claim([10, 20])]), declaration("b", paths=[claim([30, 40])]))
    assert apart.verdict == "compatible"
    met = answered(declaration("a", paths=[claim([10, 20])]), declaration("b", paths=[claim([15, 30])]))
    (conflict,) = met.conflicts
    assert (conflict.kind, conflict.subject, conflict.causes) == ("path", "app/main.py", (("a", "b"),))
    assert (conflict.ecosystem, conflict.scope, conflict.severity) == (None, None, "high")
    assert conflict.suggestions[0].changes[0].action == "release"
    same = answered(declaration("a", paths=[claim([1, 2, "ab"])]), declaration("b", paths=[claim([1, 2, "ab"])]))
    assert same.verdict == "compatible"
    doubt = answered(declaration("a", paths=[claim([1, 2])]), declaration("b", paths=[claim([1, 2], base="r2")]))
    assert (doubt.verdict, len(doubt.unknown)) == ("unknown", 1)
    wrong = answered(declaration("a", paths=[{"path": "a.py"}, {"path": "../x"}, claim([3, 1])]))
    assert [error.partition(":")[0] for error in wrong.errors] == ["/declarations/0/paths/1", "/declarations/0/paths/2"]


def test_files_that_some_file_systems_cannot_tell_apart_are_a_warning() -> None:
    found = answered(declaration("a", paths=[{"path": "Src/a.py"}]), declaration("b", paths=[{"path": "src/b.py"}]))
    assert found.verdict == "compatible"
    assert len(found.warnings) == len(set(found.warnings)) == 2

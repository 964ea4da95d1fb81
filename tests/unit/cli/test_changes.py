"""Single changes to a declaration."""

import pytest

from psmp.cli.changes import claims_after, needs_after
from psmp.cli.faults import Complaint
from psmp.cli.pages.conflict import commands
from psmp.words.values import Change, Dependency, PathClaim, Suggestion

WINDOWS = "sys_platform == 'win32'"
NEEDS = (
    Dependency(name="NumPy", constraint="<2", purpose="arrays", extras=("x",)),
    Dependency(name="numpy", constraint="<1.5", marker=WINDOWS),
    Dependency(name="pytest", constraint="<8", scope="dev"),
)


def spelled(needs: tuple[Dependency, ...]) -> list[str]:
    return [f"{need.name}{need.constraint}" for need in needs]


def test_a_change_is_of_the_package_in_its_scope_wherever_it_counts() -> None:
    after = needs_after(NEEDS, (Dependency(name="numpy", constraint=">=2"),), ())
    assert spelled(after) == ["NumPy>=2", "numpy>=2", "pytest<8"]
    assert (after[0].purpose, after[0].extras, after[1].marker) == ("arrays", ("x",), WINDOWS)


def test_a_change_with_a_marker_is_of_that_need_alone() -> None:
    after = needs_after(NEEDS, (Dependency(name="numpy", constraint=">=2", marker=WINDOWS),), ())
    assert spelled(after) == ["NumPy<2", "numpy>=2", "pytest<8"]


def test_what_is_new_comes_last_and_another_scope_is_new() -> None:
    after = needs_after(NEEDS, (Dependency(name="pytest", constraint=">=8"),), ("numpy",))
    assert spelled(after) == ["pytest<8", "pytest>=8"]


def test_a_reference_takes_the_place_of_a_constraint() -> None:
    (after, *_) = needs_after(NEEDS[:1], (Dependency(name="numpy", reference="https://example.org/numpy.whl"),), ())
    assert (after.constraint, after.reference) == ("", "https://example.org/numpy.whl")


def test_a_claim_is_given_up_by_its_path_however_it_is_spelled() -> None:
    claims = (PathClaim(path="./app/main.py"), PathClaim(path="src/"), PathClaim(path="b.py"))
    assert [claim.path for claim in claims_after(claims, ("app/main.py", "src"))] == ["b.py"]


def test_what_is_not_there_cannot_be_taken_away() -> None:
    with pytest.raises(Complaint, match="--drop flask"):
        needs_after(NEEDS, (), ("flask",))
    with pytest.raises(Complaint, match=r"--release c\.py"):
        claims_after((PathClaim(path="b.py"),), ("c.py",))


@pytest.mark.parametrize(
    ("change", "ecosystem", "option"),
    [
        (Change(artifact="a", agent="A", name="x", constraint=">=2"), "pypi", "--set 'x>=2'"),
        (Change(artifact="a", agent="A", name="x", constraint=">=2", scope="dev"), "pypi", "--set 'dev:x>=2'"),
        (
            Change(artifact="a", agent="A", name="x", constraint=">=2", scope="runtime", marker="os_name == 'nt'"),
            "pypi",
            """--set 'x>=2 ; os_name == '"'"'nt'"'"''""",
        ),
        (Change(artifact="a", agent="A", name="x", constraint="", reference="./x"), "pypi", "--set 'x @ ./x'"),
        (Change(artifact="a", agent="A", name="x", constraint="^2"), "npm", "--set 'npm:x@^2'"),
        (
            Change(artifact="a", agent="A", name="x", constraint="<2", action="isolate", environment="lab"),
            "pypi",
            "--environment lab",
        ),
        (
            Change(artifact="a", agent="A", name="python", constraint=">=3.9", action="python"),
            "pypi",
            "--requires-python '>=3.9'",
        ),
        (Change(artifact="a", agent="A", name="app.py", constraint="", action="release"), None, "--release app.py"),
    ],
)
def test_every_step_of_a_suggestion_can_be_typed(change: Change, ecosystem: str | None, option: str) -> None:
    (command,) = commands(Suggestion(n=1, changes=(change,), text=""), "rag", ecosystem)
    assert command == f"psmp amend rag --agent A --artifact a {option}"

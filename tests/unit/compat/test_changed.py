"""Changes applied to a declaration: what they name becomes what they say, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psmp.compat.changed import Inapplicable, changed, without
from psmp.words.events import ArtifactDeclared
from psmp.words.values import Change, Dependency, PathClaim
from tests.teams import Team, teams

OLD = ArtifactDeclared(
    artifact="api",
    version=3,
    type="code",
    summary="what it does",
    dependencies=(
        Dependency(name="pandas", constraint=">=2", purpose="frames", extras=("fast",), location="a:1"),
        Dependency(name="Pandas", constraint=">=1", scope="dev"),
        Dependency(name="pandas", constraint="<3", marker="sys_platform == 'win32'"),
        Dependency(name="pandas", constraint="^1", ecosystem="npm"),
        Dependency(name="numpy", reference="https://host.example/numpy-2-py3-none-any.whl"),
    ),
    paths=(PathClaim(path="src"), PathClaim(path="src/"), PathClaim(path="src/b/c.py"), PathClaim(path="lib/d.py")),
    requires_python=">=3.11",
    flexible=True,
    fence=7,
)


def one(constraint: str = "", name: str = "pandas", **more: object) -> Change:
    return Change.model_validate({"artifact": "api", "agent": "coder", "name": name, "constraint": constraint, **more})


def constraints(*changes: Change, ecosystem: str | None = "pypi") -> list[str]:
    new = changed(OLD, changes, ecosystem=ecosystem)  # type: ignore[arg-type]
    return [each.constraint for each in new.dependencies]


def paths(name: str) -> list[str]:
    return [each.path for each in changed(OLD, [one(name=name, action="release")]).paths]


def test_it_is_the_next_version_and_all_else_stays() -> None:
    new = changed(OLD, [one("<2", action="python")], reason="why")
    assert (new.version, new.reason, new.requires_python, new.fence) == (4, "why", "<2", None)
    kept = ("artifact", "type", "summary", "dependencies", "paths", "metadata", "environment", "flexible")
    assert all(getattr(new, each) == getattr(OLD, each) for each in kept)


def test_every_need_of_the_package_gets_the_constraint() -> None:
    assert constraints(one("==9")) == ["==9", "==9", "==9", "^1", ""]
    assert constraints(one("==9"), ecosystem="npm") == [">=2", ">=1", "<3", "==9", ""]
    assert constraints(one("==9"), ecosystem=None) == ["==9", "==9", "==9", "==9", ""]


def test_a_scope_or_marker_narrows_it_to_the_needs_that_have_it() -> None:
    marker = "sys_platform == 'win32'"
    assert constraints(one("==9", scope="dev")) == [">=2", "==9", "<3", "^1", ""]
    assert constraints(one("==9", scope="runtime")) == ["==9", ">=1", "<3", "^1", ""]
    assert constraints(one("==9", scope="runtime", marker=marker)) == [">=2", ">=1", "==9", "^1", ""]
    assert constraints(one("==9", marker=marker)) == [">=2", ">=1", "==9", "^1", ""]


def test_purpose_extras_and_place_stay_with_the_need() -> None:
    need = changed(OLD, [one("==9")]).dependencies[0]
    assert (need.purpose, need.extras, need.location, need.name) == ("frames", ("fast",), "a:1", "pandas")


def test_a_reference_takes_the_place_of_a_constraint_and_a_constraint_that_of_a_reference() -> None:
    url = "https://host.example/pandas-2-py3-none-any.whl"
    need = changed(OLD, [one(scope="dev", reference=url)], ecosystem="pypi").dependencies[1]
    assert (need.constraint, need.reference) == ("", url)
    need = changed(OLD, [one(">=1", name="NumPy")]).dependencies[4]
    assert (need.constraint, need.reference) == (">=1", None)


def test_isolation_names_an_environment() -> None:
    assert changed(OLD, [one(action="isolate", environment="own")]).environment == "own"
    assert changed(OLD, [one(action="isolate")]).environment == "api"


def test_no_constraint_on_the_interpreter_is_none() -> None:
    assert changed(OLD, [one("", action="python")]).requires_python is None


def test_a_path_is_released_as_it_is_spelled_else_as_it_is_named_else_with_what_lies_in_it() -> None:
    assert paths("src/") == ["src", "src/b/c.py", "lib/d.py"]
    assert paths("src") == ["src/", "src/b/c.py", "lib/d.py"]
    assert paths("lib/d.py/") == ["src", "src/", "src/b/c.py"]
    assert paths("lib") == ["src", "src/", "src/b/c.py"]


def test_claims_are_left_out_by_the_names_of_their_paths() -> None:
    assert [each.path for each in without(OLD.paths, ("src/", "lib/d.py"))] == ["src/b/c.py"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (one("==9", name="torch"), "api needs no torch"),
        (one("==9", name="numpy", scope="dev"), "api needs no numpy in scope dev"),
        (one("==9", marker="os_name == 'nt'"), "api needs no pandas where os_name == 'nt'"),
        (one(name="elsewhere", action="release"), "api does not claim elsewhere"),
    ],
)
def test_what_it_does_not_have_cannot_be_changed(change: Change, said: str) -> None:
    with pytest.raises(Inapplicable) as caught:
        changed(OLD, [change])
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (one(">=2"), "coder -> pandas >=2 in api"),
        (one(""), "coder -> any pandas in api"),
        (one("", scope="dev", reference="git+x"), "coder -> pandas @ git+x in scope dev in api"),
        (one(action="isolate", environment="own"), "coder -> the environment own in api"),
        (one(action="isolate"), "coder -> the environment api in api"),
        (one(">=3.12", action="python"), "coder -> Python >=3.12 in api"),
        (one("", action="python"), "coder -> Python of any version in api"),
        (one(name="src/a.py", action="release"), "coder -> no claim on src/a.py in api"),
    ],
)
def test_a_change_says_what_it_is(change: Change, said: str) -> None:
    assert str(change) == said


@settings(max_examples=50, deadline=None)
@given(teams(), st.data())
def test_a_change_applied_twice_is_that_applied_once(team: Team, data: st.DataObject) -> None:
    _, declaration = data.draw(st.sampled_from(team))
    said = declaration.model_dump(exclude={"fence", "artifact"})
    old = ArtifactDeclared.model_validate({**said, "artifact": "api", "version": 1})
    change = one("==9", name="pkg", action=data.draw(st.sampled_from(["require", "python", "isolate"])))
    try:
        once = changed(old, [change])
    except Inapplicable:
        return
    assert changed(old, [change, change]) == once

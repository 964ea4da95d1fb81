"""Declarations become one question to the resolver for each environment, target and group, and its digest names it."""

from datetime import UTC, datetime

import pytest

from psmp.deep.problem import Need, digest, problems
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, Target
from tests.unit.deep.saying import LINUX, problem, root


def declared(artifact: str, *dependencies: Dependency, environment: str | None = None) -> Declaration:
    return Declaration(artifact=artifact, agent="ann", dependencies=dependencies, environment=environment)


def test_a_need_reads_as_a_requirement() -> None:
    need = Need("httpx", ">=0.27", ("http2",), "python_version >= '3.9'")
    assert (need.package, need.said) == ("httpx[http2]", "httpx[http2]>=0.27")
    assert need.line == "httpx[http2]>=0.27 ; python_version >= '3.9'"
    assert Need("a", url="https://x/a-1-py3-none-any.whl").line == "a @ https://x/a-1-py3-none-any.whl"


def test_one_problem_for_each_environment_target_and_group() -> None:
    targets = [Target(python="3.12"), LINUX]
    asked = problems(
        [
            declared("b", Dependency(name="pytest", scope="dev"), environment="own"),
            declared("a", Dependency(name="NumPy", constraint=" >= 2 , < 3 ")),
        ],
        targets,
    )
    assert [(each.environment, str(each.target), each.group) for each in asked] == [
        (None, "python3.11-linux", "runtime"),
        (None, "python3.12-linux", "runtime"),
        ("own", "python3.11-linux", "dev"),
        ("own", "python3.12-linux", "dev"),
    ]
    assert asked[0].elements == (("a", Need("numpy", ">=2,<3")),)


def test_what_development_needs_is_installed_beside_the_rest() -> None:
    runtime, dev = problems([declared("a", Dependency(name="x"), Dependency(name="y", scope="dev"))], [LINUX])
    assert [need.name for _, need in runtime.elements] == ["x"]
    assert [(need.name, need.scope) for _, need in dev.elements] == [("x", "runtime"), ("y", "dev")]


def test_other_ecosystems_and_builds_are_asked_elsewhere() -> None:
    assert not problems([declared("a", Dependency(name="x", ecosystem="npm"))], [LINUX])
    (asked,) = problems([declared("a", Dependency(name="x"), Dependency(name="y", scope="build"))], [LINUX])
    assert [need.name for _, need in asked.elements] == ["x"]


@pytest.mark.parametrize(
    ("dependency", "why"),
    [
        (Dependency(name="x", constraint="=>2"), "x=>2, which is not a requirement of PEP 508"),
        (Dependency(name="x y"), "x y, which is not a requirement of PEP 508"),
        (Dependency(name="x", marker="nonsense"), "x ; nonsense, which is not a requirement of PEP 508"),
        (Dependency(name="x", marker="\nos_name == 'nt'"), "x ; \nos_name == 'nt', which is not a requirement"),
        (Dependency(name="x", constraint="===2"), "x===2, which compares spellings and not versions"),
        (Dependency(name="x", reference="./x"), "x from ./x, which is not fetched"),
    ],
)
def test_what_cannot_be_asked_is_said(dependency: Dependency, why: str) -> None:
    (asked,) = problems([declared("a", dependency)], [LINUX])
    assert not asked.roots
    assert asked.left_out[0].startswith(f"ann requires {why}")
    assert asked.left_out[0].endswith("(a)")
    assert asked.foreign == ({"x"} if dependency.reference else set())


@pytest.mark.parametrize(
    ("reference", "taken"),
    [
        ("https://host/x-1-py3-none-any.whl", True),
        ("https://host/x-1-py3-none-any.whl#sha256=ab", True),
        ("http://host/x-1-py3-none-any.whl", False),
        ("https://host/x-1.tar.gz", False),
        ("file:///x-1-py3-none-any.whl", False),
    ],
)
def test_only_a_wheel_at_a_safe_address_is_fetched(reference: str, *, taken: bool) -> None:
    (asked,) = problems([declared("a", Dependency(name="x", reference=reference))], [LINUX], fetch_references=True)
    assert [need.url for _, need in asked.elements] == ([reference] if taken else [])
    assert bool(asked.foreign) is not taken


def test_an_artifact_without_an_agent_is_called_by_its_id() -> None:
    (asked,) = problems([Declaration(artifact="a", dependencies=(Dependency(name="x"),))], [LINUX])
    assert asked.roots[0].agent == "a"


def test_fewer_needs_and_other_needs() -> None:
    x, y, z = Need("x"), Need("y"), Need("z", ">=1")
    whole = problem(root("a", x, y), root("b", x))
    assert whole.artifacts == ("a", "b")
    assert whole.only({("a", y)}) == problem(root("a", y))
    assert whole.exchange({("a", x): z}) == problem(root("a", y, z), root("b", x))


def test_the_digest_names_the_question() -> None:
    one = problems([declared("a", Dependency(name="x")), declared("b", Dependency(name="y"))], [LINUX])
    other = problems([declared("b", Dependency(name="y")), declared("a", Dependency(name="X"))], [LINUX])
    more = problems([declared("a", Dependency(name="x", constraint=">1"))], [LINUX])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    known = digest(one, index="https://host/simple", exclude_newer=None)
    assert known == digest(other, index="https://ann:secret@host/simple", exclude_newer=None)
    assert known != digest(more, index="https://host/simple", exclude_newer=None)
    assert known != digest(one, index="https://other/simple", exclude_newer=None)
    assert known != digest(one, index="https://host/simple", exclude_newer=moment)

"""What of a project bears on its manifest."""

from datetime import UTC, datetime

from psmp.cli.commands.manifest import Part, of_status
from psmp.deep.resolution import Finding, Resolution
from psmp.words.answers import ArtifactStatus, Status
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, PathClaim, Phase, Policy, Target

NOW = "2026-11-21T10:15:30.000001Z"
NEEDS = (
    Dependency(name="numpy"),
    Dependency(name="pytest", scope="dev"),
    Dependency(name="hatchling", scope="build"),
    Dependency(name="react", ecosystem="npm"),
)
HERE = Target()


def artifact(name: str, status: str) -> ArtifactStatus:
    return ArtifactStatus(
        artifact=name,
        agent="ann",
        type="code",
        version=2,
        status=status,
        summary="",
        dependencies=NEEDS,
        paths=(PathClaim(path="a.py"),),
        sequence=3,
        time=NOW,
        environment="own" if name == "c" else None,
    )


def names(declared: tuple[Declaration, ...]) -> list[list[str]]:
    return [[need.name for need in each.dependencies] for each in declared]


STATUS = Status(
    tenant="default",
    project="demo",
    name="A name",
    state=Phase.PLANNING,
    phase=Phase.PLANNING,
    since=NOW,
    created=NOW,
    sequence=7,
    time=NOW,
    targets=(HERE,),
    policy=Policy(),
    artifacts=(artifact("a", "ACTIVE"), artifact("b", "ARCHIVED"), artifact("c", "DRAFT")),
    conflicts=(),
    slots=(),
    silent=(),
)


def test_what_is_withdrawn_is_not_declared() -> None:
    told = of_status(STATUS)
    assert [each.artifact for each in told.declarations] == ["a", "c"]
    assert (told.name, told.project, told.targets) == ("demo", "demo", (HERE,))
    assert told.source == f"project demo as of event 7, {NOW}"
    assert told.time == datetime(2026, 11, 21, 10, 15, 30, 1, tzinfo=UTC)


def test_python_packages_of_its_scopes_bear_on_a_part() -> None:
    declared = of_status(STATUS).declarations
    assert names(Part(None, dev=False).of(declared)) == [["numpy"]]
    assert names(Part("own", dev=True).of(declared)) == [["numpy", "pytest"]]
    assert Part(None, dev=False).of(declared)[0].paths == ()


def test_what_is_unknown_elsewhere_is_not_unknown_here() -> None:
    found = Resolution(
        "d",
        None,
        (
            Finding(None, HERE, "runtime", "compatible"),
            Finding(None, HERE, "dev", "unknown", reason="no pytest"),
            Finding("own", HERE, "runtime", "unknown", reason="no numpy"),
        ),
    )
    assert list(Part(None, dev=False).unknown(found)) == []
    assert list(Part(None, dev=True).unknown(found)) == ["python3.11-linux with dev: no pytest"]
    assert list(Part("own", dev=True).unknown(found)) == ["own on python3.11-linux: no numpy"]

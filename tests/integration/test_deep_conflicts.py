"""The transitive check with the real uv over an index made here: the clashes that real packages have."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from psmp.deep.clashes import Clash, Origin, as_conflict
from psmp.deep.resolution import Resolution
from psmp.deep.verdict import resolve
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, Target
from tests.little_index import LittleIndex, Release, serving

pytestmark = pytest.mark.integration

LINUX = Target(python="3.11", platform="linux")
PUBLISHED = (
    Release("numpy", "1.20.0"),
    Release("numpy", "1.26.4"),
    Release("numpy", "2.0.0"),
    Release("numpy", "2.1.0"),
    Release("tensorflow", "2.15.0", ("numpy>=1.23.5,<2.0.0",)),
    Release("tensorflow", "2.15.1", ("numpy>=1.23.5,<2.0.0",)),
    Release("tensorflow", "2.18.0", ("numpy>=1.26",)),
    Release("pydantic", "1.6.0"),
    Release("pydantic", "1.7.0"),
    Release("pydantic", "1.7.2"),
    Release("pydantic", "1.10.0"),
    Release("pydantic", "2.5.0"),
    Release("starlette", "0.27.0"),
    Release("fastapi", "0.95.0", ("pydantic>=1.6.2,!=1.7,!=1.7.1,<2.0.0", "starlette>=0.26,<0.28")),
    Release("fastapi", "0.95.2", ("pydantic>=1.6.2,!=1.7,!=1.7.1,<2.0.0", "starlette>=0.27,<0.28")),
    Release("fastapi", "0.110.0", ("pydantic>=1.7.4", "starlette>=0.26")),
    Release("botocore", "1.33.0"),
    Release("botocore", "1.34.0"),
    Release("boto3", "1.33.0", ("botocore>=1.33.0,<1.34.0",)),
    Release("boto3", "1.34.0", ("botocore>=1.34.0,<1.35.0",)),
    Release("h2", "2.6.0"),
    Release("h2", "4.1.0"),
    Release("h2", "5.0.0"),
    Release("httpx", "0.27.0", ("h2>=3,<5 ; extra == 'http2'",), extras=("http2",)),
    Release("app", "1.0", ("middle==1.*",)),
    Release("middle", "0.9"),
    Release("middle", "2.0"),
    Release("middle", "1.0", ("numpy<2",)),
    Release("middle", "1.1", ("numpy>=1.20,<2",)),
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv")


@pytest.fixture(scope="module")
def index() -> Iterator[LittleIndex]:
    with serving(LittleIndex(PUBLISHED)) as running:
        yield running


def needs(artifact: str, *said: str, scope: str = "runtime") -> Declaration:
    """An artifact of the agent of the same name, with requirements like ``numpy>=2``."""
    return Declaration.model_validate(
        {
            "artifact": f"{artifact}-work",
            "agent": f"agent-{artifact}",
            "dependencies": tuple(dependency(each, scope) for each in said),
        }
    )


def dependency(said: str, scope: str = "runtime") -> Dependency:
    read = Requirement(said)
    return Dependency.model_validate(
        {
            "name": read.name,
            "constraint": str(read.specifier),
            "extras": tuple(sorted(read.extras)),
            "scope": scope,
            "purpose": f"for {read.name}",
        }
    )


async def judge(
    index: LittleIndex, cache: Path, *declarations: Declaration, targets: Sequence[Target] = (LINUX,)
) -> Resolution:
    return await resolve(declarations, targets, index=index.url, cache=cache)


def only(resolution: Resolution) -> Clash:
    (clash,) = resolution.clashes
    return clash


async def test_a_cap_of_a_package_against_a_newer_demand(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("ml", "tensorflow==2.15.*"), needs("data", "numpy>=2.0"))
    clash = only(found)
    assert found.verdict == "conflict"
    assert (clash.kind, clash.subject, clash.causes) == ("transitive", "numpy", (("data-work", "ml-work"),))
    assert clash.complete
    assert clash.chain == (
        "data-work requires numpy>=2.0",
        "ml-work requires tensorflow==2.15.*",
        "tensorflow==2.15.* needs numpy>=1.23.5,<2.0.0",
    )
    assert clash.text == (
        "Because agent-data requires numpy>=2.0 (data-work) and agent-ml requires tensorflow==2.15.* (ml-work), which "
        "needs numpy>=1.23.5,<2.0.0, no set of versions satisfies the runtime scope on python3.11-linux."
    )
    assert [each.text for each in clash.suggestions] == [
        "agent-data -> numpy<=1.26.4 in data-work (was >=2.0)",
        "agent-ml -> tensorflow>=2.18.0 in ml-work (was ==2.15.*)",
        "agent-data -> data-work in an environment of its own",
        "agent-ml -> ml-work in an environment of its own",
        "agent-data -> any numpy in data-work (was >=2.0)",
    ]


async def test_as_words_it_is_a_conflict_with_its_parties(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("ml", "tensorflow==2.15.*"), needs("data", "numpy>=2.0"))
    conflict = as_conflict(only(found), "C-7", {"ml-work": Origin(2, 9), "data-work": Origin(1, 4)})
    assert (conflict.kind, conflict.subject, conflict.severity) == ("transitive", "numpy", "critical")
    assert [(each.artifact, each.constraint, each.sequence) for each in conflict.parties] == [
        ("data-work", ">=2.0", 4),
        ("ml-work", "tensorflow==2.15.*", 9),
    ]
    assert conflict.chain == only(found).chain


async def test_holes_in_what_is_needed_are_told_as_exclusions(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("api", "fastapi==0.95.*"), needs("model", "pydantic>=2"))
    assert only(found).chain[1] == "fastapi==0.95.* needs pydantic>=1.6.2,!=1.7,!=1.7.1,<2.0.0"


async def test_two_lines_of_one_family(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("s3", "boto3==1.34.0"), needs("sqs", "botocore==1.33.0"))
    assert only(found).causes == (("s3-work", "sqs-work"),)
    assert only(found).suggestions[0].text == "agent-s3 -> boto3<=1.33.0 in s3-work (was ==1.34.0)"


async def test_an_extra_brings_what_another_excludes(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("a", "httpx[http2]>=0.27"), needs("b", "h2<3"))
    assert only(found).chain == (
        "a-work requires httpx[http2]>=0.27",
        "httpx[http2]>=0.27 needs h2>=3,<5",
        "b-work requires h2<3",
    )
    plain = await judge(index, cache, needs("a", "httpx>=0.27"), needs("b", "h2<3"))
    assert plain.verdict == "compatible"


async def test_two_clashes_at_once_are_two(index: LittleIndex, cache: Path) -> None:
    found = await judge(
        index,
        cache,
        needs("a", "numpy>=2.0"),
        needs("b", "tensorflow==2.15.*"),
        needs("c", "fastapi==0.95.*"),
        needs("d", "pydantic>=2"),
        needs("e", "starlette"),
    )
    assert [(each.subject, each.causes) for each in found.clashes] == [
        ("numpy", (("a-work", "b-work"),)),
        ("pydantic", (("c-work", "d-work"),)),
    ]
    assert all(each.complete for each in found.clashes)
    assert all(len(each.suggestions) == 5 for each in found.clashes)


async def test_two_clashes_of_the_same_two_artifacts_are_two(index: LittleIndex, cache: Path) -> None:
    old = needs("old", "numpy<2", "pydantic<2")
    new = needs("new", "numpy>=2", "pydantic>=2")
    found = await judge(index, cache, old, new)
    assert [(each.kind, each.subject) for each in found.clashes] == [("version", "numpy"), ("version", "pydantic")]


async def test_a_chain_of_packages_is_told_link_by_link(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("app", "app"), needs("data", "numpy>=2"))
    assert only(found).chain == (
        "app-work requires app",
        "app needs middle==1.*",
        "middle==1.* needs numpy<2",
        "data-work requires numpy>=2",
    )


async def test_what_nobody_published_is_said_to_be_missing(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("a", "numpy>=1.26.5"), needs("b", "numpy<2"))
    assert (only(found).kind, only(found).subject) == ("no-version", "numpy")
    assert "the index has no version of numpy that satisfies the runtime scope" in only(found).text


async def test_what_is_compatible_has_a_set_with_hashes_and_reasons(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("ml", "tensorflow"), needs("data", "numpy>=2.0"))
    (finding,) = found.findings
    assert found.verdict == "compatible"
    numpy, tensorflow = finding.packages
    assert (numpy.name, numpy.version, numpy.direct, numpy.via) == ("numpy", "2.1.0", ("data-work",), ("tensorflow",))
    assert (tensorflow.version, tensorflow.direct, tensorflow.via) == ("2.18.0", ("ml-work",), ())
    assert all(each.hashes[0].startswith("sha256:") for each in finding.packages)


async def test_dev_needs_clash_on_their_own_account(index: LittleIndex, cache: Path) -> None:
    found = await judge(index, cache, needs("a", "numpy>=2"), needs("b", "tensorflow==2.15.*", scope="dev"))
    assert [(each.group, each.verdict) for each in found.findings] == [("runtime", "compatible"), ("dev", "conflict")]
    assert "the runtime and dev scopes together" in only(found).text
    assert as_conflict(only(found), "C-1", dict.fromkeys(("a-work", "b-work"), Origin(1, 1))).severity == "high"


async def test_artifacts_in_environments_of_their_own_do_not_meet(index: LittleIndex, cache: Path) -> None:
    apart = needs("ml", "tensorflow==2.15.*").model_copy(update={"environment": "training"})
    found = await judge(index, cache, apart, needs("data", "numpy>=2.0"))
    assert found.verdict == "compatible"
    assert {each.environment for each in found.findings} == {None, "training"}


async def test_order_of_arrival_does_not_change_the_verdict(index: LittleIndex, cache: Path) -> None:
    declared = [needs("ml", "tensorflow==2.15.*"), needs("data", "numpy>=2.0"), needs("api", "fastapi")]
    one = await judge(index, cache, *declared)
    other = await judge(index, cache, *reversed(declared))
    assert one == other
    assert one.digest == other.digest


async def test_the_same_in_two_targets_is_one_clash(index: LittleIndex, cache: Path) -> None:
    targets = (LINUX, Target(python="3.12", platform="macos"))
    found = await judge(index, cache, needs("ml", "tensorflow==2.15.*"), needs("d", "numpy>=2"), targets=targets)
    assert only(found).targets == ("python3.11-linux", "python3.12-macos")
    assert only(found).text.endswith("satisfies the runtime scope on python3.11-linux and python3.12-macos.")

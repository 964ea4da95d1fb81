"""What was resolved is written as pinned requirements and as a bill of materials, and nothing that is not settled."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from psmp.deep.manifest import requirements
from psmp.deep.problem import Group, Need
from psmp.deep.resolution import Finding, Resolution, Verdict
from psmp.deep.sbom import package_url, sbom
from psmp.deep.selection import NotSettled, choices
from psmp.deep.solution import Package
from psmp.words.values import Target
from tests.bills import validator
from tests.unit.deep.saying import LINUX, root

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
ROOTS = (
    root("data", Need("numpy", ">=2", purpose="vectors\n and\x1b[31m more")),
    root("ml", Need("tensorflow", ">=2", ("gpu",))),
)
A, B, C = (f"sha256:{digit * 64}" for digit in "abc")
NUMPY = Package("numpy", "2.1", (A, B), ("data",), ("tensorflow",))
TENSORFLOW = Package("tensorflow", "2.18", (C,), ("ml",))


@pytest.fixture(scope="module")
def validate() -> Callable[[Any], Any]:
    return validator()


def finding(
    *packages: Package, target: Target = LINUX, verdict: Verdict = "compatible", group: Group = "runtime"
) -> Finding:
    return Finding(None, target, group, verdict, tuple(sorted(packages)), roots=ROOTS)


def resolution(*findings: Finding, exclude_newer: datetime | None = None) -> Resolution:
    return Resolution("d1", exclude_newer, findings)


def bill(of: Resolution, environment: str | None = None) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(sbom(of, project="demo", tool="0.2", timestamp=MOMENT, environment=environment))
    return told


def test_a_manifest_pins_every_file_and_says_why() -> None:
    told = requirements(resolution(finding(NUMPY, TENSORFLOW), exclude_newer=MOMENT))
    assert told == (
        "# Written by PSMP. Install it with: pip install --require-hashes --no-deps -r <this file>\n"
        "# question: d1\n"
        "# the index as of: 2026-11-01T00:00:00+00:00\n"
        "# for: python3.11-linux\n"
        "\n"
        "# agent-data requires numpy>=2 for data: vectors and[31m more\n"
        "# needed by tensorflow\n"
        "numpy==2.1 \\\n"
        f"    --hash={A} \\\n"
        f"    --hash={B}\n"
        "\n"
        "# agent-ml requires tensorflow[gpu]>=2 for ml\n"
        "tensorflow==2.18 \\\n"
        f"    --hash={C}\n"
    )


def test_a_manifest_says_in_what_it_was_declared() -> None:
    told = requirements(resolution(finding(NUMPY)), source="project demo as of event 7")
    assert told.splitlines()[1:3] == ["# declared in: project demo as of event 7", "# question: d1"]


def test_markers_tell_targets_apart_where_their_sets_differ() -> None:
    newer = Package("numpy", "2.2", (C,), ("data",))
    found = resolution(
        finding(NUMPY, TENSORFLOW),
        finding(newer, TENSORFLOW, target=Target(python="3.12")),
        finding(newer, TENSORFLOW, target=Target(python="3.12", platform="windows")),
    )
    lines = requirements(found).splitlines()
    assert 'numpy==2.1 ; python_version == "3.11" and sys_platform == "linux" \\' in lines
    assert (
        'numpy==2.2 ; python_version == "3.12" and sys_platform == "linux" or '
        'python_version == "3.12" and sys_platform == "win32" \\'
    ) in lines
    assert "tensorflow==2.18 \\" in lines


def test_markers_name_machines_and_exact_releases_where_these_differ() -> None:
    targets = [
        Target(python="3.11.4", machine="x86_64"),
        Target(python="3.11.5", platform="linux", machine="arm64"),
        Target(python="3.11.5", platform="windows"),
    ]
    found = resolution(*(finding(Package("numpy", f"2.{n}", (A,)), target=each) for n, each in enumerate(targets)))
    assert [choice.marker for choice in choices(found)] == [
        'python_full_version == "3.11.4" and sys_platform == "linux" and platform_machine == "x86_64"',
        'python_full_version == "3.11.5" and sys_platform == "linux" and platform_machine == "aarch64"',
        'python_full_version == "3.11.5" and sys_platform == "win32" and platform_machine == "AMD64"',
    ]


def test_a_marker_says_no_more_than_it_has_to() -> None:
    found = resolution(finding(NUMPY), finding(TENSORFLOW, target=Target(python="3.12")))
    assert [choice.marker for choice in choices(found)] == ['python_version == "3.11"', 'python_version == "3.12"']
    found = resolution(finding(NUMPY), finding(TENSORFLOW, target=Target(platform="macos")))
    assert [choice.marker for choice in choices(found)] == ['sys_platform == "linux"', 'sys_platform == "darwin"']


def test_what_is_not_settled_is_not_written_down() -> None:
    unknown = Finding(None, LINUX, "runtime", "unknown", reason="no index")
    with pytest.raises(NotSettled, match=r"python3\.11-linux is unknown: no index"):
        requirements(resolution(unknown))
    with pytest.raises(NotSettled, match=r"python3\.11-linux is conflict$"):
        requirements(resolution(finding(verdict="conflict")))
    with pytest.raises(NotSettled, match="nothing needs a package in the dev scope of the shared environment"):
        requirements(resolution(finding(NUMPY)), group="dev")
    with pytest.raises(NotSettled, match="in the runtime scope of own"):
        requirements(resolution(finding(NUMPY)), environment="own")


def test_a_file_without_a_hash_cannot_be_pinned() -> None:
    with pytest.raises(NotSettled, match="the index gives no hashes for numpy==1"):
        requirements(resolution(finding(Package("numpy", "1"))))


def test_a_package_from_elsewhere_is_pinned_by_its_address() -> None:
    elsewhere = Package("numpy", "", (A,), ("data",), url="https://host/numpy-9-py3-none-any.whl")
    found = resolution(finding(elsewhere))
    assert "numpy @ https://host/numpy-9-py3-none-any.whl \\" in requirements(found).splitlines()
    (component,) = bill(found)["components"]
    assert component["externalReferences"] == [{"type": "distribution", "url": "https://host/numpy-9-py3-none-any.whl"}]
    assert component["purl"] == "pkg:pypi/numpy"


def test_a_bill_names_who_declared_what_and_why(validate: Callable[[Any], Any]) -> None:
    found = resolution(finding(NUMPY, TENSORFLOW), exclude_newer=MOMENT)
    told = json.loads(sbom(found, project="demo", tool="0.2", timestamp=MOMENT, described=(("psmp:sequence", "7"),)))
    validate(told)
    assert told["metadata"]["properties"][0] == {"name": "psmp:sequence", "value": "7"}
    numpy, tensorflow = told["components"]
    assert (numpy["purl"], numpy["bom-ref"]) == ("pkg:pypi/numpy@2.1", "pkg:pypi/numpy@2.1")
    assert numpy["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}, {"alg": "SHA-256", "content": "b" * 64}]
    assert tensorflow["properties"] == [
        {"name": "psmp:artifact:ml:agent", "value": "agent-ml"},
        {"name": "psmp:artifact:ml:requires", "value": "tensorflow[gpu]>=2"},
    ]
    assert {"name": "psmp:artifact:data:purpose", "value": "vectors\n and\x1b[31m more"} in numpy["properties"]
    assert told["dependencies"] == [
        {"ref": "pkg:pypi/numpy@2.1", "dependsOn": []},
        {"ref": "pkg:pypi/tensorflow@2.18", "dependsOn": ["pkg:pypi/numpy@2.1"]},
        {"ref": "project", "dependsOn": ["pkg:pypi/numpy@2.1", "pkg:pypi/tensorflow@2.18"]},
    ]


def test_a_bill_over_targets_says_which_is_for_which(validate: Callable[[Any], Any]) -> None:
    own = Finding("own", LINUX, "runtime", "compatible", (NUMPY,), roots=ROOTS)
    other = Finding("own", Target(python="3.12"), "runtime", "compatible", (Package("six", "1", ("odd:1",)),))
    told = bill(resolution(own, other), environment="own")
    validate(told)
    numpy, six = told["components"]
    assert {"name": "psmp:target", "value": "python3.11-linux"} in numpy["properties"]
    assert six["properties"] == [{"name": "psmp:target", "value": "python3.12-linux"}]
    assert "hashes" not in six
    assert {"name": "psmp:environment", "value": "own"} in told["metadata"]["properties"]


def test_the_same_set_has_the_same_number_whenever_it_is_written() -> None:
    found = resolution(finding(NUMPY))
    later = json.loads(sbom(found, project="demo", tool="0.2", timestamp=datetime(2027, 1, 1, tzinfo=UTC)))
    assert bill(found)["serialNumber"] == later["serialNumber"]
    assert bill(found) == bill(found)
    assert bill(resolution(finding(TENSORFLOW)))["serialNumber"] != later["serialNumber"]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        sbom(resolution(finding(NUMPY)), project="p", tool="1", timestamp=datetime(2026, 1, 1))  # noqa: DTZ001


def test_addresses_of_packages() -> None:
    assert package_url("torch", "2.0+cu118") == "pkg:pypi/torch@2.0%2Bcu118"
    assert package_url("a", "1!2.0") == "pkg:pypi/a@1%212.0"


def test_the_verdict_of_all_is_that_of_the_gravest() -> None:
    fine, odd, bad = (finding(verdict=each) for each in ("compatible", "unknown", "conflict"))
    assert resolution().verdict == "compatible"
    assert resolution(fine, odd).verdict == "unknown"
    assert resolution(odd, bad, fine).verdict == "conflict"


def test_what_is_unknown_is_said_with_its_place() -> None:
    odd = Finding("own", LINUX, "dev", "unknown", reason="no index")
    assert resolution(odd, finding(NUMPY)).unknown == ("own on python3.11-linux with dev: no index",)

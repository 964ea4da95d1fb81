"""The bill of what is declared: valid by the official schema, complete, and it claims no version that nobody named."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from psmp.deep.declared import declared_bill
from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.rules.status import describe
from psmp.words.answers import ArtifactStatus, Status, Transitive
from psmp.words.values import Dependency, Policy, Target
from tests.bills import validator
from tests.histories import KEY, lifetime

NOW = "2026-11-26T05:00:00.000000Z"


@pytest.fixture(scope="module")
def validate() -> Callable[[Any], Any]:
    return validator()


def artifact(name: str, *needs: Dependency, status: str = "ACTIVE", environment: str | None = None) -> ArtifactStatus:
    return ArtifactStatus(
        artifact=name,
        agent=f"agent-{name}",
        type="code",
        version=2,
        status=status,
        summary="",
        dependencies=needs,
        paths=(),
        sequence=3,
        time=NOW,
        environment=environment,
    )


def status(*artifacts: ArtifactStatus, transitive: Transitive | None = None) -> Status:
    state = "COMPLETED"
    return Status.model_validate_json(
        json.dumps(
            {
                "tenant": "acme",
                "project": "shop",
                "name": "Shop",
                "state": state,
                "phase": state,
                "since": NOW,
                "created": NOW,
                "sequence": 9,
                "time": NOW,
                "targets": [Target().model_dump(mode="json")],
                "policy": Policy().model_dump(mode="json"),
                "artifacts": [each.model_dump(mode="json") for each in artifacts],
                "conflicts": [],
                "slots": [],
                "silent": [],
                "transitive": (transitive or Transitive()).model_dump(mode="json"),
            }
        )
    )


def bill(*artifacts: ArtifactStatus, transitive: Transitive | None = None) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(declared_bill(status(*artifacts, transitive=transitive), tool="0.2"))
    return told


def properties(of: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in of["properties"]}


def one(*needs: Dependency) -> dict[str, Any]:
    [component] = bill(artifact("api", *needs))["components"]
    found: dict[str, Any] = component
    return found


def test_a_bill_is_valid_by_the_official_schema(validate: Callable[[Any], Any]) -> None:
    odd = Dependency(
        name="@scope/left-pad", constraint="1.2.3", ecosystem="npm", scope="dev", purpose="to \x1b[31m pad"
    )
    linked = Dependency(name="tool", reference="https://example.org/tool-1.0-py3-none-any.whl", location="p.toml:3")
    marked = Dependency(name="Numpy", constraint=">=2", extras=("a", "b"), marker="python_version > '3'")
    checked = Transitive(verdict="compatible", sequence=7, exclude_newer=NOW)
    validate(bill(artifact("api", odd, linked, marked, environment="gpu"), artifact("web"), transitive=checked))
    validate(bill())
    view = View(KEY, PROJECT_FOLD)
    for record in lifetime().records:
        view.advance(record)
    assert view.state is not None
    validate(json.loads(declared_bill(describe(KEY, view.state), tool="0.2")))


def test_every_package_is_there_once_with_everybody_who_needs_it() -> None:
    told = bill(
        artifact("web", Dependency(name="NumPy", constraint="<3", purpose="charts")),
        artifact("api", Dependency(name="numpy", constraint=">=2"), Dependency(name="rich", scope="dev")),
    )
    assert [each["purl"] for each in told["components"]] == ["pkg:pypi/numpy", "pkg:pypi/rich"]
    assert properties(told["components"][0]) == {
        "psmp:artifact:api:agent": "agent-api",
        "psmp:artifact:api:version": "2",
        "psmp:artifact:api:constraint": ">=2",
        "psmp:artifact:api:scope": "runtime",
        "psmp:artifact:web:agent": "agent-web",
        "psmp:artifact:web:version": "2",
        "psmp:artifact:web:constraint": "<3",
        "psmp:artifact:web:scope": "runtime",
        "psmp:artifact:web:purpose": "charts",
    }
    assert [each["scope"] for each in told["components"]] == ["required", "excluded"]
    assert told["dependencies"][0] == {"ref": "project", "dependsOn": ["pypi/numpy", "pypi/rich"]}


def test_what_was_withdrawn_is_not_in_it() -> None:
    assert bill(artifact("api", Dependency(name="numpy"), status="ARCHIVED"))["components"] == []


@pytest.mark.parametrize(
    ("needs", "version", "purl"),
    [
        ([Dependency(name="numpy", constraint="==2.1.0")], "2.1.0", "pkg:pypi/numpy@2.1.0"),
        ([Dependency(name="numpy", constraint="==2.1.*")], None, "pkg:pypi/numpy"),
        ([Dependency(name="numpy", constraint="===2.1")], None, "pkg:pypi/numpy"),
        ([Dependency(name="numpy", constraint="==2.1,!=2.0")], None, "pkg:pypi/numpy"),
        ([Dependency(name="numpy", constraint="nonsense")], None, "pkg:pypi/numpy"),
        ([Dependency(name="numpy", constraint="==2.1"), Dependency(name="numpy")], None, "pkg:pypi/numpy"),
        ([Dependency(name="numpy", constraint="==2", reference="./numpy")], None, "pkg:pypi/numpy"),
        ([Dependency(name="left-pad", constraint="=1.2.3", ecosystem="npm")], "1.2.3", "pkg:npm/left-pad@1.2.3"),
        ([Dependency(name="left-pad", constraint="^1.2.3", ecosystem="npm")], None, "pkg:npm/left-pad"),
        ([Dependency(name="@s/pad", ecosystem="npm")], None, "pkg:npm/%40s/pad"),
    ],
)
def test_a_version_is_said_only_where_all_ask_for_one(needs: list[Dependency], version: str | None, purl: str) -> None:
    found = one(*needs)
    assert (found.get("version"), found["purl"]) == (version, purl)


def test_a_scope_of_npm_is_the_group() -> None:
    found = one(Dependency(name="@s/pad", ecosystem="npm"))
    assert (found["group"], found["name"], found["bom-ref"]) == ("@s", "pad", "npm/@s/pad")


def test_only_an_address_is_a_place_to_get_it_from() -> None:
    assert "externalReferences" not in one(Dependency(name="numpy", reference="../numpy"))
    found = one(Dependency(name="numpy", reference="https://example.org/n.whl"))
    assert found["externalReferences"] == [{"type": "distribution", "url": "https://example.org/n.whl"}]
    assert properties(found)["psmp:artifact:api:reference"] == "https://example.org/n.whl"


def test_it_says_that_it_is_not_complete_and_what_the_resolver_said() -> None:
    told = bill(artifact("api", Dependency(name="numpy")), transitive=Transitive(verdict="compatible", sequence=7))
    assert told["compositions"] == [
        {"aggregate": "incomplete", "assemblies": ["project"], "dependencies": ["pypi/numpy"]}
    ]
    about = properties(told["metadata"])
    assert (about["psmp:transitive:verdict"], about["psmp:transitive:sequence"]) == ("compatible", "7")
    assert (about["psmp:sequence"], about["psmp:state"], told["metadata"]["timestamp"]) == ("9", "COMPLETED", NOW)


def test_the_same_status_gives_the_same_bytes_and_another_another_number() -> None:
    same = [declared_bill(status(artifact("api", Dependency(name="numpy"))), tool="1") for _ in range(2)]
    assert same[0] == same[1]
    other = json.loads(declared_bill(status(artifact("api", Dependency(name="rich"))), tool="1"))
    assert other["serialNumber"] != json.loads(same[0])["serialNumber"]

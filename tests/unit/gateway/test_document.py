"""The description of the API is what the routes are, and is written down."""

from pathlib import Path

from psmp_gateway.blank import application, table
from psmp_gateway.document import is_shown, write
from psmp_gateway.rules.problems import PROBLEMS

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_the_description_that_is_written_down_is_that_of_the_routes() -> None:
    assert FILE.read_text() == write(), "python -m psmp_gateway.document > docs/openapi.json"


def test_every_route_is_described_with_what_it_asks_of_the_key() -> None:
    described = application().openapi()
    assert described["openapi"].startswith("3.1")
    names = set()
    for route in filter(is_shown, table()):
        found = described["paths"][f"/api/v1{route.path}"][route.method.lower()]
        names.add(found["operationId"])
        assert ("security" in found) is (route.permission is not None)
        assert found.get("x-psmp-permission") == route.permission
        assert found["summary"]
        assert found["summary"][-1] != "."
        for status in found["responses"]:
            assert int(status) in {200, 201, 202, 204, 303, 304} | {each for each, _ in PROBLEMS.values()}
    assert len(names) == len(list(filter(is_shown, table())))
    assert not [path for path in described["paths"] if "internal" in path]


def test_everything_that_is_referred_to_is_there() -> None:
    described = application().openapi()

    def references(value: object) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(each) for each in value.values()))
        return set().union(*(references(each) for each in value)) if isinstance(value, list) else set()

    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert references(described) == known

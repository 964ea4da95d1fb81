"""What callers pass becomes words, or is refused with the place before anything is sent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from psmp.client import arguments
from psmp.client.errors import Invalid
from psmp.words.commands import AmendArtifact, CreateProject, DeclareArtifact
from psmp.words.values import Dependency, PathClaim, Phase, Target


def refused(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(Invalid) as caught:
        call()
    assert str(caught.value).endswith("nothing was sent.")
    return [fault.pointer for fault in caught.value.faults]


def declaration(**fields: Any) -> DeclareArtifact:
    return arguments.build(DeclareArtifact, artifact="backend", type="code", **fields)


def test_a_pep_508_string_is_a_dependency() -> None:
    found = arguments.requirement(0, "Pandas[sql,aws] >=2.0,<3 ; python_version < '3.12'")
    assert found == Dependency(
        name="Pandas", constraint="<3,>=2.0", extras=("aws", "sql"), marker='python_version < "3.12"'
    )


def test_a_bare_name_admits_any_version() -> None:
    assert arguments.requirement(0, "requests") == Dependency(name="requests")


def test_values_mappings_and_strings_mean_the_same() -> None:
    given: arguments.Needs = [Dependency(name="a", constraint=">=1"), {"name": "a", "constraint": ">=1"}, "a>=1"]
    command = declaration(dependencies=arguments.dependencies(given))
    assert command.dependencies == (Dependency(name="a", constraint=">=1"),) * 3


def test_a_mapping_may_use_lists_and_plain_strings() -> None:
    command = arguments.build(CreateProject, name="RAG", targets=[{"python": "3.12"}], policy={"strict_mode": False})
    assert command.targets == (Target(python="3.12"),)
    assert not command.policy.strict_mode


def test_a_path_is_a_claim_to_write_it() -> None:
    given: arguments.Claims = ["src/app.py", {"path": "a", "mode": "read"}, PathClaim(path="b", ranges=((1, 2),))]
    claims = declaration(paths=arguments.paths(given)).paths
    assert claims == (
        PathClaim(path="src/app.py"),
        PathClaim(path="a", mode="read"),
        PathClaim(path="b", ranges=((1, 2),)),
    )


def test_what_is_left_out_of_an_amendment_is_not_said() -> None:
    command = arguments.build(AmendArtifact, artifact="backend", dependencies=arguments.dependencies(None), reason="")
    assert command.dependencies is None


def test_metadata_is_anything_that_json_can_say() -> None:
    command = declaration(metadata={"pair": ("a", 1), "nested": {"list": [1, 2.5, None]}})
    assert command.metadata == {"pair": ["a", 1], "nested": {"list": [1, 2.5, None]}}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"summary": 7}, "/summary"),
        ({"nonsense": 1}, "/nonsense"),
        ({"summary": "a\x00b"}, "/summary"),
        ({"metadata": {"rate": float("nan")}}, "/metadata/rate"),
        ({"metadata": {"ids": object()}}, ""),
        ({"metadata": {str(n): n for n in range(101)}}, "/metadata"),
        ({"dependencies": [{"name": "a"}, {"name": ""}]}, "/dependencies/1/name"),
        ({"dependencies": [{"name": "a", "wanted": 1}]}, "/dependencies/0/wanted"),
        ({"summary": "x" * 70_000}, ""),
    ],
)
def test_a_fault_is_named_with_its_place(fields: dict[str, Any], place: str) -> None:
    assert refused(lambda: declaration(**fields)) == [place]


@pytest.mark.parametrize("text", ["", "pandas=!2", "pandas >= ", "a b"])
def test_what_is_no_requirement_is_named_with_its_place(text: str) -> None:
    assert refused(lambda: arguments.dependencies(["ok", text])) == ["/dependencies/1"]


def test_one_requirement_is_no_list_of_letters() -> None:
    assert refused(lambda: arguments.dependencies("pandas>=2")) == ["/dependencies"]
    assert refused(lambda: arguments.paths("src/app.py")) == ["/paths"]


@pytest.mark.parametrize("value", [None, "", "a b", "a.b", "-a", "*", ">", "a" * 65, "a\n"])
def test_what_is_no_id_is_refused(value: str | None) -> None:
    assert refused(lambda: arguments.identity("project", value)) == ["/project"]


def test_a_command_id_is_a_uuid7_or_nothing() -> None:
    good = "0190b1d2-0000-7000-8000-000000000000"
    assert arguments.command_id(good) == good
    assert arguments.command_id(None) is None
    for bad in ("", "x", good.upper(), "0190b1d2-0000-4000-8000-000000000000", f"{good}\n"):
        assert refused(partial(arguments.command_id, bad)) == ["/command_id"]


def test_a_time_is_asked_for_in_utc() -> None:
    here = datetime(2026, 8, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    assert arguments.moment(here) == "2026-08-01T12:30:00.000000Z"
    assert arguments.moment("2026-08-01T12:30:00Z") == "2026-08-01T12:30:00Z"
    assert arguments.moment(None) is None
    assert refused(lambda: arguments.moment(here.astimezone(UTC).replace(tzinfo=None))) == ["/time"]


def test_states_are_known_by_name() -> None:
    assert arguments.phases(("BLOCKED", Phase.RESOLVING)) == (Phase.BLOCKED, Phase.RESOLVING)
    assert refused(lambda: arguments.phases(("blocked",))) == ["/states"]
    assert refused(lambda: arguments.phases(())) == ["/states"]


def test_kinds_are_selected_by_whole_words() -> None:
    for good in (">", "conflict.*", "*.accepted", "artifact.declared"):
        assert arguments.kinds(good) == good
    for bad in ("", "conflict", "conflict.>", "a.b.c", "*", "conflict.*.x"):
        assert refused(partial(arguments.kinds, bad)) == ["/kind"]


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_a_time_limit_is_more_than_nothing_and_ends(value: float) -> None:
    assert refused(lambda: arguments.seconds(value)) == ["/timeout"]


def test_several_names_are_a_list_even_of_one() -> None:
    assert arguments.listed("artifacts", (each for each in ("a", "b"))) == ["a", "b"]
    assert refused(partial(arguments.listed, "artifacts", "api")) == ["/artifacts"]

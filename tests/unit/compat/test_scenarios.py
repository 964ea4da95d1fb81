"""Teams written down as scenarios get the verdict and causes expected of them, and every suggestion works."""

import json
from pathlib import Path
from typing import Any

import pytest

from psmp.compat.answer import answer
from psmp.words.checks import CheckSet
from psmp.words.values import Change, Target

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TEAMS = [json.loads(line) for line in (SCENARIOS / "teams.jsonl").read_text(encoding="utf-8").splitlines()]

# Here an index is needed to name the smallest cause: 2.9.0.1 would satisfy ">2.9.0,<2.9.1", but nobody published it.
NEEDS_INDEX = {"dateutil-post": [["a-work", "b-work"]]}


def asked(team: dict[str, Any]) -> CheckSet:
    return CheckSet.model_validate_json(json.dumps(team))


def applied(team: dict[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    """The set after the changes of a suggestion, by what ``Change`` says of itself."""
    declarations = json.loads(json.dumps(team["declarations"]))
    for change in changes:
        (declaration,) = [each for each in declarations if each["artifact"] == change.artifact]
        if change.action == "isolate":
            declaration["environment"] = change.environment
            continue
        for need in declaration["dependencies"]:
            if need["name"].lower() == change.name:
                need["constraint"] = change.constraint
    return {**team, "declarations": declarations}


@pytest.mark.parametrize("team", TEAMS, ids=lambda team: str(team["id"]))
def test_a_team_gets_the_expected_verdict_and_causes(team: dict[str, Any]) -> None:
    expect, found = team["expect"], answer(asked(team), (Target(),))
    assert found.id == team["id"]
    assert found.verdict == expect["direct"]
    if found.conflicts:
        assert [conflict.subject for conflict in found.conflicts] == expect["subjects"]
        causes = [list(cause) for conflict in found.conflicts for cause in conflict.causes]
        assert causes == NEEDS_INDEX.get(team["id"], expect["causes"])
        assert all(conflict.suggestions and conflict.complete for conflict in found.conflicts)


@pytest.mark.parametrize(
    "team", [each for each in TEAMS if each["expect"]["direct"] == "conflict"], ids=lambda t: t["id"]
)
def test_every_suggestion_works(team: dict[str, Any]) -> None:
    for conflict in answer(asked(team), (Target(),)).conflicts:
        for suggestion in conflict.suggestions:
            after = answer(asked(applied(team, suggestion.changes)), (Target(),))
            assert after.verdict == "compatible", suggestion.text


def test_the_story_has_one_clash_and_its_amendment_clears_it() -> None:
    story = json.loads((SCENARIOS / "rag-chatbot.json").read_text(encoding="utf-8"))
    artifacts: dict[str, dict[str, Any]] = {}
    for step in story["steps"]:
        declared = step.get("declare") or step.get("amend")
        if declared is None:
            continue
        said = {name: declared[name] for name in ("artifact", "dependencies", "paths") if name in declared}
        artifacts[declared["artifact"]] = {**artifacts.get(declared["artifact"], {}), "agent": step["agent"], **said}
        found = answer(asked({"declarations": list(artifacts.values())}), (Target(),))
        verdict = "conflict" if found.conflicts else "accepted"
        assert verdict == step["expect"]["verdict"]
        expected = [step["expect"]["subject"]] if found.conflicts else []
        assert [conflict.subject for conflict in found.conflicts] == expected

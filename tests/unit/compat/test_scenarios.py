import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

from psmp.compat.direct import Clash, check
from psmp.compat.requirement import Requirement

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TEAMS = [json.loads(line) for line in (SCENARIOS / "teams.jsonl").read_text(encoding="utf-8").splitlines()]
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "python_version": "3.11"}

# Here an index is needed to name the smallest cause: 2.9.0.1 would satisfy ">2.9.0,<2.9.1", but nobody published it.
NEEDS_INDEX = {"dateutil-post": [["a-work", "b-work"]]}


def required(dependency: dict[str, Any]) -> bool:
    """Whether the dependency counts on Linux: the direct check is only asked about those that do."""
    marker = dependency.get("marker")
    return marker is None or Marker(marker).evaluate(LINUX)


def clashes(team: dict[str, Any]) -> list[Clash]:
    by_name: defaultdict[str, list[Requirement]] = defaultdict(list)
    for declared in team["declarations"]:
        for dependency in filter(required, declared["dependencies"]):
            requirement = Requirement(
                declared["artifact"], declared["agent"], dependency["name"], dependency.get("constraint", "")
            )
            by_name[requirement.name].append(requirement)
    verdicts = [check(requirements) for requirements in by_name.values()]
    return [verdict for verdict in verdicts if isinstance(verdict, Clash)]


@pytest.mark.parametrize("team", TEAMS, ids=lambda team: str(team["id"]))
def test_a_team_gets_the_expected_verdict_and_causes(team: dict[str, Any]) -> None:
    expect, found = team["expect"], clashes(team)
    assert ("conflict" if found else "compatible") == expect["direct"]
    if found:
        assert [clash.subject for clash in found] == expect["subjects"]
        causes = [list(cause) for clash in found for cause in clash.causes]
        assert causes == NEEDS_INDEX.get(team["id"], expect["causes"])
        assert all(clash.suggestions and clash.complete for clash in found)


def test_the_story_has_one_clash_and_its_amendment_clears_it() -> None:
    story = json.loads((SCENARIOS / "rag-chatbot.json").read_text(encoding="utf-8"))
    artifacts: dict[str, dict[str, Any]] = {}
    for step in story["steps"]:
        declared = step.get("declare") or step.get("amend")
        if declared is None:
            continue
        artifacts[declared["artifact"]] = {"agent": step["agent"], **declared}
        found = clashes({"declarations": list(artifacts.values())})
        verdict = "conflict" if found else "accepted"
        assert verdict == step["expect"]["verdict"]
        assert [clash.subject for clash in found] == ([step["expect"]["subject"]] if found else [])

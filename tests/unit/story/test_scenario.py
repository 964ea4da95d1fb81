"""The file format of stories: what is taken, and where a fault is said to be."""

import json
from pathlib import Path
from typing import Any

import pytest

from psmp.story import scenario
from psmp.story.scenario import ACTIONS, Resolve, Scenario, ScenarioFault
from psmp.words.commands import RequestSlot, TransitionProject
from psmp.words.values import Phase


def story(*steps: dict[str, Any], **others: Any) -> bytes:
    body = {"title": "t", "project": {"id": "p", "name": "P"}, "steps": steps or ({"agent": "a", "begin": {}},)}
    return json.dumps(body | others).encode()


def read(*steps: dict[str, Any], **others: Any) -> Scenario:
    return scenario.read(story(*steps, **others), "test.json")


def test_the_story_that_comes_with_us_can_be_played() -> None:
    found = scenario.load()
    assert found.project.id == "rag-chatbot"
    assert len(found.steps) == 12
    assert found.creator == "IdeaAgent"
    assert {step.agent for step in found.steps} == {
        *("IdeaAgent", "PlannerAgent", "CoderAgent", "DataScienceAgent", "NotebookAgent", "DevOpsAgent")
    }


def test_every_action_of_the_format_is_taken() -> None:
    need = {"name": "pandas", "constraint": ">=2", "purpose": "frames"}
    claim = {"path": "a.py", "mode": "create", "base": "abc", "ranges": [[1, 3], [4, 4, "digest"]]}
    steps = {
        "transition": {"to": "PLANNING", "reason": "go"},
        "declare": {"artifact": "x", "type": "code", "dependencies": [need], "paths": [claim], "metadata": {"a": 1}},
        "amend": {"artifact": "x", "dependencies": []},
        "withdraw": {"artifact": "x", "reason": "gone"},
        "begin": {},
        "finish": {"failure": "oom"},
        "resolve": {"accept_suggestion": 1, "reason": "why not"},
    }
    assert set(steps) == set(ACTIONS)
    found = read(*({"agent": "a", name: fields} for name, fields in steps.items()))
    assert isinstance(found.steps[0].action, TransitionProject)
    assert found.steps[4].action == RequestSlot()
    assert found.steps[6].action == Resolve(accept_suggestion=1, reason="why not")


def test_expectations_and_needs_are_taken() -> None:
    expect = {"verdict": "conflict", "subject": "x", "between": ["a", "b"], "state": "BLOCKED"}
    step = read({"agent": "a", "begin": {}, "expect": expect, "needs": "transitive"}).steps[0]
    assert step.expect.state is Phase.BLOCKED
    assert step.needs == "transitive"


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"{", "not JSON at line 1"),
        (b'{"title": "a", "title": "b"}', "/title: this key stands twice"),
        (story(extra=1), "/extra"),
        (story({"agent": "a"}), "nothing is done here"),
        (story({"agent": "a", "begin": {}, "finish": {}}), "begin and finish is done here"),
        (story({"agent": "a b", "begin": {}}), "/steps/0/agent"),
        (story({"agent": "a", "begin": {}, "expect": {"state": "HAPPY"}}), "/steps/0/expect/state"),
        (story({"agent": "a", "begin": {}, "expect": {"verdict": "maybe"}}), "/steps/0/expect/verdict"),
        (story({"agent": "a", "transition": {"to": "PLANNING"}}), "/steps/0/transition/reason"),
        (story(steps=[]), "/steps"),
        (b" " * 70_000, "at most 65536"),
    ],
)
def test_a_fault_says_where_it_is(raw: bytes, place: str) -> None:
    with pytest.raises(ScenarioFault) as caught:
        scenario.read(raw, "test.json")
    assert place in str(caught.value)
    assert str(caught.value).startswith("test.json: ")
    assert caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFault, match=r"gone\.json"):
        scenario.load(tmp_path / "gone.json")


def test_a_story_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(story())
    assert scenario.load(path).title == "t"

"""A graph that is put together in Python is the graph that the same plan is in YAML, and is judged as that."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp import Graph
from psmp.graphs.judging import judged
from psmp.rules.orchestration.faults import faults
from psmp.rules.orchestration.reading import draft, graph_digest, read
from psmp.story import graph as story
from psmp.words.orchestration.checks import HumanCheck
from psmp.words.orchestration.codes import Flaw, Gs
from psmp.words.orchestration.graph import Maeg, Scope
from tests.unit.rules.orchestration.graphs import Document, documents


def three_agents() -> Graph:
    """The plan of the story."""
    plan = Graph(
        *("LOGIN", "A login page, with its API and its manual"),
        scope=Scope(paths=("src/", "docs/"), budget_micros=2_000_000),
    )
    plan.lane("backend", paths=["src/api/"], types=["code"]).lane("frontend", paths=["src/web/"], types=["code"])
    plan.lane("manual", paths=["docs/"])
    return (
        plan.agent(
            *("api",),
            agent="ApiAgent",
            lane="backend",
            task="A route that takes a name and a password",
            scope={"paths": ["src/api/"]},
            outputs={"route": {"type": "string"}},
            checks=["ARTIFACT_ACCEPTED", {"check": "TESTS_REPORTED", "least": 3}],
        )
        .agent(
            *("page",),
            agent="PageAgent",
            lane="frontend",
            task="A page with two fields and a button",
            scope={"paths": ["src/web/"]},
            outputs={"page": {"type": "string"}},
            checks=["ARTIFACT_ACCEPTED"],
        )
        .agent(
            *("text",),
            agent="TextAgent",
            lane="manual",
            task="A page of the manual on logging in",
            scope={"paths": ["docs/"]},
            outputs={"words": {"type": "integer", "minimum": 1}},
            checks=["ARTIFACT_ACCEPTED"],
        )
    )


def graph_of(raw: bytes) -> Maeg:
    found = read(raw)
    assert found.graph is not None, found.faults
    return found.graph


def test_the_story_put_together_in_python_is_the_story_in_yaml() -> None:
    assert three_agents().faults() == ()
    one, other = graph_of(three_agents().json()), graph_of(story.graph())
    assert one == other
    assert graph_digest(one) == graph_digest(other)


def test_the_example_in_the_documentation_is_a_graph_without_faults(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "orchestration.md").read_text()
    [code] = [each for each in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "psmp.Graph(" in each]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - it is ours
    assert capsys.readouterr().out == ""
    assert [each.node for each in graph_of(names["plan"].json()).nodes][1:5] == ["api", "page", "built", "text"]


def built(of: Document) -> Graph:
    """A document put together anew, call by call."""
    plan = Graph(of["pac"]["pac"])
    for lane in of["pac"]["lanes"]:
        plan.lane(lane["lane"])
    tasks: Mapping[str, Any] = {each["sub_pac"]: each["task"] for each in of["sub_pacs"]}
    for node in of["nodes"]:
        if node["type"] == "SYNC_POINT":
            plan.sync(node["node"])
        elif node["type"] == "AGENT_NODE":
            said = {name: node[name] for name in ("agent", "agent_name", "lane", "inputs", "outputs") if name in node}
            number = int(node["sub_pac"].rpartition("A")[2])
            plan.agent(node["node"], task=tasks[node["sub_pac"]], number=number, **said)
    for edge in of["edges"]:
        if edge["type"] == "DATA_FLOW":
            plan.data(edge["from"], edge["to"], **edge["flows"])
        elif edge["from"] not in ("root", "all") and edge["to"] != "all":
            plan.after(edge["to"], edge["from"])
    return plan


@given(documents())
def test_every_graph_can_be_put_together_and_is_read_as_the_same(of: Document) -> None:
    plan, whole = built(of), draft(of).graph
    assert whole is not None
    found = graph_of(plan.json())
    assert plan.faults() == faults(draft(of)) == ()
    for part in ("nodes", "sub_pacs", "edges"):
        assert sorted(map(repr, getattr(found, part))) == sorted(map(repr, getattr(whole, part)))
    assert found.model_dump(include={"pac", "maeg", "version"}) == whole.model_dump(include={"pac", "maeg", "version"})


@given(st.sampled_from(["lane", "after", "flow"]), st.integers(1, 5))
def test_what_is_wrong_is_told_as_it_is_told_of_the_same_document(what: str, count: int) -> None:
    plan = three_agents()
    for number in range(count):
        match what:
            case "lane":
                plan.agent(f"x{number}", agent="x", lane="none")
            case "after":
                plan.after("api", "nobody")
            case _:
                plan.data("api", "text", nothing=f"i{number}")
    told = plan.faults()
    assert set(told) == {each.fault for each in judged(plan.json(), "graph.json").faults}
    assert {"lane": Flaw.UNKNOWN_LANE, "after": Flaw.UNKNOWN_NODE, "flow": Flaw.UNKNOWN_OUTPUT}[what] in {
        each.code for each in told
    }


def test_a_cycle_is_shown_and_persons_and_sync_points_have_their_edges() -> None:
    plan = Graph("P1", approver="owner", attempts=2).lane("code")
    lead = HumanCheck(check="HUMAN_REVIEW", role="lead", seconds=60)
    plan.agent("a", agent="ann", lane="code", outputs={"out": {"type": "integer"}}, checks=[lead])
    plan.agent("b", agent="bob", lane="code").sync("both", after=["a", "b"])
    plan.agent("c", agent="cleo", lane="code", after=["both"], inputs={"got": {"type": "integer"}})
    plan.data("a", "c", out="got")
    assert plan.faults() == ()
    kinds = {(edge.origin, edge.to): edge.type for edge in graph_of(plan.json()).edges}
    assert kinds == {
        ("root", "a"): "DEPENDENCY",
        ("root", "b"): "DEPENDENCY",
        ("a", "both"): "BARRIER",
        ("b", "both"): "BARRIER",
        ("both", "c"): "DEPENDENCY",
        ("a", "c"): "DATA_FLOW",
        ("c", "all"): "BARRIER",
        ("all", "end"): "DEPENDENCY",
    }
    assert graph_of(plan.json()).pac.approver == "owner"
    [cycle] = [each for each in plan.after("a", "c").faults() if each.code is Gs.MAEG_CYCLE_DETECTED]
    assert set(cycle.cycle) >= {"a", "c"}

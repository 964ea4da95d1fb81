"""Whatever is wrong with a graph is named at once, with its code and its place, and what is right has no fault."""

import json
from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.rules.orchestration.faults import EDGES, faults
from psmp.rules.orchestration.flows import unproven
from psmp.rules.orchestration.reading import draft, read
from psmp.rules.orchestration.shape import Shape, cycles, neighbours, ordered
from psmp.words.orchestration.codes import EXPLAINED, Denied, Gs
from psmp.words.orchestration.graph import Maeg
from psmp.words.orchestration.packing import MOST_BYTES
from psmp.words.refusals import Code
from tests.unit.rules.orchestration.graphs import (
    Document,
    agent,
    document,
    documents,
    fan,
    flows,
    found,
    node_of,
    shape,
    waits,
)

Breaking = Callable[[Document], object]


def n(of: Document, name: str) -> Document:
    return node_of(of, name)


def scoped(of: Document, number: int, **scope: object) -> Document:
    of["sub_pacs"][number]["scope"] = scope
    return of


BREAKINGS: list[tuple[str, Breaking, list[tuple[str, str]]]] = [
    ("another name", lambda d: d.update(maeg="MAEG-P2"), [("MAEG_NAME", "/maeg")]),
    (
        "another parent",
        lambda d: (
            n(d, "n1").update(sub_pac="Sub-PAC-P2-A1"),
            d["sub_pacs"][0].update(sub_pac="Sub-PAC-P2-A1"),
        ),
        [("SUB_PAC_NAME", "/sub_pacs/0/sub_pac")],
    ),
    ("another version", lambda d: d.update(version="2.0.0"), [("MALFORMED", "/version")]),
    (
        "a cycle",
        lambda d: d["edges"].append(flows("n3", "n1", out="back")),
        [("UNKNOWN_INPUT", "/edges/9/flows/out"), ("GS_202", "/edges/9")],
    ),
    ("an edge to itself", lambda d: d["edges"].append(waits("n1", "n1")), [("GS_202", "/edges/9")]),
    (
        "an orphan",
        lambda d: (d["nodes"].append(agent(4)), d["sub_pacs"].append({"sub_pac": "Sub-PAC-P1-A4"})),
        [("ORPHAN", "/nodes/7"), ("SEVERAL_SINKS", "/nodes/7")],
    ),
    (
        "another sink",
        lambda d: d["edges"].pop(7),
        [("SEVERAL_SINKS", "/nodes/4"), ("ORPHAN", "/nodes/5"), ("ORPHAN", "/nodes/6")],
    ),
    ("no root", lambda d: d["nodes"].pop(0), [("NO_SUCH_KIND", "/nodes")]),
    (
        "two roots",
        lambda d: d["nodes"].append({"node": "r", "type": "ORCH_ROOT"}),
        [("SEVERAL_OF_KIND", "/nodes/7/type")],
    ),
    ("a node twice", lambda d: d["nodes"].append(n(d, "sync")), [("DOUBLE_NODE", "/nodes/7/node")]),
    ("an edge twice", lambda d: d["edges"].append(waits("root", "n1")), [("DOUBLE_EDGE", "/edges/9")]),
    ("an unknown node", lambda d: d["edges"].append(waits("n1", "n9")), [("UNKNOWN_NODE", "/edges/9/to")]),
    (
        "a barrier to an agent",
        lambda d: d["edges"].append(waits("n1", "n3", "BARRIER")),
        [("EDGE_NOT_ALLOWED", "/edges/9")],
    ),
    ("past the aggregation", lambda d: d["edges"].append(waits("n1", "end")), [("EDGE_NOT_ALLOWED", "/edges/9")]),
    ("into the root", lambda d: d["edges"].append(waits("n1", "root")), [("EDGE_NOT_ALLOWED", "/edges/9")]),
    ("no Sub-PAC", lambda d: d["sub_pacs"].pop(0), [("SUB_PAC_MISSING", "/nodes/1/sub_pac")]),
    ("a Sub-PAC twice", lambda d: d["sub_pacs"].append(d["sub_pacs"][0]), [("SUB_PAC_DOUBLE", "/sub_pacs/3/sub_pac")]),
    (
        "a Sub-PAC for two",
        lambda d: n(d, "n2").update(sub_pac="Sub-PAC-P1-A1"),
        [("SUB_PAC_DOUBLE", "/nodes/2/sub_pac"), ("SUB_PAC_UNUSED", "/sub_pacs/1")],
    ),
    ("an unknown lane", lambda d: n(d, "n1").update(lane="art"), [("UNKNOWN_LANE", "/nodes/1/lane")]),
    ("a lane twice", lambda d: d["pac"]["lanes"].append({"lane": "code"}), [("DOUBLE_LANE", "/pac/lanes/2/lane")]),
    ("an agent in two lanes", lambda d: n(d, "n2").update(lane="docs", agent="agent-1"), [("GS_200", "/nodes/2/lane")]),
    (
        "beyond the lane",
        lambda d: (d["pac"]["lanes"][0].update(paths=["src/"]), scoped(d, 0, paths=["src/a", "docs/a", "../x"])),
        [("GS_200", "/sub_pacs/0/scope/paths/1"), ("INVALID_PATH", "/sub_pacs/0/scope/paths/2")],
    ),
    (
        "a lane of no path",
        lambda d: d["pac"]["lanes"][0].update(paths=["/a"]),
        [("INVALID_PATH", "/pac/lanes/0/paths/0")],
    ),
    (
        "more paths",
        lambda d: (d["pac"].update(scope={"paths": ["src/"]}), scoped(d, 0, paths=["src/a/", "srcs/", "src/b"])),
        [("GS_201", "/sub_pacs/0/scope/paths/1")],
    ),
    (
        "more packages",
        lambda d: (
            d["pac"].update(scope={"dependencies": [{"name": "numpy", "constraint": ">=2,<3"}]}),
            scoped(d, 1, dependencies=[{"name": "NumPy", "constraint": "==2.1"}, {"name": "numpy"}, {"name": "x"}]),
        ),
        [("GS_201", "/sub_pacs/1/scope/dependencies/1"), ("GS_201", "/sub_pacs/1/scope/dependencies/2")],
    ),
    (
        "more tools",
        lambda d: (d["pac"].update(scope={"tools": ["git"]}), scoped(d, 0, tools=["git", "ssh"])),
        [("GS_201", "/sub_pacs/0/scope/tools/1")],
    ),
    (
        "more money and time",
        lambda d: (
            d["pac"].update(scope={"budget_micros": 5, "seconds": 5}),
            scoped(d, 0, budget_micros=6, seconds=6),
            scoped(d, 1, budget_micros=5, seconds=5),
        ),
        [("GS_201", "/sub_pacs/0/scope/budget_micros"), ("GS_201", "/sub_pacs/0/scope/seconds")],
    ),
    (
        "no constraint",
        lambda d: scoped(d, 0, dependencies=[{"name": "a", "constraint": "~~1"}]),
        [("INVALID_CONSTRAINT", "/sub_pacs/0/scope/dependencies/0/constraint")],
    ),
    ("a PAC of no path", lambda d: d["pac"].update(scope={"paths": ["/"]}), [("INVALID_PATH", "/pac/scope/paths/0")]),
    (
        "an unknown output",
        lambda d: d["edges"][5].update(flows={"gone": "one"}),
        [("UNKNOWN_OUTPUT", "/edges/5/flows/gone")],
    ),
    ("an input unfed", lambda d: d["edges"].pop(5), [("INPUT_UNFED", "/nodes/4/inputs/one")]),
    (
        "an input fed twice",
        lambda d: d["edges"][6].update(flows={"out": "one"}),
        [("INPUT_FED_TWICE", "/edges/6/flows/out"), ("INPUT_UNFED", "/nodes/4/inputs/two")],
    ),
    (
        "an output that does not fit",
        lambda d: n(d, "n1").update(outputs={"out": {"type": "string"}}),
        [("SCHEMA_MISMATCH", "/edges/5/flows/out")],
    ),
    (
        "no schema",
        lambda d: n(d, "n1").update(outputs={"out": {"items": {"pattern": "x"}}}),
        [("SCHEMA_INVALID", "/nodes/1/outputs/out/items/pattern")],
    ),
    ("data from a gate", lambda d: d["edges"].append(flows("sync", "n3", out="x")), [("EDGE_NOT_ALLOWED", "/edges/9")]),
    ("data to a gate", lambda d: d["edges"].append(flows("n3", "all", out="x")), [("EDGE_NOT_ALLOWED", "/edges/9")]),
]


def test_a_graph_without_faults_has_none() -> None:
    assert found(fan()) == []
    assert list(unproven(draft(fan()))) == []


@pytest.mark.parametrize(("breaking", "named"), [pytest.param(b, c, id=a) for a, b, c in BREAKINGS])
def test_what_is_wrong_is_named_where_it_is(breaking: Breaking, named: list[tuple[str, str]]) -> None:
    broken = fan()
    breaking(broken)
    assert set(named) <= set(found(broken))


def test_a_cycle_is_shown() -> None:
    broken = fan()
    broken["edges"].append(waits("n3", "n1"))
    (fault,) = faults(draft(broken))
    assert fault.code is Gs.MAEG_CYCLE_DETECTED
    assert fault.cycle in {("n1", "n3", "n1"), ("n1", "sync", "n3", "n1")}
    assert str(fault) == f"GS_202 at /edges/9: {' > '.join(fault.cycle)} is a cycle"


def test_all_faults_are_told_at_once_though_some_parts_cannot_be_read() -> None:
    broken = fan()
    node_of(broken, "n1").pop("lane")
    node_of(broken, "n2").update(lane="art")
    broken["edges"][0]["type"] = "MAYBE"
    broken["sub_pacs"][2]["task"] = 7
    broken["edges"].append(waits("n3", "n1"))
    told = found(broken)
    assert {
        ("MALFORMED", "/nodes/1/lane"),
        ("MALFORMED", "/edges/0"),
        ("MALFORMED", "/sub_pacs/2/task"),
        ("UNKNOWN_LANE", "/nodes/2/lane"),
        ("GS_202", "/edges/9"),
    } == set(told)


def test_what_cannot_be_read_is_not_called_missing() -> None:
    broken = fan()
    broken["nodes"][0] = {"type": "ORCH_ROOT"}
    assert found(broken) == [("MALFORMED", "/nodes/0/node")]
    broken = fan()
    broken["pac"]["attempts"] = 0
    assert found(broken) == [("MALFORMED", "/pac/attempts")]
    broken = fan()
    broken["nodes"], broken["maeg"] = 7, 7
    assert {code for code, _ in found(broken)} == {"MALFORMED"}
    assert found([]) == [("MALFORMED", "")]


def test_what_is_no_json_is_refused_where_it_is_none() -> None:
    assert [str(each) for each in faults(read(b'{"a": 1, "a": 2}'))] == [
        "MALFORMED at /a: this key stands twice in one object"
    ]
    assert faults(read(b"[" + b" " * MOST_BYTES))[0].problem.endswith(f"at most {MOST_BYTES} are taken")


def test_a_graph_says_itself_again() -> None:
    graph = read(json.dumps(fan()).encode()).graph
    assert graph is not None
    assert Maeg.model_validate_json(graph.model_dump_json()) == graph
    assert '"from":"root"' in graph.model_dump_json()


def test_a_flow_of_which_nothing_is_known_is_told_and_blocks_nobody() -> None:
    doubtful = fan()
    node_of(doubtful, "n1")["outputs"] = {"out": {"type": "integer", "minimum": 1, "maximum": 2}}
    node_of(doubtful, "n3")["inputs"]["one"] = {"enum": [1, 2]}
    assert found(doubtful) == []
    assert list(unproven(draft(doubtful))) == [
        ("/edges/5/flows/out", "the input names its values one by one, the output does not")
    ]


@given(documents())
def test_law_a_random_graph_without_faults_has_none_and_an_order(of: Document) -> None:
    it = shape(of)
    assert sorted(it.order) == sorted(each["node"] for each in of["nodes"])
    assert all(it.rank[edge["from"]] < it.rank[edge["to"]] for edge in of["edges"])
    assert list(TopologicalSorter(it.before).static_order())


@given(documents())
def test_law_of_those_that_could_come_next_the_first_in_the_document_does(of: Document) -> None:
    it, left, order = shape(of), [each["node"] for each in of["nodes"]], list[str]()
    while left:
        order.append(next(node for node in left if set(it.before[node]) <= set(order)))
        left.remove(order[-1])
    assert it.order == tuple(order)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20, unique=True))
def test_law_cycles_are_found_just_where_graphlib_finds_one(arrows: list[tuple[int, int]]) -> None:
    nodes = [str(each) for each in range(8)]
    pairs = [(str(one), str(other)) for one, other in arrows]
    shown = cycles(nodes, pairs)
    sorter = TopologicalSorter(neighbours(nodes, ((other, one) for one, other in pairs)))
    try:
        sorter.prepare()
    except CycleError:
        assert shown
    else:
        assert not shown
    assert all(step in pairs for cycle in shown for step in pairwise(cycle))
    assert all(cycle[0] == cycle[-1] and len(set(cycle)) == len(cycle) - 1 for cycle in shown)
    gone = {node for cycle in shown for node in cycle}
    left = [node for node in nodes if node not in gone]
    kept = [(one, other) for one, other in pairs if not gone & {one, other}]
    before, after = neighbours(left, ((other, one) for one, other in kept)), neighbours(left, kept)
    assert len(ordered(left, before, after)) == len(left)


@given(documents(), st.data())
def test_law_whatever_breaks_a_graph_is_named(of: Document, data: st.DataObject) -> None:
    agents = [each for each in of["nodes"] if each["type"] == "AGENT_NODE"]
    one = data.draw(st.sampled_from(agents))
    expected = data.draw(st.sampled_from(["cycle", "lane", "sub_pac", "sub_pacs", "node", "edge", "root", "schema"]))
    match expected:
        case "cycle":
            of["edges"].append(waits(one["node"], one["node"]))
            codes = {"GS_202"}
        case "lane":
            one["lane"] = "nowhere"
            codes = {"UNKNOWN_LANE"}
        case "sub_pac":
            one["sub_pac"] = "Sub-PAC-P1-A99"
            codes = {"SUB_PAC_MISSING", "SUB_PAC_UNUSED"}
        case "sub_pacs":
            of["sub_pacs"].append(data.draw(st.sampled_from(of["sub_pacs"])))
            codes = {"SUB_PAC_DOUBLE"}
        case "node":
            of["nodes"].remove(one)
            codes = {"UNKNOWN_NODE"}
        case "edge":
            gone = data.draw(st.sampled_from([e for e in of["edges"] if e["type"] != "DATA_FLOW"]))
            of["edges"].remove(gone)
            if {gone["from"]} <= {e["from"] for e in of["edges"]} and {gone["to"]} <= {e["to"] for e in of["edges"]}:
                codes = set()
            else:
                codes = {"ORPHAN", "SEVERAL_SINKS"}
        case "root":
            of["nodes"] = [each for each in of["nodes"] if each["type"] != "ORCH_ROOT"]
            codes = {"NO_SUCH_KIND"}
        case _:
            one["outputs"] = {"out": {"$ref": "#"}}
            codes = {"SCHEMA_INVALID"}
    told = {code for code, _ in found(of)}
    assert codes & told or (not codes and not told)


def test_every_edge_that_may_be_leads_towards_the_end() -> None:
    kinds = ["ORCH_ROOT", "AGENT_NODE", "SYNC_POINT", "AGGREGATION", "TERMINAL"]
    assert {kind for pair in EDGES for kind in pair} == set(kinds)
    assert all(origin != "TERMINAL" and to != "ORCH_ROOT" for origin, to in EDGES)


def test_a_shape_tells_its_neighbours_once() -> None:
    of = shape(document([agent(1), agent(2, takes=("i",))], [
        waits("root", "n1"), waits("n1", "n2"), flows("n1", "n2", out="i"), waits("n2", "all", "BARRIER"),
    ]))  # fmt: skip
    assert of.before["n2"] == ("n1",)
    assert of.fed["n1"] == ("n2",)
    assert isinstance(of, Shape)


def test_each_code_of_the_model_is_explained() -> None:
    assert set(EXPLAINED) == set(Gs)
    assert [code.value for code in Gs] == [f"GS_20{number}" for number in range(8)]
    assert Denied(Gs.MAEG_CYCLE_DETECTED, "").hint == EXPLAINED[Gs.MAEG_CYCLE_DETECTED]
    assert Denied(Code.ILLEGAL_TRANSITION, "").hint == ""


def test_the_documentation_shows_the_table_of_edges_and_every_code() -> None:
    page = (Path(__file__).parents[4] / "docs" / "orchestration.md").read_text()
    rows = "".join(f"| {one} | {other} | {', '.join(kinds)} |\n" for (one, other), kinds in EDGES.items())
    assert rows in page
    assert all(f"| `{code.value}` {code.name} |" in page and text in page for code, text in EXPLAINED.items())

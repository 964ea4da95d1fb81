"""What is answered to a graph that is sent: all that is wrong with it at once and where, or what it is."""

from importlib import resources

from pydantic_core import to_json

from psmp.graphs.judging import judged
from psmp.words.faulted import MOST_FAULTS
from psmp_gateway.rules.graphs import faulty, told
from tests.unit.rules.orchestration.graphs import agent, document, fan, flows, waits

PLAN = resources.files("psmp.story").joinpath("three-agents.yaml").read_bytes()


def test_every_fault_of_a_plan_in_yaml_is_told_with_its_line_and_column() -> None:
    wrong = PLAN.replace(b"lane: backend\n", b"lane: back\n").replace(b"to: end", b"to: nowhere")
    problem = faulty(judged(wrong))
    assert (problem.status, problem.code) == (422, "INVALID_GRAPH")
    assert problem.detail.startswith(f"{len(problem.errors)} faults: UNKNOWN_LANE at /nodes/1/lane")
    first = problem.errors[0]
    assert (first.pointer, first.code, first.line, first.column) == ("/nodes/1/lane", "UNKNOWN_LANE", 18, 11)
    assert {"UNKNOWN_LANE", "UNKNOWN_NODE"} <= {each.code for each in problem.errors}
    one = faulty(judged(PLAN.replace(b"lane: backend\n", b"lane: back\n")))
    assert one.detail.startswith("1 fault: ")


def test_a_cycle_is_told_under_its_own_code_with_its_nodes() -> None:
    graph = fan()
    graph["edges"].append(waits("n3", "n1"))
    problem = faulty(judged(to_json(graph), "graph.json"))
    assert (problem.status, problem.code) == (422, "GS_202")
    [cycle] = [each.cycle for each in problem.errors if each.cycle]
    assert cycle[0] == cycle[-1]


def test_of_very_many_faults_the_first_are_told_and_how_many_there_are() -> None:
    nodes = [agent(number, lane="none") for number in range(1, MOST_FAULTS + 11)]
    edges = [edge for each in nodes for edge in (waits("root", each["node"]), waits(each["node"], "all", "BARRIER"))]
    problem = faulty(judged(to_json(document(nodes, edges)), "graph.json"))
    assert len(problem.errors) == MOST_FAULTS
    assert problem.detail.startswith(f"{MOST_FAULTS + 10} faults: ")
    assert problem.detail.endswith(f"; and {MOST_FAULTS + 5} more")


def test_a_graph_without_faults_is_told_with_its_hash_and_what_is_not_proved() -> None:
    found = judged(PLAN)
    assert found.draft.graph is not None
    said = told(found.draft.graph, found)
    assert (said.id, said.pac, said.agents, said.edges, said.doubts) == ("MAEG-LOGIN", "LOGIN", 3, 7, ())
    nodes = [
        agent(1, outputs={"out": {"type": "string"}}),
        agent(2, inputs={"one": {"type": "string", "maxLength": 9999}}),
    ]
    edges = [waits("root", "n1"), flows("n1", "n2", out="one"), waits("n2", "all", "BARRIER")]
    doubtful = judged(to_json(document(nodes, edges)))
    assert doubtful.draft.graph is not None
    [doubt] = told(doubtful.draft.graph, doubtful).doubts
    assert (doubt.pointer, doubt.line) == ("/edges/1/flows/out", 1)
    assert doubt.detail

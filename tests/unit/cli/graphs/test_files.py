"""Graphs in files of YAML and JSON: what is taken, and where everything that is wrong stands."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.cli.app import run
from psmp.cli.exits import Exit
from psmp.graphs import parts
from psmp.graphs.document import read_yaml
from psmp.graphs.judging import judged
from psmp.words.orchestration.codes import Flaw, Gs
from psmp.words.orchestration.packing import MOST_BYTES
from psmp.words.strict import MAX_DEPTH
from tests.unit.rules.orchestration.graphs import Document, fan, waits

GRAPH = """\
# A plan of one.
version: 1.0.0
maeg: MAEG-P1
pac:
  pac: P1
  lanes: [{lane: code}]
nodes:
  - {node: root, type: ORCH_ROOT}
  - node: n1
    type: AGENT_NODE
    agent: ada
    lane: code
    sub_pac: Sub-PAC-P1-A1
    outputs: {out: {type: integer}}
  - {node: all, type: AGGREGATION}
  - {node: end, type: TERMINAL}
sub_pacs:
  - sub_pac: Sub-PAC-P1-A1
    task: |
      do it
edges:
  - {from: root, to: n1, type: DEPENDENCY}
  - {from: n1, to: all, type: BARRIER}
  - {from: all, to: end, type: DEPENDENCY}
"""


def wrong(text: str) -> list[tuple[int, int, str]]:
    """What is wrong with a file of YAML, or with what it is in."""
    return [(*each.place, each.problem) for each in read_yaml(text.encode()).wrong]


def found(text: str, name: str = "graph.yaml") -> list[tuple[int, int, str, str]]:
    return [(*each.place, str(each.fault.code), each.fault.pointer) for each in judged(text.encode(), name).faults]


def changed(*pairs: tuple[str, str]) -> str:
    text = GRAPH
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_yaml_says_the_same_as_json() -> None:
    of_yaml = judged(GRAPH.encode(), "graph.yaml")
    of_json = judged(json.dumps(json.loads(of_yaml.raw), indent="\t").encode(), "graph.json")
    assert of_yaml.faults == of_json.faults == ()
    assert of_yaml.draft.graph == of_json.draft.graph is not None


def test_every_fault_is_told_at_once_where_it_stands() -> None:
    text = changed(
        ("    agent: ada\n", "    agent: ada\n    agent: bob\n"),
        ("    lane: code\n", "    lane: docs\n"),
        ("{type: integer}", "&x {type: integer}"),
        ("version: 1.0.0", "version: 2.0.0"),
    )
    assert found(text) == [
        (2, 10, Flaw.MALFORMED, "/version"),
        (12, 5, Flaw.MALFORMED, "/nodes/1/agent"),
        (13, 11, Flaw.UNKNOWN_LANE, "/nodes/1/lane"),
        (15, 20, Flaw.MALFORMED, "/nodes/1/outputs/out"),
    ]


def test_a_cycle_is_shown_with_its_nodes() -> None:
    graph = fan()
    graph["edges"].append(waits("n3", "n1"))
    (fault,) = judged(json.dumps(graph).encode()).faults
    assert fault.fault.code is Gs.MAEG_CYCLE_DETECTED
    assert fault.fault.cycle[0] == fault.fault.cycle[-1]


def test_what_lacks_is_told_where_it_should_be() -> None:
    text = changed(("    lane: code\n", ""))
    assert found(text) == [(9, 5, Flaw.MALFORMED, "/nodes/1/lane")]
    (lacking,) = judged(text.encode(), "graph.yaml").faults
    assert lacking.fault.problem == "/nodes/1/lane: Field required"


def test_what_is_there_is_not_named_beside_its_place() -> None:
    (fault,) = judged(changed(("version: 1.0.0", "version: 2.0.0")).encode(), "graph.yaml").faults
    assert "/version" not in fault.fault.problem


@pytest.mark.parametrize("tabbed", [None, "\t"])
def test_keys_that_stand_twice_in_json_are_all_told(tabbed: str | None) -> None:
    text = json.dumps(fan(), indent=tabbed)
    text = text.replace('"P1"', '"P1", "pac": "P1"', 1).replace('"code"}', '"code", "lane": "code"}', 1)
    text = text.replace('"code"\n', '"code", "lane": "code"\n', 1)
    told = [(code, where) for _, _, code, where in found(text, "graph.json")]
    assert (Flaw.MALFORMED, "/pac/pac") in told
    assert any(where.endswith("/lane") for _, where in told)


def test_an_alias_makes_nothing_grow() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdef", "bcdefg", strict=False))
    assert {problem for *_, problem in wrong(bomb)} == {parts.SHARED}


@pytest.mark.parametrize(
    ("text", "at", "problem"),
    [
        ("a: yes\n", (1, 4), parts.DOUBTFUL),
        ("a: 0o14\n", (1, 4), parts.DOUBTFUL),
        ("a: 12:30\n", (1, 4), parts.DOUBTFUL),
        ("a: 2026-11-26\n", (1, 4), parts.DOUBTFUL),
        ("a: 1_000\n", (1, 4), parts.DOUBTFUL),
        ("a: .5\n", (1, 4), parts.DOUBTFUL),
        ("a: ~\n", (1, 4), parts.DOUBTFUL),
        ("a:\n", (1, 3), parts.DOUBTFUL),
        ("on: 1\n", (1, 1), parts.DOUBTFUL),
        ("<<: {a: 1}\n", (1, 1), parts.DOUBTFUL),
        ("1: a\n", (1, 1), parts.NO_KEY),
        ("? [a]\n: b\n", (1, 3), parts.NO_KEY),
        ("a: &k b\n*k : c\n", (1, 4), parts.SHARED),
        ("a: !!python/object:os.system {}\n", (1, 4), parts.TAGGED),
        ("a: !!str 1\n", (1, 4), parts.TAGGED),
        ("a: 9007199254740992\n", (1, 4), parts.LARGE),
        ("a: 1e999\n", (1, 4), parts.LARGE),
        (f"a: {'9' * 5000}\n", (1, 4), parts.LARGE),
        ("a: 1\n---\nb: 2\n", (2, 1), parts.SECOND),
        ("", (1, 1), parts.EMPTY),
        ("# nothing\n", (1, 1), parts.EMPTY),
        ("[" * (MAX_DEPTH + 1), (1, MAX_DEPTH + 1), parts.DEEP),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(text: str, at: tuple[int, int], problem: str) -> None:
    assert (*at, problem) in wrong(text)


@pytest.mark.parametrize(("text", "line"), [("a: [1\nb: 2\n", 2), ("a: b: c\n", 1), ("a: \x07\n", 1)])
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int) -> None:
    ((at, _, problem),) = wrong(text)
    assert (at, problem[:8]) == (line, "not YAML")


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        (b'{"a": 1,\n "b" 2}', (2, 6)),
        (b'{"a": "\xff"}', (1, 8)),
        (b"{" + b" " * MOST_BYTES, (1, 1)),
        (b'{"a": ' + b"[" * 200_000, (1, 1)),
    ],
)
def test_what_is_no_json_is_told_with_its_place(raw: bytes, at: tuple[int, int]) -> None:
    (fault,) = judged(raw, "graph.json").faults
    assert (*fault.place,) == at
    assert fault.fault.code is Flaw.MALFORMED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(st.characters(codec="ascii", categories=["L", "N"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_json_is_yaml(value: object) -> None:
    read = read_yaml(json.dumps(value).encode())
    assert (read.value, read.wrong) == (value, [])


def test_a_file_is_checked_offline_and_ends_with_2_where_it_cannot_be_submitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "graph.yaml"
    file.write_text(GRAPH)
    assert run(["maeg", "check", str(file)]) == Exit.DONE
    assert "MAEG-P1 can be submitted: 1 agent node, 3 edges" in capsys.readouterr().out
    file.write_text(changed(("    lane: code\n", "    lane: docs\n")))
    assert run(["maeg", "check", str(file), "-o", "json"]) == Exit.USAGE
    told: Document = json.loads(capsys.readouterr().out)
    assert [(each["line"], each["column"], each["code"]) for each in told["faults"]] == [(12, 11, "UNKNOWN_LANE")]
    assert run(["maeg", "submit", str(file), "site"]) == Exit.USAGE
    assert f"{file}:12:11: UNKNOWN_LANE" in capsys.readouterr().out


def test_a_flow_that_is_not_proved_is_told_and_let_through(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    graph = fan()
    graph["nodes"][1]["outputs"] = {"out": {"type": "array", "items": {"type": "integer"}, "minItems": 50}}
    graph["nodes"][4]["inputs"]["one"] = {"type": "array", "items": {"maximum": 3}}
    (doubt,) = judged(json.dumps(graph).encode()).doubts
    assert doubt.pointer == "/edges/5/flows/out"
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(graph))
    assert run(["maeg", "check", str(file)]) == Exit.DONE
    assert f"{file}:1:{doubt.place.column}: not proved" in capsys.readouterr().out

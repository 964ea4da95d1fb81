"""What a model is shown and told: schemas that hold, texts that say what to do, and never an exception."""

import json
import re
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from mcp.client import Client as ModelClient
from mcp.shared.exceptions import MCPError

from psmp.cli.faults import explain
from psmp.client import Client, Invalid, NotAllowed, Refusal, errors
from psmp.client.errors import NoAnswer, NotAcknowledged, Order, VerdictPending
from psmp.client.refusals import ERRORS
from psmp.mcp import prompts, telling
from psmp.mcp.answered import Conflicts, Explained, Problem
from psmp.mcp.asked import OfProject
from psmp.mcp.problems import NEXT, problem_of, told
from psmp.mcp.server import server
from psmp.mcp.session import Unconfigured
from psmp.mcp.table import TOOLS
from psmp.rules.status import describe
from psmp.words.events import TaskChanged, TaskCreated
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.refusals import Code
from psmp.words.strict import MAX_BYTES, Fault
from psmp.words.values import Conflict, Phase, Severity
from tests.histories import KEY, conflict, created, declared, detected, moved
from tests.unit.rules.folding import told as folded

NAMES = [
    "declare_artifact",
    "check_dependencies",
    "project_status",
    "list_conflicts",
    "explain_conflict",
    "accept_suggestion",
    "request_slot",
    "finish",
    "heartbeat",
    "search_audit",
]


def nowhere() -> AbstractAsyncContextManager[Client]:
    """A place that nothing names."""
    raise Unconfigured("nobody said where NATS is", "start psmp dev, or set PSMP_URL")


def test_there_are_the_tools_that_were_promised_and_every_one_says_what_it_is_for() -> None:
    assert list(TOOLS) == NAMES
    for tool in TOOLS.values():
        assert len(tool.about) > 60
        assert tool.reads <= (not tool.replaces)


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_and_explains_every_field_of_what_is_taken(name: str) -> None:
    taken, given = TOOLS[name].input_schema, TOOLS[name].output_schema
    for schema in (taken, given):
        Draft202012Validator.check_schema(schema)
        assert (schema["type"], schema["additionalProperties"]) == ("object", False)
    assert [field for field, said in taken["properties"].items() if "description" not in said] == []
    project = json.dumps(taken["properties"]["project"])
    assert "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$" in project, "an id is an id here too"
    assert "agent" not in taken["properties"], "no call says who it speaks for"


def test_every_refusal_that_these_tools_can_meet_says_the_next_call() -> None:
    for code in ERRORS:
        problem = problem_of(Refusal(code, "no", "the hint of intake"))
        assert problem.code == code
        assert problem.next == NEXT.get(code, "the hint of intake")
    named = {word for text in NEXT.values() for word in re.findall(r"[a-z]+_[a-z_]+", text)}
    known = {*NAMES, "retry_seconds", "wait_seconds"}
    assert named <= known, "a next step names a tool, or a field, that there is"


def test_every_error_has_a_stable_code() -> None:
    order = Order(uuid7(1, bytes(10)), ProjectKey("default", "rag"), "ada", "slot.request", "s", b"{}")
    met = {
        "INVALID": Invalid([Fault("/x", "no")]),
        "UNCONFIGURED": Unconfigured("where?", "there"),
        "NOT_ALLOWED": NotAllowed("no"),
        "PENDING": VerdictPending(order, 5, 7),
        "NOT_KNOWN": NotAcknowledged(order, 5, "gone"),
        "UNAVAILABLE": NoAnswer("the question", "nobody"),
        "NO_SUCH_PAST": errors.NoSuchPast("no"),
        "OVERLOADED": errors.Overloaded("full"),
        "DAMAGED": errors.LogDamaged("bad"),
        "UNREADABLE": errors.Unreadable("it", "why"),
    }
    assert {name: problem_of(error).code for name, error in met.items()} == {name: name for name in met}
    assert problem_of(met["PENDING"]).command_id == order.command_id
    assert told(problem_of(met["UNCONFIGURED"])) == "UNCONFIGURED: where?. Next: there.".replace("?.", "?")


def test_a_refusal_keeps_its_conflicts_and_says_when_to_try_again() -> None:
    blocked = problem_of(Refusal(Code.PROJECT_BLOCKED, "rag is blocked by C-1", "psmp status rag", ("C-1",)))
    assert blocked == Problem(
        code="PROJECT_BLOCKED",
        reason="rag is blocked by C-1",
        next=NEXT[Code.PROJECT_BLOCKED],
        conflicts=("C-1",),
    )
    assert problem_of(Refusal(Code.RATE_LIMITED, "slow", retry_seconds=9)).retry_seconds == 9


async def test_a_session_begins_without_psmp_and_says_what_is_missing() -> None:
    async with ModelClient(server(nowhere, "rag")) as model:
        assert "check_dependencies" in (model.instructions or "")
        assert [each.name for each in (await model.list_tools()).tools] == NAMES
        failed = await model.call_tool("project_status", {})
        assert failed.is_error
        assert failed.structured_content["code"] == "UNCONFIGURED"
        assert failed.structured_content["next"] == "start psmp dev, or set PSMP_URL"


@pytest.mark.parametrize(
    ("tool", "given", "place"),
    [
        ("declare_artifact", {"artifact": "a.b"}, "/artifact"),
        ("declare_artifact", {}, "/artifact"),
        ("declare_artifact", {"artifact": "a", "agent": "eve"}, "/agent"),
        ("declare_artifact", {"artifact": "a", "word": 1}, "/word"),
        ("declare_artifact", {"artifact": "a", "summary": "x" * 2001}, "/summary"),
        ("declare_artifact", {"artifact": "a", "paths": ["p" * 1000] * 70}, f"at most {MAX_BYTES} are taken"),
        ("request_slot", {"wait_seconds": 51}, "/wait_seconds"),
        ("request_slot", {"wait_seconds": "5"}, "/wait_seconds"),
        ("accept_suggestion", {"conflict": "C-1", "suggestion": 1}, "/seen"),
        ("explain_conflict", {"conflict": "one"}, "/conflict"),
        ("search_audit", {"kind": "all"}, "/kind"),
        ("project_status", {"project": "psmp.x"}, "/project"),
    ],
)
async def test_what_cannot_be_taken_is_said_with_its_place(tool: str, given: dict[str, Any], place: str) -> None:
    async with ModelClient(server(nowhere, None)) as model:
        failed = await model.call_tool(tool, given)
    assert (failed.is_error, failed.structured_content["code"]) == (True, "INVALID")
    assert place in failed.structured_content["reason"]


async def test_what_is_not_there_is_said_with_what_is() -> None:
    async with ModelClient(server(nowhere, "rag")) as model:
        unknown = await model.call_tool("drop_tables", {})
        assert (unknown.is_error, unknown.structured_content["code"]) == (True, "UNKNOWN_TOOL")
        assert [str(each.uri) for each in (await model.list_resources()).resources] == [
            "psmp://projects/rag",
            "psmp://projects/rag/conflicts",
            "psmp://projects/rag/manifest",
        ]
        assert len((await model.list_resource_templates()).resource_templates) == 3
        for address in ("psmp://projects/a.b", "psmp://projects/rag/secrets", "file:///etc/passwd"):
            with pytest.raises(MCPError, match="there are psmp://projects"):
                await model.read_resource(address)
        with pytest.raises(MCPError, match="UNCONFIGURED"):
            await model.read_resource("psmp://projects/rag")
        with pytest.raises(MCPError, match="an argument is missing"):
            await model.get_prompt("resolve_conflict", {})


async def test_the_prompts_name_tools_that_there_are() -> None:
    async with ModelClient(server(nowhere, None)) as model:
        assert (await model.list_resources()).resources == []
        for prompt in (await model.list_prompts()).prompts:
            given = {each.name: "C-1" if each.name == "conflict" else "rag" for each in prompt.arguments or ()}
            text = (await model.get_prompt(prompt.name, given)).messages[0].content.model_dump()["text"]
            assert "rag" in text
            words = {word.strip(".,;:?()") for word in text.split()}
            assert {word for word in words if "_" in word} <= set(NAMES)
    assert prompts.written("work_in_governed_project", {}) is not None


def test_without_the_extra_it_is_said_what_to_install() -> None:
    for name in ("mcp", "mcp_types"):
        fault = explain(ModuleNotFoundError(name=name))
        assert fault is not None
        assert fault.hint == "pip install 'psmp[mcp]'"


def clash(number: int, text: str = "Because.") -> Conflict:
    return conflict(number, "api", "web").model_copy(update={"text": text})


def test_a_list_that_is_too_long_is_cut_and_says_by_how_many() -> None:
    project = folded(
        ("ada", created()), ("ada", declared("web")), ("ada", declared("api")), ("ada", detected("api", clash(1)))
    )
    status = describe(KEY, project)
    many = status.model_copy(update={"conflicts": tuple(clash(n, "x" * 1500) for n in range(1, 200))})
    cut = telling.listed(many, "ada", None)
    assert len(cut.model_dump_json()) <= MAX_BYTES
    assert (len(cut.conflicts) + cut.more_conflicts, cut.more_conflicts > 0) == (199, True)
    assert "199 open conflicts" in telling.read(cut)
    assert (
        telling.fitted(cut.model_copy(update={"conflicts": (), "next": ("x" * 70_000,)}), "conflicts").conflicts == ()
    )


def test_planned_tasks_that_are_not_done_are_told_and_whose_they_are() -> None:
    docs = TaskCreated(task="docs", title="Write the docs", details="", agent="bob", artifacts=("api",))
    logo = TaskCreated(task="logo", title="Draw a logo", details="", artifacts=())
    done = TaskChanged(status="DONE", **logo.model_dump())
    project = folded(("ada", created()), ("ada", docs), ("ada", logo), ("ada", done))
    for agent, yours in (("bob", True), ("ada", False)):
        (task,) = telling.standing(describe(KEY, project), agent).tasks
        assert (task.task, task.status, task.agent, task.yours, task.artifacts) == (
            "docs",
            "OPEN",
            "bob",
            yours,
            ("api",),
        )


def test_what_is_open_is_listed_by_severity_and_explained_with_what_is_ones_own_first() -> None:
    begun = (
        ("ada", created()),
        ("ada", moved(Phase.INITIALIZED, Phase.PLANNING)),
        ("ada", declared("web")),
        ("bob", declared("api")),
    )
    status_free = describe(KEY, folded(*begun))
    assert telling.standing(status_free, "ada").may_start
    project = folded(*begun, ("ada", detected("api", clash(1))))
    status = describe(KEY, project)
    severity = status.conflicts[0].severity
    other = next(each for each in Severity if each is not severity)
    assert len(telling.listed(status, "ada", severity).conflicts) == 1
    assert telling.listed(status, "ada", other) == Conflicts(
        project="rag", state=status.state, seen=5, next=("nothing of this kind is open; go on",)
    )
    explained = telling.explained(status, status.conflicts[0], "ada")
    assert isinstance(explained, Explained)
    assert explained.next[-1] == "else ask a person: psmp resolve rag C-1 --escalate"
    assert telling.standing(status, "ada").next[0] == "start no work"
    assert issubclass(TOOLS["finish"].asked, OfProject)

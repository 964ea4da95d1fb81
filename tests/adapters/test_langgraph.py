"""LangChain's agents and LangGraph's graphs, with a model that says what it is told to."""

import os
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import StructuredTool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

import psmp
from psmp.adapters.langgraph import Governed
from tests.adapters.conftest import WITHIN, BlockingProject, Project, unplugged
from tests.adapters.examples import example, prepared

URL = os.environ["PSMP_URL"]


class Scripted(BaseChatModel):
    """Says one thing after the other, and remembers what it was told."""

    script: list[Any]
    told: list[list[BaseMessage]] = []

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, *_: Any, **__: Any) -> "Scripted":
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.told.append(list(messages))
        said = self.script.pop(0)
        if isinstance(said, BaseException):
            raise said
        said = said() if callable(said) else said
        message = AIMessage(said) if isinstance(said, str) else said
        return ChatResult(generations=[ChatGeneration(message=message)])


def calls(tool: str, **given: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": tool, "args": given, "id": f"call-{tool}-{len(str(given))}"}])


def declares(*needs: str, artifact: str = "notes", **more: Any) -> AIMessage:
    return calls("declare_artifact", artifact=artifact, dependencies=list(needs), **more)


def writing(files: list[str]) -> StructuredTool:
    def write_file(name: str) -> str:
        """Write a file."""
        files.append(name)
        return f"{name} is written"

    return StructuredTool.from_function(write_file)


@pytest.fixture
def files() -> list[str]:
    return []


ASKED = {"messages": [("user", "write it")]}


async def test_a_free_project_goes_on_and_what_was_made_is_declared(project: Project, files: list[str]) -> None:
    model = Scripted(script=[calls("write_file", name="a.py"), declares("pandas>=2.1"), "done"])
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob, bob.run(project.name) as run:
        agent = create_agent(model, [writing(files)], middleware=[Governed(run)])
        said = await agent.ainvoke(ASKED)
    assert (said["messages"][-1].text, files) == ("done", ["a.py"])
    status = await project.status()
    assert {each.artifact: each.agent for each in status.artifacts} == {"backend": "ada", "notes": "bob"}
    assert (status.slots, await project.failures()) == ((), [])


async def test_a_conflict_is_told_to_the_model_tools_stand_still_until_it_has_mended_it(
    project: Project, files: list[str]
) -> None:
    script = [declares("pandas==1.5.*"), calls("write_file", name="a.py"), declares("pandas>=2.0", amend=True)]
    model = Scripted(script=[*script, calls("write_file", name="b.py"), "done"])
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob, bob.run(project.name) as run:
        await create_agent(model, [writing(files)], middleware=[Governed(run)]).ainvoke(ASKED)
    verdict, refused, mended, written = (told[-1] for told in model.told[1:])
    assert "no version of pandas satisfies" in verdict.text
    assert refused.text.startswith("PROJECT_BLOCKED: ")
    assert "declare_artifact with amend true" in refused.text
    assert refused.status == "error"
    assert "C-1 cleared" in mended.text
    assert (written.text, files) == ("b.py is written", ["b.py"])


async def test_no_agent_begins_in_a_blocked_project_and_the_slot_is_given_back(
    project: Project, files: list[str]
) -> None:
    model = Scripted(script=[calls("write_file", name="a.py")])
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob:
        with pytest.raises(psmp.ProjectBlocked, match="no version of pandas"):
            async with bob.run(project.name) as run:
                await project.block()
                await create_agent(model, [writing(files)], middleware=[Governed(run)]).ainvoke(ASKED)
        with pytest.raises(psmp.ProjectBlocked):
            async with bob.run(project.name):
                pytest.fail("there is a slot in a blocked project")
    assert (model.told, files) == ([], [])
    assert (await project.status()).slots == ()
    assert [each[:15] for each in await project.failures()] == ["ProjectBlocked:"]


async def test_a_run_that_raises_gives_its_slot_back_with_the_reason(project: Project) -> None:
    model = Scripted(script=[OSError("the model is gone")])
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob:
        with pytest.raises(OSError, match="the model is gone"):
            async with bob.run(project.name) as run:
                await create_agent(model, [], middleware=[Governed(run)]).ainvoke(ASKED)
    assert (await project.status()).slots == ()
    assert await project.failures() == ["OSError: the model is gone"]


async def test_no_tool_runs_when_psmp_cannot_be_asked(project: Project, files: list[str]) -> None:
    closed = await unplugged()
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob, bob.run(project.name) as run:

        def cut() -> AIMessage:
            run.client = closed
            return calls("write_file", name="a.py")

        agent = create_agent(Scripted(script=[cut, "done"]), [writing(files)], middleware=[Governed(run)])
        with pytest.raises(psmp.Closed):
            await agent.ainvoke(ASKED)
        run.client = bob
        await run.declare("notes")
    assert files == []


def test_agents_that_are_not_asynchronous_are_governed_by_a_blocking_client(
    blocking: BlockingProject, files: list[str]
) -> None:
    script = [calls("write_file", name="a.py"), declares("pandas==1.5.*"), calls("write_file", name="b.py"), "done"]
    model = Scripted(script=script)
    with psmp.connect_sync(URL, agent="bob", timeout=WITHIN) as bob, bob.run(blocking.name) as run:
        create_agent(model, [writing(files)], middleware=[Governed(run)]).invoke(ASKED)
    assert files == ["a.py"]
    assert model.told[-1][-1].text.startswith("PROJECT_BLOCKED: ")


async def test_a_graph_of_ones_own_has_a_gate_and_governed_tools(project: Project, files: list[str]) -> None:
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob, bob.run(project.name) as run:
        governed = Governed(run)
        graph = StateGraph(MessagesState)
        graph.add_node("gate", governed.node)
        graph.add_node("tools", ToolNode([writing(files), *governed.tools], awrap_tool_call=governed.awrap_tool_call))
        graph.add_edge(START, "gate")
        graph.add_edge("gate", "tools")
        graph.add_edge("tools", END)
        made = graph.compile()
        await made.ainvoke({"messages": [calls("write_file", name="a.py")]})
        said = await made.ainvoke({"messages": [declares("pandas==1.5.*")]})
        assert "no version of pandas" in said["messages"][-1].text
        with pytest.raises(psmp.ProjectBlocked):
            await made.ainvoke({"messages": [calls("write_file", name="b.py")]})
    assert files == ["a.py"]


async def test_the_example_in_the_documentation_works(files: list[str]) -> None:
    await prepared()
    script = [calls("write_file", name="a.py"), declares("fastapi>=0.100", artifact="by-langgraph"), "done"]
    assert await example("LangGraph")(Scripted(script=script), [writing(files)]) == "done"
    assert files == ["a.py"]

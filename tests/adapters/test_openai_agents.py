"""The OpenAI Agents SDK, with a model that says what it is told to."""

import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from agents import Agent, ApplyPatchTool, FunctionTool, Model, ModelResponse, Runner, Usage, UserError, function_tool
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

import psmp
from psmp.adapters.openai_agents import Governed
from tests.adapters.conftest import WITHIN, Project, unplugged
from tests.adapters.examples import example, prepared

URL = os.environ["PSMP_URL"]


class Scripted(Model):
    """Says one thing after the other, and remembers what it was told."""

    def __init__(self, *script: Any) -> None:
        self.script, self.told = list(script), list[Any]()

    async def get_response(self, *_: Any, **given: Any) -> ModelResponse:
        self.told.append(given["input"])
        said = self.script.pop(0)
        if isinstance(said, BaseException):
            raise said
        said = said() if callable(said) else said
        return ModelResponse(output=[text(said) if isinstance(said, str) else said], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
        raise NotImplementedError

    def answers(self) -> list[str]:
        """What its calls were answered."""
        return [each["output"] for each in self.told[-1] if each.get("type") == "function_call_output"]


def text(said: str) -> ResponseOutputMessage:
    content = ResponseOutputText(text=said, type="output_text", annotations=[])
    return ResponseOutputMessage(id="m", content=[content], role="assistant", status="completed", type="message")


def calls(tool: str, **given: Any) -> ResponseFunctionToolCall:
    arguments = json.dumps(given)
    return ResponseFunctionToolCall(
        call_id=f"{tool}-{abs(hash(arguments))}", name=tool, arguments=arguments, type="function_call"
    )


def declares(*needs: str, artifact: str = "notes", **more: Any) -> ResponseFunctionToolCall:
    return calls("declare_artifact", artifact=artifact, dependencies=list(needs), **more)


def writing(files: list[str]) -> FunctionTool:
    def write_file(name: str) -> str:
        """Write a file."""
        files.append(name)
        return f"{name} is written"

    return function_tool(write_file)


@pytest.fixture
def files() -> list[str]:
    return []


async def work(run: psmp.Run, model: Scripted, files: list[str]) -> Any:
    governed = Governed(run)
    agent = governed.agent(Agent("coder", model=model, tools=[writing(files)]))
    return (await Runner.run(agent, "write it", hooks=governed)).final_output


async def test_a_free_project_goes_on_and_what_was_made_is_declared(project: Project, files: list[str]) -> None:
    model = Scripted(calls("write_file", name="a.py"), declares("pandas>=2.1"), "done")
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob, bob.run(project.name) as run:
        assert await work(run, model, files) == "done"
    assert files == ["a.py"]
    status = await project.status()
    assert {each.artifact: each.agent for each in status.artifacts} == {"backend": "ada", "notes": "bob"}
    assert (status.slots, await project.failures()) == ((), [])


async def test_a_conflict_is_told_to_the_model_tools_stand_still_until_it_has_mended_it(
    project: Project, files: list[str]
) -> None:
    model = Scripted(
        declares("pandas==1.5.*"),
        calls("write_file", name="a.py"),
        declares("pandas>=2.0", amend=True),
        calls("write_file", name="b.py"),
        "done",
    )
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob, bob.run(project.name) as run:
        assert await work(run, model, files) == "done"
    verdict, refused, mended, written = model.answers()
    assert "no version of pandas satisfies" in verdict
    assert refused.startswith("PROJECT_BLOCKED: ")
    assert "C-1 cleared" in mended
    assert (written, files) == ("b.py is written", ["b.py"])


async def test_no_agent_begins_in_a_blocked_project_and_the_slot_is_given_back(
    project: Project, files: list[str]
) -> None:
    model = Scripted(calls("write_file", name="a.py"))
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob:
        with pytest.raises(psmp.ProjectBlocked, match="no version of pandas"):
            async with bob.run(project.name) as run:
                await project.block()
                await work(run, model, files)
    assert (model.told, files) == ([], [])
    assert (await project.status()).slots == ()
    assert [each[:15] for each in await project.failures()] == ["ProjectBlocked:"]


async def test_an_agent_that_is_handed_to_does_not_begin_either(project: Project, files: list[str]) -> None:
    second = Scripted(calls("write_file", name="a.py"))
    other = Agent("other", model=second, tools=[writing(files)])
    first = Scripted(calls("transfer_to_other"))
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob:
        with pytest.raises(psmp.ProjectBlocked):
            async with bob.run(project.name) as run:
                await run.declare("notes", dependencies=["pandas==1.5.*"])
                governed = Governed(run)
                governed.on_agent_start = _first(governed)  # type: ignore[method-assign]
                agent = governed.agent(Agent("coder", model=first, handoffs=[other]))
                await Runner.run(agent, "write it", hooks=governed)
    assert (len(first.told), second.told, files) == (1, [], [])


def _first(governed: Governed) -> Any:
    """The hook, but that it lets the first agent begin."""
    seen, start = list[str](), governed.on_agent_start

    async def on_agent_start(context: Any, agent: Any) -> None:
        seen.append(agent.name)
        if len(seen) > 1:
            await start(context, agent)

    return on_agent_start


async def test_a_tool_without_a_guardrail_ends_the_run_instead(project: Project, files: list[str]) -> None:
    model = Scripted(declares("pandas==1.5.*"), calls("write_file", name="a.py"))
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob:
        with pytest.raises(UserError, match="is BLOCKED by C-1") as stopped:
            async with bob.run(project.name) as run:
                governed = Governed(run)
                agent = Agent("coder", model=model, tools=[writing(files), governed.declare])
                await Runner.run(agent, "write it", hooks=governed)
    assert isinstance(stopped.value.__cause__, psmp.ProjectBlocked)
    assert files == []


async def test_a_run_that_raises_gives_its_slot_back_with_the_reason(project: Project, files: list[str]) -> None:
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob:
        with pytest.raises(OSError, match="the model is gone"):
            async with bob.run(project.name) as run:
                await work(run, Scripted(OSError("the model is gone")), files)
    assert (await project.status()).slots == ()
    assert await project.failures() == ["OSError: the model is gone"]


async def test_no_tool_runs_when_psmp_cannot_be_asked(project: Project, files: list[str]) -> None:
    closed = await unplugged()
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob, bob.run(project.name) as run:

        def cut() -> ResponseFunctionToolCall:
            run.client = closed
            return calls("write_file", name="a.py")

        with pytest.raises(UserError) as stopped:
            await work(run, Scripted(cut, "done"), files)
        assert isinstance(stopped.value.__cause__, psmp.Closed)
        run.client = bob
        await run.declare("notes")
    assert files == []


def test_tools_of_other_kinds_stay_as_they_are() -> None:
    patch = ApplyPatchTool(editor=None)
    governed = Governed.__new__(Governed)
    assert governed._guarded(patch) is patch


async def test_the_example_in_the_documentation_works(files: list[str]) -> None:
    await prepared()
    model = Scripted(calls("write_file", name="a.py"), declares("fastapi>=0.100", artifact="by-openai-agents"), "done")
    assert await example("OpenAI Agents SDK")(model, [writing(files)]) == "done"
    assert files == ["a.py"]

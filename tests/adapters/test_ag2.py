"""AG2, with a model that says what it is told to."""

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from ag2 import Agent, Context
from ag2.config import LLMClient
from ag2.events import BaseEvent, ModelResponse, ToolCallEvent, ToolResultsEvent
from ag2.testing import TestClient, TestConfig

import psmp
from psmp.adapters.ag2 import governed
from tests.adapters.conftest import WITHIN, Project, unplugged
from tests.adapters.examples import example, prepared

URL = os.environ["PSMP_URL"]


class Scripted(TestConfig):
    """Says one thing after the other, and remembers what it was told."""

    def __init__(self, *script: Any) -> None:
        super().__init__(*script)
        self.script, self.told = list(script), list[Sequence[BaseEvent]]()

    def create(self) -> LLMClient:
        return _Client(self)

    def answers(self) -> list[str]:
        """What its calls were answered."""
        results = [event for event in self.told[-1] if isinstance(event, ToolResultsEvent)]
        return [
            str(getattr(part, "content", part)) for each in results for one in each.results for part in one.result.parts
        ]


class _Client(TestClient):
    def __init__(self, model: Scripted) -> None:
        super().__init__(raise_tool_errors=False)
        self._model = model

    async def __call__(self, messages: Sequence[BaseEvent], context: Context, **more: Any) -> ModelResponse:
        self._model.told.append(list(messages))
        said = self._model.script.pop(0)
        self.events = iter([said() if callable(said) else said])
        return await super().__call__(messages, context, **more)


def calls(tool: str, **given: Any) -> ToolCallEvent:
    return ToolCallEvent(name=tool, arguments=json.dumps(given))


def declares(*needs: str, artifact: str = "notes", **more: Any) -> ToolCallEvent:
    return calls("declare_artifact", artifact=artifact, dependencies=list(needs), **more)


def writing(files: list[str]) -> Callable[[str], str]:
    def write_file(name: str) -> str:
        """Write a file."""
        files.append(name)
        return f"{name} is written"

    return write_file


@pytest.fixture
def files() -> list[str]:
    return []


async def work(run: psmp.Run, model: Scripted, files: list[str]) -> Any:
    agent = Agent("coder", config=model, tools=[writing(files)], plugins=[governed(run)])
    return (await agent.ask("write it")).body


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
    assert "PROJECT_BLOCKED: " in refused
    assert "C-1 cleared" in mended
    assert "b.py is written" in written
    assert files == ["b.py"]


async def test_no_turn_begins_in_a_blocked_project_and_the_slot_is_given_back(
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


async def test_a_run_that_raises_gives_its_slot_back_with_the_reason(project: Project, files: list[str]) -> None:
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob:
        with pytest.raises(OSError, match="the model is gone"):
            async with bob.run(project.name) as run:
                await work(run, Scripted(OSError("the model is gone")), files)
    assert (await project.status()).slots == ()
    assert await project.failures() == ["OSError: the model is gone"]


async def test_no_tool_runs_when_psmp_cannot_be_asked_and_the_turn_ends(project: Project, files: list[str]) -> None:
    closed = await unplugged()
    async with psmp.connect(URL, agent="bob", timeout=WITHIN) as bob, bob.run(project.name) as run:

        def cut() -> ToolCallEvent:
            run.client = closed
            return calls("write_file", name="a.py")

        model = Scripted(cut, "done")
        with pytest.raises(psmp.Closed):
            await work(run, model, files)
        run.client = bob
        await run.declare("notes")
    assert (files, len(model.told)) == ([], 1)


async def test_the_example_in_the_documentation_works(files: list[str]) -> None:
    await prepared()
    model = Scripted(calls("write_file", name="a.py"), declares("fastapi>=0.100", artifact="by-ag2"), "done")
    assert await example("AG2")(model, [writing(files)]) == "done"
    assert files == ["a.py"]

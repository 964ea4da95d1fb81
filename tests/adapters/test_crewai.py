"""CrewAI, with a model that says what it is told to."""

import asyncio
import json
import os
from typing import Any

import pytest
from crewai import Agent, BaseLLM, Crew, Task
from crewai.hooks import HookAborted
from crewai.hooks.dispatch import InterceptionPoint, get_hooks
from crewai.tools import BaseTool, tool
from pydantic import PrivateAttr

import psmp
from psmp.adapters.crewai import Declare, governed
from psmp.client import BlockingRun
from tests.adapters.conftest import WITHIN, BlockingProject, unplugged
from tests.adapters.examples import example, prepared

URL = os.environ["PSMP_URL"]


class Scripted(BaseLLM):
    """Says one thing after the other, and remembers what it was told."""

    _script: list[Any] = PrivateAttr(default_factory=list)
    _told: list[str] = PrivateAttr(default_factory=list)

    @classmethod
    def of(cls, *script: Any) -> "Scripted":
        made = cls(model="scripted")
        made._script = list(script)
        return made

    def call(self, messages: Any, *_: Any, **__: Any) -> str:
        self._told.append(json.dumps(messages) if not isinstance(messages, str) else messages)
        said = self._script.pop(0)
        if isinstance(said, BaseException):
            raise said
        return str(said() if callable(said) else said)

    def supports_function_calling(self) -> bool:
        return False


def calls(which: str, **given: Any) -> str:
    return f"Thought: I must\nAction: {which}\nAction Input: {json.dumps(given)}"


def declares(*needs: str, artifact: str = "notes", **more: Any) -> str:
    return calls("declare_artifact", artifact=artifact, dependencies=list(needs), **more)


DONE = "Thought: I now know\nFinal Answer: done"


def writing(files: list[str]) -> BaseTool:
    @tool("write_file")
    def write_file(name: str) -> str:
        """Write a file."""
        files.append(name)
        return f"{name} is written"

    made: BaseTool = write_file
    return made


@pytest.fixture
def files() -> list[str]:
    return []


def work(declare: Declare, model: Scripted, files: list[str]) -> str:
    agent = Agent(role="coder", goal="it", backstory="careful", llm=model, tools=[writing(files), declare])
    task = Task(description="write it", expected_output="words", agent=agent)
    said: str = Crew(agents=[agent], tasks=[task]).kickoff().raw
    return said


def test_a_free_project_goes_on_and_what_was_made_is_declared(blocking: BlockingProject, files: list[str]) -> None:
    model = Scripted.of(calls("write_file", name="a.py"), declares("pandas>=2.1"), DONE)
    with (
        psmp.connect_sync(URL, agent="bob", timeout=WITHIN) as bob,
        bob.run(blocking.name) as run,
        governed(run) as declare,
    ):
        assert work(declare, model, files) == "done"
    assert files == ["a.py"]
    status = blocking.status()
    assert {each.artifact: each.agent for each in status.artifacts} == {"backend": "ada", "notes": "bob"}
    assert (status.slots, blocking.failures()) == ((), [])
    assert [get_hooks(point) for point in InterceptionPoint] == [[] for _ in InterceptionPoint]


def test_a_conflict_is_told_to_the_model_tools_stand_still_until_it_has_mended_it(
    blocking: BlockingProject, files: list[str]
) -> None:
    model = Scripted.of(
        declares("pandas==1.5.*"),
        calls("write_file", name="a.py"),
        declares("pandas>=2.0", amend=True),
        calls("write_file", name="b.py"),
        DONE,
    )
    with (
        psmp.connect_sync(URL, agent="bob", timeout=WITHIN) as bob,
        bob.run(blocking.name) as run,
        governed(run) as declare,
    ):
        assert work(declare, model, files) == "done"
    assert "no version of pandas satisfies" in model._told[1]
    assert "PROJECT_BLOCKED: " in model._told[2]
    assert "C-1 cleared" in model._told[3]
    assert "b.py is written" in model._told[4]
    assert files == ["b.py"]


def test_no_crew_begins_in_a_blocked_project_and_the_slot_is_given_back(
    blocking: BlockingProject, files: list[str]
) -> None:
    model = Scripted.of(calls("write_file", name="a.py"))
    with (
        psmp.connect_sync(URL, agent="bob", timeout=WITHIN) as bob,
        pytest.raises(HookAborted, match="no version of pandas"),
        bob.run(blocking.name) as run,
        governed(run) as declare,
    ):
        blocking.block()
        work(declare, model, files)
    assert (model._told, files) == ([], [])
    assert blocking.status().slots == ()
    assert [each[:29] for each in blocking.failures()] == ["HookAborted: PROJECT_BLOCKED:"]


def test_a_run_that_raises_gives_its_slot_back_with_the_reason(blocking: BlockingProject, files: list[str]) -> None:
    with (
        psmp.connect_sync(URL, agent="bob", timeout=WITHIN) as bob,
        pytest.raises(OSError, match="the model is gone"),
        bob.run(blocking.name) as run,
        governed(run) as declare,
    ):
        work(declare, Scripted.of(*[OSError("the model is gone")] * 9), files)
    assert blocking.status().slots == ()
    assert blocking.failures() == ["OSError: the model is gone"]


@pytest.mark.parametrize("fault", ["closed", "unforeseen"])
def test_no_tool_runs_when_psmp_cannot_be_asked(blocking: BlockingProject, files: list[str], fault: str) -> None:
    closed = asyncio.run(unplugged())
    with (
        psmp.connect_sync(URL, agent="bob", timeout=WITHIN) as bob,
        bob.run(blocking.name) as run,
        governed(run) as declare,
    ):

        def cut() -> str:
            _client(run, closed if fault == "closed" else None)
            return calls("write_file", name="a.py")

        model = Scripted.of(cut, DONE)
        work(declare, model, files)
        _client(run, bob.client)
        run.declare("notes")
    assert files == []
    assert ("Closed: the client is closed" if fault == "closed" else "NOT_KNOWN: ") in model._told[-1]


def _client(run: BlockingRun, client: Any) -> None:
    run.run.client = client


async def test_the_example_in_the_documentation_works(files: list[str]) -> None:
    await prepared()
    model = Scripted.of(calls("write_file", name="a.py"), declares("fastapi>=0.100", artifact="by-crewai"), DONE)
    said = await asyncio.to_thread(example("CrewAI"), model, [writing(files)])
    assert (said, files) == ("done", ["a.py"])

"""CrewAI: hooks that stop a crew before it begins, and a tool before it runs.

    with client.run("rag-chatbot", wait=60) as run, governed(run) as declare:
        Crew(agents=[Agent(..., tools=[declare])], tasks=tasks).kickoff()

Only ``HookAborted`` stops anything in CrewAI: whatever else a hook raises is swallowed, and the crew goes on. So every
error becomes one here, those of ours and those that nobody foresaw.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from crewai.hooks import HookAborted, InterceptionPoint
from crewai.hooks.dispatch import register, unregister
from crewai.tools import BaseTool
from pydantic import PrivateAttr

from psmp.adapters.governance import ABOUT_DECLARE, DECLARE, Governance, told
from psmp.client import BlockingRun, PsmpError

SOURCE: Final = "psmp"

_BLOCKED: Final = "Tool execution blocked by hook."
"""What CrewAI tells the model in place of a reason."""


class Declare(BaseTool):
    """The tool ``declare_artifact``."""

    name: str = DECLARE
    description: str = ABOUT_DECLARE
    _governance: Governance = PrivateAttr()

    def _run(
        self,
        artifact: str,
        dependencies: list[str] | None = None,
        paths: list[str] | None = None,
        summary: str | None = None,
        amend: bool = False,  # noqa: FBT001, FBT002 - a model's argument
    ) -> str:
        governance = self._governance
        return governance.wait(governance.declare(artifact, dependencies, paths, summary, amend=amend))


@contextmanager
def governed(run: BlockingRun) -> Iterator[Declare]:
    """Governs every crew and flow of this process by the slot ``run`` while the block runs; gives ``declare_artifact``.

    None begins while the project is blocked: ``HookAborted`` is raised out of ``kickoff``. A tool that is called then
    is not run, and the model is told why. The hooks are the process's: those of a context might not reach each thread.
    """
    guard = _Guard(Governance(run))
    declare = Declare()
    declare._governance = guard.governance  # noqa: SLF001 - pydantic sets private attributes so
    hooks: dict[InterceptionPoint, Callable[[Any], Any]] = {
        InterceptionPoint.EXECUTION_START: guard.begin,
        InterceptionPoint.PRE_TOOL_CALL: guard.before_tool,
        InterceptionPoint.POST_TOOL_CALL: guard.after_tool,
    }
    for point, hook in hooks.items():
        register(point, hook)
    try:
        yield declare
    finally:
        for point, hook in hooks.items():
            unregister(point, hook)


class _Guard:
    def __init__(self, governance: Governance) -> None:
        self.governance = governance
        self._why = ""

    def begin(self, _: Any) -> None:  # noqa: ANN401 - the framework's
        if why := self._objection():
            raise HookAborted(why, SOURCE)

    def before_tool(self, call: Any) -> None:  # noqa: ANN401 - as above
        if call.tool_name != DECLARE and (why := self._objection()):
            self._why = why
            raise HookAborted(why, SOURCE)

    def after_tool(self, call: Any) -> str | None:  # noqa: ANN401 - as above
        """The reason in place of the words that say that there is one."""
        blocked = isinstance(call.tool_result, str) and call.tool_result.startswith(_BLOCKED)
        return self._why if blocked and self._why else None

    def _objection(self) -> str:
        try:
            objection = self.governance.wait(self.governance.objection())
        except PsmpError as error:
            return told(error)
        except Exception as error:  # noqa: BLE001 - whatever is raised here would let the tool run
            return f"NOT_KNOWN: it is not known whether work may go on: {error!r}"
        return told(objection) if objection else ""

"""AG2: a plugin whose middleware stops a turn, refuses tools, and that lets the model declare.

coder = Agent("coder", config=config, tools=tools, plugins=[governed(run)])
"""

from collections.abc import Sequence
from typing import Any

from ag2 import Context
from ag2.events import BaseEvent, ModelResponse, ToolCallEvent, ToolResult, ToolResultEvent
from ag2.middleware import AgentTurn, BaseMiddleware, LLMCall, Middleware, ToolExecution, ToolResultType
from ag2.plugin import Plugin
from ag2.tools import tool

from psmp.adapters.governance import ABOUT_DECLARE, DECLARE, Governance, told
from psmp.client import BlockingRun, PsmpError, Run


def governed(run: Run | BlockingRun) -> Plugin:
    """Governs an agent by the slot ``run``, and gives it the tool ``declare_artifact``.

    No turn begins while the project is blocked: ``ProjectBlocked`` is raised out of ``ask``. A tool that is called
    then is not run: the model is answered with the conflicts. When it cannot be asked how the project stands, the tool
    is not run either, and the turn ends with the error before the model is asked again.
    """
    governance = Governance(run)

    @tool(name=DECLARE, description=ABOUT_DECLARE)
    async def declare_artifact(
        artifact: str,
        dependencies: list[str] | None = None,
        paths: list[str] | None = None,
        summary: str | None = None,
        amend: bool = False,  # noqa: FBT001, FBT002 - a model's argument
    ) -> str:
        return await governance.declare(artifact, dependencies, paths, summary, amend=amend)

    return Plugin(tools=[declare_artifact], middleware=[Middleware(_Governed, governance=governance)])


class _Governed(BaseMiddleware):
    def __init__(self, event: BaseEvent, context: Context, *, governance: Governance) -> None:
        super().__init__(event, context)
        self._governance = governance
        self._fault: PsmpError | None = None

    async def on_turn(self, call_next: AgentTurn, event: BaseEvent, context: Context) -> ModelResponse:
        await self._governance.gate()
        return await call_next(event, context)

    async def on_llm_call(self, call_next: LLMCall, events: Sequence[BaseEvent], context: Context) -> ModelResponse:
        # What a tool's middleware raises is told to the model, which may go on talking: here it ends the turn.
        if self._fault is not None:
            raise self._fault
        return await call_next(events, context)

    async def on_tool_execution(
        self, call_next: ToolExecution, event: ToolCallEvent, context: Context
    ) -> ToolResultType:
        if event.name != DECLARE:
            try:
                objection = await self._governance.objection()
            except PsmpError as fault:
                self._fault = fault
                raise
            if objection is not None:
                return _refused(event, told(objection))
        return await call_next(event, context)


def _refused(call: ToolCallEvent, why: str) -> Any:  # noqa: ANN401 - as the framework types it
    return ToolResultEvent(parent_id=call.id, name=call.name, result=ToolResult(why))

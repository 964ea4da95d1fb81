"""LangChain agents and LangGraph graphs: a middleware that gates a run and its tools, and a node that gates a graph.

    agent = create_agent(model, tools, middleware=[Governed(run)])

Callbacks are not used: what they raise is logged, and the run goes on.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from langchain.agents.middleware import AgentMiddleware
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import ToolMessage
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import StructuredTool
from langgraph.types import Command

from psmp.adapters.governance import ABOUT_DECLARE, DECLARE, Governance, told
from psmp.client import BlockingRun, ProjectBlocked, Run

Answer: TypeAlias = "ToolMessage | Command[Any]"


class Governed(AgentMiddleware[Any, Any, Any]):
    """Governs an agent by the slot ``run``, and gives it the tool ``declare_artifact``.

    No agent begins while the project is blocked: ``ProjectBlocked`` is raised out of ``invoke``. A tool that is called
    then is not run: the model is answered with the conflicts, as with an error of that tool. For ``ainvoke`` the slot
    may be of either client, for ``invoke`` it is of ``psmp.connect_sync``.
    """

    def __init__(self, run: Run | BlockingRun) -> None:
        super().__init__()
        self._governance = Governance(run)
        self.tools = [
            StructuredTool.from_function(
                func=self._declare, coroutine=self._adeclare, name=DECLARE, description=ABOUT_DECLARE
            )
        ]

    @property
    def node(self) -> Runnable[Any, Any]:
        """A node for a graph of one's own: ``graph.add_node("gate", governed.node)``. It changes nothing or raises."""
        return RunnableLambda(lambda _: self.before_agent(), afunc=lambda _: self.abefore_agent())

    def before_agent(self, *_: Any) -> None:
        """See ``AgentMiddleware``; raises ``ProjectBlocked``."""
        self._governance.wait(self._governance.gate())

    async def abefore_agent(self, *_: Any) -> None:
        """See ``AgentMiddleware``; raises ``ProjectBlocked``."""
        await self._governance.gate()

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Answer]) -> Answer:
        """See ``AgentMiddleware``; fits ``ToolNode(tools, wrap_tool_call=...)`` too."""
        objection = None if _declares(request) else self._governance.wait(self._governance.objection())
        return handler(request) if objection is None else _stopped(request, objection)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Answer]]
    ) -> Answer:
        """See ``AgentMiddleware``; fits ``ToolNode(tools, awrap_tool_call=...)`` too."""
        objection = None if _declares(request) else await self._governance.objection()
        return await handler(request) if objection is None else _stopped(request, objection)

    async def _adeclare(
        self,
        artifact: str,
        dependencies: list[str] | None = None,
        paths: list[str] | None = None,
        summary: str | None = None,
        amend: bool = False,  # noqa: FBT001, FBT002 - a model's argument
    ) -> str:
        return await self._governance.declare(artifact, dependencies, paths, summary, amend=amend)

    def _declare(
        self,
        artifact: str,
        dependencies: list[str] | None = None,
        paths: list[str] | None = None,
        summary: str | None = None,
        amend: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> str:
        declaring = self._governance.declare(artifact, dependencies, paths, summary, amend=amend)
        return self._governance.wait(declaring)


def _declares(request: ToolCallRequest) -> bool:
    return bool(request.tool_call["name"] == DECLARE)


def _stopped(request: ToolCallRequest, objection: ProjectBlocked) -> ToolMessage:
    call = request.tool_call
    return ToolMessage(told(objection), tool_call_id=call["id"] or "", name=call["name"], status="error")

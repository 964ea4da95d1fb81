"""OpenAI Agents SDK: hooks that stop a run, and guardrails by which a tool is refused and the model told why.

governed = Governed(run)
result = await Runner.run(governed.agent(agent), "Write the backend", hooks=governed)
"""

from dataclasses import replace
from typing import Any

from agents import (
    Agent,
    FunctionTool,
    RunHooks,
    Tool,
    ToolGuardrailFunctionOutput,
    ToolInputGuardrail,
    ToolInputGuardrailData,
    function_tool,
)

from psmp.adapters.governance import ABOUT_DECLARE, DECLARE, Governance, told
from psmp.client import BlockingRun, Run


class Governed(RunHooks[Any]):
    """Governs a run by the slot ``run``: pass it as ``hooks``, and the agent that ``agent`` makes of yours.

    No agent begins while the project is blocked, the first or one that is handed to: ``ProjectBlocked`` is raised out
    of ``Runner.run`` before its model is asked. A function tool that is called then is refused, and the model told why;
    any other tool that runs on this machine ends the run. Tools that the provider runs itself are beyond reach.
    """

    def __init__(self, run: Run | BlockingRun) -> None:
        self._governance = Governance(run)
        self._guardrail = ToolInputGuardrail[Any](guardrail_function=self._judge, name="psmp")
        self.declare = function_tool(self._declare, name_override=DECLARE, description_override=ABOUT_DECLARE)

    def agent(self, agent: Agent[Any]) -> Agent[Any]:
        """A copy whose function tools are refused while the project is blocked, and that has ``declare_artifact``."""
        return agent.clone(tools=[*map(self._guarded, agent.tools), self.declare])

    async def on_agent_start(self, *_: Any) -> None:
        """See ``RunHooks``; raises ``ProjectBlocked``."""
        await self._governance.gate()

    async def on_tool_start(self, context: Any, agent: Any, tool: Tool) -> None:  # noqa: ANN401, ARG002 - the SDK's
        """See ``RunHooks``; raises ``ProjectBlocked`` for a tool that no guardrail has refused before."""
        if tool is not self.declare:
            await self._governance.gate()

    def _guarded(self, tool: Tool) -> Tool:
        if not isinstance(tool, FunctionTool):
            return tool
        return replace(tool, tool_input_guardrails=[self._guardrail, *(tool.tool_input_guardrails or ())])

    async def _judge(self, _: ToolInputGuardrailData) -> ToolGuardrailFunctionOutput:
        objection = await self._governance.objection()
        if objection is None:
            return ToolGuardrailFunctionOutput.allow()
        return ToolGuardrailFunctionOutput.reject_content(told(objection))

    async def _declare(
        self,
        artifact: str,
        dependencies: list[str] | None = None,
        paths: list[str] | None = None,
        summary: str | None = None,
        amend: bool = False,  # noqa: FBT001, FBT002 - a model's argument
    ) -> str:
        return await self._governance.declare(artifact, dependencies, paths, summary, amend=amend)

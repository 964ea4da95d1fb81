"""The server: the protocol on one side, the tools, resources and prompts of ours on the other."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from psmp import __version__
from psmp.client import Invalid, PsmpError, arguments
from psmp.mcp import prompts, resources, telling
from psmp.mcp.answered import Problem
from psmp.mcp.problems import UNKNOWN_TOOL, problem_of, told
from psmp.mcp.session import Opening, Session
from psmp.mcp.table import TOOLS, Tool
from psmp.words.strict import Fault

Using = Callable[["Context"], AbstractContextManager[Session]]
"""What finds the session that a request belongs to, and counts it as used for as long as the request takes."""

Context = ServerRequestContext[Using, Any]
Page = types.PaginatedRequestParams | None


async def serve(opening: Opening, project: str | None) -> None:
    """Serve one session on standard input and output until its other end closes."""
    made = server(opening, project)
    async with stdio_server() as (reading, writing):
        await made.run(reading, writing, made.create_initialization_options())


def server(opening: Opening, project: str | None) -> Server[Using]:
    """A server of one session, which connects by ``opening`` and means ``project`` where none is named."""

    @asynccontextmanager
    async def living(_: Server[Using]) -> AsyncIterator[Using]:
        session = Session(opening, project)
        try:
            yield lambda _: nullcontext(session)
        finally:
            await session.close()

    return server_of(living)


def server_of(living: Callable[[Server[Using]], AbstractAsyncContextManager[Using]]) -> Server[Using]:
    """A server of the sessions that are found by what ``living`` gives."""
    return Server(
        "psmp",
        version=__version__,
        title="PSMP",
        instructions=prompts.RULES,
        lifespan=living,
        on_list_tools=_tools,
        on_call_tool=_call,
        on_list_resources=_resources,
        on_list_resource_templates=_templates,
        on_read_resource=_read,
        on_list_prompts=_prompts,
        on_get_prompt=_prompt,
    )


async def called(session: Session, name: str, given: dict[str, Any]) -> types.CallToolResult:
    """What comes of a call: the answer as data and as a text, or the problem in the same two forms."""
    tool = TOOLS.get(name)
    if tool is None:
        return _failed(Problem(code=UNKNOWN_TOOL, reason=f"there is no tool {name[:100]}", next=", ".join(TOOLS)))
    try:
        session.permits.tool(name)
        answer = await tool.call(session, arguments.build(tool.asked, **_known(given)))
    except PsmpError as error:
        return _failed(problem_of(error))
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=telling.read(answer))],
        structured_content=answer.model_dump(mode="json", exclude_none=True),
    )


def _known(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments; raises ``Invalid`` for a name that no argument of ours can have."""
    if "word" in given:  # what ``build`` calls its own
        raise Invalid([Fault("/word", "is no argument of this tool")])
    return given


def _failed(problem: Problem) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=told(problem))],
        structured_content=problem.model_dump(mode="json", exclude_none=True),
        is_error=True,
    )


async def _call(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
    with context.lifespan_context(context) as session:
        return await called(session, params.name, params.arguments or {})


async def _tools(_: Context, __: Page) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[_described(name, tool) for name, tool in TOOLS.items()])


def _described(name: str, tool: Tool[Any, Any]) -> types.Tool:
    return types.Tool(
        name=name,
        title=tool.title,
        description=tool.about,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.reads,
            destructive_hint=tool.replaces,
            idempotent_hint=tool.reads or tool.repeatable,
            open_world_hint=False,
        ),
    )


async def _resources(context: Context, _: Page) -> types.ListResourcesResult:
    with context.lifespan_context(context) as session:
        project = session.project
    return types.ListResourcesResult(
        resources=[
            types.Resource(
                uri=resources.uri(project, part),
                name=f"{project} {each.title.lower()}",
                title=f"{each.title} of {project}",
                description=each.about,
                mime_type=each.media,
            )
            for part, each in resources.PARTS.items()
            if project
        ]
    )


async def _templates(_: Context, __: Page) -> types.ListResourceTemplatesResult:
    return types.ListResourceTemplatesResult(
        resource_templates=[
            types.ResourceTemplate(
                uri_template=resources.uri("{project}", part),
                name=f"project {each.title.lower()}",
                title=each.title,
                description=each.about,
                mime_type=each.media,
            )
            for part, each in resources.PARTS.items()
        ]
    )


async def _read(context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    try:
        with context.lifespan_context(context) as session:
            found = await resources.read(session, params.uri)
    except PsmpError as error:
        problem = problem_of(error)
        raise MCPError(types.INTERNAL_ERROR, told(problem), problem.model_dump(exclude_none=True)) from None
    if found is None:
        there = ", ".join(resources.uri("{project}", part) for part in resources.PARTS)
        raise MCPError(types.INVALID_PARAMS, f"there is no {params.uri[:200]}; there are {there}")
    media, text = found
    return types.ReadResourceResult(
        contents=[types.TextResourceContents(uri=params.uri, mime_type=media, text=text)],
    )


async def _prompts(_: Context, __: Page) -> types.ListPromptsResult:
    return types.ListPromptsResult(
        prompts=[
            types.Prompt(
                name=name,
                title=each.title,
                description=each.about,
                arguments=[types.PromptArgument(name=taken, required=needed) for taken, needed in each.takes.items()],
            )
            for name, each in prompts.PROMPTS.items()
        ]
    )


async def _prompt(_: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
    text = prompts.written(params.name, params.arguments or {})
    if text is None:
        there = "; ".join(f"{name}: {', '.join(each.takes)}" for name, each in prompts.PROMPTS.items())
        raise MCPError(types.INVALID_PARAMS, f"no such prompt, or an argument is missing; there are {there}")
    return types.GetPromptResult(
        description=prompts.PROMPTS[params.name].about,
        messages=[types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))],
    )

"""The tools by name: what each takes and answers, and what is said of it to a model."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from psmp.mcp import answered, asked, tools
from psmp.mcp.session import Session

A = TypeVar("A", bound=asked.OfProject)
T_co = TypeVar("T_co", bound=answered.Told, covariant=True)


@dataclass(frozen=True, slots=True)
class Tool(Generic[A, T_co]):
    """One tool.

    ``reads``: it changes nothing. ``replaces``: it may change what was there before. ``repeatable``: the same call
    twice has the effect of once.
    """

    title: str
    about: str
    asked: type[A]
    answered: type[T_co]
    call: Callable[[Session, A], Awaitable[T_co]]
    reads: bool = False
    replaces: bool = False
    repeatable: bool = False

    @property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of what it takes."""
        return self.asked.model_json_schema()

    @property
    def output_schema(self) -> dict[str, Any]:
        """JSON Schema of what it answers; problems are answered in their own shape."""
        return self.answered.model_json_schema()


TOOLS: Final[Mapping[str, Tool[Any, answered.Told]]] = MappingProxyType(
    {
        "declare_artifact": Tool(
            "Declare an artifact",
            "Say what you made, which packages it needs and which files it touches, and get the verdict: accepted, or "
            "the conflict with its verified ways out. Call it for everything you make, before finish. The declaration "
            "stays in the log whatever the verdict.",
            asked.DeclareArtifact,
            answered.Declared,
            tools.declare_artifact,
            replaces=True,
        ),
        "check_dependencies": Tool(
            "Check before declaring",
            "Dry run of declare_artifact: would these packages and paths clash with what others declared? Writes "
            "nothing. Call it before you choose a version or touch a file. Only declared ranges are compared; whether "
            "an index can install all of it is said later, in project_status.",
            asked.CheckDependencies,
            answered.Checked,
            tools.check_dependencies,
            reads=True,
        ),
        "project_status": Tool(
            "How the project stands",
            "Whether work may start, open conflicts, what stands declared by whom, who runs. Call it first.",
            asked.ProjectStatus,
            answered.Standing,
            tools.project_status,
            reads=True,
        ),
        "list_conflicts": Tool(
            "List open conflicts",
            "The open conflicts in a sentence each, with the numbers of their suggestions.",
            asked.ListConflicts,
            answered.Conflicts,
            tools.list_conflicts,
            reads=True,
        ),
        "explain_conflict": Tool(
            "Explain a conflict",
            "The proof of one conflict: who needs what, why and where it is written, the smallest clashing sets, and "
            "every suggestion with the changes that it makes.",
            asked.ExplainConflict,
            answered.Explained,
            tools.explain_conflict,
            reads=True,
        ),
        "accept_suggestion": Tool(
            "Accept a suggestion",
            "Take a numbered way out of a conflict. It changes declarations, perhaps of others; it is refused where "
            "you may not decide that, and undone by nothing but new declarations. Explain the conflict first.",
            asked.AcceptSuggestion,
            answered.Accepted,
            tools.accept_suggestion,
            replaces=True,
        ),
        "request_slot": Tool(
            "Ask for the right to run",
            "Call it before you work. Refused while the project is blocked. Heartbeats are sent for you until finish.",
            asked.RequestSlot,
            answered.Granted,
            tools.request_slot,
        ),
        "finish": Tool(
            "Give the right to run back",
            "Call it when the work is declared, or with failure when it came to nothing.",
            asked.Finish,
            answered.Finished,
            tools.finish,
        ),
        "heartbeat": Tool(
            "Say that you are alive",
            "Only needed without a slot of this session, or with renew true, before a long piece of work outlasts the "
            "slot's term.",
            asked.Heartbeat,
            answered.Beaten,
            tools.heartbeat,
            repeatable=True,
        ),
        "search_audit": Tool(
            "Search the log",
            "Who did what and when: events of the project's log by kind, actor and words, oldest first, as stored.",
            asked.SearchAudit,
            answered.Found,
            tools.search_audit,
            reads=True,
        ),
    }
)
"""Every tool."""

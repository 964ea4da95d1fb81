"""A conflict as people read it: the sentence, who needs what and why, and the ways out by number."""

import shlex
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from psmp.cli.pages.layout import SEVERITY_STYLES, Fitting, indented, table, to_type
from psmp.cli.pages.wording import constraint_of, shown
from psmp.words.values import Change, Conflict, Party, Suggestion


def explained(conflict: Conflict, project: str) -> Group:
    """The conflict with its proof and ways out."""
    parts: list[RenderableType] = [title(conflict), indented(reason(conflict)), Text(), indented(parties(conflict))]
    if conflict.suggestions:
        parts += [Text(), indented(Text("ways out", style="dim")), *ways(conflict, project)]
    return Group(*parts, Text(), *resolving(conflict, project))


def resolving(conflict: Conflict, project: str) -> Iterator[RenderableType]:
    """What whoever may decide types to take a way out, or to have one found."""
    said = ("psmp", "resolve", project, conflict.id)
    way = ("--accept-suggestion", str(conflict.suggestions[0].n)) if conflict.suggestions else ("--escalate",)
    yield indented(Text("or, by whoever governs the project or owns what gives way", style="dim"))
    yield to_type(shlex.join((*said, *way)), 7)


def proof(conflict: Conflict) -> Group:
    """The conflict with its proof, and ways out of it that are not commands."""
    told = map(indented, (title(conflict), reason(conflict), parties(conflict)))
    return Group(*told, *map(numbered, conflict.suggestions))


def title(conflict: Conflict) -> Text:
    """The conflict's id, subject and weight."""
    severity = (f"  {conflict.severity}", SEVERITY_STYLES[conflict.severity])
    kind = ", ".join(filter(None, (conflict.ecosystem, conflict.scope))) or conflict.kind
    about = f"  {shown(conflict.subject)} ({kind})"
    return Text.assemble((conflict.id, "bold red"), about, severity)


def reason(conflict: Conflict) -> Text:
    """Why it is one."""
    return Text(shown(conflict.text))


def parties(conflict: Conflict) -> RenderableType:
    """Who needs what, why, and where it was said."""
    return Fitting(70, _tabled(conflict), Group(*map(_told, conflict.parties)))


def _told(party: Party) -> Text:
    """One party in a terminal that is too narrow for a table."""
    why = f"\n  {_why(party)}" if _why(party) else ""
    need = f" needs {_asked(party)}"
    return Text.assemble((party.agent, "bold"), need, (f"  {party.artifact} v{party.version}{why}", "dim"))


def _asked(party: Party) -> str:
    """What a party asks for: a constraint or a reference, and where and for what it counts, unless that is all."""
    asked = f"@ {shown(party.reference)}" if party.reference else constraint_of(party.constraint)
    scope = "" if party.scope in (None, "runtime") else f" ({party.scope})"
    return f"{asked} ; {shown(party.marker)}{scope}" if party.marker else f"{asked}{scope}"


def _why(party: Party) -> str:
    """What for, and where it is written."""
    place = shown(party.location) if party.location else ""
    return f"{shown(party.purpose)} ({place})" if party.purpose and place else shown(party.purpose) or place


def _tabled(conflict: Conflict) -> RenderableType:
    return table(
        "who",
        "needs",
        "why",
        "artifact",
        rows=(
            (party.agent, _asked(party), _why(party), f"{party.artifact} v{party.version}")
            for party in conflict.parties
        ),
        tight=("who", "needs", "artifact"),
    )


def ways(conflict: Conflict, project: str) -> Iterator[RenderableType]:
    """The suggestions by number, each with the commands that carry it out."""
    for suggestion in conflict.suggestions:
        yield numbered(suggestion)
        yield from (to_type(command, 7) for command in commands(suggestion, project, conflict.ecosystem))


def numbered(suggestion: Suggestion) -> RenderableType:
    """A suggestion behind its number."""
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_row(Text(str(suggestion.n), style="bold"), shown(suggestion.text))
    return indented(row, 4)


def commands(suggestion: Suggestion, project: str, ecosystem: str | None) -> Iterator[str]:
    """What to type to carry a suggestion out, one command for each artifact that gives way."""
    for change in suggestion.changes:
        amend = ("psmp", "amend", project, "--agent", change.agent, "--artifact", change.artifact)
        yield shlex.join((*amend, *_option(change, ecosystem)))


def _option(change: Change, ecosystem: str | None) -> tuple[str, str]:
    match change.action:
        case "isolate":
            return "--environment", change.environment or change.artifact
        case "python":
            return "--requires-python", change.constraint
        case "release":
            return "--release", change.name
        case _:
            return "--set", _spelled(change, ecosystem)


def _spelled(change: Change, ecosystem: str | None) -> str:
    """A need as ``--set`` takes it."""
    scope = f"{change.scope}:" if change.scope not in (None, "runtime") else ""
    if ecosystem == "npm":
        return f"{scope}npm:{change.name}@{change.constraint}"
    wanted = f"{change.name} @ {change.reference}" if change.reference else f"{change.name}{change.constraint}"
    return f"{scope}{wanted} ; {change.marker}" if change.marker else f"{scope}{wanted}"

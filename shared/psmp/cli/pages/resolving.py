"""How a conflict is resolved, for people: a plan before it is carried out, who is asked, what came to nothing."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import to_second
from psmp.cli.pages import wording
from psmp.cli.pages.layout import indented, table, to_type
from psmp.cli.pages.wording import sentence, shown
from psmp.client import Settled, Task
from psmp.rules.access import governs, owners
from psmp.rules.plans import plans
from psmp.rules.status import recalled
from psmp.rules.trial import Futile, Good, tried
from psmp.words.answers import ResolutionStatus, Status
from psmp.words.events import ArtifactAmended
from psmp.words.values import Change, Conflict

_SENT: Final = "nothing was sent; leave out --dry-run to do it"


@dataclass(frozen=True, slots=True)
class Step:
    """One artifact's part in a plan: what it says now, and what it would say."""

    artifact: str
    owner: str
    was: str
    becomes: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what the engine says of it; ``deciding`` are those who may carry it out when ``agent`` may not."""

    project: str
    conflict: str
    agent: str
    steps: tuple[Step, ...]
    found: Good | Futile
    changes: tuple[Change, ...]
    deciding: tuple[str, ...] = ()
    party: bool = False

    @property
    def good(self) -> bool:
        """Whether it resolves."""
        return isinstance(self.found, Good)

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "conflict": self.conflict,
            "resolves": self.good,
            "reason": self.found.reason if isinstance(self.found, Futile) else "",
            "cleared": self.found.cleared if isinstance(self.found, Good) else (),
            "goes_on_otherwise": [each.id for each in self.found.conflicts] if isinstance(self.found, Good) else [],
            "changes": [each.model_dump(mode="json", exclude_none=True) for each in self.changes],
            "asked": [each.owner for each in self.steps if each.asked],
            "allowed": not self.deciding,
        }


def planned(status: Status, conflict: Conflict, agent: str, changes: tuple[Change, ...]) -> Planned:
    """What would come of ``changes``, wanted by ``agent``, as the project stood at ``status``."""
    project = recalled(status)
    found = tried(project, conflict, changes)
    asked = (
        ()
        if governs(project, agent)
        else owners(project, (c for c in changes if c.artifact in project.artifacts), agent)
    )
    if isinstance(found, Futile):
        steps = tuple(Step(each.artifact, each.agent, "", str(each), each.agent in asked) for each in changes)
    else:
        steps = _steps(status, found, asked)
    deciding = sorted({project.creator, *(project.policy.resolvers or ())}) if asked else ()
    party = any(each.agent == agent for each in conflict.parties)
    return Planned(status.project, conflict.id, agent, steps, found, changes, tuple(deciding), party)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A conflict that would block nothing for so many seconds, and what would block all the same."""

    conflict: str
    seconds: int
    allowed: bool
    blockers: tuple[str, ...]


def waived(status: Status, conflict: Conflict, agent: str, seconds: int) -> Waiver:
    """What would come of a waiver that ``agent`` wants, as the project stood at ``status``."""
    others = {each.id for each in status.conflicts} - {each.conflict for each in status.waivers} - {conflict.id}
    left = tuple(name for name in recalled(status).blockers if name in others)
    return Waiver(conflict.id, seconds, governs(recalled(status), agent), left)


def waiver(found: Waiver) -> RenderableType:
    """What a waiver would do, or that it is not the agent's to give."""
    if not found.allowed:
        return Text.assemble(("✗ ", "bold red"), f"only who governs the project may waive {found.conflict}")
    left = f"{', '.join(found.blockers)} would go on to block" if found.blockers else "nothing would block the project"
    what = f"{found.conflict} would stay open and block nothing for {found.seconds} s; {left}"
    return Group(Text.assemble(("✓ ", "green"), what), Text(_SENT, style="dim"))


def found_by_itself(status: Status, conflict: Conflict, agent: str) -> Planned:
    """What the resolver would try first if ``agent`` had it find the way."""
    project = recalled(status)
    may = governs(project, agent) or any(each.agent == agent for each in conflict.parties)
    deciding = () if may else tuple(sorted({project.creator, *(project.policy.resolvers or ())}))
    best = next(plans(project, conflict, agent), None)
    if best is None:
        futile = Futile(f"none of its {len(conflict.suggestions)} suggestions would do now")
        return Planned(status.project, conflict.id, agent, (), futile, (), deciding)
    steps = _steps(status, best.good, best.asked)
    return Planned(status.project, conflict.id, agent, steps, best.good, best.good.changes, deciding)


def _steps(status: Status, good: Good, asked: Container[str]) -> tuple[Step, ...]:
    return tuple(
        Step(each.declaration.artifact, each.agent, *_differs(status, each.declaration), each.agent in asked)
        for each in good.amendments
    )


def _differs(status: Status, new: ArtifactAmended) -> tuple[str, str]:
    """What of a declaration is another, before and after."""
    old = next(each for each in status.artifacts if each.artifact == new.artifact)
    sides = []
    for one, other in ((old, new), (new, old)):
        told = [wording.need(each) for each in one.dependencies if each not in other.dependencies]
        told += [wording.path(each) for each in one.paths if each not in other.paths]
        if one.requires_python != other.requires_python:
            told.append(f"Python{one.requires_python}" if one.requires_python else "any Python")
        if one.environment != other.environment:
            told.append(f"in {one.environment or 'the shared environment'}")
        sides.append(", ".join(told) or "-")
    return sides[0], sides[1]


def plan(found: Planned) -> RenderableType:
    """The plan as a table, and the engine's word on it."""
    return Group(*_plan(found))


def _plan(found: Planned) -> Iterator[RenderableType]:
    rows = (
        (each.artifact, each.owner, each.was or "-", each.becomes, "must agree" if each.asked else "need not be asked")
        for each in found.steps
    )
    yield table("artifact", "whose", "is", "becomes", "", rows=rows, tight=("artifact", "whose"))
    if isinstance(found.found, Futile):
        yield Text.assemble(("✗ ", "bold red"), f"it would not resolve {found.conflict}: {shown(found.found.reason)}")
        return
    gone = ", ".join(found.found.cleared)
    what = (
        f"{gone} cleared, no other conflict made" if gone else "no direct conflict made; a solver has to say the rest"
    )
    yield Text.assemble(("✓ ", "green"), what)
    for each in found.found.conflicts:
        yield indented(Text(f"{each.id} goes on otherwise: {shown(each.text)}", style="yellow"))
    if not found.deciding:
        yield Text(_SENT, style="dim")
        return
    yield Text.assemble(("■ ", "bold red"), f"{found.agent} may not do it alone, {' or '.join(found.deciding)} may")
    if found.party:
        yield Text("nothing was sent; this has the resolver find a way, and ask whose it is:", style="dim")
        yield to_type(f"psmp resolve {found.project} {found.conflict} --retry --agent {found.agent}", 2)


def waiting(found: Sequence[ResolutionStatus]) -> RenderableType:
    """Attempts under way, and who is waited for."""
    rows = ((each.resolution, each.conflict, each.strategy, _stage(each)) for each in found)
    return table("resolution", "conflict", "how", "waits for", rows=rows, tight=("resolution", "conflict", "how"))


def _stage(attempt: ResolutionStatus) -> str:
    return ", ".join(attempt.unanswered) if attempt.stage == "proposed" else "the resolver"


def failed(settled: Settled) -> Text:
    """What came to nothing, and why."""
    return Text.assemble(("✗ ", "bold red"), sentence(settled.event), (f"  event {settled.sequence}", "dim"))


def tasks(found: Sequence[Task]) -> RenderableType:
    """All tasks, or that there is none."""
    return Group(*map(task, found)) if found else Text("nothing is asked of you", style="dim")


def task(each: Task) -> RenderableType:
    """One task, and what to type."""
    about = each.conflict.id if each.conflict else each.project
    head = Text.assemble((each.resolution or about, "bold"), f"  {shown(each.text)}")
    until = [Text(f"until {to_second(each.until)}", style="dim")] if each.until else []
    match each.task:
        case "answer":
            said = [f"psmp answer {each.resolution} {word} {each.project}" for word in ("yes", "no")]
        case "resolve":
            said = [f"psmp resolve {each.project} {about} --accept-suggestion N --seen {each.sequence}"]
        case "work":
            said = _working(each)
        case never:
            assert_never(never)
    return Group(head, *map(indented, (*_about(each), *until)), *(to_type(command, 2) for command in said))


def _about(each: Task) -> list[Text]:
    """What else is to be known of a planned task."""
    planned = each.planned
    if planned is None:
        return []
    makes = [Text(f"makes {', '.join(planned.artifacts)}", style="dim")] if planned.artifacts else []
    return [*([Text(shown(planned.details))] if planned.details else []), *makes]


def _working(each: Task) -> list[str]:
    """What to type about a planned task."""
    if each.planned is None:
        return []
    word = "take" if each.planned.status == "OPEN" else "done"
    return [f"psmp task {word} {each.planned.task} {each.project}"]

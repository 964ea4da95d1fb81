"""A story for people: each step in a few lines, as it was observed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final, assert_never

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from psmp.cli.clock import duration
from psmp.cli.pages import conflict as conflict_page
from psmp.cli.pages.layout import indented, state
from psmp.cli.pages.wording import constraint_of, counted, path, shown
from psmp.story.checks import Check
from psmp.story.observed import Observation
from psmp.story.scenario import Action, Outcome, Resolve, Scenario, Step
from psmp.words.commands import (
    AmendArtifact,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.values import Dependency, PathClaim, Phase

MARGIN: Final = 4
"""Columns that the number of a step takes."""

EVERY_STEP: Final = "every step came out as the story says"
OTHER_STEPS: Final = "the other expectations of the steps came out"

SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "accepted": ("✓", "green"),
    "conflict": ("✗", "bold red"),
    "refused": ("■", "yellow"),
    "unknown": ("?", "yellow"),
}


def opening(scenario: Scenario) -> Group:
    """The title and what it is about."""
    agents = dict.fromkeys(step.agent for step in scenario.steps)
    cast = f"With {', '.join(agents)}."
    return Group(
        Text(), Text(shown(scenario.title), style="bold"), Text(shown(scenario.about)), Text(cast, style="dim"), Text()
    )


def created(scenario: Scenario, project: str, seconds: float) -> RenderableType:
    """The project's first moment."""
    where = ", ".join(f"Python {each.python} on {each.platform}" for each in scenario.project.targets)
    said = Text.assemble((scenario.creator, "bold"), f" starts the project {project}, for {where}")
    return Group(_line("", said, seconds), Text())


def step(seen: Observation) -> Group:
    """Who did what, and what came of it."""
    parts: list[RenderableType] = [
        _line(str(seen.number), _deed(seen.step, seen.outcome), None if seen.skipped else seen.answered)
    ]
    if seen.skipped:
        parts.append(_below(Text(f"skipped: {seen.skipped}", style="dim")))
        return Group(*parts, Text())
    parts += [_below(each) for each in _particulars(seen.step.action)]
    parts += [_below(each) for each in _outcome(seen)]
    if seen.state != seen.before:
        parts.append(_moved(seen))
    return Group(*parts, Text())


def _line(number: str, said: Text, seconds: float | None) -> Table:
    """A step's first line: its number, what is said, and at the right how long that took."""
    row = Table.grid(expand=True, padding=(0, 1, 0, 0))
    row.add_column(width=MARGIN - 1, justify="right", style="dim")
    row.add_column(ratio=1)
    row.add_column(justify="right", style="dim", no_wrap=True)
    row.add_row(number, said, "" if seconds is None else duration(seconds))
    return row


def _below(content: RenderableType) -> RenderableType:
    return indented(content, MARGIN)


def _deed(step: Step, outcome: Outcome) -> Text:
    return Text.assemble((step.agent, "bold"), " ", *_predicate(step.action, outcome))


def _predicate(action: Action, outcome: Outcome) -> Iterator[str | tuple[str, str]]:
    match action:
        case TransitionProject():
            verb = "moves" if outcome == "accepted" else "wants to move"
            yield from (f"{verb} the project to ", (action.to, "bold"))
        case DeclareArtifact():
            yield from ("declares ", (action.artifact, "bold"), f" ({action.type})")
        case AmendArtifact():
            yield from ("amends ", (action.artifact, "bold"))
        case WithdrawArtifact():
            yield from ("withdraws ", (action.artifact, "bold"))
        case RequestSlot():
            yield "asks to begin work"
        case FinishSlot():
            yield "is done" if action.failure is None else "gives up"
        case Resolve():
            yield from ("takes way out ", (str(action.accept_suggestion), "bold"))
        case never:
            assert_never(never)


def _particulars(action: Action) -> Iterator[RenderableType]:
    """What the action says beyond its name."""
    match action:
        case TransitionProject(reason=reason) | WithdrawArtifact(reason=reason) | Resolve(reason=reason):
            yield from _quoted(reason)
        case FinishSlot(failure=failure):
            yield from _quoted(failure or "")
        case DeclareArtifact():
            yield from _quoted(action.summary)
            yield from _declared(action.dependencies, action.paths)
        case AmendArtifact():
            yield from _quoted(action.reason)
            yield from _declared(action.dependencies or (), action.paths or ())
        case RequestSlot():
            return
        case never:
            assert_never(never)


def _quoted(said: str) -> Iterator[RenderableType]:
    if said:
        yield Text(f"“{shown(said)}”", style="italic")


def _declared(needs: Sequence[Dependency], claims: Sequence[PathClaim]) -> Iterator[RenderableType]:
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_column(overflow="fold", style="dim")
    for number, need in enumerate(needs):
        rows.add_row("needs  " if number == 0 else "", _need(need), shown(need.purpose))
    if needs:
        yield rows
    if claims:
        yield Text.assemble(("touches  ", "dim"), ", ".join(map(path, claims)))


def _need(need: Dependency) -> Text:
    extras = f"[{','.join(need.extras)}]" if need.extras else ""
    constraint = "" if not need.constraint else f" {constraint_of(need.constraint)}"
    scope = "" if need.scope == "runtime" else f" ({need.scope})"
    return Text.assemble(shown(need.name + extras), (constraint, "cyan"), (scope, "dim"))


def _outcome(seen: Observation) -> Iterator[RenderableType]:
    sign, style = SIGNS[seen.outcome]
    match seen.outcome:
        case "accepted":
            if not isinstance(seen.step.action, TransitionProject):
                yield Text.assemble((f"{sign} ", style), _stands(seen))
            if seen.cleared:
                yield Text.assemble(("✓ ", "green"), f"{', '.join(seen.cleared)} cleared")
        case "conflict":
            for each in seen.conflicts:
                yield Text.assemble((f"{sign} ", style), ("conflict ", style), conflict_page.title(each))
                yield indented(conflict_page.reason(each))
                yield indented(conflict_page.parties(each))
                yield indented(Text("ways out", style="dim"))
                yield from map(conflict_page.numbered, each.suggestions)
        case "refused":
            yield Text.assemble((f"{sign} refused ", style), (seen.code, "bold"), f"  {shown(seen.reason)}")
            if seen.hint:
                yield indented(Text(f"next: {shown(seen.hint)}", style="dim"))
        case "unknown":
            yield Text.assemble((f"{sign} no outcome  ", style), shown(seen.reason))
        case never:
            assert_never(never)
    yield from (Text(f"! {shown(warning)}", style="yellow") for warning in seen.warnings)
    yield from (Text(f"? {shown(each)}", style="dim") for each in seen.unchecked)


def _stands(seen: Observation) -> str:
    if not isinstance(seen.step.action, DeclareArtifact | AmendArtifact):
        return "done"
    shared = ", ".join(f"{name} {constraint_of(common)}" for name, common in seen.witness)
    return f"accepted, all can have {shared}" if shared else "accepted, it stands together with all others"


def _moved(seen: Observation) -> RenderableType:
    """The state that followed, and, unless it was what was asked for, how long it took until a watcher saw it."""
    stopped = seen.state is Phase.BLOCKED
    asked = isinstance(seen.step.action, TransitionProject)
    meaning = ", nobody may start work" if stopped else ""
    said = Text.assemble("■ " if stopped else "▶ ", "the project is ", state(seen.state), meaning)
    return _line("", said, None if asked else seen.settled)


def ending(seen: Sequence[Observation], checks: Sequence[Check]) -> Group:
    """What was checked, and how long decisions took."""
    played = [each for each in seen if not each.skipped]
    judged = [each.answered for each in played if isinstance(each.step.action, DeclareArtifact | AmendArtifact)]
    parts: list[RenderableType] = [Text("Checked", style="bold"), *_findings(checks)]
    if judged:
        told = f"{counted(len(judged), 'declaration')} to durable verdict: median {duration(median(judged))}"
        parts += [Text(), Text(f"{told}, slowest {duration(max(judged))}", style="dim")]
    return Group(*parts)


def report(project: str, seen: Sequence[Observation], checks: Sequence[Check]) -> dict[str, Any]:
    """The same for programs; times are in milliseconds."""
    return {
        "project": project,
        "held": all(check.held for check in checks),
        "steps": [_reported(each) for each in seen],
        "checks": [{"claim": check.claim, "held": check.held, "found": check.found} for check in checks],
    }


def _reported(seen: Observation) -> dict[str, Any]:
    action = seen.step.action
    return {
        "number": seen.number,
        "agent": seen.step.agent,
        "action": "resolve" if isinstance(action, Resolve) else action.KIND,
        "outcome": seen.outcome,
        "code": seen.code,
        "conflicts": [each.id for each in seen.conflicts],
        "state": seen.state,
        "answered_ms": round(seen.answered * 1000, 2),
        "settled_ms": round(seen.settled * 1000, 2),
        "skipped": seen.skipped,
    }


def _findings(checks: Iterable[Check]) -> Iterator[RenderableType]:
    """The checks of steps as one line while they hold; every other check, and every failure, on its own."""
    listed = list(checks)
    steps = [check for check in listed if check.held and check.claim.startswith("step ")]
    if steps:
        whole = len(steps) == sum(check.claim.startswith("step ") for check in listed)
        claim = EVERY_STEP if whole else OTHER_STEPS
        yield _finding(Check(claim=claim, held=True, found=f"{len(steps)} expectations"))
    yield from (_finding(check) for check in listed if check not in steps)


def _finding(check: Check) -> RenderableType:
    row = Table.grid(padding=(0, 1, 0, 0))
    sign = Text("✓", style="green") if check.held else Text("✗", style="bold red")
    row.add_row(sign, Text.assemble(f"{check.claim}  ", (shown(check.found), "dim")))
    return indented(row)

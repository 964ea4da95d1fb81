"""A project's status on one page, and a list of projects."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import ago, clock_time, left, to_second
from psmp.cli.pages import tasks, wording
from psmp.cli.pages.alerts import told
from psmp.cli.pages.conflict import explained
from psmp.cli.pages.layout import Fitting, heading, indented, state, table
from psmp.words.answers import ArtifactStatus, ProjectLine, ResolutionStatus, SlotStatus, Status, Transitive
from psmp.words.progress import CheckProgress


def page(status: Status, present: datetime, *, past: bool = False) -> Group:
    """Everything there is to say; ``past`` when it is not how things stand now."""
    return Group(*_parts(status, present, past=past))


def _parts(status: Status, present: datetime, *, past: bool) -> Iterator[RenderableType]:
    yield _headline(status, present, past=past)
    yield Text(_about(status), style="dim")
    if status.phase != status.state:
        yield Text(f"from the conflict on; the transition from {status.phase} is being written", style="dim")
    if status.pruned:
        yield Text(f"events 1 to {status.pruned} were pruned, and what followed from them: psmp events says by whom")
    else:
        yield from _stands(status, present)


def _stands(status: Status, present: datetime) -> Iterator[RenderableType]:
    yield _together(status.transitive)
    if status.transitive.progress is not None:
        yield Text(f"being checked now, {wording.progress(status.transitive.progress)}", style="dim")
    for conflict in status.conflicts:
        yield Text()
        yield explained(conflict, status.project)
    if status.resolutions:
        yield from (Text(), heading("resolving"), indented(_attempts(status, present)))
    if status.waivers:
        yield from (Text(), heading("waived"), indented(_waivers(status)))
    if status.alerts:
        yield from (Text(), heading("alerts"))
        for alert in status.alerts:
            yield indented(told(alert, present))
    if status.artifacts:
        yield from (Text(), heading("artifacts"), indented(_artifacts(status)))
    if undone := tasks.undone(status):
        yield from (Text(), heading("to do"), indented(tasks.to_do(undone, status.project)))
    if status.slots:
        yield from (Text(), heading("may run"), indented(_slots(status, present)))
    if status.waiting:
        yield from (Text(), heading("waiting"), indented(_queue(status, present)))
    if status.silent:
        yield from (Text(), heading("silent"), indented(Text(", ".join(status.silent))))


def _headline(status: Status, present: datetime, *, past: bool) -> Text:
    since = f"since {clock_time(status.since)}"
    when = f"as of event {status.sequence}, {status.time}" if past else f"event {status.sequence}"
    told = since if past else f"{since} ({ago(status.since, present)})"
    return Text.assemble((status.project, "bold"), "  ", state(status.state), f"  {told}  {when}")


def _about(status: Status) -> str:
    strict = "any conflict blocks" if status.policy.strict_mode else "critical conflicts block"
    return " · ".join(filter(None, (wording.shown(status.name), wording.targets(status.targets), strict)))


def _together(found: Transitive) -> Text:
    """Whether all can be installed together, in a line."""
    about = f"as of event {found.sequence}" if found.sequence else ""
    if found.exclude_newer:
        about = f"{about}, packages as of {to_second(found.exclude_newer)}"
    why = wording.shown(found.reasons[0]) if found.reasons else ""
    if len(found.reasons) > 1:
        why = f"{why}, and {len(found.reasons) - 1} more"
    match found.verdict:
        case "unchecked":
            return Text("what packages need themselves is not checked: no index, or nothing was asked yet", style="dim")
        case "pending":
            return Text(f"what packages need themselves is not checked yet{_because(why)}", style="dim")
        case "compatible":
            return Text(f"all can be installed together {about}", style="dim")
        case "conflict":
            return Text(f"not all can be installed together {about}", style="red")
        case "unknown":
            return Text(f"whether all can be installed together is unknown {about}{_because(why)}", style="yellow")


def _because(why: str) -> str:
    return f": {why}" if why else ""


def _artifacts(status: Status) -> RenderableType:
    return Fitting(76, _tabled(status), Group(*map(_told, status.artifacts)))


def _told(artifact: ArtifactStatus) -> Group:
    """One artifact in a terminal that is too narrow for a table."""
    about = f"  {artifact.type}  {artifact.agent}  "
    head = Text.assemble((_name(artifact), "bold"), about, state(artifact.status))
    return Group(head, indented(_needs(artifact))) if artifact.dependencies else Group(head)


def _tabled(status: Status) -> RenderableType:
    return table(
        "artifact",
        "agent",
        "type",
        "state",
        "needs",
        rows=((_name(each), each.agent, each.type, state(each.status), _needs(each)) for each in status.artifacts),
        tight=("artifact", "agent", "type", "state"),
    )


def _name(artifact: ArtifactStatus) -> str:
    place = f" in {artifact.environment}" if artifact.environment else ""
    return f"{artifact.artifact} v{artifact.version}{place}"


def _needs(artifact: ArtifactStatus, most: int = 8) -> Text:
    """The needs, parted by commas; what goes beyond ``most`` is counted."""
    named = [wording.need(each) for each in artifact.dependencies[:most]]
    rest = len(artifact.dependencies) - len(named)
    if artifact.requires_python:
        named.insert(0, f"Python{wording.shown(artifact.requires_python)}")
    return Text(", ".join((*named, *([f"{rest} more"] if rest else []))) or "-")


def _attempts(status: Status, present: datetime) -> RenderableType:
    """Resolutions under way, and whom they wait for."""
    return table(
        "resolution",
        "conflict",
        "by",
        "since",
        "waits for",
        "changes",
        rows=(
            (each.resolution, each.conflict, each.by, ago(each.since, present), _awaited(each), _changes(each))
            for each in status.resolutions
        ),
        tight=("resolution", "conflict"),
    )


def _awaited(attempt: ResolutionStatus) -> str:
    return ", ".join(attempt.unanswered) if attempt.stage == "proposed" else "the resolver"


def _changes(attempt: ResolutionStatus) -> str:
    return wording.shown("; ".join(map(str, attempt.changes))) or attempt.strategy


def _waivers(status: Status) -> RenderableType:
    return table(
        "conflict",
        "until",
        "by",
        "why",
        rows=((each.conflict, to_second(each.until), each.by, wording.shown(each.reason)) for each in status.waivers),
        tight=("conflict", "until"),
    )


def _slots(status: Status, present: datetime) -> RenderableType:
    """Who may run; what they may use stands there where it is limited and there is room."""
    headings = ("agent", "fence", "since", "lease", "term left", "declared")
    rows = [
        (
            *(each.agent, str(each.fence), ago(each.since, present), f"{each.lease_seconds} s"),
            *(_term(each, present), "yes" if each.declared else "not yet"),
        )
        for each in status.slots
    ]
    narrow = table(*headings, rows=rows, tight=headings[1:])
    if all(each.limits is None for each in status.slots):
        return narrow
    limited = [(*row, _limits(each)) for row, each in zip(rows, status.slots, strict=True)]
    return Fitting(76, table(*headings, "may use", rows=limited, tight=headings[1:]), narrow)


def _term(slot: SlotStatus, present: datetime) -> str:
    return left(slot.renewed, slot.term_seconds, present) if slot.term_seconds else "-"


def _limits(slot: SlotStatus) -> str:
    bounds = slot.limits
    cpus = f"{bounds.cpus:g} cpus" if bounds and bounds.cpus is not None else ""
    memory = f"{bounds.memory_mb} MiB" if bounds and bounds.memory_mb is not None else ""
    return ", ".join(filter(None, (cpus, memory))) or "-"


def _queue(status: Status, present: datetime) -> RenderableType:
    """Who waits, in the order in which slots will be granted."""
    return table(
        "",
        "agent",
        "waits since",
        "gives up in",
        rows=(
            (str(place), each.agent, ago(each.since, present), left(each.since, each.wait_seconds, present))
            for place, each in enumerate(status.waiting, 1)
        ),
    )


def checking(said: Mapping[str, CheckProgress]) -> Iterator[Text]:
    """A line for each project that is being checked now."""
    for project, progress in sorted(said.items()):
        yield Text.assemble((project, "bold"), f"  being checked, {wording.progress(progress)}")


def projects(lines: list[ProjectLine], present: datetime) -> RenderableType:
    """One line for each project."""
    headings = ("project", "state", "since", "artifacts", "conflicts", "event", "name")
    rows = [
        (
            *(each.project, state(each.state), ago(each.since, present), str(each.artifacts)),
            *(str(each.conflicts), str(each.sequence), wording.shown(each.name)),
        )
        for each in lines
    ]
    tight = headings[:-1]
    narrow = table(*headings[:3], headings[4], rows=((*row[:3], row[4]) for row in rows), tight=tight)
    return Fitting(76, table(*headings, rows=rows, tight=tight), narrow)

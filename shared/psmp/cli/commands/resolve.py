"""``psmp resolve``, ``tasks`` and ``answer``: the way out of a conflict, taken, asked for, or agreed to."""

import re
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import asdict
from functools import partial
from typing import Annotated, Final

from cyclopts import Parameter

from psmp.cli import needs, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SPEAKING, ProjectName, Reason, Speaking
from psmp.cli.opened import speaking
from psmp.cli.output import Output, stored
from psmp.cli.pages import resolving as pages
from psmp.cli.pages.settled import line
from psmp.client import Client, Resolved, Settled, VerdictPending
from psmp.rules.resolutions import merging
from psmp.words.answers import Status
from psmp.words.subjects import is_id
from psmp.words.values import Answer, Change, Conflict, Suggestion

ConflictName = Annotated[str | None, Parameter(help="The conflict's id, C-1; left out, the only one that is open.")]
Artifact = Annotated[
    str | None, Parameter(name="--artifact", help="Whose need or place --require and --isolate change.")
]

_CONFLICT: Final = re.compile(r"^C-[1-9][0-9]*$")
_TIME: Final = re.compile(r"^(?P<count>[1-9][0-9]*)(?P<unit>[smhdw])$")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST: Final = 365 * _UNITS["d"]


async def resolve(
    project: ProjectName = None,
    conflict: ConflictName = None,
    *,
    accept_suggestion: Annotated[int | None, Parameter(help="Take the suggestion of this number.")] = None,
    require: Annotated[
        tuple[str, ...], Parameter(help="Let --artifact need this instead: 'pandas>=2'; may be repeated.")
    ] = (),
    isolate: Annotated[str | None, Parameter(help="Put --artifact into this environment of its own.")] = None,
    artifact: Artifact = None,
    merge_into: Annotated[str | None, Parameter(help="Leave the contested path to this artifact.")] = None,
    waive: Annotated[str | None, Parameter(help="Let it stand for a time, and block nothing: 30m, 12h, 7d.")] = None,
    escalate: Annotated[bool, Parameter(help="Lay it before a person.")] = False,
    retry: Annotated[bool, Parameter(help="Let the resolver find the way; owners are asked.")] = False,
    reason: Reason = "",
    seen: Annotated[int | None, Parameter(help="The event as of which it was looked at; left out, now.")] = None,
    dry_run: Annotated[bool, Parameter(help="Show what would be changed, who is asked, and what comes of it.")] = False,
    common: Speaking = SPEAKING,
) -> Exit:
    """Resolve a conflict; nothing is changed unless it clears the conflict and makes no other."""
    if project and conflict is None and _CONFLICT.match(project):
        project, conflict = None, project
    ways = {
        "--accept-suggestion": accept_suggestion is not None,
        "--require or --isolate": bool(require) or isolate is not None,
        "--merge-into": merge_into is not None,
        "--waive": waive is not None,
        "--escalate": escalate,
        "--retry": retry,
    }
    _one_of(ways)
    _of_artifact(artifact, require, isolate)
    seconds = _seconds(waive, None if dry_run else reason) if waive is not None else None
    async with speaking(common) as client:
        name = await _project(client, settings.project_of(project))
        status = await client.status(name)
        found = _meant(status, conflict)
        changes = _changes(status, artifact, require, isolate)
        if dry_run and seconds is not None:
            return _waiver(common.out, pages.waived(status, found, client.agent, seconds))
        if dry_run:
            planned = None if retry else _planned(found, accept_suggestion, changes, merge_into)
            return _shown(common.out, _plan(status, found, client.agent, planned))
        try:
            settled = await client.resolve(
                name,
                found.id,
                accept=accept_suggestion,
                changes=changes or None,
                merge_into=merge_into,
                waive_seconds=seconds,
                escalate=escalate,
                retry=retry,
                reason=reason or _why(found, accept_suggestion),
                seen=seen or status.sequence,
                command_id=common.command_id,
            )
        except VerdictPending:
            return _waited(common.out, await client.status(name), found.id)
    return _told(common.out, settled)


async def tasks(
    project: ProjectName = None,
    *,
    follow: Annotated[bool, Parameter(help="Go on with what comes, until Ctrl-C.")] = False,
    common: Speaking = SPEAKING,
) -> Exit:
    """What an agent is asked to do: agree to changes of what is its own, find a way out, or work at what is planned."""
    name = settings.project_of(project)
    async with speaking(common) as client, aclosing(client.tasks(name, follow=follow)) as asked:
        if follow:
            async for each in asked:
                common.out.one(each, partial(pages.task, each))
            return Exit.DONE
        found = [each async for each in asked]
    common.out.many(found, lambda: pages.tasks(found))
    return Exit.DONE


async def answer(
    resolution: Annotated[str, Parameter(help="The resolution's id, R-1.")],
    answer: Annotated[Answer, Parameter(help="yes, no, or amend with --require or --isolate.")],
    project: ProjectName = None,
    *,
    require: Annotated[tuple[str, ...], Parameter(help="With amend: what --artifact would need instead.")] = (),
    isolate: Annotated[str | None, Parameter(help="With amend: the environment that --artifact would go to.")] = None,
    artifact: Artifact = None,
    reason: Reason = "",
    common: Speaking = SPEAKING,
) -> Exit:
    """Answer a proposal that changes what is one's own."""
    _of_artifact(artifact, require, isolate)
    says = bool(require) or isolate is not None
    if says is not (answer == "amend"):
        problem = "amend says what is to be changed instead" if answer == "amend" else f"{answer} changes nothing"
        hint = "to change something else, answer amend --artifact A with --require or --isolate"
        raise Complaint(Exit.USAGE, problem, hint)
    name = settings.project_of(project)
    async with speaking(common) as client:
        changes = _changes(await client.status(name), artifact, require, isolate) if says else ()
        settled = await client.answer(name, resolution, changes or answer, reason=reason, command_id=common.command_id)
    common.out.one(stored(settled), lambda: line(settled))
    return Exit.DONE


async def _project(client: Client, text: str) -> str:
    """The id of a project that is named by its id, or by what people call it."""
    if is_id(text):
        return text
    found = [each.project for each in await client.projects() if each.name == text]
    if len(found) != 1:
        hint = f"by their ids: {', '.join(found)}" if found else "psmp projects lists those that there are"
        raise Complaint(Exit.NOT_FOUND, f"{len(found) or 'no'} projects are called {text}", hint)
    return found[0]


def _one_of(ways: Mapping[str, bool]) -> None:
    """Raises ``Complaint`` unless one way out is given."""
    given = [name for name, said in ways.items() if said]
    if len(given) != 1:
        problem = f"{' and '.join(given)}: one way at a time" if given else "which way out?"
        raise Complaint(Exit.USAGE, problem, f"give one of {', '.join(ways)}")


def _of_artifact(artifact: str | None, require: tuple[str, ...], isolate: str | None) -> None:
    """Raises ``Complaint`` where ``--artifact`` says nothing, or ``--isolate`` what is no name."""
    if artifact is not None and not require and isolate is None:
        raise Complaint(Exit.USAGE, f"what of {artifact} is to be changed?", "add --require or --isolate")
    if isolate is not None and not is_id(isolate):
        hint = "letters, digits, - and _, such as --isolate notebooks"
        raise Complaint(Exit.USAGE, f"--isolate {isolate}: not a name of an environment", hint)


def _meant(status: Status, conflict: str | None) -> Conflict:
    found = [each for each in status.conflicts if conflict in (None, each.id)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.id for each in status.conflicts)
    if conflict is None and found:
        raise Complaint(Exit.USAGE, f"{len(found)} conflicts are open", f"name one of them: {names}")
    missing = f"no conflict {conflict}" if conflict else "no conflict"
    raise Complaint(Exit.NOT_FOUND, f"{status.project} has {missing} open", f"open are: {names or 'none'}")


def _changes(status: Status, artifact: str | None, require: tuple[str, ...], isolate: str | None) -> tuple[Change, ...]:
    """The changes that the options say, of one artifact."""
    if not require and isolate is None:
        return ()
    found = next((each for each in status.artifacts if each.artifact == artifact), None)
    if found is None:
        known = ", ".join(each.artifact for each in status.artifacts)
        problem = f"no artifact {artifact}" if artifact else "which artifact is to be changed?"
        raise Complaint(Exit.NOT_FOUND if artifact else Exit.USAGE, problem, f"add --artifact; there are: {known}")
    wanted = [need for text in require for need in needs.need(text, option="--require").dependencies]
    changes = [
        Change(
            artifact=found.artifact,
            agent=found.agent,
            name=need.name,
            constraint=need.constraint,
            action="require",
            scope=None if need.scope == "runtime" else need.scope,
            marker=need.marker,
            reference=need.reference,
        )
        for need in wanted
    ]
    if isolate is not None:
        changes.append(
            Change(
                artifact=found.artifact,
                agent=found.agent,
                name=found.artifact,
                constraint="",
                action="isolate",
                environment=isolate,
            )
        )
    return tuple(changes)


def _planned(
    conflict: Conflict, accept: int | None, changes: tuple[Change, ...], merge_into: str | None
) -> tuple[Change, ...]:
    """What is to be changed; raises ``Complaint`` where that is not said."""
    if accept is not None:
        return _suggestion(conflict, accept).changes
    if merge_into is not None:
        return merging(conflict, merge_into)
    if not changes:
        hint = (
            "--dry-run shows what --accept-suggestion, --require, --isolate, --merge-into, --waive or --retry would do"
        )
        raise Complaint(Exit.USAGE, "nothing is to be changed", hint)
    return changes


def _suggestion(conflict: Conflict, number: int) -> Suggestion:
    found = next((each for each in conflict.suggestions if each.n == number), None)
    if found is None:
        known = ", ".join(str(each.n) for each in conflict.suggestions) or "none"
        raise Complaint(Exit.NOT_FOUND, f"{conflict.id} has no suggestion {number}", f"there are: {known}")
    return found


def _why(conflict: Conflict, accept: int | None) -> str:
    found = next((each for each in conflict.suggestions if each.n == accept), None)
    return f"suggestion {found.n}: {found.text}"[:2000] if found else "from the command line"


def _seconds(text: str, reason: str | None) -> int:
    """For how long is waived; what is sent must have a reason."""
    read = _TIME.match(text)
    if read is None:
        raise Complaint(Exit.USAGE, f"--waive {text}: not a time", "write it so: 30m, 12h, 7d")
    seconds = int(read["count"]) * _UNITS[read["unit"]]
    if seconds > _LONGEST:
        raise Complaint(Exit.USAGE, f"--waive {text}: longer than a year", "365d is the longest")
    if reason is not None and not reason.strip():
        raise Complaint(Exit.USAGE, "why is it waived?", "add --reason; it stays in the log")
    return seconds


def _waiver(out: Output, found: pages.Waiver) -> Exit:
    out.one(asdict(found), lambda: pages.waiver(found))
    return Exit.DONE if found.allowed else Exit.NOT_ALLOWED


def _plan(status: Status, conflict: Conflict, agent: str, changes: tuple[Change, ...] | None) -> pages.Planned:
    """What would come of ``changes``, or of what the resolver would find by itself."""
    if changes is None:
        return pages.found_by_itself(status, conflict, agent)
    return pages.planned(status, conflict, agent, changes)


def _shown(out: Output, plan: pages.Planned) -> Exit:
    out.one(plan.plain, lambda: pages.plan(plan))
    if not plan.good:
        return Exit.GOVERNED
    return Exit.NOT_ALLOWED if plan.deciding else Exit.DONE


def _waited(out: Output, status: Status, conflict: str) -> Exit:
    """It is under way still: who is waited for."""
    found = [each for each in status.resolutions if each.conflict == conflict]
    out.many(found, lambda: pages.waiting(found))
    out.say("it goes on without this command; psmp status shows how it stands", "dim")
    return Exit.STALE


def _told(out: Output, settled: Settled) -> Exit:
    if isinstance(settled, Resolved) and not settled.applied:
        out.one(stored(settled), lambda: pages.failed(settled))
        return Exit.GOVERNED
    out.one(stored(settled), lambda: line(settled))
    return Exit.DONE

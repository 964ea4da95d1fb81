"""``psmp task``: what is to be done in a project, by whom, and what shall come of it."""

from enum import StrEnum
from typing import Annotated, Final, get_args

from cyclopts import Parameter

from psmp.cli import clock, settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import COMMON, SPEAKING, Common, ProjectName, Reason, Speaking
from psmp.cli.opened import asking, speaking
from psmp.cli.pages import tasks as pages
from psmp.cli.pages.settled import told
from psmp.cli.past import At, when
from psmp.words.tasks import Doing

Name = Annotated[str, Parameter(help="The task's id, as psmp task list shows it.")]
Makes = Annotated[
    tuple[str, ...],
    Parameter(name="--artifact", help="An artifact that shall come of it; may be repeated. DONE waits for all."),
]

_STANDING: Final[tuple[Doing, ...]] = get_args(Doing)


class Far(StrEnum):
    """How far a task can be said to be."""

    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"


class Standing(StrEnum):
    """How a task may stand."""

    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    ARCHIVED = "ARCHIVED"


async def add(
    task: Annotated[str, Parameter(help="Its id: letters, digits, _ and -.")],
    project: ProjectName = None,
    *,
    title: Annotated[str, Parameter(help="What is to be done, in a few words; it stays in the log.")],
    details: Annotated[str, Parameter(help="What else is to be known.")] = "",
    agent: Annotated[str | None, Parameter(name="--for", help="Who is asked to do it; left out, who takes it.")] = None,
    artifact: Makes = (),
    common: Speaking = SPEAKING,
) -> Exit:
    """Plan a task. An agent that it is for is asked until it takes it (psmp tasks)."""
    chosen = settings.project_of(project)
    async with speaking(common) as client:
        settled = await client.create_task(
            chosen,
            task,
            title=title,
            details=details,
            agent=agent,
            artifacts=artifact,
            command_id=common.command_id,
        )
    return told(common.out, settled, f"{agent or 'whoever does it'} types: psmp task take {task} {chosen}")


async def listing(
    project: ProjectName = None,
    *,
    state: Annotated[
        tuple[Standing, ...], Parameter(help="Those in this state; may be repeated. Left out: all but ARCHIVED.")
    ] = (),
    agent: Annotated[str | None, Parameter(name="--for", help="Those of this agent alone.")] = None,
    nobodys: Annotated[bool, Parameter(help="Those alone that are nobody's yet.")] = False,
    at: At = None,
    common: Common = COMMON,
) -> Exit:
    """The planned tasks of a project, the oldest first, now or at any time in the past."""
    name = settings.project_of(project)
    async with asking(common) as client:
        status = await client.status(name, **when(at))
    found = [
        each
        for each in status.tasks
        if each.status in (state or _STANDING)
        and (agent is None or each.agent == agent)
        and not (nobodys and each.agent)
    ]
    common.out.many(found, lambda: pages.listing(found, clock.now()))
    if not status.tasks:
        common.out.say(f"nothing is planned; psmp task add TASK {name} --title … does it", "dim")
    return Exit.DONE


async def show(task: Name, project: ProjectName = None, *, at: At = None, common: Common = COMMON) -> Exit:
    """One task with everything that is known of it, now or at any time in the past."""
    name = settings.project_of(project)
    async with asking(common) as client:
        status = await client.status(name, **when(at))
    found = next((each for each in status.tasks if each.task == task), None)
    if found is None:
        raise Complaint(Exit.NOT_FOUND, f"{name} has no task {task}", f"psmp task list {name}")
    common.out.one(found, lambda: pages.page(found, status, clock.now()))
    return Exit.DONE


async def take(task: Name, project: ProjectName = None, *, common: Speaking = SPEAKING) -> Exit:
    """Begin a task that is one's own or nobody's: it is one's own from here on, and IN_PROGRESS."""
    chosen = settings.project_of(project)
    async with speaking(common) as client:
        settled = await client.take_task(chosen, task, command_id=common.command_id)
    return told(common.out, settled, f"when it is done: psmp task done {task} {chosen}")


async def done(task: Name, project: ProjectName = None, *, reason: Reason = "", common: Speaking = SPEAKING) -> Exit:
    """Say that a task is done; all artifacts that shall come of it must be ACTIVE."""
    async with speaking(common) as client:
        settled = await client.finish_task(
            settings.project_of(project), task, reason=reason, command_id=common.command_id
        )
    return told(common.out, settled)


async def change(
    task: Name,
    project: ProjectName = None,
    *,
    title: Annotated[str | None, Parameter(help="What is to be done, in a few words.")] = None,
    details: Annotated[str | None, Parameter(help="What else is to be known.")] = None,
    agent: Annotated[
        str | None,
        Parameter(name="--for", help="Who is asked to do it from here on; OPEN again, unless --state."),
    ] = None,
    nobodys: Annotated[bool, Parameter(help="Leave it to whoever takes it; OPEN again, unless --state.")] = False,
    artifact: Annotated[
        tuple[str, ...] | None,
        Parameter(
            name="--artifact",
            negative="--no-artifact",
            help="All artifacts that shall come of it from here on; may be repeated, or none.",
        ),
    ] = None,
    state: Annotated[Far | None, Parameter(help="How far it is; OPEN to have it done again.")] = None,
    reason: Reason = "",
    common: Speaking = SPEAKING,
) -> Exit:
    """Change a task; what is left out stays as it was."""
    if agent is not None and nobodys:
        raise Complaint(Exit.USAGE, "--for and --nobodys say two things", "say one of them")
    whose = "" if nobodys else agent
    if (title, details, whose, artifact, state) == (None,) * 5:
        raise Complaint(Exit.USAGE, "nothing is to be otherwise", "say what: --title, --for, --state and others")
    async with speaking(common) as client:
        settled = await client.change_task(
            settings.project_of(project),
            task,
            title=title,
            details=details,
            agent=whose,
            artifacts=artifact,
            status=next((each for each in _STANDING if each == state), None),
            reason=reason,
            command_id=common.command_id,
        )
    return told(common.out, settled)


async def archive(task: Name, project: ProjectName = None, *, reason: Reason, common: Speaking = SPEAKING) -> Exit:
    """Take a task off the list, done or not."""
    async with speaking(common) as client:
        settled = await client.archive_task(
            settings.project_of(project), task, reason=reason, command_id=common.command_id
        )
    return told(common.out, settled)

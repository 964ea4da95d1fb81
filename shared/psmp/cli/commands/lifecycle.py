"""Commands about the project itself: ``create`` and ``transition``."""

import re
from typing import Annotated, Any, Final

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import SPEAKING, ProjectName, Reason, Speaking
from psmp.cli.opened import speaking
from psmp.cli.pages.settled import told
from psmp.words.values import Phase

_TARGET: Final = re.compile(r"^(?P<python>3\.[0-9]{1,2})(?:/(?P<platform>[a-z]+))?$")


async def create(
    project: ProjectName = None,
    *,
    name: Annotated[str, Parameter(help="Its name for people; left out, its id.")] = "",
    target: Annotated[
        tuple[str, ...], Parameter(help="Where it must run, such as 3.12/linux; may be repeated. Left out: 3.11/linux.")
    ] = (),
    strict: Annotated[
        bool, Parameter(negative="--no-strict", help="Whether any conflict blocks, or critical ones alone.")
    ] = True,
    max_agents: Annotated[int, Parameter(help="How many agents may run at the same time.")] = 5,
    slots_per_agent: Annotated[int | None, Parameter(help="How many slots one agent may hold; left out, one.")] = None,
    lease: Annotated[int, Parameter(help="Seconds of silence after which a slot ends.")] = 90,
    term: Annotated[
        int | None, Parameter(help="Seconds that a slot lasts unless it is renewed; left out, an hour.")
    ] = None,
    stall: Annotated[int, Parameter(help="Seconds without progress after which the project is stuck.")] = 3600,
    fenced: Annotated[bool, Parameter(help="Only who holds a slot may declare.")] = False,
    auto_resolve: Annotated[
        bool, Parameter(help="Resolve conflicts by themselves: what is flexible, and by asking.")
    ] = (False),
    resolver: Annotated[
        tuple[str, ...], Parameter(help="An agent that may resolve what is others'; may be repeated.")
    ] = (),
    privileged: Annotated[
        tuple[str, ...], Parameter(help="An agent with ten times the rate, whose light conflicts are resolved at once.")
    ] = (),
    common: Speaking = SPEAKING,
) -> Exit:
    """Create a project."""
    chosen = settings.project_of(project)
    targets = [_target(each) for each in target] or None
    policy = {
        "strict_mode": strict,
        "max_concurrent_agents": max_agents,
        "slots_per_agent": slots_per_agent,
        "lease_seconds": lease,
        "term_seconds": term,
        "stall_seconds": stall,
        "fenced": fenced or None,
        "auto_resolve": auto_resolve,
        "resolvers": resolver or None,
        "privileged": privileged or None,
    }
    async with speaking(common) as client:
        settled = await client.create_project(
            chosen, name=name or None, targets=targets, policy=policy, command_id=common.command_id
        )
    return told(common.out, settled, f"next: psmp transition {chosen} --to PLANNING --reason …")


def _target(text: str) -> dict[str, Any]:
    read = _TARGET.match(text)
    if read is None:
        raise Complaint(Exit.USAGE, f"--target {text}: not an environment", "write it so: --target 3.11/linux")
    return {name: value for name, value in read.groupdict().items() if value}


async def transition(
    project: ProjectName = None,
    *,
    to: Annotated[Phase, Parameter(help="The phase to move to.")],
    reason: Reason,
    common: Speaking = SPEAKING,
) -> Exit:
    """Move a project along its lifecycle."""
    async with speaking(common) as client:
        settled = await client.transition(settings.project_of(project), to, reason=reason, command_id=common.command_id)
    return told(common.out, settled)

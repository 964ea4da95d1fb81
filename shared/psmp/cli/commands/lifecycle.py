"""Commands about the project itself: ``create``, ``change``, ``transition`` and ``archive``."""

import re
from dataclasses import dataclass
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


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Governing:
    """How a project is to be governed from here on; what is left out stays as it was."""

    strict: Annotated[
        bool | None, Parameter(negative="--no-strict", help="Whether any conflict blocks, or critical ones alone.")
    ] = None
    max_agents: Annotated[int | None, Parameter(help="How many agents may run at the same time.")] = None
    slots_per_agent: Annotated[int | None, Parameter(help="How many slots one agent may hold.")] = None
    lease: Annotated[int | None, Parameter(help="Seconds of silence after which a slot ends.")] = None
    term: Annotated[int | None, Parameter(help="Seconds that a slot lasts unless it is renewed.")] = None
    longest_wait: Annotated[int | None, Parameter(help="Seconds that an agent may queue for a slot at most.")] = None
    answer_within: Annotated[
        int | None, Parameter(help="Seconds that an owner has to agree to a change of what is its own.")
    ] = None
    stall: Annotated[int | None, Parameter(help="Seconds without progress after which the project is stuck.")] = None
    fenced: Annotated[
        bool | None, Parameter(negative="--no-fenced", help="Whether only who holds a slot may declare.")
    ] = None
    auto_resolve: Annotated[
        bool | None, Parameter(negative="--no-auto-resolve", help="Whether conflicts are resolved by themselves.")
    ] = None
    resolver: Annotated[
        tuple[str, ...] | None,
        Parameter(negative="--no-resolver", help="All agents that may resolve what is others'; may be repeated."),
    ] = None
    privileged: Annotated[
        tuple[str, ...] | None,
        Parameter(negative="--no-privileged", help="All agents with ten times the rate; may be repeated."),
    ] = None

    @property
    def policy(self) -> dict[str, Any] | None:
        """What is to be otherwise, as the client takes it; None for nothing."""
        said = {
            "strict_mode": self.strict,
            "max_concurrent_agents": self.max_agents,
            "slots_per_agent": self.slots_per_agent,
            "lease_seconds": self.lease,
            "term_seconds": self.term,
            "wait_seconds": self.longest_wait,
            "answer_seconds": self.answer_within,
            "stall_seconds": self.stall,
            "fenced": self.fenced,
            "auto_resolve": self.auto_resolve,
            "resolvers": self.resolver,
            "privileged": self.privileged,
        }
        return {field: value for field, value in said.items() if value is not None} or None


AS_IT_WAS: Final = Governing()


async def change(
    project: ProjectName = None,
    *,
    name: Annotated[str | None, Parameter(help="Its name for people.")] = None,
    target: Annotated[
        tuple[str, ...],
        Parameter(help="Where it must run from here on, all of it: 3.12/linux; may be repeated. All is judged anew."),
    ] = (),
    governing: Governing = AS_IT_WAS,
    reason: Reason,
    common: Speaking = SPEAKING,
) -> Exit:
    """Change a project; what is left out stays as it was. For who governs it."""
    targets = [_target(each) for each in target] or None
    if name is None and targets is None and governing.policy is None:
        raise Complaint(Exit.USAGE, "nothing is to be otherwise", "say what: --name, --target, --no-strict and others")
    chosen = settings.project_of(project)
    async with speaking(common) as client:
        settled = await client.change_project(
            chosen, name=name, targets=targets, policy=governing.policy, reason=reason, command_id=common.command_id
        )
    hint = f"what stands declared is judged anew: psmp status {chosen}" if targets else ""
    return told(common.out, settled, hint)


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


async def archive(project: ProjectName = None, *, reason: Reason, common: Speaking = SPEAKING) -> Exit:
    """Put a project away for good: completed, or given up in any phase in which it is not blocked."""
    async with speaking(common) as client:
        settled = await client.archive_project(
            settings.project_of(project), reason=reason, command_id=common.command_id
        )
    return told(common.out, settled)

"""What becomes of the wishes for a project as a whole: to have one, to have it otherwise, its next phase."""

from dataclasses import replace
from typing import Final

from psmp.rules.alerts import of_conflict
from psmp.rules.lifecycle import UNDER_WAY, by_request, named
from psmp.rules.planned import undone
from psmp.rules.project import Project
from psmp.words.commands import ChangeProject, CreateProject, TransitionProject
from psmp.words.events import ProjectChanged, ProjectCreated, ProjectTransitioned
from psmp.words.orchestration.codes import EXPLAINED
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Phase
from psmp_intake.rules.state import Decision, blocked, ungoverned

Wish = ChangeProject | TransitionProject

_NAMED: Final = 12
"""How many tasks a refusal names; the others it counts, for it stays in the log."""


def create(project: Project | None, command: CreateProject) -> Decision:
    """What becomes of the wish for a project."""
    if project is not None:
        return Refused(
            Code.PROJECT_EXISTS, f"the project exists since {project.created}", "use it, or choose another id"
        )
    return ProjectCreated(name=command.name, targets=command.targets, policy=command.policy)


def decide(project: Project, agent: str, wish: Wish) -> Decision:
    """What becomes of a wish for one that there is."""
    return _change(project, agent, wish) if isinstance(wish, ChangeProject) else _transition(project, agent, wish)


def _change(project: Project, agent: str, wish: ChangeProject) -> Decision:
    if project.phase not in UNDER_WAY:
        return Refused(Code.PROJECT_NOT_OPEN, f"the project is {project.phase}, and stays as it is")
    if refused := ungoverned(project, agent):
        return refused
    said = wish.policy.model_dump(exclude_none=True) if wish.policy is not None else {}
    return ProjectChanged(
        name=project.name if wish.name is None else wish.name,
        targets=project.targets if wish.targets is None else tuple(dict.fromkeys(wish.targets)),
        policy=project.policy.model_copy(update=said),
        reason=wish.reason,
    )


def _transition(project: Project, agent: str, wish: TransitionProject) -> Decision:
    legal = by_request(project.phase)
    if project.state is Phase.BLOCKED:
        held = blocked(project, f"a blocked project cannot become {wish.to}")
        return _to_give_up(held) if wish.to is Phase.ARCHIVED and held.conflicts else held
    if wish.to not in legal:
        reason = f"{project.phase} cannot become {wish.to}; it can become {named(legal)}"
        return Refused(Code.ILLEGAL_TRANSITION, reason, f"ask for {named(legal)}" if legal else "start another project")
    if wish.to is Phase.COMPLETED and (refused := _incomplete(project)):
        return refused
    given_up = wish.to is Phase.ARCHIVED and project.phase is not Phase.COMPLETED
    if given_up and (refused := ungoverned(project, agent)):
        return refused
    return ProjectTransitioned(origin=project.phase, to=wish.to, reason=wish.reason)


def _to_give_up(refused: Refused) -> Refused:
    """Says what lets a blocked project be archived."""
    conflict = refused.conflicts[0]
    inbox = f"psmp resolve PROJECT {conflict} --escalate, unless it lies in the inbox already"
    first = f"take a conflict in hand first ({inbox}): psmp acknowledge PROJECT {of_conflict(conflict)}"
    return replace(refused, hint=f"to give it up, {first}; or {refused.hint}")


def _incomplete(project: Project) -> Refused | None:
    """A refusal where something is still to be done."""
    partial = [maeg for maeg, run in project.runs.items() if run.is_open]
    if partial:
        code, reason = Gs.WRAP_PARTIAL_EXECUTION, f"not settled, as a whole, are: {', '.join(partial)}"
        return Refused(code, reason, f"{EXPLAINED[code]}: wait for it, or give the graph up")
    judged = sorted(name for name, artifact in project.artifacts.items() if artifact.pending)
    parts = [f"{name} awaits its verdict" for name in judged] + [
        f"{agent} is running" for agent in sorted({slot.agent for slot in project.slots.held.values()})
    ]
    if parts:
        reason = f"not finished: {', '.join(parts)}"
        return Refused(Code.WORK_UNFINISHED, reason, "wait for the verdicts and for the agents")
    if left := undone(project.tasks):
        more = f", and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        reason = f"not done: {', '.join(f'task {each.task} is {each.status}' for each in left[:_NAMED])}{more}"
        return Refused(Code.WORK_UNFINISHED, reason, "finish these tasks, or archive them with the reason")
    return None

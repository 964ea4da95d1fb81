"""What becomes of the wish to resolve a conflict, and of an owner's answer to a proposal."""

from typing import assert_never

from psmp.rules.access import governs, owners
from psmp.rules.alerts import WAYS_OUT, of_conflict
from psmp.rules.project import Project
from psmp.rules.resolutions import merging
from psmp.words.commands import AnswerResolution, ResolveConflict
from psmp.words.events import AlertRaised, ResolutionAnswered, ResolutionRequested
from psmp.words.refusals import Code, Refused
from psmp.words.values import Change, Conflict
from psmp_intake.rules.state import Decision, closed


def decide(project: Project, agent: str, command: ResolveConflict | AnswerResolution) -> Decision:
    """What becomes of it. Whether a resolution resolves is for the resolver to say, by the engine."""
    if refused := closed(project):
        return refused
    match command:
        case ResolveConflict():
            return _resolve(project, agent, command)
        case AnswerResolution():
            return _answer(project, agent, command)
        case never:
            assert_never(never)


def _resolve(project: Project, agent: str, command: ResolveConflict) -> Decision:
    conflict = project.conflicts.get(command.conflict)
    if conflict is None:
        open_ones = ", ".join(project.conflicts) or "none"
        reason = f"there is no open conflict {command.conflict}"
        return Refused(Code.UNKNOWN_CONFLICT, reason, f"open are: {open_ones}")
    if refused := _changed(project, command) or _under_way(project, command):
        return refused
    if command.strategy == "escalate":
        return _escalate(project, agent, conflict, command.reason)
    changes = _changes(project, conflict, command)
    if isinstance(changes, Refused):
        return changes
    if refused := _forbidden(project, agent, conflict, command, changes):
        return refused
    return ResolutionRequested(
        resolution=f"R-{project.resolutions.last + 1}",
        conflict=conflict.id,
        strategy=command.strategy,
        reason=command.reason,
        suggestion=command.suggestion if command.strategy == "accept" else None,
        changes=changes or None,
        seconds=command.seconds if command.strategy == "waive" else None,
    )


def _changed(project: Project, command: ResolveConflict) -> Refused | None:
    """What was shown must still be what is there."""
    if command.seen is None:
        if command.strategy != "accept":
            return None
        reason = "a suggestion is accepted as of the sequence at which it was shown: `seen` is missing"
        return Refused(Code.INVALID_RESOLUTION, reason, "look at the conflict and say at which sequence")
    told = project.resolutions.records[command.conflict].told
    if told <= command.seen:
        return None
    reason = f"{command.conflict} has changed at event {told}, it was looked at as of event {command.seen}"
    return Refused(Code.CONFLICT_CHANGED, reason, "look at it again: its suggestions may be others now")


def _under_way(project: Project, command: ResolveConflict) -> Refused | None:
    """One attempt at a time; what is only proposed gives way to who may decide."""
    name = project.resolutions.about(command.conflict)
    if name is None or (project.resolutions.attempts[name].stage == "proposed" and command.strategy != "retry"):
        return None
    attempt = project.resolutions.attempts[name]
    reason = f"{name} is under way for {command.conflict} since {attempt.time}"
    return Refused(Code.RESOLUTION_UNDER_WAY, reason, "wait for its outcome")


def _escalate(project: Project, agent: str, conflict: Conflict, reason: str) -> Decision:
    if not governs(project, agent) and all(agent != party.agent for party in conflict.parties):
        return _not_allowed(project, f"{conflict.id} is not {agent}'s to escalate")
    name = of_conflict(conflict.id)
    if (alert := project.alerts.get(name)) is not None:
        if alert.taken is not None:
            return Refused(Code.RESOLUTION_UNDER_WAY, f"{alert.taken} has {conflict.id} in hand", "ask there")
        reason = f"{conflict.id} lies before a person since {alert.time}"
        return Refused(Code.RESOLUTION_UNDER_WAY, reason, f"who governs takes it: psmp acknowledge PROJECT {name}")
    return AlertRaised(
        alert=name,
        severity=conflict.severity,
        text=f"{agent} asks for a person: {reason}",
        hint=WAYS_OUT,
        person=True,
        conflict=conflict.id,
    )


def _changes(project: Project, conflict: Conflict, command: ResolveConflict) -> tuple[Change, ...] | Refused:
    match command.strategy:
        case "accept":
            found = next((each for each in conflict.suggestions if each.n == command.suggestion), None)
            if found is None:
                known = ", ".join(str(each.n) for each in conflict.suggestions) or "none"
                reason = f"{conflict.id} has no suggestion {command.suggestion}"
                return Refused(Code.UNKNOWN_SUGGESTION, reason, f"there are: {known}")
            return found.changes
        case "change":
            return _given(project, command.changes or ())
        case "merge":
            return _merged(conflict, command.into)
        case "waive":
            if command.seconds is None:
                reason = "a waiver must say for how many seconds it is to hold"
                return Refused(Code.INVALID_RESOLUTION, reason, "give `seconds`, at most a year")
            return ()
        case "retry" | "escalate":
            return ()
        case never:
            assert_never(never)


def _given(project: Project, changes: tuple[Change, ...]) -> tuple[Change, ...] | Refused:
    if not changes:
        return Refused(Code.INVALID_RESOLUTION, "it does not say what is to be changed", "give at least one change")
    for change in changes:
        artifact = project.artifacts.get(change.artifact)
        if artifact is None or artifact.withdrawn:
            reason = f"there is no artifact {change.artifact} in the project"
            return Refused(Code.UNKNOWN_ARTIFACT, reason, "name one that stands declared")
        if artifact.agent != change.agent:
            reason = f"{change.artifact} is {artifact.agent}'s, not {change.agent}'s"
            return Refused(Code.INVALID_RESOLUTION, reason, f"say {artifact.agent} as its agent")
    return changes


def _merged(conflict: Conflict, into: str | None) -> tuple[Change, ...] | Refused:
    """Everybody but one gives up the path; that one has all that they would do to it."""
    parties = dict.fromkeys(party.artifact for party in conflict.parties)
    names = ", ".join(parties)
    if conflict.kind != "path":
        reason = f"{conflict.id} is no conflict on a path, there is nothing to merge"
        return Refused(Code.INVALID_RESOLUTION, reason, "accept a suggestion or change what is needed")
    if into is None or into not in parties:
        reason = f"{into or 'nothing'} is no party to {conflict.id}"
        return Refused(Code.INVALID_RESOLUTION, reason, f"merge into one of: {names}")
    return merging(conflict, into)


def _forbidden(
    project: Project, agent: str, conflict: Conflict, command: ResolveConflict, changes: tuple[Change, ...]
) -> Refused | None:
    if governs(project, agent):
        return None
    party = any(agent == each.agent for each in conflict.parties)
    if command.strategy == "retry":
        return None if party else _not_allowed(project, f"{conflict.id} is not {agent}'s")
    instead = f"change what is {agent}'s own{', or retry: then owners are asked' if party else ''}"
    if command.strategy == "waive":
        return _not_allowed(project, f"{agent} may not waive a conflict", instead)
    others = owners(project, changes, agent)
    return _not_allowed(project, f"it changes what is {', '.join(others)}'s", instead) if others else None


def _not_allowed(project: Project, what: str, instead: str = "") -> Refused:
    who = ", ".join(sorted({project.creator, *(project.policy.resolvers or ())}))
    return Refused(Code.NOT_ALLOWED, what, f"{who} may{f'; or {instead}' if instead else ''}")


def _answer(project: Project, agent: str, command: AnswerResolution) -> Decision:
    attempt = project.resolutions.attempts.get(command.resolution)
    if attempt is None or attempt.stage != "proposed":
        reason = f"no proposal {command.resolution} waits for an answer"
        return Refused(Code.UNKNOWN_RESOLUTION, reason, "its time may be over: look at the project's status")
    if agent not in attempt.agents:
        return Refused(Code.NOT_ALLOWED, f"{command.resolution} asks {', '.join(attempt.agents)}", "leave it to them")
    if agent in attempt.replies:
        reason = f"{agent} has answered {command.resolution} already: {attempt.replies[agent].answer}"
        return Refused(Code.UNKNOWN_RESOLUTION, reason, "amend your artifact if you have changed your mind")
    changes = _given(project, command.changes or ()) if command.answer == "amend" else ()
    if isinstance(changes, Refused):
        return changes
    if others := owners(project, changes, agent):
        return Refused(Code.NOT_ALLOWED, f"it changes what is {', '.join(others)}'s", "change your own artifacts only")
    return ResolutionAnswered(
        resolution=command.resolution,
        agent=agent,
        answer=command.answer,
        changes=changes or None,
        reason=command.reason,
    )

"""The watchdog decides again: the heartbeats of then are what its events say of them, the clock is their own time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from psmp.rules.project import Project
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    AlertCleared,
    AlertRaised,
    ProjectCreated,
    SlotExpired,
    SlotRefused,
)
from psmp.words.ids import SYSTEM
from psmp_replay.moment import TICK, Answer, Decided, Moment, Taken
from psmp_watchdog.rules import letters, origin, sweep
from psmp_watchdog.rules.agents import GRACE
from psmp_watchdog.rules.recovery import ALERT, BETWEEN

_LETTER = "letter-"


def decide(moment: Moment) -> Answer:
    """What the watchdog may have said."""
    said, project = moment.said, moment.project
    if project is None:
        is_founding = isinstance(said.data, ProjectCreated) and said.key == SYSTEM
        return [(origin.FOUNDING, origin.provenance(said.causationid))] if is_founding else []
    match said.data:
        case AlertRaised(alert=name) if name.startswith(_LETTER):
            return _of_letter(moment, project, int(name.removeprefix(_LETTER)))
        case AlertRaised(alert=name) | AlertCleared(alert=name) if said.key == SYSTEM and name != ALERT:
            return Taken("recorded", "measured: figures of the deployment, of which no record is kept")
    return _swept(moment, project)


def _of_letter(moment: Moment, project: Project, number: int) -> Answer:
    letter = moment.inputs.letters.get(number)
    if letter is None:
        return Taken("gone", "its dead letter is kept no more")
    return [(letters.alert(project, number, *letter), origin.provenance(moment.said.causationid))]


def _swept(moment: Moment, project: Project) -> Iterator[Decided]:
    """Whoever answers a command is told so by the rule; else the cause is a fresh id, as recorded."""
    for now in moment.clocks(_edges(project)):
        for beats in _heard(moment, project, now):
            finding = sweep(project, beats, now)
            if finding is not None:
                yield finding.event, origin.provenance(finding.command or moment.said.causationid)


def _heard(moment: Moment, project: Project, now: datetime) -> Iterator[dict[str, datetime]]:
    """The heartbeats of then, as far as they are known: of an agent that the event tells of, what it says.

    Of the others it is known that nothing was to be said about them: they were heard just now, and those that had
    fallen silent were not heard since. Who waits for a slot may never have been heard at all.
    """
    silent = now - timedelta(seconds=project.policy.lease_seconds) - TICK
    agents = {slot.agent for slot in project.slots.held.values()} | {each.agent for each in project.slots.queue}
    beats = {agent: silent if agent in project.silent else now for agent in agents}
    event = moment.said.data
    if isinstance(event, AgentSilenced | AgentReturned | SlotExpired):
        beats[event.agent] = datetime.fromisoformat(event.last_seen)
    yield beats
    if isinstance(event, SlotRefused):
        beats.pop(event.agent, None)
        yield beats


def _edges(project: Project) -> Iterator[datetime]:
    """When something was due, of what time alone brings about."""
    policy, slots, resolutions = project.policy, project.slots, project.resolutions
    for slot in slots.held.values():
        yield _after(slot.time, slot.lease_seconds)
        yield _after(slot.time, slot.lease_seconds + GRACE)
        yield _after(slot.renewed, slot.term_seconds or 0)
    for each in slots.queue:
        yield _after(each.time, each.wait_seconds)
        yield _after(each.time, policy.lease_seconds)
    for attempt in resolutions.attempts.values():
        yield _after(attempt.time, attempt.seconds or 0)
    for waiver in resolutions.waivers.values():
        yield _after(waiver.time, waiver.seconds)
    yield _after(project.progress, policy.stall_seconds)
    yield _after(project.stepped or project.progress, BETWEEN * policy.stall_seconds)


def _after(time: str, seconds: float) -> datetime:
    return datetime.fromisoformat(time) + timedelta(seconds=seconds)

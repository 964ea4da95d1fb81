"""The deciders by the source that their events name: each asks its service's own rules, over what was recorded."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Final

from psmp.log.view import INTAKE
from psmp.personal import fields
from psmp.rules import retention
from psmp.rules.project import Project
from psmp.words.commands import RequestSlot
from psmp.words.envelope import CommandEnvelope, EventEnvelope, written
from psmp.words.events import (
    CommandRefused,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    RetentionApplied,
    SubjectErased,
    SubPacDispatched,
    WebhookEnded,
    WrapOrchAccepted,
)
from psmp.words.orchestration.checks import HumanCheck
from psmp.words.refusals import Code, Refused
from psmp.words.sealed import ERASED, tokens
from psmp_checker import rules as checker
from psmp_checker.docket import Docket, cases
from psmp_checker.transitive import FAMILY
from psmp_intake.rules import ruling
from psmp_keeper import rules as keeper
from psmp_orchestrator import rules as orchestrator
from psmp_orchestrator.rules import Terms
from psmp_replay import watching
from psmp_replay.moment import Answer, Decided, Moment, Taken
from psmp_resolver import rules as resolver
from psmp_resolver.rules import Anew
from psmp_watchdog.rules import origin as watchdog
from psmp_webhooks import rules as webhooks


def _intake(moment: Moment) -> Answer:
    said, project = moment.said, moment.project
    if moment.answers.find(said.causationid) is not None:  # it has its outcome: sent again it gets the same
        return []
    if isinstance(said.data, SubjectErased):
        return Taken("recorded", "said by who destroyed the keys: which there were is known no more")
    if isinstance(said.data, CommandRefused) and said.data.code == Code.UNKNOWN_SUBJECT:
        return Taken("recorded", "said by who has the keys, and had none")
    sent = moment.inputs.of(said.causationid, said.actor)
    if not sent:
        return Taken("gone", "its command is kept no more")
    decided: list[Decided] = []
    for subject, plain in sent:
        command = fields.replaced(plain, partial(_sealed, said, subject.agent))
        for at in _heard_at(moment, plain):
            answer = ruling.rule(project, subject, command, at)
            event = ruling.refusal(subject, answer) if isinstance(answer, Refused) else answer
            if project is not None or not isinstance(answer, Refused):
                decided.append((event, ruling.spoken(subject, command, said.traceparent)))
    return decided


def _heard_at(moment: Moment, command: CommandEnvelope) -> Iterator[str]:
    """When the server may have had a command: not before it was sent, nor after it was decided.

    It matters to a token alone, which may have counted still, or no more.
    """
    yield moment.said.time
    if isinstance(command.data, RequestSlot) and command.data.token is not None:
        yield min(command.time, moment.said.time)


def _sealed(said: EventEnvelope, agent: str, field: str, _: str) -> str:
    """What a personal text was sealed to, by chance and a key; where the event says nothing of it, it was erased."""
    found = tokens(said.model_dump_json())
    return next((str(each) for each in found if (each.subject, each.field) == (agent, field)), ERASED)


def _checker(moment: Moment) -> Answer:
    said, docket = moment.said, moment.docket
    if isinstance(said.data, CompatibilityStarted | CompatibilityChecked) or _is_solvers(docket, moment):
        return Taken("recorded", "said by the package resolver, which is not asked again")
    root, verdict = moment.causes.roots.get(said.causationid), checker.judge(docket, _case(docket, said))
    if root is None or verdict is None:
        return []
    return [(verdict, checker.provenance(said.causationid, root, said.traceparent))]


def _case(docket: Docket, said: EventEnvelope) -> str:
    """Which case the event is the verdict on."""
    of_one, of_many = cases(said.causationid, getattr(said.data, "artifact", ""))
    return of_one if of_one in docket.pending else of_many


def _is_solvers(docket: Docket, moment: Moment) -> bool:
    """Whether the verdict is on conflicts that only the package resolver finds and clears."""
    event = moment.said.data
    if not isinstance(event, ConflictDetected | ConflictCleared) or _case(docket, moment.said) in docket.pending:
        return False
    told = event.conflicts if isinstance(event, ConflictDetected) else ()
    about = [*told, *(docket.conflicts[name] for name in event.cleared if name in docket.conflicts)]
    return bool(about) and all(conflict.identity[0] == FAMILY for conflict in about)


def _keeper(moment: Moment) -> Answer:
    said, root = moment.said, moment.causes.roots.get(moment.said.causationid)
    event = keeper.due(moment.project) if moment.project else None
    if root is None or event is None:
        return []
    return [(event, keeper.provenance(event, said.causationid, root, said.traceparent))]


def _resolver(moment: Moment) -> Iterator[Decided]:
    said, project = moment.said, moment.project
    root = moment.causes.roots.get(said.causationid)
    if root is None or project is None:
        return
    for anew in _anew(moment):
        for now in moment.clocks(_pauses(project)):
            word = resolver.next_word(project, now, anew)
            if word is not None:
                yield word.event, resolver.provenance(word, said.causationid, root, said.traceparent)


def _anew(moment: Moment) -> Iterator[Anew | None]:
    """What its cause may have said about beginning anew; of a dead letter, whenever one was retried."""
    trigger = moment.causes.triggers.get(moment.said.causationid)
    yield resolver.anew(trigger) if trigger else None
    if trigger is not None:
        yield from (found for time in moment.causes.retried if (found := resolver.anew(trigger, time)))


def _retention(moment: Moment) -> Answer:
    """What it was decided over is what it prunes: once that is gone, only the record is left."""
    said, project = moment.said, moment.project
    event = said.data
    if not isinstance(event, RetentionApplied) or project is None or project.sequence != event.upto:
        return Taken("gone", "what it was decided over is pruned")
    run = retention.Run(said.correlationid, event.approver, datetime.fromisoformat(said.time))
    again = retention.prune(project, event.days, run)
    return [(again, run.provenance)] if again else []


def _webhooks(moment: Moment) -> Answer:
    """What is written when a receiver has said that it wants nothing any more, which is an input, as recorded."""
    said, project = moment.said, moment.project
    event = said.data
    if not isinstance(event, WebhookEnded):
        return []
    known = project.webhooks.get(event.webhook) if project else None
    again = webhooks.ended(project, event.webhook, known.sequence) if known is not None else None
    return [(again, webhooks.provenance(said.causationid, said.correlationid, said.traceparent))] if again else []


def _pauses(project: Project) -> Iterator[datetime]:
    """When the pauses after failures are over."""
    for record in project.resolutions.records.values():
        if 0 < record.failures < resolver.MOST_FAILURES:
            seconds = resolver.PAUSES[record.failures - 1]
            yield datetime.fromisoformat(record.failed) + timedelta(seconds=seconds)


def _orchestrator(moment: Moment) -> Iterator[Decided]:
    """What it may have said; the key, the time that tokens count and the checkpoint are inputs, as recorded.

    What is said several at a time is said one by one here, and the rest of it is still due then.
    """
    said, project = moment.said, moment.project
    root = moment.causes.roots.get(said.causationid)
    if root is None or project is None:
        return
    origin = orchestrator.provenance(said.causationid, root, said.traceparent)
    if isinstance(said.data, WrapOrchAccepted):
        settled = orchestrator.settlement(project, said.data.maeg, said.data.checkpoint)
        if settled is not None:
            yield settled, origin
        return
    token = said.data.token if isinstance(said.data, SubPacDispatched) else None
    terms = Terms(token.key, token.seconds) if token is not None else Terms("-", 1)
    for now in moment.clocks(_deadlines(project)):
        for event in orchestrator.due(project, written(now), terms):
            if event == said.data:
                yield event, origin


def _deadlines(project: Project) -> Iterator[datetime]:
    """When tokens cease to count, and when the time of persons is over."""
    for run in project.runs.values():
        for node in run.dispatched | run.executed:
            work = run.of(node)
            if work.token is not None:
                yield datetime.fromisoformat(work.token.until)
            for check in run.shape.agents[node].checks if work.executed else ():
                if isinstance(check, HumanCheck):
                    yield datetime.fromisoformat(work.executed) + timedelta(seconds=check.seconds)


DECIDERS: Final[Mapping[str, Callable[[Moment], Answer]]] = MappingProxyType(
    {
        INTAKE: _intake,
        checker.SOURCE: _checker,
        keeper.SOURCE: _keeper,
        resolver.SOURCE: _resolver,
        orchestrator.SOURCE: _orchestrator,
        watchdog.SOURCE: watching.decide,
        retention.SOURCE: _retention,
        webhooks.SOURCE: _webhooks,
    }
)


def decide(moment: Moment) -> Answer:
    """What whoever wrote the event may have decided."""
    found = DECIDERS.get(moment.said.source)
    return found(moment) if found else Taken("gone", f"{moment.said.source} is none of the deciders known here")

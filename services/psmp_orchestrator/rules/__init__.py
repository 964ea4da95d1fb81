"""What the orchestrator decides: who may start, what a result is worth, what is final, what settles. Pure.

Everything follows from the state of the project, the time and the key: it says the same however often it is asked. It
changes no output, passes over no failure, and makes up no result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from psmp.rules.lifecycle import OPEN, WORKING
from psmp.rules.orchestration import deciding
from psmp.rules.orchestration.deciding import denied, needs_approval
from psmp.rules.orchestration.review import case, review
from psmp.rules.orchestration.running import Run, evolve
from psmp.rules.project import Project
from psmp.words.envelope import Provenance
from psmp.words.events import Event
from psmp.words.orchestration.facts import (
    BerAgentGenerated,
    Due,
    SubPacDispatched,
    SubPacFailed,
    TokenTerms,
    WrapOrchAccepted,
)
from psmp_orchestrator.rules import calling
from psmp_orchestrator.rules.evidence import gathered

SOURCE: Final = "/psmp/orchestrator"
ACTOR: Final = "psmp_orchestrator"
MOST: Final = 200
"""So much is said at once, at most."""
_LONGEST: Final = 2000
Word = SubPacFailed | BerAgentGenerated | Due


@dataclass(frozen=True, slots=True)
class Terms:
    """Of the tokens that are made: the public key that verifies them, and for how many seconds they count."""

    key: str
    seconds: int


def provenance(trigger: str, root: str, traceparent: str | None) -> Provenance:
    """Where its words come from: from the event ``trigger``, and what is at the root of that."""
    return Provenance(SOURCE, ACTOR, trigger, root, traceparent)


def due(project: Project, now: str, terms: Terms) -> list[Event]:
    """All that must be said as of ``now``, in an order in which it may be said, ``MOST`` at once."""
    if project.phase not in OPEN:
        return []
    facts = [
        fact for run in project.runs.values() if run.is_open for fact in islice(_of_run(project, run, now, terms), MOST)
    ]
    return facts[:MOST] if facts else list(islice(calling.due(project), MOST))


def settlement(project: Project, maeg: str, checkpoint: str) -> WrapOrchAccepted | None:
    """The one settlement of a graph, once all stands under a checkpoint; None while it may not be, or no more."""
    run = project.runs.get(maeg)
    if run is None or run.root is None or not settles(project, run):
        return None
    event = WrapOrchAccepted(maeg=maeg, root=run.root, checkpoint=checkpoint)
    return None if denied(run, event) else event


def settled(project: Project, checkpoint: str) -> list[Event]:
    """The settlements of all graphs that wait for nothing but this checkpoint."""
    found = (settlement(project, maeg, checkpoint) for maeg in project.runs)
    return [event for event in found if event is not None]


def settles(project: Project, run: Run) -> bool:
    """Whether nothing but a checkpoint is missing: what is blocked settles nothing, and a person may have to agree."""
    return run.root is not None and run.is_open and project.state in WORKING and not needs_approval(run)


def _of_run(project: Project, run: Run, now: str, terms: Terms) -> Iterator[Event]:
    """Round by round, as if what was said before had been written: each word is asked for before it is said.

    What has happened to attempts comes first, then reviews, then what follows from both.
    """
    blocked = project.state not in WORKING
    found: Sequence[Word] = (*_failures(project, run, now), *_reviews(project, run, now))
    facts = found or deciding.due(run, blocked=blocked)
    while facts:
        before = run
        for fact in facts:
            if denied(run, fact, blocked=blocked) is None:
                run = evolve(run, fact)
                yield _with_token(run, fact, terms) if isinstance(fact, SubPacDispatched) else fact
        facts = deciding.due(run, blocked=blocked) if run is not before or facts is found else ()


def _with_token(run: Run, fact: SubPacDispatched, terms: Terms) -> SubPacDispatched:
    token = TokenTerms(agent=run.shape.agents[fact.node].agent, seconds=terms.seconds, key=terms.key)
    return fact.model_copy(update={"token": token})


def _failures(project: Project, run: Run, now: str) -> Iterator[SubPacFailed]:
    """Attempts whose slot has ended without a result, and those that nobody has begun while their token counted."""
    maeg = run.shape.graph.maeg
    stops = {node: stop for node in run.stopped if (stop := run.of(node).stopped)}
    for node in sorted(stops, key=run.shape.rank.__getitem__):
        cause, reason = stops[node]
        yield SubPacFailed(maeg=maeg, node=node, attempt=run.of(node).attempt, cause=cause, reason=reason[:_LONGEST])
    shown = {each.assignment.token for each in project.slots.queue if each.assignment is not None}
    for node in sorted(run.dispatched, key=run.shape.rank.__getitem__):
        work = run.of(node)
        if work.token is not None and work.token.until <= now and work.token.id not in shown:
            reason = f"{run.shape.agents[node].agent} did not begin by {work.token.until}"
            yield SubPacFailed(maeg=maeg, node=node, attempt=work.attempt, cause="TOKEN_EXPIRED", reason=reason)


def _reviews(project: Project, run: Run, now: str) -> Iterator[BerAgentGenerated]:
    """Reviews of results of which all is known that they are judged on; one that waits for persons when it changes."""
    for node in sorted(run.executed, key=run.shape.rank.__getitem__):
        evidence = gathered(project, run, node, now) if not run.unmet(node) else None
        if evidence is None:
            continue
        work = run.of(node)
        ber = review(case(run.shape, node, work.outputs, evidence, run.spent_micros))
        if ber == work.ber:
            continue
        yield BerAgentGenerated(
            maeg=run.shape.graph.maeg,
            node=node,
            attempt=work.attempt,
            ber=ber,
            made=evidence.made,
            cost_micros=evidence.cost_micros,
        )

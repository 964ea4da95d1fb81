"""All runs of a project, and what each event of its log does to them: their own, and those of slots and artifacts."""

from collections.abc import Mapping
from typing import Annotated, assert_never

from psmp.rules.orchestration.running import Run, Said, Stop, declared, evolve, stopped
from psmp.rules.orchestration.stored import AsKept
from psmp.words.envelope import EventEnvelope
from psmp.words.events import SlotExpired, SlotFailed, SlotFinished
from psmp.words.orchestration.facts import RunEvent, SubPacStarted
from psmp.words.orchestration.graph import Assignment

Runs = Mapping[str, Annotated[Run, AsKept]]
"""By the name of their graph, the oldest first."""


def after(runs: Runs, envelope: EventEnvelope, event: RunEvent) -> Runs:
    """The runs after an event of one of them."""
    return {**runs, event.maeg: evolve(runs.get(event.maeg), event, _said(envelope))}


def started(runs: Runs, envelope: EventEnvelope, assignment: Assignment) -> Runs:
    """The runs after a slot was granted for a node."""
    maeg, node, attempt = assignment.maeg, assignment.node, assignment.attempt
    fact = SubPacStarted(maeg=maeg, node=node, attempt=attempt)
    return {**runs, maeg: evolve(runs[maeg], fact, _said(envelope))}


def ended(
    runs: Runs, envelope: EventEnvelope, assignment: Assignment, event: SlotFinished | SlotFailed | SlotExpired
) -> Runs:
    """The runs after a slot has ended: with it ends an attempt that has given no result."""
    run = stopped(runs[assignment.maeg], assignment.node, assignment.attempt, _why(event), _said(envelope))
    return {**runs, assignment.maeg: run}


def made(runs: Runs, envelope: EventEnvelope, assignment: Assignment, artifact: str) -> Runs:
    """The runs after an artifact was declared under a slot."""
    run = declared(runs[assignment.maeg], assignment.node, assignment.attempt, artifact, _said(envelope))
    return {**runs, assignment.maeg: run}


def maker_of(runs: Runs, agent: str, artifact: str) -> tuple[str, str] | None:
    """The node of ``agent`` that has made an artifact, as graph and node, in a run that is open."""
    for maeg, run in runs.items():
        for node in run.shape.nodes_of.get(agent, ()) if run.is_open else ():
            work = run.of(node)
            if artifact in work.declared:
                return maeg, node
    return None


def open_of(runs: Runs, agent: str) -> tuple[tuple[str, str], ...]:
    """The nodes that ``agent`` has yet to do, as graph and node."""
    return tuple(
        (maeg, node)
        for maeg, run in runs.items()
        if run.is_open and run.root is None
        for node in run.shape.nodes_of.get(agent, ())
        if run.of(node).state != "COMPLETE"
    )


def _why(event: SlotFinished | SlotFailed | SlotExpired) -> Stop:
    match event:
        case SlotFailed():
            return Stop("EXECUTION_ERROR", event.failure)
        case SlotFinished():
            return Stop("EXECUTION_ERROR", event.failure or "its slot was given back without a report")
        case SlotExpired(reason="term"):
            return Stop("EXECUTION_ERROR", "the term of its slot was over")
        case SlotExpired():
            return Stop("AGENT_SILENT", f"{event.agent} was heard last at {event.last_seen}")
        case never:
            assert_never(never)


def _said(envelope: EventEnvelope) -> Said:
    return Said(envelope.id, envelope.time, envelope.sequence, envelope.actor)

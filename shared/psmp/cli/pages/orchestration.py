"""What befalls a graph of agents, in a sentence."""

from typing import assert_never

from psmp.words.events import (
    BerAgentGenerated,
    MaegAbandoned,
    MaegApproved,
    MaegCreated,
    PdoAgentFinalized,
    PdoOrchAggregated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
    SubPacReviewed,
    WrapOrchAccepted,
)
from psmp.words.orchestration.facts import CorrectionPack, RunEvent

_SHORT = 12


def sentence(event: RunEvent) -> str:  # noqa: C901, PLR0911, PLR0912 - one case for each event that there is
    """What happened, without who did it; nothing of it is made fit for a terminal yet."""
    match event:
        case MaegCreated():
            return f"{event.maeg} registered: {event.nodes} agent nodes, graph {event.graph[:_SHORT]}"
        case SubPacIssued(correction=None, changed=()):
            return f"{event.node} issued as {event.sub_pac}"
        case SubPacIssued(correction=None):
            return f"{event.node} issued anew, attempt {event.attempt}: {', '.join(event.changed)} changed"
        case SubPacIssued():
            pack = event.correction or CorrectionPack()
            why = "; ".join(found.text for found in pack.findings if found.text) or pack.reason
            return f"{event.node} issued anew, attempt {event.attempt}, to correct: {why}"
        case SubPacDispatched():
            agent = f" to {event.token.agent}, for {event.token.seconds} s" if event.token else ""
            return f"{event.node} dispatched{agent}, attempt {event.attempt}"
        case SubPacExecuted():
            return f"{event.node} executed, attempt {event.attempt}, gives {', '.join(event.outputs) or 'nothing'}"
        case SubPacFailed():
            return f"{event.node} failed, attempt {event.attempt}, {event.cause}: {event.reason}"
        case SubPacReviewed():
            verb = "agrees to" if event.agrees else "refuses"
            return f"a {event.role} {verb} the result of {event.node}: {event.reason}"
        case BerAgentGenerated():
            wrong = "; ".join(each.text for each in event.ber.findings if each.verdict != "PASS")
            return f"{event.node} reviewed, attempt {event.attempt}: {event.ber.verdict}{f', {wrong}' if wrong else ''}"
        case PdoAgentFinalized():
            return f"the outcome of {event.node} is final: {event.pdo[:_SHORT]}"
        case PdoOrchAggregated():
            return f"all outcomes of {event.maeg} stand under root {event.root[:_SHORT]}"
        case MaegApproved():
            return f"{event.maeg} may be settled: {event.reason}"
        case WrapOrchAccepted():
            size = event.checkpoint.partition(" ")[0]
            return f"{event.maeg} is settled: root {event.root[:_SHORT]}, under the checkpoint over {size} records"
        case MaegAbandoned():
            return f"{event.maeg} is given up: {event.reason}"
        case never:
            assert_never(never)

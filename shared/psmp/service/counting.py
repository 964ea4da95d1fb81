"""What is counted of graphs of agents, by whoever writes it: nodes by the state they come into, tokens by their end.

Each event is counted once, where it is written. So the sums over all instances are right, however many there are.
"""

from typing import Final

from prometheus_client import Counter

from psmp.log.port import Record
from psmp.words.commands import Command, RequestSlot
from psmp.words.envelope import open_event
from psmp.words.events import (
    BerAgentGenerated,
    Event,
    PdoAgentFinalized,
    SlotGranted,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
)
from psmp.words.orchestration.facts import SubPacState
from psmp.words.refusals import Code, Gs

NODES: Final = Counter("psmp_maeg_nodes", "Nodes of graphs of agents, by the state that they came into.", ["state"])
TOKENS: Final = Counter(
    "psmp_dispatch_tokens", "Dispatch tokens by what became of them, refused ones by the code.", ["outcome", "reason"]
)
REFUSED: Final = frozenset(
    str(code)
    for code in (
        *(Code.TOKEN_INVALID, Code.TOKEN_SPENT, Code.TOKEN_EXPIRED),
        *(Gs.DISPATCH_DEPENDENCY_UNMET, Gs.AGENT_SIDE_CHANNEL),
    )
)
"""The codes with which a token is refused."""


def written(record: Record) -> None:
    """Count a record that was written just now."""
    event = (record.opened or open_event(record.body)).data
    state, outcome = _state(event), _outcome(event)
    if state is not None:
        NODES.labels(state).inc()
    if outcome:
        TOKENS.labels(outcome, "").inc()


def refused(command: Command, code: str) -> None:
    """Count a token that was shown and refused."""
    if isinstance(command, RequestSlot) and command.token is not None and code in REFUSED:
        TOKENS.labels("refused", str(code)).inc()


def _state(event: Event) -> SubPacState | None:
    match event:
        case SubPacIssued():
            return "ISSUED"
        case SubPacDispatched():
            return "DISPATCHED"
        case SlotGranted() if event.assignment is not None:
            return "EXECUTING"
        case SubPacExecuted():
            return "BER_PENDING"
        case BerAgentGenerated() if event.ber.verdict == "PASS":
            return "PDO_PENDING"
        case PdoAgentFinalized():
            return "COMPLETE"
        case SubPacFailed():
            return "FAILED"
        case BerAgentGenerated() if event.ber.verdict == "FAIL":
            return "FAILED"
    return None


def _outcome(event: Event) -> str:
    match event:
        case SubPacDispatched() if event.token is not None:
            return "issued"
        case SlotGranted() if event.assignment is not None:
            return "consumed"
        case SubPacFailed(cause="TOKEN_EXPIRED"):
            return "expired"
    return ""

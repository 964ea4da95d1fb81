"""What is counted of graphs of agents: every node by the states that it comes into, every token by its end."""

from collections import Counter

from prometheus_client import REGISTRY

from psmp.service import counting
from psmp.words.commands import FinishSlot, RequestSlot
from psmp.words.refusals import Code, Gs
from tests.orchestrated import told

SHOWN = RequestSlot(token="x.y.z")  # noqa: S106 - no token at all


def figures(name: str, *labels: str) -> Counter[tuple[str, ...]]:
    found = Counter[tuple[str, ...]]()
    for family in REGISTRY.collect():
        for sample in family.samples if family.name == name else ():
            if sample.name == f"{name}_total":
                found[tuple(sample.labels[label] for label in labels)] = int(sample.value)
    return found


def test_every_node_is_counted_in_each_state_it_comes_into_and_every_token_by_its_end() -> None:
    nodes, tokens = figures("psmp_maeg_nodes", "state"), figures("psmp_dispatch_tokens", "outcome", "reason")
    for record in told().records:
        counting.written(record)
    assert figures("psmp_maeg_nodes", "state") - nodes == {
        ("ISSUED",): 7,
        ("DISPATCHED",): 6,
        ("EXECUTING",): 4,
        ("BER_PENDING",): 3,
        ("FAILED",): 3,
        ("PDO_PENDING",): 2,
        ("COMPLETE",): 2,
    }
    ended = figures("psmp_dispatch_tokens", "outcome", "reason") - tokens
    assert ended == {("issued", ""): 6, ("consumed", ""): 4, ("expired", ""): 1}


def test_a_token_that_is_refused_is_counted_by_its_code_and_nothing_else_is() -> None:
    before = figures("psmp_dispatch_tokens", "outcome", "reason")
    counting.refused(SHOWN, Code.TOKEN_SPENT)
    counting.refused(SHOWN, str(Gs.AGENT_SIDE_CHANNEL))
    counting.refused(SHOWN, Code.SLOTS_EXHAUSTED)
    counting.refused(RequestSlot(), Gs.DISPATCH_DEPENDENCY_UNMET)
    counting.refused(FinishSlot(), Code.TOKEN_SPENT)
    assert figures("psmp_dispatch_tokens", "outcome", "reason") - before == {
        ("refused", "TOKEN_SPENT"): 1,
        ("refused", "GS_207"): 1,
    }

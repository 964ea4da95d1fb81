"""Who is waited for in a run, and how that is said, by whoever says it: for a node, for a result, for the whole."""

from collections.abc import Iterator

from psmp.rules.orchestration.deciding import awaited, for_a_person, needs_approval
from psmp.rules.orchestration.running import Run
from psmp.words.orchestration.seen import Awaited


def waited_for(run: Run, of: str = "") -> Iterator[Awaited]:
    """What persons have to do in ``run``, each role once for each result.

    ``of`` stands behind what is named, where that would not be clear by itself: `` of MAEG-P1``.
    """
    for node in for_a_person(run):
        yield Awaited(what="failed", node=node, text=f"{node}{of} has failed {_so_often(run.of(node).failures)}")
    for node in sorted(run.executed, key=run.shape.rank.__getitem__):
        if run.of(node).ber is not None:
            for role in dict.fromkeys(check.role for check in awaited(run, node)):
                text = f"the result of {node}{of} waits for the word of a {role}"
                yield Awaited(what="review", node=node, role=role, text=text)
    if run.root is not None and needs_approval(run):
        approver = run.shape.graph.pac.approver
        text = f"all{of} is done and waits for a {approver} to agree"
        yield Awaited(what="approval", role=approver, text=text)


def _so_often(times: int) -> str:
    """``once``, or ``3 times``."""
    return "once" if times == 1 else f"{times} times"

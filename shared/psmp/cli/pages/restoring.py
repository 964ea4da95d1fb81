"""What is amiss between log and ledger, and what came of restoring."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.pages.layout import facts, indented
from psmp.cli.pages.wording import counted, shown
from psmp.store.restore.diagnosis import Diagnosis
from psmp.store.restore.refill import Refilled

MOST = 20
"""So many spans are named."""


def found(diagnosis: Diagnosis) -> Group:
    """What was found."""
    return Group(*_found(diagnosis))


def _found(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    walked = diagnosis.walked
    if diagnosis.nothing_to_do:
        yield Text.assemble(("✓ ", "green"), f"log and ledger have the same {counted(walked.equal, 'record')}")
        return
    if diagnosis.unfinished:
        yield Text.assemble(("✗ ", "bold red"), "the log was begun to be written anew, and is not finished")
    for sentence in diagnosis.standing.told:
        yield Text.assemble(("✗ ", "bold red"), shown(sentence))
    rows: list[tuple[str, RenderableType]] = [
        ("log", Text(f"ends at position {walked.log}")),
        ("ledger", Text(f"ends at position {walked.ledger}")),
        ("equal", Text(counted(walked.equal, "record"))),
    ]
    rows += [("log lacks", Text(shown(str(span)))) for span in walked.lacking[:MOST]]
    rows += [("other bytes", Text(shown(str(span)))) for span in walked.differing[:MOST]]
    if walked.surplus:
        rows.append(("log alone has", Text(counted(len(walked.surplus), "record"))))
    rows += [(str(key), Text(f"broken at record {first} in the ledger")) for key, first in diagnosis.faults.items()]
    rows += [("proved", Text(f"{key}: {side}")) for key, side in list(diagnosis.sides.items())[:MOST]]
    yield indented(facts(rows))


def restored(done: Refilled | dict[str, int], wrong: list[str], aside: Path | None) -> Group:
    """What was done, and what does not hold."""
    return Group(*_restored(done, wrong, aside))


def _restored(done_: Refilled | dict[str, int], wrong: list[str], aside: Path | None) -> Iterator[RenderableType]:
    if isinstance(done_, Refilled):
        yield Text(f"{counted(done_.written, 'record')} written, {done_.put_back} put back behind them")
        for record in done_.left_out[:MOST]:
            yield Text(f"not put back, for it follows on nothing: record {record.sequence} of {record.key}", "yellow")
        if done_.left_out and aside:
            yield Text(f"they are kept in {aside}", "dim")
    else:
        yield Text(f"{done_['moved']} rows moved aside, {done_['checkpoints']} checkpoints taken in again")
    for each in wrong:
        yield Text.assemble(("✗ ", "bold red"), shown(each))
    if not wrong:
        yield Text.assemble(("✓ ", "green"), "log, ledger, checkpoints and projections stand; start the services")


def done(done_: Refilled | dict[str, int]) -> dict[str, Any]:
    """What was done, as JSON."""
    if isinstance(done_, Refilled):
        left_out = [f"record {each.sequence} of {each.key}" for each in done_.left_out]
        return {"written": done_.written, "put_back": done_.put_back, "left_out": left_out}
    return dict(done_)

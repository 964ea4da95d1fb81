"""A run as snapshots keep it: its graph as it was sent and what has become of each node; all else is reckoned anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from psmp.rules.orchestration.reading import unpacked
from psmp.rules.orchestration.running import PASSED, UNSAID, Run, Said, Work, begun
from psmp.rules.orchestration.shape import Shape
from psmp.words.orchestration.facts import SubPacState


@dataclass(frozen=True, slots=True)
class Kept:
    """What cannot be reckoned from anything else.

    ``stale`` is part of it: whose inputs had changed is not known of what they are while a source is done again.
    """

    packed: str
    work: Mapping[str, Work] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    spent_micros: int = 0
    created: Said = UNSAID
    latest: Said = UNSAID
    root: str | None = None
    aggregated: int = 0
    approved: str = ""
    checkpoint: str | None = None
    abandoned: str | None = None


def kept(run: Run) -> Kept:
    """What is kept of a run."""
    return Kept(
        packed=run.packed,
        work=run.work,
        stale=tuple(sorted(run.stale)),
        spent_micros=run.spent_micros,
        created=run.created,
        latest=run.latest,
        root=run.root,
        aggregated=run.aggregated,
        approved=run.approved,
        checkpoint=run.checkpoint,
        abandoned=run.abandoned,
    )


def restored(of: Kept) -> Run:
    """The run of which that was kept; raises ``ValueError`` where its graph cannot be read."""
    shape = unpacked(of.packed)
    states = {node: work.state for node, work in of.work.items()}

    def those_in(state: SubPacState) -> frozenset[str]:
        return frozenset(node for node, each in states.items() if each == state)

    run = replace(
        begun(shape, of.packed),
        work=of.work,
        stale=frozenset(of.stale),
        complete=sum(state == "COMPLETE" for state in states.values()),
        stopped=frozenset(node for node, work in of.work.items() if work.stopped is not None),
        spent_micros=of.spent_micros,
        created=of.created,
        latest=of.latest,
        root=of.root,
        aggregated=of.aggregated,
        approved=of.approved,
        checkpoint=of.checkpoint,
        abandoned=of.abandoned,
        failed=those_in("FAILED"),
        pending=those_in("PDO_PENDING"),
        dispatched=those_in("DISPATCHED"),
        executed=those_in("BER_PENDING"),
    )
    waits = _waits(shape, {node for node, state in states.items() if state in PASSED})
    ready = frozenset(node for node, state in states.items() if state == "ISSUED" and not waits[node])
    return replace(run, waits=waits, ready=ready)


def _waits(shape: Shape, passed: set[str]) -> dict[str, int]:
    """For how many each node waits: in graph order, for a gate has passed when all before it have."""
    waits, through = dict[str, int](), set(passed)
    for node in shape.order:
        waits[node] = sum(each not in through for each in shape.before[node])
        if node not in shape.agents and not waits[node]:
            through.add(node)
    return waits


class AsKept:
    """Marks a ``Run`` in the annotations of what is written down: it is written, and read, as ``Kept``."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        schema = handler.generate_schema(Kept)
        writing = core_schema.plain_serializer_function_ser_schema(kept, return_schema=schema)
        return core_schema.no_info_after_validator_function(restored, schema, serialization=writing)

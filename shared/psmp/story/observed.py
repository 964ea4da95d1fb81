"""What was observed when a step of a story was played."""

from dataclasses import dataclass

from psmp.story.scenario import Outcome, Step
from psmp.words.values import Conflict, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One step, and what came of it.

    ``answered`` is the time from sending to the durable outcome, ``settled`` to the state that the step says must
    follow (or, where it says none, to ``answered``); both in seconds. ``before`` and ``state`` are the project's states
    before and afterwards. ``skipped`` says why nothing was done at all.
    """

    number: int
    step: Step
    outcome: Outcome
    before: Phase
    state: Phase
    answered: float
    settled: float
    code: str = ""
    reason: str = ""
    hint: str = ""
    conflicts: tuple[Conflict, ...] = ()
    cleared: tuple[str, ...] = ()
    witness: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    skipped: str = ""

"""One project replayed: folded event by event, and each event decided again before it is folded."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, Record
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.words.envelope import EventEnvelope, Stamp, open_event, seal_event
from psmp.words.fidelity import Count, Deviation, Fidelity, Outcome
from psmp.words.ids import ProjectKey
from psmp.words.strict import Malformed
from psmp_checker.docket import DOCKET_FOLD, Docket
from psmp_replay.deciders import decide
from psmp_replay.inputs import Inputs
from psmp_replay.moment import Causes, Moment, Taken

MOST_SHOWN: Final = 5
"""So many deviations of a project are shown."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of deciding one event again; ``decided`` are the bytes that came of it."""

    outcome: Outcome
    reason: str = ""
    decided: bytes | None = None


class Replay:
    """Takes a project's records in order.

    The clock and the chance of then come from the record: an event's id, time and trace. What it says, of whom, from
    what it follows and where it links is decided again, serialised again, and compared with the bytes that are stored.
    Invariant: ``take`` decides over the events before the one that it is given, and nothing else.
    """

    def __init__(self, key: ProjectKey, inputs: Inputs, skew: timedelta = timedelta(0)) -> None:
        self._view: View[Project | None] = View(key, PROJECT_FOLD)
        self._docket: View[Docket] = View(key, DOCKET_FOLD)
        self._inputs, self._skew = inputs, skew
        self._causes = Causes()
        self._found = _Found()

    def take(self, record: Record) -> Judged:
        """Decide the next event again, then fold it; raises ``Damaged`` when it does not link."""
        try:
            said = record.opened or open_event(record.body)
        except Malformed as fault:
            raise Damaged(self._view.key, record.position, f"not an event: {fault}") from fault
        judged = self._judge(said, record.body)
        opened = Record(record.position, record.key, record.kind, record.body, said)
        self._view.advance(opened)
        self._docket.advance(opened)
        self._causes.note(said)
        self._found.note(said, record, judged)
        return judged

    def report(self, damage: str = "") -> Fidelity:
        """How it stands so far; ``damage`` is why it goes no further."""
        key, found = self._view.key, self._found
        return Fidelity(
            tenant=key.tenant,
            project=key.project,
            sequence=self._view.head.sequence,
            services={name: Count(**counts) for name, counts in sorted(found.services.items())},
            why=dict(found.why.most_common()),
            deviations=tuple(found.deviations),
            damage=damage,
        )

    def _judge(self, said: EventEnvelope, body: bytes) -> Judged:
        view = self._view
        moment = Moment(said, view.state, self._docket.state, view.answers, self._causes, self._inputs, self._skew)
        try:
            answer = decide(moment)
            if isinstance(answer, Taken):
                return Judged(answer.outcome, answer.reason)
            stamp, first = Stamp(said.id, said.time), None
            for event, provenance in answer:
                decided = seal_event(view.key, event, view.head.next, provenance, stamp)
                if decided == body:
                    return Judged("same")
                first = first or decided
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            return Judged("different", f"the rules fail: {error!r}")
        return Judged("different", "decided otherwise" if first else "there was nothing to be said", first)


@dataclass(slots=True)
class _Found:
    services: dict[str, Counter[str]] = field(default_factory=dict)
    why: Counter[str] = field(default_factory=Counter)
    deviations: list[Deviation] = field(default_factory=list)

    def note(self, said: EventEnvelope, record: Record, judged: Judged) -> None:
        service = said.source.removeprefix("/psmp/")
        self.services.setdefault(service, Counter())[judged.outcome] += 1
        if judged.outcome in {"recorded", "gone"}:
            self.why[judged.reason] += 1
        if judged.outcome == "different" and len(self.deviations) < MOST_SHOWN:
            decided = judged.decided.decode() if judged.decided is not None else None
            self.deviations.append(
                Deviation(
                    sequence=said.sequence,
                    position=record.position,
                    kind=said.data.KIND,
                    service=service,
                    reason=judged.reason,
                    recorded=record.body.decode(errors="replace"),
                    decided=decided,
                )
            )

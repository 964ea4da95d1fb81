"""HIPAA: the standards of 45 CFR 164 to which a governance record can speak."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from psmp.compliance.controls import Control, Framework, Status, alerts, held, kept, nothing, partly, refused, resolved
from psmp.compliance.evidence import Evidence

SIX_YEARS: Final = timedelta(days=6 * 365 + 2)


def _recorded(evidence: Evidence) -> Iterable[str]:
    events = sum(each.count for each in evidence.kinds.values())
    if events:
        yield f"{events} events of {len(evidence.kinds)} kinds in this range, each with who, what and when"
    yield from held(evidence)


def _reviewed(evidence: Evidence) -> Iterable[str]:
    yield from alerts(evidence)
    yield from resolved(evidence)
    yield from refused(evidence)


def _identified(evidence: Evidence) -> Iterable[str]:
    if evidence.people:
        yield f"every event names one id: {evidence.people} agents and people in this range"


def _intact(evidence: Evidence) -> Status:
    """It takes checkpoints signed by a key that the reader brought along to speak of the record as unaltered."""
    return Status.COVERED if evidence.trusted else Status.PARTLY


def _long_enough(evidence: Evidence) -> Status:
    """Covered when six years of records are there; a rule that keeps them so long is a beginning."""
    firsts = [datetime.fromisoformat(each.first) for each in evidence.standings if each.first]
    lasts = [datetime.fromisoformat(each.last) for each in evidence.standings if each.last]
    pruned = any(each.pruned for each in evidence.standings)
    there = bool(firsts) and max(lasts) - min(firsts) >= SIX_YEARS
    return Status.COVERED if there and not pruned else Status.PARTLY


HIPAA: Final = Framework(
    "hipaa",
    "HIPAA security rule (45 CFR 164)",
    (
        Control(
            "164.308(a)(1)(ii)(D)",
            "Information system activity review",
            "what was alerted, refused and resolved, and what a person took in hand",
            _reviewed,
            "that logs of systems with health information are reviewed",
            partly,
        ),
        Control(
            "164.308(a)(6)(ii)",
            "Response and reporting",
            "how alerts and conflicts were ended",
            _reviewed,
            "response to security incidents outside PSMP",
            partly,
        ),
        Control(
            "164.312(a)(2)(i)",
            "Unique user identification",
            "that every event names who acted",
            _identified,
            "that an id is one person, and that nobody shares credentials",
            partly,
        ),
        Control(
            "164.312(b)",
            "Audit controls",
            "that what agents do under PSMP is recorded, and can be examined",
            _recorded,
            "that access to health information is recorded: PSMP does not see it",
            partly,
        ),
        Control(
            "164.312(c)(1), (c)(2)",
            "Integrity",
            "that PSMP's own record was not altered since it was signed",
            held,
            "the integrity of health information; and records newer than the newest checkpoint hold by receipts alone",
            _intact,
        ),
        Control(
            "164.312(d)",
            "Person or entity authentication",
            "nothing: NATS credentials are checked before anything is recorded",
            nothing,
            "how anybody was authenticated",
            partly,
        ),
        Control(
            "164.316(b)(2)(i)",
            "Retention for six years",
            "since when there are records, and what was pruned",
            kept,
            "that other documentation is kept; whether audit logs fall under this is for you to decide",
            _long_enough,
        ),
    ),
)

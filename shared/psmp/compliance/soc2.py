"""SOC 2: the trust services criteria (2017, points of focus of 2022) to which a governance record can speak."""

from collections.abc import Iterable
from typing import Final

from psmp.compliance.controls import Control, Framework, alerts, decided, held, nothing, partly, refused, resolved
from psmp.compliance.evidence import Evidence


def _access(evidence: Evidence) -> Iterable[str]:
    if evidence.people:
        yield f"every event names who acted: {evidence.people} agents and people in this range"
    yield from refused(evidence, "ACTOR_MISMATCH", "RESERVED_NAME", "NOT_ALLOWED", "NOT_OWNER")


def _roles(evidence: Evidence) -> Iterable[str]:
    yield from decided(evidence, "project.created", "project.changed")
    yield from refused(evidence, "NOT_ALLOWED", "NOT_OWNER")


def _watched(evidence: Evidence) -> Iterable[str]:
    yield from alerts(evidence)
    yield evidence.told("agents or services fell silent", "agent.silenced")
    yield evidence.told("projects reported as stalled", "project.stalled")


def _changed(evidence: Evidence) -> Iterable[str]:
    yield evidence.told("changes declared or amended", "artifact.declared", "artifact.amended")
    yield evidence.told("verdicts that one can stand with all others", "artifact.accepted")
    yield evidence.told("verdicts that one cannot", "conflict.detected")
    yield from resolved(evidence)
    yield from decided(evidence, "waived", "project.changed", "project.transitioned")


def _responded(evidence: Evidence) -> Iterable[str]:
    yield from alerts(evidence)
    yield from resolved(evidence)
    yield from decided(evidence, "waived")


SOC2: Final = Framework(
    "soc2",
    "SOC 2, trust services criteria",
    (
        Control(
            "CC6.1",
            "Logical access security",
            "who acted, and what was refused because it was not theirs to do",
            _access,
            "how agents and people were authenticated (NATS credentials), and any access outside PSMP",
            partly,
        ),
        Control(
            "CC6.3",
            "Access by role and least privilege",
            "who governs each project, and what was refused to others",
            _roles,
            "that these are the right people, and that access was reviewed or withdrawn in time",
            partly,
        ),
        Control(
            "CC6.8",
            "Unauthorised or malicious software",
            "nothing: declared packages are checked for whether they fit together, not for what they do",
            nothing,
            "anything about malicious software",
            partly,
        ),
        Control(
            "CC7.1",
            "Detection of changes and of vulnerabilities",
            "that the record of decisions was not changed",
            held,
            "anything about vulnerabilities, and about changes that were not declared to PSMP",
            partly,
        ),
        Control(
            "CC7.2",
            "Monitoring for anomalies",
            "what PSMP watches: silence, stalled projects, lag, damage",
            _watched,
            "monitoring of anything but PSMP and its agents",
            partly,
        ),
        Control(
            "CC7.3",
            "Evaluation of events",
            "which alerts a person has taken in hand",
            alerts,
            "that the evaluation was right, or in time by a policy of yours",
            partly,
        ),
        Control(
            "CC7.4",
            "Response to incidents",
            "how conflicts and alerts were ended, by whom and after how long",
            _responded,
            "response to incidents other than these",
            partly,
        ),
        Control(
            "CC7.5",
            "Recovery from incidents",
            "nothing: that a restore was tried is not in the record",
            nothing,
            "that backups are made and can be restored",
            partly,
        ),
        Control(
            "CC8.1",
            "Change management",
            "that changes were declared, judged before they counted, blocked where they clashed, and by whom decided",
            _changed,
            "that every change was declared, that it was tested or reviewed, or what was deployed",
            partly,
        ),
    ),
)

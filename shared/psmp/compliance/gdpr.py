"""GDPR: the articles to which a governance record can speak."""

from collections.abc import Iterable
from typing import Final

from psmp.compliance.controls import Control, Framework, alerts, decided, held, kept, nothing, partly
from psmp.compliance.evidence import Evidence


def _accountable(evidence: Evidence) -> Iterable[str]:
    yield from held(evidence)
    yield from kept(evidence)


def _accessible(evidence: Evidence) -> Iterable[str]:
    if evidence.people:
        yield f"{evidence.people} agents and people acted; psmp export --agent NAME gives what is recorded of each"


def _erased(evidence: Evidence) -> Iterable[str]:
    yield evidence.told("erasures recorded", "subject.erased")
    yield from decided(evidence, "subject.erased")


def _designed(evidence: Evidence) -> Iterable[str]:
    if evidence.sealed:
        yield f"{evidence.sealed} records have personal text sealed under a key of its subject's own"
    yield evidence.told("erasures recorded", "subject.erased")


def _noticed(evidence: Evidence) -> Iterable[str]:
    yield from alerts(evidence)
    yield evidence.told("dead letters dropped", "letter.dropped")


GDPR: Final = Framework(
    "gdpr",
    "GDPR (Regulation (EU) 2016/679)",
    (
        Control(
            "Art. 5(1)(e), (f), 5(2)",
            "Storage limitation, integrity, accountability",
            "that the record holds, since when, and what was pruned",
            _accountable,
            "that what is recorded is needed, and that it was told to those whom it is about",
            partly,
        ),
        Control(
            "Art. 15",
            "Right of access",
            "that what is recorded of an agent or a person can be had",
            _accessible,
            "which person is behind an agent's id, and what other systems hold",
            partly,
        ),
        Control(
            "Art. 17",
            "Right to erasure",
            "which erasures were carried out, by whose approval and why",
            _erased,
            "that copies outside PSMP and backups of keys are gone, and text that was never sealed",
            partly,
        ),
        Control(
            "Art. 25",
            "Data protection by design and by default",
            "that personal text is sealed, so that it can be erased",
            _designed,
            "that agents write nothing personal into fields that are not sealed",
            partly,
        ),
        Control(
            "Art. 30",
            "Records of processing activities",
            "nothing: purposes, categories and recipients are not recorded here",
            nothing,
            "any of what the article lists",
            partly,
        ),
        Control(
            "Art. 32",
            "Security of processing",
            "integrity of the record, and how it is guarded",
            held,
            "encryption of disks and connections, availability, and that measures are tested regularly",
            partly,
        ),
        Control(
            "Art. 33",
            "Notification of a breach",
            "when PSMP noticed something, and when a person took it in hand",
            _noticed,
            "that something was a breach, and that the authority was told within 72 hours",
            partly,
        ),
    ),
)

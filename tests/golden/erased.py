"""A project in which a person speaks, is erased, and speaks again, as a log. May be changed until it is released."""

from typing import Final

from psmp.personal.sealing import Key, seal
from psmp.words.commands import Command, EraseSubject, PlaceHold, ReleaseHold, SetRetention
from psmp.words.envelope import Person
from psmp.words.events import (
    AlertRaised,
    CommandRefused,
    HoldPlaced,
    HoldReleased,
    ProjectCreated,
    ProjectTransitioned,
    RetentionChanged,
    SubjectErased,
)
from psmp.words.ids import OPERATOR, SYSTEM, ProjectKey
from psmp.words.refusals import Code
from psmp.words.values import Phase, Policy, Severity, Target
from tests.golden.steps import asked

WHOLE: Final = "erased.jsonl"
KEY: Final = ProjectKey("default", "intranet")
SALT: Final = 8

FIRST: Final = Key(KEY, "maria", "00112233445566aa", bytes(range(32)))
SECOND: Final = Key(KEY, "maria", "99aabbccddeeff00", bytes(range(32, 64)))
SAID: Final = ("Maria Müller", "maria@example.org", "My daughter is ill, I am back on Monday")


def sealed(key: Key, field: str, text: str) -> str:
    """A text as intake would have sealed it, with a nonce that is always the same for it."""
    return seal(key, field, text, (field + text).encode()[:12].ljust(12, b"0"))


def _person(key: Key) -> Person:
    return Person(sealed(key, "name", SAID[0]), sealed(key, "contact", SAID[1]))


STEPS: Final = (
    asked("maria", ProjectCreated(name="Intranet", targets=(Target(),), policy=Policy()), person=_person(FIRST)),
    asked(
        "maria",
        ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason=sealed(FIRST, "reason", SAID[2])),
        person=_person(FIRST),
    ),
    asked(
        "maria",
        AlertRaised(
            alert="conflict-C-1",
            severity=Severity.HIGH,
            text=f"maria asks for a person: {sealed(FIRST, 'reason', SAID[2])}",
            person=True,
        ),
        person=_person(FIRST),
    ),
    asked(
        "maria",
        CommandRefused(command="project.create", code=Code.PROJECT_EXISTS, reason="the project exists"),
        person=_person(FIRST),
    ),
    asked(
        OPERATOR,
        SubjectErased(
            tenant="default",
            subject="maria",
            keys=(FIRST.id,),
            reason="request 17 of the data subject",
            approver="data-protection-office",
            projects=("intranet",),
        ),
    ),
    asked(OPERATOR, HoldPlaced(reason="case 4 of the legal department")),
    asked(OPERATOR, HoldReleased(reason="case 4 is closed")),
    asked(OPERATOR, RetentionChanged(tenant="default", days=90, reason="policy 7")),
    asked(
        "maria",
        ProjectTransitioned(origin=Phase.PLANNING, to=Phase.IN_PROGRESS, reason=sealed(SECOND, "reason", "Back")),
        person=_person(SECOND),
    ),
)

GOLDEN: Final = frozenset({"subject.erased", "hold.placed", "hold.released", "retention.changed"})
"""The kinds of which the last event in this story is the golden one."""

COMMANDS: Final[tuple[tuple[str, Command], ...]] = (
    (
        OPERATOR,
        EraseSubject(
            tenant="default",
            subject="maria",
            reason="request 17 of the data subject",
            approver="data-protection-office",
        ),
    ),
    (OPERATOR, PlaceHold(tenant="default", project="intranet", reason="case 4 of the legal department")),
    (OPERATOR, ReleaseHold(tenant="default", project="intranet", reason="case 4 is closed")),
    (OPERATOR, SetRetention(tenant="default", days=90, reason="policy 7")),
)
COMMANDS_TO: Final = SYSTEM

"""What is asked for by a name that nothing has is no empty answer."""

import pytest

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.known import require_kind
from psmp.words.events import EVENTS


@pytest.mark.parametrize("kind", [None, "conflict", "hold", *(event.KIND for event in EVENTS)])
def test_a_kind_is_known_by_its_name_or_by_what_it_is_about(kind: str | None) -> None:
    require_kind(kind)


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("nope", "known are agent, alert, artifact, ber, command, compatibility, conflict, hold, letter"),
        ("conflict.lost", "known are conflict.detected, conflict.cleared"),
        ("", "known are agent"),
    ],
)
def test_a_kind_that_nothing_has_is_refused_with_those_that_there_are(kind: str, known: str) -> None:
    with pytest.raises(Complaint, match="there are no such events") as complaint:
        require_kind(kind)
    assert complaint.value.end is Exit.USAGE
    assert complaint.value.hint.startswith(known)

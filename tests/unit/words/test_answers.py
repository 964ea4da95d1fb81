"""What answers say of themselves: where an alert stands in its list, and whose signatures a checkpoint bears."""

from psmp.words.answers import AlertLine, SignedCheckpoint
from psmp.words.values import Severity

AT = "2026-11-26T08:00:00.000000Z"


def test_alerts_are_placed_by_their_time_project_and_name() -> None:
    line = AlertLine(
        alert="lag", severity=Severity.HIGH, text="behind", hint="wait", person=True, since=AT, project="rag"
    )
    assert line.place == (AT, "rag", "lag")


def test_a_checkpoint_names_each_of_its_signers_once() -> None:
    signatures = "— log.example AAAA\n— witness.example BBBB\n— log.example CCCC\n- no.dash DDDD\n— too many EEEE x\n"
    note = f"log.example/acme/rag\n7\nAAAA\n— in.the.text AAAA\n\n{signatures}"
    signed = SignedCheckpoint(project="rag", sequence=7, position=9, root="ab", number=1, note=note, signed_at=AT)
    assert signed.signers == ("log.example", "witness.example")

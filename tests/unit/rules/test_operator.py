"""What our own services made is the operator's to govern, and nobody else's."""

from psmp.rules.access import governs
from psmp.rules.project import Project, evolve
from psmp.words.envelope import open_event
from psmp.words.ids import OPERATOR
from tests.histories import History, created


def made_by(actor: str) -> Project:
    return evolve(None, open_event(History().add(created(), actor).body))


def test_the_operator_governs_what_our_services_made() -> None:
    ours = made_by("psmp_watchdog")
    assert governs(ours, OPERATOR)
    assert not governs(ours, "ada")
    assert not governs(ours, "psmp_watchdog")


def test_an_agent_that_is_called_operator_governs_nothing_by_its_name() -> None:
    assert not governs(made_by("ada"), OPERATOR)
    assert governs(made_by("ada"), "ada")

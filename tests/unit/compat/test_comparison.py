"""What makes a conflict weigh more than it did."""

from psmp.compat.comparison import number_of, worsened
from psmp.words.values import Severity
from tests.histories import conflict


def test_the_same_weighs_the_same() -> None:
    one = conflict(1, "api", "web")
    assert worsened(one, one) == ""


def test_less_weighs_less() -> None:
    assert worsened(conflict(1, "api", "cli", "web"), conflict(1, "api", "cli", "web", severity=Severity.LOW)) == ""


def test_a_graver_one_weighs_more() -> None:
    light = conflict(1, "api", "web", severity=Severity.HIGH)
    assert worsened(light, conflict(1, "api", "web")) == "it would be critical"


def test_one_with_more_parties_weighs_more() -> None:
    assert worsened(conflict(1, "api", "web"), conflict(1, "api", "cli", "web")) == "cli would be party to it"


def test_one_in_more_places_weighs_more() -> None:
    wide = conflict(1, "api", "web").model_copy(update={"environments": ("3.12-linux", "3.13-linux")})
    assert worsened(conflict(1, "api", "web"), wide) == "it would exist in 3.13-linux"


def test_one_in_which_others_clash_weighs_more() -> None:
    all_three = conflict(1, "api", "cli", "web")
    pair = all_three.model_copy(update={"causes": (("api", "web"),)})
    assert worsened(all_three, pair) == "api, web would clash"
    assert worsened(pair, all_three) == ""
    cut = all_three.model_copy(update={"complete": False})
    assert worsened(cut, pair) == "", "it may have been among those that were cut"


def test_conflicts_are_in_the_order_of_their_numbers() -> None:
    assert sorted(["C-10", "C-9"], key=number_of) == ["C-9", "C-10"]

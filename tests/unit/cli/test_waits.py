"""``--wait``: how long somebody queues for a slot, as it is typed."""

import pytest

from psmp.cli.commands.slots import waits
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint


@pytest.mark.parametrize(("text", "seconds"), [(None, None), ("90", 90), ("5m", 300), ("1.5h", 5400), ("24h", 86_400)])
def test_a_time_to_wait_is_read_as_it_is_typed(text: str | None, seconds: float | None) -> None:
    assert waits(text) == seconds


@pytest.mark.parametrize(("text", "advice"), [("5x", "--wait 5m"), ("", "--wait 5m"), ("25h", "24h is the longest")])
def test_a_time_that_nobody_can_wait_is_refused_in_the_words_of_the_option(text: str, advice: str) -> None:
    with pytest.raises(Complaint, match=f"--wait {text}: ") as caught:
        waits(text)
    assert caught.value.end is Exit.USAGE
    assert advice in caught.value.hint

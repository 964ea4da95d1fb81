"""Figures over time: stretches without a gap, each with what belongs in it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp_gateway.rules import figures
from psmp_gateway.rules.figures import MOST_STRETCHES, STRETCHES, Stretch, bounds, series

NOW = datetime(2026, 11, 26, 8, 7, 30, tzinfo=UTC)
NONE: dict[str, list[dict[str, Any]]] = {"throughput": [], "verdicts": [], "conflicts": []}

moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
stretches = st.sampled_from(("minute", "hour", "day"))


@pytest.mark.parametrize(("stretch", "count"), figures.USUAL_STRETCHES.items())
def test_unless_it_is_said_the_last_stretch_is_the_one_that_we_are_in(stretch: Stretch, count: int) -> None:
    edges = bounds(None, None, stretch, NOW)
    assert len(edges) == count + 1
    assert edges[-2] <= NOW < edges[-1]


@given(moments, st.integers(1, 10**6), stretches)
def test_stretches_follow_on_each_other_and_cover_what_was_asked(
    since: datetime, seconds: int, stretch: Stretch
) -> None:
    step, until = STRETCHES[stretch], since + timedelta(seconds=seconds)
    if seconds > (MOST_STRETCHES - 2) * step.total_seconds():
        return
    edges = bounds(since, until, stretch, NOW)
    assert edges[0] <= since < edges[0] + step
    assert edges[-1] - step < until <= edges[-1]
    assert {later - earlier for earlier, later in pairwise(edges)} == {step}


@pytest.mark.parametrize(
    ("since", "until"), [(NOW, NOW - timedelta(days=1)), (NOW - timedelta(days=1), NOW)], ids=["backwards", "too many"]
)
def test_a_range_that_cannot_be_told_is_refused(since: datetime, until: datetime) -> None:
    with pytest.raises(ValueError, match=r"ends before|stretches"):
        bounds(since, until, "minute", NOW)


def test_what_is_counted_stands_in_its_stretch_and_nothing_in_the_others() -> None:
    edges = bounds(None, NOW, "hour", NOW)
    begin = edges[2]
    rows = {
        "throughput": [{"begin": begin, "events": 9, "declarations": 2, "refusals": 1}],
        "verdicts": [{"begin": begin, "verdicts": 2, "contested": 1, "seconds": [0.1, 0.2, 0.3]}],
        "conflicts": [{"begin": begin, "severity": "high", "conflicts": 3}],
    }
    found = series(edges, "hour", rows, 4)
    assert [each.events for each in found.items] == [0, 0, 9] + [0] * (len(edges) - 4)
    point = found.items[2]
    assert point.seconds is not None
    assert (point.seconds.p99, point.conflicts, point.contested, found.behind) == (0.3, {"high": 3}, 1, 4)
    assert series(edges, "hour", NONE, 0).items[2].seconds is None

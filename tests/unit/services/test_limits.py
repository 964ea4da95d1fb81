"""Limits of rate, as laws: nobody gets more than its rate and its burst, and nobody gets less."""

from hypothesis import given
from hypothesis import strategies as st

from psmp_intake.limits import MINUTE, PRIVILEGED, Buckets, Limit, Limits

SECOND = 1_000_000_000
limits = st.builds(Limit, st.integers(1, 100_000), st.integers(1, 200))
pauses = st.lists(st.integers(0, 5 * SECOND), min_size=1, max_size=200)
AGENT = Limit(100, 50)
NONE = Limit(0, 1)


def let_through(limit: Limit, pauses: list[int], share: int = 1) -> list[int]:
    """When those were made, of requests with these pauses between them, that got through."""
    buckets, now, taken = Buckets(limit), 0, []
    for pause in pauses:
        now += pause
        if not buckets.wait("ada", now, share):
            buckets.take("ada", now, share)
            taken.append(now)
    return taken


@given(limits, pauses)
def test_no_stretch_of_time_has_more_than_the_burst_and_what_the_rate_gives(limit: Limit, pauses: list[int]) -> None:
    taken = let_through(limit, pauses)
    for first, begun in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= limit.burst + (taken[last] - begun) * limit.per_minute / MINUTE


@given(limits, st.integers(1, 300))
def test_who_keeps_to_its_rate_is_never_refused(limit: Limit, count: int) -> None:
    assert len(let_through(limit, [limit.interval] * count)) == count


@given(limits)
def test_after_a_rest_the_whole_burst_gets_through_and_no_more(limit: Limit) -> None:
    crowd = [0] * (limit.burst + 1)
    assert len(let_through(limit, crowd)) == limit.burst
    rested = [*crowd, limit.burst * limit.interval, *crowd[1:]]
    assert len(let_through(limit, rested)) == 2 * limit.burst


@given(limits, pauses)
def test_who_waits_as_long_as_it_is_told_gets_through_and_not_before(limit: Limit, pauses: list[int]) -> None:
    buckets, now = Buckets(limit), 0
    for pause in pauses:
        now += pause
        lacking = buckets.wait("ada", now)
        if lacking:
            assert buckets.wait("ada", now + lacking - 1) == 1
            now += lacking
        assert buckets.wait("ada", now) == 0
        buckets.take("ada", now)


def test_a_privileged_agent_has_ten_times_as_much() -> None:
    limit = Limit(100, 5)
    assert len(let_through(limit, [0] * 100, PRIVILEGED)) == 50
    assert len(let_through(limit, [limit.interval // 10] * 200, PRIVILEGED)) == 200


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    buckets = Buckets(Limit(60, 1))
    buckets.take("ada", 10 * SECOND)
    assert buckets.wait("ada", 9 * SECOND) == 2 * SECOND
    buckets.take("ada", 9 * SECOND)
    assert buckets.wait("ada", 11 * SECOND) == SECOND


def test_memory_is_bounded_and_the_longest_silent_are_forgotten() -> None:
    buckets = Buckets(Limit(1, 1), most=2)
    for name in ("ada", "bob", "ada", "cyd"):
        buckets.take(name, 0)
    assert len(buckets) == 2
    assert buckets.wait("bob", 0) == 0
    assert buckets.wait("ada", 0) > 0


def test_without_a_limit_nothing_is_counted() -> None:
    limits = Limits(NONE, NONE)
    assert not any(limits.ask("acme", "ada", 0) for _ in range(10_000))
    assert len(limits._agents) == len(limits._tenants) == 0


def test_agents_do_not_take_from_each_other_but_all_of_a_tenant_together_are_bounded() -> None:
    limits = Limits(Limit(60, 2), Limit(60, 3))
    assert [limits.ask("acme", "ada", 0) for _ in range(3)] == [0, 0, 1]
    assert [limits.ask("acme", "bob", 0) for _ in range(2)] == [0, 1]  # the tenant has had its three
    assert limits.ask("other", "ada", 0) == 0


def test_a_refusal_counts_for_nothing_and_the_time_to_wait_is_whole_seconds() -> None:
    limits = Limits(Limit(6, 1), NONE)
    assert [limits.ask("acme", "ada", 0) for _ in range(4)] == [0, 10, 10, 10]
    assert limits.ask("acme", "ada", 9 * SECOND + 1) == 1
    assert limits.ask("acme", "ada", 10 * SECOND) == 0


def test_what_is_privileged_in_one_project_counts_less_of_the_same_agent() -> None:
    limits = Limits(Limit(60, 1), NONE)
    assert [limits.ask("acme", "ada", 0, privileged=True) for _ in range(10)] == [0] * 10
    assert limits.ask("acme", "ada", 0, privileged=True) == 1
    assert limits.ask("acme", "ada", 0) == 1

"""What has no checkpoint yet is known, nothing is signed before it is committed, and nobody waits for ever."""

from hypothesis import given
from hypothesis import strategies as st

from psmp.words.ids import ProjectKey
from psmp_audit.growth import Growth, Tip

SHOP, RAG = ProjectKey("acme", "shop"), ProjectKey("acme", "rag")


def begun() -> Growth:
    growth = Growth()
    growth.begin()
    growth.learn({}, 0)
    return growth


def test_it_begins_by_not_knowing() -> None:
    growth = Growth()
    assert (growth.stale, growth.followed, growth.waiting) == (True, False, 0)
    growth.begin()
    assert (growth.stale, growth.followed) == (True, True)
    growth.learn({SHOP: (Tip(3, 30), 1)}, 0)
    assert not growth.stale
    assert growth.committed(30, 9) == {SHOP: Tip(3, 30)}
    growth.begin()
    assert growth.waiting == 0
    growth.tell({SHOP: (0, Tip(1, 10))}, 0)
    growth.rest()
    assert (growth.waiting, growth.followed) == (0, False)


def test_what_is_under_way_is_not_committed() -> None:
    growth = begun()
    growth.tell({SHOP: (0, Tip(1, 10))}, 0)
    growth.tell({SHOP: (1, Tip(2, 20)), RAG: (0, Tip(1, 21))}, 1)
    assert growth.committed(9, 9) == {}
    assert growth.committed(10, 9) == {SHOP: Tip(1, 10)}
    assert growth.committed(21, 9) == {SHOP: Tip(2, 20), RAG: Tip(1, 21)}


def test_who_has_waited_longest_comes_first() -> None:
    growth = begun()
    growth.tell({SHOP: (0, Tip(1, 10))}, 0)
    growth.tell({RAG: (0, Tip(1, 11))}, 1)
    assert growth.committed(11, 1) == {SHOP: Tip(1, 10)}
    growth.cover({SHOP: Tip(1, 10)}, 2)
    assert growth.committed(11, 1) == {RAG: Tip(1, 11)}


def test_a_checkpoint_is_due_by_age_or_by_number() -> None:
    growth = begun()
    assert not growth.due(9, 0.5, 256)
    assert growth.oldest(9) == 0
    growth.tell({SHOP: (1000, Tip(1255, 10))}, 1)
    assert not growth.due(1.4, 0.5, 256)
    assert growth.due(1.5, 0.5, 256)
    assert growth.oldest(1.5) == 0.5
    growth.tell({SHOP: (1255, Tip(1256, 11))}, 1.1)
    assert growth.due(1.1, 0.5, 256)


def test_what_came_meanwhile_waits_anew() -> None:
    growth = begun()
    growth.tell({SHOP: (0, Tip(300, 10))}, 0)
    growth.tell({SHOP: (300, Tip(301, 11))}, 1)
    growth.cover({SHOP: Tip(300, 10), RAG: Tip(1, 1)}, 2)
    assert growth.committed(11, 9) == {SHOP: Tip(301, 11)}
    assert not growth.due(2.4, 0.5, 256)
    growth.cover({SHOP: Tip(301, 11)}, 3)
    assert growth.waiting == 0


def test_what_is_learnt_does_not_hide_what_is_under_way() -> None:
    growth = Growth()
    growth.begin()
    growth.tell({SHOP: (2, Tip(3, 30))}, 0)
    growth.learn({SHOP: (Tip(2, 20), 0)}, 1)
    assert growth.committed(20, 9) == {SHOP: Tip(2, 20)}
    assert growth.committed(30, 9) == {SHOP: Tip(3, 30)}


def test_what_is_dropped_comes_no_more() -> None:
    growth = begun()
    growth.tell({SHOP: (0, Tip(1, 10))}, 0)
    growth.drop([SHOP, RAG])
    assert growth.waiting == 0


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=30))
def test_in_the_end_everything_is_covered_once_and_in_order(steps: list[tuple[int, bool]]) -> None:
    growth, size, position, covered = begun(), 0, 0, [0]
    for more, signs in steps:
        growth.tell({SHOP: (size, Tip(size + more, position + more))}, 0)
        size, position = size + more, position + more
        if signs:
            tips = growth.committed(position - 1, 9)
            growth.cover(tips, 0)
            covered += [tip.size for tip in tips.values()]
    tips = growth.committed(position, 9)
    growth.cover(tips, 0)
    covered += [tip.size for tip in tips.values()]
    assert covered == sorted(set(covered))
    assert covered[-1] == size
    assert growth.waiting == 0


def test_what_somebody_waits_for_is_pressing_once_it_is_there() -> None:
    growth = begun()
    growth.tell({RAG: (0, Tip(1, 9))}, 0)
    growth.press(SHOP, 2)
    assert (growth.awaited, growth.pressing) == (True, False)
    growth.tell({SHOP: (0, Tip(1, 10))}, 1)
    assert (growth.awaited, growth.pressing) == (True, False)
    growth.tell({SHOP: (1, Tip(2, 11))}, 1)
    assert (growth.awaited, growth.pressing) == (True, True)
    assert growth.committed(11, 9, pressing=True) == {SHOP: Tip(2, 11)}
    assert list(growth.committed(11, 9)) == [SHOP, RAG]
    assert growth.committed(10, 9, pressing=True) == {}, "what somebody waits for is not committed yet"
    assert growth.committed(10, 9) == {SHOP: Tip(1, 10), RAG: Tip(1, 9)}
    growth.cover({SHOP: Tip(1, 10)}, 2)
    assert (growth.awaited, growth.pressing) == (True, True)
    growth.cover({SHOP: Tip(2, 11)}, 2)
    assert (growth.awaited, growth.pressing) == (False, False)


def test_nobody_waits_any_more_for_what_is_given_up_or_will_not_be_made() -> None:
    growth = begun()
    growth.tell({SHOP: (0, Tip(1, 10)), RAG: (0, Tip(1, 11))}, 0)
    growth.press(SHOP, 1)
    growth.press(RAG, 1)
    growth.relax(SHOP)
    assert growth.committed(11, 9, pressing=True) == {RAG: Tip(1, 11)}
    growth.drop([RAG])
    assert (growth.awaited, growth.pressing, growth.waiting) == (False, False, 1)
    assert growth.committed(11, 9, pressing=True) == {}

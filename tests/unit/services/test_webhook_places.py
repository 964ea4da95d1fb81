"""How tenants share the places for posting: nobody alone has them all, and nobody waits for nothing."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

from hypothesis import given
from hypothesis import strategies as st

from psmp.wire.mended import MendedClient
from psmp_webhooks.__main__ import working
from psmp_webhooks.consumer import Sender
from psmp_webhooks.places import Places
from psmp_webhooks.rules import SCHEDULE, next_in

TENANTS = st.sampled_from("abcdef")
ASKED = st.lists(st.tuples(TENANTS, st.booleans()), max_size=200)


def test_who_has_fewer_comes_first_and_of_equals_who_came_first() -> None:
    assert next_in({"a": 2, "b": 1}, ["a", "b"], 4) == "b"
    assert next_in({"a": 1, "b": 1}, ["b", "a"], 4) == "b"
    assert next_in({"a": 2}, ["a", "new"], 1) == "new"


def test_who_has_as_many_as_are_free_waits_and_so_does_everybody_when_none_is() -> None:
    assert next_in({"a": 2}, ["a"], 2) is None
    assert next_in({"a": 2}, ["a"], 3) == "a"
    assert next_in({}, ["a"], 0) is None
    assert next_in({}, [], 9) is None


@given(ASKED, st.integers(1, 64))
def test_no_tenant_ever_has_more_than_half_and_none_is_left_out_while_others_have_many(
    asked: list[tuple[str, bool]], total: int
) -> None:
    had, waiting, free = Counter[str](), list[str](), total
    for tenant, comes in asked:
        if comes:
            waiting.append(tenant)
        elif had[tenant]:
            had[tenant] -= 1
            free += 1
        while (let_in := next_in(had, waiting, free)) is not None:
            waiting.remove(let_in)
            had[let_in] += 1
            free -= 1
        assert free == total - had.total() >= 0
        assert max(had.values(), default=0) <= (total + 1) // 2
        assert all(had[each] >= free for each in waiting), "who waits has its part"


async def turn() -> None:
    """Let everybody go on who can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_tenant_alone_has_half_and_the_next_comes_in_at_once() -> None:
    places, let = Places(8), asyncio.Event()
    inside = Counter[str]()

    async def stay(tenant: str) -> None:
        async with places.one(tenant):
            inside[tenant] += 1
            await let.wait()

    async with asyncio.TaskGroup() as group:
        for tenant in ("a", "b", "c", "d"):
            for _ in range(100):
                group.create_task(stay(tenant))
            await turn()
        assert inside == {"a": 4, "b": 2, "c": 1, "d": 1}
        let.set()
    assert inside.total() == 400


async def test_who_gives_up_waiting_takes_no_place_along() -> None:
    places = Places(2)
    async with AsyncExitStack() as first, asyncio.TaskGroup() as group:
        await first.enter_async_context(places.one("a"))
        waits = [group.create_task(places.one("a").__aenter__()) for _ in range(2)]
        await turn()
        waits[0].cancel()
        await turn()
        await first.aclose()
        waits[1].cancel()  # at the very moment in which it was let in
    async with asyncio.timeout(30), places.one("a"), places.one("b"):
        pass


def test_what_is_tried_again_as_often_as_it_may_be_comes_beside_others() -> None:
    worker = working(MendedClient(), Sender([], lambda: 0.0, lambda: 0.0))
    assert worker._puller._suspect > 1 + len(SCHEDULE)

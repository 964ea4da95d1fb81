"""What takes long is not begun when too much of that is under way."""

from contextlib import AsyncExitStack
from typing import Any, cast

import pytest

from psmp_gateway.record import LONG_AT_ONCE, Record
from psmp_gateway.trouble import Trouble

NOBODY = cast("Any", None)


async def test_so_much_that_takes_long_is_done_at_once_and_then_there_is_room_again() -> None:
    record = Record(NOBODY, NOBODY, NOBODY, "psmp.localhost", "postgres://x")
    async with AsyncExitStack() as under_way:
        for _ in range(LONG_AT_ONCE):
            await under_way.enter_async_context(record.taking_long())
        with pytest.raises(Trouble) as refused:
            async with record.taking_long():
                pass
        assert (refused.value.problem.status, refused.value.problem.code) == (503, "OVERLOADED")
        assert refused.value.problem.retry_seconds
    async with record.taking_long():
        pass


async def test_what_fails_makes_room_too_and_says_that_postgres_is_away() -> None:
    record = Record(NOBODY, NOBODY, NOBODY, "psmp.localhost", "postgres://x")
    for _ in range(LONG_AT_ONCE + 1):
        with pytest.raises(Trouble) as refused:
            async with record.taking_long():
                raise ConnectionRefusedError("nobody listens")
        assert (refused.value.problem.status, refused.value.problem.code) == (503, "UNAVAILABLE")

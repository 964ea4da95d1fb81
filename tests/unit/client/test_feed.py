"""Live events are kept in order, and whoever reads them is told when some may be missing."""

import asyncio

import pytest

from psmp.client.errors import Closed, Unreadable
from psmp.client.feed import Feed, checking, happened
from psmp.client.results import Checking
from psmp.wire.message import Message
from psmp.words.progress import CheckProgress

REPUBLISHED = b"NATS/1.0\r\nNats-Stream: PSMP_LOG\r\n\r\n"


def message(text: str, head: bytes = REPUBLISHED) -> Message:
    return Message("psmp.evt.default.rag.project.created", "", text.encode(), head)


async def taken(feed: Feed) -> str | None:
    async with asyncio.timeout(1):
        found = await feed.take()
    return None if found is None else found.data.decode()


async def test_messages_come_in_order() -> None:
    feed = Feed()
    for text in "abc":
        feed.heard(message(text))
    assert [await taken(feed) for _ in range(3)] == ["a", "b", "c"]


async def test_a_message_ends_the_wait_for_it() -> None:
    feed = Feed()
    asyncio.get_running_loop().call_soon(feed.heard, message("a"))
    assert await taken(feed) == "a"


@pytest.mark.parametrize("feed", [Feed(held=2), Feed(held_bytes=2)])
async def test_a_full_buffer_drops_what_comes_and_says_so_once(feed: Feed) -> None:
    for text in "abcd":
        feed.heard(message(text))
    assert [await taken(feed) for _ in range(3)] == ["a", "b", None]
    feed.heard(message("e"))
    assert await taken(feed) == "e"


async def test_a_new_connection_may_have_cost_something() -> None:
    feed = Feed()
    feed.heard(message("a"))
    feed.renewed()
    assert [await taken(feed), await taken(feed)] == ["a", None]


async def test_what_is_stored_nowhere_is_heard_where_it_is_asked_for() -> None:
    feed = Feed(stored=False)
    feed.heard(message("a", b""))
    assert await taken(feed) == "a"


def test_progress_is_read_and_what_is_none_is_not() -> None:
    said = CheckProgress(sequence=7, doing="solving", at=1, of=2, place="here", asked=0, seconds=1.0)
    subject = "psmp.live.default.rag.compatibility.progressed"
    assert checking(Message(subject, "", said.model_dump_json().encode())) == Checking("rag", said)
    assert checking(Message(subject, "", b'{"stream": "PSMP_COMMANDS", "seq": 1}')) is None


@pytest.mark.parametrize("head", [b"", b"NATS/1.0\r\n\r\n", REPUBLISHED.replace(b"LOG", b"COMMANDS")])
async def test_what_the_log_did_not_republish_is_not_heard(head: bytes) -> None:
    feed = Feed()
    feed.heard(message("forged", head))
    feed.heard(message("a"))
    assert await taken(feed) == "a"


async def test_nothing_for_a_while_is_said_too() -> None:
    assert await Feed().take(0.01) is None


async def test_an_end_is_heard_after_what_came_before() -> None:
    feed = Feed()
    feed.heard(message("a"))
    feed.failed(Closed())
    assert await taken(feed) == "a"
    for _ in range(2):
        with pytest.raises(Closed):
            await taken(feed)


def test_what_is_no_event_is_said_to_be_unreadable() -> None:
    with pytest.raises(Unreadable, match="bring client and services to the same version"):
        happened(message("{}"))

"""A question as it came, and what is said where there is no answer."""

import asyncio
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from psmp.service.answering import Answering, Asked, malformed, no_project, plain, too_large, unavailable, unknown
from psmp.service.statistics import Statistics
from psmp.wire.mended import MendedClient
from psmp.words.answers import Problem, StatusQuestion
from psmp.words.values import Word


@pytest.fixture
def ending() -> Iterator[asyncio.Future[None]]:
    loop = asyncio.new_event_loop()
    yield loop.create_future()
    loop.close()


async def nothing(_: Asked) -> Word:
    raise AssertionError


def test_who_asks_is_in_the_subject_and_what_in_the_body(ending: asyncio.Future[None]) -> None:
    asked = Asked.of("psmp.qry.acme.ada.status", b'{"project":"rag"}', ending)
    assert (asked.tenant, asked.agent, asked.kind) == ("acme", "ada", "status")
    assert asked.read(StatusQuestion) == StatusQuestion(project="rag")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"project":7}', b'{"project":"rag","more":1}', b'{"project":"rag"'])
def test_what_is_no_question_of_its_kind_is_not_read(ending: asyncio.Future[None], body: bytes) -> None:
    with pytest.raises(ValidationError) as refused:
        Asked.of("psmp.qry.acme.ada.status", body, ending).read(StatusQuestion)
    assert malformed(refused.value).code == "MALFORMED"


def test_without_an_answer_it_is_said_what_to_do() -> None:
    assert unknown("weather", ["status", "events"]).hint == "ask status, events"
    assert no_project("rag").reason == "there is no project rag"
    assert (unavailable("so").code, unavailable("so").reason) == ("UNAVAILABLE", "so")
    assert too_large("events", 9).reason == "the answer to events has 9 bytes, more than NATS takes"


async def test_what_has_nothing_sealed_is_sent_as_it_is_spelled() -> None:
    assert Problem.model_validate_json(await plain("acme", no_project("rag"))) == no_project("rag")


def test_each_kind_is_heard_or_all_but_those_of_others() -> None:
    nats = MendedClient()
    assert Answering(nats, {"b", "a"}, nothing)._subjects() == ["psmp.qry.*.*.a", "psmp.qry.*.*.b"]
    assert Answering(nats, {"b", "a"}, nothing, besides={"c"})._subjects() == ["psmp.qry.*.*.*"]
    assert Answering(nats, {"a"}, nothing).describe() == Statistics("questions")

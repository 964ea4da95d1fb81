"""A message's headers are those that were sent; a delivery knows its place from where it is to be answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.errors import BadHeaderError

from psmp.wire.mended import written
from psmp.wire.message import Message
from psmp.wire.settle import Delivery

NAMES = st.sampled_from(["Nats-Sequence", "Psmp-Position", "traceparent", "X"])
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip)


def message(head: bytes = b"", reply: str = "") -> Message:
    return Message("psmp.evt.a.b.c.d", reply, b"", head)


@given(st.dictionaries(NAMES, VALUES))
def test_headers_are_read_as_they_were_written(headers: dict[str, str]) -> None:
    sent = message(written(headers))
    assert sent.headers == headers
    assert sent.headers is sent.headers, "they are read once"


def test_a_value_cannot_end_its_line() -> None:
    assert message(written({"A": "b\r\nC: d"})).headers == {"A": "b  C: d"}


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "é"])
def test_a_name_that_is_none_is_not_sent(name: str) -> None:
    with pytest.raises(BadHeaderError):
        written({name: "x"})


def test_names_that_are_none_are_left_out() -> None:
    head = "NATS/1.0\r\nA: 1\r\nb c: 2\r\né: 3\r\nnothing\r\n\r\n".encode()
    assert message(head).headers == {"A": "1"}


@pytest.mark.parametrize(
    ("head", "status", "headers"),
    [
        (b"", "", {}),
        (b"NATS/1.0\r\nA: b\r\n\r\n", "", {"A": "b"}),
        (b"NATS/1.0 503\r\n\r\n", "503", {"Status": "503"}),
        (b"NATS/1.0 404 No Messages\r\n\r\n", "404", {"Status": "404", "Description": "No Messages"}),
        (
            b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Stream: 7\r\n\r\n",
            "100",
            {"Status": "100", "Description": "Idle Heartbeat", "Nats-Last-Stream": "7"},
        ),
    ],
)
def test_what_the_server_says_itself_is_told_apart(head: bytes, status: str, headers: dict[str, str]) -> None:
    assert (message(head).status, message(head).headers) == (status, headers)


@pytest.mark.parametrize("account", ["", "hub.AbCdEf."])
@pytest.mark.parametrize("rest", ["", ".random"])
def test_a_delivery_knows_its_place(account: str, rest: str) -> None:
    reply = f"$JS.ACK.{account}PSMP_LOG.checker.2.17.9.1700000000000000000.4{rest if account else ''}"
    delivery = Delivery.of(message(reply=reply))
    assert (delivery.tries, delivery.position, delivery.behind) == (2, 17, 4)
    assert delivery.stored == 1_700_000_000_000_000_000

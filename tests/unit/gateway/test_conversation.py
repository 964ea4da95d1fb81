"""What is said over a WebSocket."""

import json

import pytest
from pydantic import ValidationError

from psmp.words.ids import ProjectKey
from psmp_gateway.rules import conversation as words
from psmp_gateway.rules.conversation import ASKED, Spoken
from psmp_gateway.rules.live import SSE, seen
from psmp_gateway.rules.problems import INVALID, problem


def test_an_event_is_one_line_with_the_stored_event_in_it() -> None:
    event = seen(7, ProjectKey("t", "p"), "project.created", b'{"data":{},\n"x":"a\\nb"}')
    line = Spoken("s").event(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == {
        "type": "event",
        "id": "s",
        "position": 7,
        "kind": "project.created",
        "event": {"data": {}, "x": "a\nb"},
    }


def test_words_about_a_subscription_bear_its_name_and_the_position() -> None:
    spoken = Spoken("s")
    assert json.loads(spoken.beat(3, 4, "")) == {"type": "beat", "id": "s", "position": 3, "behind": 4}
    assert json.loads(spoken.beat(3, 4, "away"))["trouble"] == "away"
    assert json.loads(spoken.resync(9, "slow")).keys() == {"type", "id", "position", "reason", "hint"}
    assert json.loads(spoken.closed("over")) == {"type": "closed", "id": "s", "reason": "over"}
    assert json.loads(words.problem(None, problem(INVALID, "x")))["problem"]["status"] == 422


def test_server_sent_events_say_the_same() -> None:
    event = seen(7, ProjectKey("t", "p"), "project.created", b'{"data":{}}')
    assert SSE.event(event) == event.frame
    assert b'"position":9' in SSE.resync(9, "slow")
    assert b"psmp.beat" in SSE.beat(1, 0, "")
    assert b"psmp.closed" in SSE.closed("over")
    assert SSE.begin == b"retry: 1000\n\n"


@pytest.mark.parametrize(
    "said",
    [
        {"type": "subscribe"},
        {"type": "subscribe", "id": "a b"},
        {"type": "subscribe", "id": "a", "kind": ["conflict"]},
        {"type": "subscribe", "id": "a", "after": -1},
        {"type": "subscribe", "id": "a", "token": "x"},
        {"type": "command", "id": "a", "project": "p", "command": "x.y", "data": {}, "wait": 31},
        {"type": "shout", "id": "a"},
        {"id": "a"},
        [],
    ],
)
def test_what_is_not_in_the_words_is_not_taken(said: object) -> None:
    with pytest.raises(ValidationError):
        ASKED.validate_json(json.dumps(said))

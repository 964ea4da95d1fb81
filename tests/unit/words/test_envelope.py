"""Envelopes take exactly what the contract says, and name the place of what they do not take."""

import copy
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from psmp.words.commands import COMMANDS, AmendArtifact, DeclareArtifact, RequestSlot
from psmp.words.envelope import (
    COMMAND_ENVELOPES,
    EVENT_ENVELOPES,
    MOST_FAULTS_TOLD,
    Stamp,
    leaf_hash,
    open_command,
    open_event,
    seal_command,
    written,
)
from psmp.words.events import EVENTS
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.strict import Malformed
from psmp.words.values import Dependency
from tests.golden import story

DECLARE = (story.FOLDER / "artifact.declare.v1.json").read_bytes()
DECLARED = (story.FOLDER / "artifact.declared.v1.json").read_bytes()


def changed(path: str, value: Any, raw: bytes = DECLARE) -> bytes:  # noqa: ANN401
    """``raw`` with another value at a JSON pointer."""
    document = json.loads(raw)
    *parents, last = path.removeprefix("/").split("/")
    part = document
    for name in parents:
        part = part[int(name) if isinstance(part, list) else name]
    part[int(last) if isinstance(part, list) else last] = value
    return json.dumps(document).encode()


def without(path: str) -> bytes:
    document = json.loads(changed(path, None))
    *parents, last = path.removeprefix("/").split("/")
    part = document
    for name in parents:
        part = part[int(name) if isinstance(part, list) else name]
    del part[last]
    return json.dumps(document).encode()


def places(raw: bytes, kind: str = "artifact.declare") -> list[str]:
    """Where a command is faulty."""
    with pytest.raises(Malformed) as caught:
        open_command(raw, kind)
    return [fault.pointer for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/unknown", 1),
        ("/data/unknown", 1),
        ("/data/dependencies/1/unknown", 1),
        ("/sequence", 1),
        ("/data/version", 1),
        ("/specversion", "1.1"),
        ("/id", "01a1fd8c-8840-4b8d-a7eb-5b1b399e7321"),
        ("/id", "01A1FD8C-8840-7B8D-A7EB-5B1B399E7321"),
        ("/source", "https://example.org"),
        ("/type", "psmp.artifact.amend.v1"),
        ("/type", "psmp.artifact.declare.v2"),
        ("/datacontenttype", "text/plain"),
        ("/traceparent", "00-0-0-00"),
        ("/actor", ""),
        ("/actor", "Coder Agent"),
        ("/actor", "Coder.Agent"),
        ("/actor", "*"),
        ("/actor", ">"),
        ("/actor", "-CoderAgent"),
        ("/actor", "\u0421oderAgent"),
        ("/actor", "a" * 65),
        ("/actor", "CoderAgent\n"),
        ("/data/artifact", "backend/../etc"),
        ("/data/artifact", "back\tend"),
        ("/subject", "default"),
        ("/subject", "default/rag.chatbot"),
        ("/subject", "default/rag/chatbot"),
        ("/time", "2026-11-21"),
        ("/time", "2026-11-21T10:00:03"),
        ("/time", "2026-11-21T10:00:03+01:00"),
        ("/time", "2026-02-31T10:00:03Z"),
        ("/time", 1763719200),
        ("/data", []),
        ("/data/type", "binary"),
        ("/data/summary", "a" * 2001),
        ("/data/summary", 7),
        ("/data/dependencies", {}),
        ("/data/dependencies/0/name", ""),
        ("/data/dependencies/0/name", 1),
        ("/data/dependencies/0/scope", "test"),
        ("/data/dependencies/0/extras", "excel"),
        ("/data/dependencies/0/purpose", "a" * 201),
        ("/data/paths/1/ranges/0", [1]),
        ("/data/paths/1/ranges/0/1", "40"),
        ("/data/paths/1/ranges/0/1", 40.0),
        ("/data/paths/1/ranges/0/1", True),
        ("/data/paths/0/mode", None),
        ("/data/metadata", []),
        ("/data/metadata/" + "k" * 101, 1),
    ],
)
def test_what_the_contract_does_not_take_is_refused_with_its_place(path: str, value: object) -> None:
    told = places(changed(path, value))
    wanted = path.replace("k" * 101, "k" * 100 + "...")
    assert all(place.startswith(wanted) for place in told), told


@pytest.mark.parametrize("path", ["/id", "/type", "/actor", "/data", "/data/artifact", "/data/dependencies/2/name"])
def test_what_is_missing_is_told_by_its_place(path: str) -> None:
    assert places(without(path)) == [path]


def test_all_faults_are_told_at_once_but_not_more_than_anyone_reads() -> None:
    twice = changed("/actor", "a b", changed("/data/type", "x"))
    assert places(twice) == ["/actor", "/data/type"]
    very_many = json.loads(DECLARE) | {f"x{number}": 1 for number in range(500)}
    assert len(places(json.dumps(very_many).encode())) == MOST_FAULTS_TOLD


def test_a_list_of_faulty_items_is_not_called_too_short_as_well() -> None:
    change = (story.FOLDER / "project.change.v1.json").read_bytes()
    assert places(changed("/data/targets", [{"python": "2.7"}], change), "project.change") == ["/data/targets/0/python"]
    assert places(changed("/data/targets", [], change), "project.change") == ["/data/targets"]


@pytest.mark.parametrize("raw", [b"1", b"[]", b"null", b'"x"'])
def test_a_document_that_is_no_object_is_refused_as_a_whole(raw: bytes) -> None:
    assert places(raw) == [""]


def test_duplicate_keys_are_refused_before_any_value_is_believed() -> None:
    raw = DECLARE.replace(b'"actor":"CoderAgent"', b'"actor":"CoderAgent","actor":"IdeaAgent"')
    assert places(raw) == ["/actor"]


def test_a_command_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(Malformed, match=r"no command artifact\.destroy; known are project\.create, .*slot\.finish"):
        open_command(DECLARE, "artifact.destroy")


def test_a_command_sent_as_another_kind_is_refused() -> None:
    assert "/type" in places(DECLARE, "slot.request")


@pytest.mark.parametrize("path", ["/data/artifact", "/data/dependencies/0/scope"])
def test_bytes_of_the_log_that_are_no_event_are_refused_with_the_place(path: str) -> None:
    with pytest.raises(Malformed) as caught:
        open_event(changed(path, 1, DECLARED))
    assert [fault.pointer for fault in caught.value.faults] == [path]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"type":"psmp.artifact.exploded.v1"}', DECLARE])
def test_bytes_of_the_log_that_are_nothing_we_know_are_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        open_event(raw)


def test_there_is_an_envelope_for_every_kind_and_kinds_are_unique() -> None:
    assert list(COMMAND_ENVELOPES) == [command.KIND for command in COMMANDS]
    assert list(EVENT_ENVELOPES) == [event.KIND for event in EVENTS]
    assert not set(COMMAND_ENVELOPES) & set(EVENT_ENVELOPES)


def test_values_cannot_be_changed_after_they_were_read() -> None:
    envelope = open_command(DECLARE, "artifact.declare")
    with pytest.raises(ValidationError, match="frozen"):
        envelope.actor = "IdeaAgent"  # type: ignore[misc]
    assert envelope.key == ProjectKey("default", "rag-chatbot")


def test_nothing_is_coerced_in_python_either() -> None:
    with pytest.raises(ValidationError):
        Dependency(name="numpy", extras=["fast"])  # type: ignore[arg-type]


def test_a_leaf_hash_is_that_of_rfc_6962() -> None:
    assert leaf_hash(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"abc") == hashlib.sha256(b"\x00abc").hexdigest()


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    moment = datetime(2026, 11, 21, 11, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    assert written(moment) == "2026-11-21T10:00:00.000005Z"
    assert written(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"


def test_an_amendment_says_nothing_about_what_stays() -> None:
    stamp = Stamp(uuid7(0, bytes(10)), "2026-11-21T10:00:00Z")
    sealed = seal_command(story.KEY, "CoderAgent", AmendArtifact(artifact="backend", summary="Better"), stamp)
    assert json.loads(sealed)["data"] == {"artifact": "backend", "summary": "Better", "reason": ""}
    amendment = open_command(sealed, "artifact.amend").data
    assert isinstance(amendment, AmendArtifact)
    assert (amendment.dependencies, amendment.paths, amendment.metadata) == (None, None, None)


METADATA = st.dictionaries(
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


@given(metadata=METADATA, summary=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=50))
def test_a_sealed_command_says_what_was_meant(metadata: dict[str, Any], summary: str) -> None:
    meant = DeclareArtifact(artifact="backend", type="code", summary=summary, metadata=copy.deepcopy(metadata))
    stamp = Stamp(uuid7(0, bytes(10)), "2026-11-21T10:00:00Z")
    opened = open_command(seal_command(story.KEY, "CoderAgent", meant, stamp), "artifact.declare")
    assert opened.data == meant
    assert (opened.id, opened.time, opened.actor, opened.traceparent) == (stamp.id, stamp.time, "CoderAgent", None)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_opening_of_a_command_raise_anything_but_malformed(raw: bytes) -> None:
    for kind in COMMAND_ENVELOPES:
        with pytest.raises(Malformed):
            open_command(raw, kind)


def test_a_command_without_fields_is_a_command() -> None:
    stamp = Stamp(uuid7(0, bytes(10)), "2026-11-21T10:00:00Z")
    assert open_command(seal_command(story.KEY, "A", RequestSlot(), stamp), "slot.request").data == RequestSlot()

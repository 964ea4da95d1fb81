"""Extracts: what is chosen, how it is written, and that no spreadsheet runs what an agent wrote."""

import csv
import io
import json
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.ledger import extracts
from psmp.ledger.extracts import COLUMNS, Counted, Entry, Source, Wanted
from psmp.words.envelope import leaf_hash
from tests.histories import lifetime

RECORDS = lifetime().records
ENTRIES = [
    Entry(*each.key, number, each.position, bytes.fromhex(leaf_hash(each.body)), each.body)
    for number, each in enumerate(RECORDS, 1)
]
PRUNED = ENTRIES[0]._replace(body=None)
NOISE = ENTRIES[0]._replace(body=b"\xff\x00 no event")

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\u200b=1", "'=1", "\ufeff+1"]  # noqa: RUF001


def numbers(wanted: Wanted) -> list[int]:
    return [each.sequence for each in ENTRIES if extracts.chosen(extracts.opened(each), wanted)]


def cells(entry: Entry) -> dict[str, str]:
    return dict(zip(COLUMNS, extracts.as_cells(entry, extracts.opened(entry)), strict=True))


def as_json(entry: Entry) -> bytes:
    return extracts.as_json(entry, extracts.opened(entry))


def read(line: bytes) -> list[str]:
    [row] = csv.reader(io.StringIO(line.decode(), newline=""), strict=True)
    return row


def test_everything_is_wanted_unless_something_is_said() -> None:
    assert Wanted().everything
    assert numbers(Wanted()) == list(range(1, len(ENTRIES) + 1))


def test_a_kind_is_a_whole_one_or_what_it_is_about() -> None:
    assert numbers(Wanted(kind="conflict.detected")) == [8, 34]
    assert numbers(Wanted(kind="conflict")) == [8, 15, 34]
    assert numbers(Wanted(kind="conf")) == []


def test_an_agent_is_who_did_it_or_whom_it_is_about() -> None:
    assert numbers(Wanted(agent="ada")) == numbers(Wanted())  # the history is hers
    assert numbers(Wanted(agent="eve")) == [26, 28]
    assert numbers(Wanted(agent="nobody")) == []


def test_a_range_of_time_has_its_beginning_and_not_its_end() -> None:
    third, fifth = (datetime(2026, 11, 18, microsecond=n * 1000, tzinfo=UTC) for n in (3, 5))
    assert numbers(Wanted(since=third, until=fifth)) == [3, 4]
    assert numbers(Wanted(until=third)) == [1, 2]
    assert numbers(Wanted(since=fifth))[0] == 5


@pytest.mark.parametrize("event", [{}, {"time": "yesterday"}, {"time": "2026-11-18T00:00:00"}, {"data": []}])
def test_what_has_no_time_is_in_no_range(event: dict[str, Any]) -> None:
    assert not Wanted(since=datetime(2020, 1, 1, tzinfo=UTC)).admits(event)


@pytest.mark.parametrize("entry", [PRUNED, NOISE, NOISE._replace(body=b"[]")])
def test_what_has_no_event_is_chosen_only_where_everything_is(entry: Entry) -> None:
    assert extracts.chosen(extracts.opened(entry), Wanted())
    assert not extracts.chosen(extracts.opened(entry), Wanted(agent="ada"))


@pytest.mark.parametrize("entry", ENTRIES)
def test_in_json_a_record_has_the_very_bytes_of_its_event(entry: Entry) -> None:
    line = as_json(entry)
    assert entry.body is not None
    assert entry.body in line
    assert b"\n" not in line
    told = json.loads(line)
    assert told.pop("event") == json.loads(entry.body)
    assert told == {
        "tenant": "acme",
        "project": "rag",
        "sequence": entry.sequence,
        "position": entry.position,
        "leaf": leaf_hash(entry.body),
    }


def test_in_json_a_record_without_an_event_says_why() -> None:
    assert json.loads(as_json(PRUNED))["pruned"] is True
    for odd in (NOISE, ENTRIES[0]._replace(body=b'{"a":\n1}')):
        assert odd.body is not None
        assert b64decode(json.loads(as_json(odd))["unreadable"]) == odd.body


def test_in_csv_a_record_has_its_place_what_it_says_and_all_its_data() -> None:
    told = cells(ENTRIES[7])
    assert (told["tenant"], told["project"], told["sequence"], told["kind"]) == (
        "acme",
        "rag",
        "8",
        "conflict.detected",
    )
    assert (told["artifact"], told["version"], told["conflicts"], told["actor"]) == ("web", "1", "C-1 C-2", "ada")
    assert ENTRIES[7].body is not None
    assert told["leaf"] == leaf_hash(ENTRIES[7].body)
    assert json.loads(told["data"]) == json.loads(ENTRIES[7].body)["data"]


def test_in_csv_every_event_has_what_it_is_about() -> None:
    assert [cells(ENTRIES[n - 1])["kind"] for n in (13, 15, 41)] == [
        *("command.refused", "conflict.cleared", "resolution.applied")
    ]
    assert (cells(ENTRIES[12])["code"], cells(ENTRIES[12])["command"]) == ("PROJECT_BLOCKED", "slot.request")
    assert cells(ENTRIES[14])["cleared"] == "C-1 C-2"
    applied = cells(ENTRIES[40])
    assert (applied["conflicts"], applied["strategy"], applied["resolution"]) == ("C-4", "waive", "R-2")
    assert (cells(ENTRIES[1])["origin"], cells(ENTRIES[1])["to"]) == ("INITIALIZED", "PLANNING")


def test_in_csv_a_record_without_an_event_says_why() -> None:
    assert (cells(PRUNED)["kind"], cells(PRUNED)["data"]) == ("(pruned)", "")
    assert cells(NOISE)["kind"] == "(unreadable)"
    assert cells(ENTRIES[0]._replace(body=b'{"data":[1]}'))["data"] == "{}"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_a_formula(text: str) -> None:
    assert extracts.neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "numpy", "1+1", "a=b", '{"a":1}', "C-1 C-2", " x"])
def test_a_cell_that_begins_none_stays_as_it_is(text: str) -> None:
    assert extracts.neutral(text) == text


@given(st.text())
def test_what_was_neutralised_can_be_had_again(text: str) -> None:
    told = extracts.neutral(text)
    assert told.removeprefix("'") == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2))
def test_a_line_is_read_as_the_cells_that_it_was_made_of(told: list[str]) -> None:
    assert read(extracts.line(told)) == [extracts.neutral(each) for each in told]


def test_a_manifest_says_what_was_asked_what_was_found_and_that_it_proves_nothing() -> None:
    wanted = Wanted(since=datetime(2026, 1, 1, tzinfo=UTC), kind="conflict")
    sources = [Source("psmp.example/acme/rag", 58, 99, "ab" * 32), Source("psmp.example/acme/b", 1, 2, "cd" * 32, "n")]
    raw = extracts.manifest("csv", "psmp.example", wanted.plain(), sources, Counted(3, 1, 0, "ef" * 32), "2026-11-26")
    told = json.loads(raw)
    assert told["verifiable"] is False
    assert told["filters"] == {"since": "2026-01-01T00:00:00+00:00", "kind": "conflict"}
    assert (told["records"], told["pruned"], told["sha256"]) == (3, 1, "ef" * 32)
    assert told["columns"] == list(COLUMNS)
    assert [each.get("checkpoint") for each in told["logs"]] == [None, "n"]
    assert "columns" not in json.loads(extracts.manifest("json", "d", {}, [], Counted(0, 0, 0, ""), ""))

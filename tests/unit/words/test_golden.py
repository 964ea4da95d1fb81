"""What was released can be read for ever: one golden file for each kind of event and command, never edited."""

import hashlib
import json
from pathlib import Path

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.rules.orchestration.settling import settlement
from psmp.rules.status import describe
from psmp.words.commands import COMMANDS
from psmp.words.envelope import (
    CommandEnvelope,
    EventEnvelope,
    Link,
    Person,
    Provenance,
    Stamp,
    as_opened,
    open_command,
    open_event,
    seal_command,
    seal_event,
)
from psmp.words.events import EVENTS
from psmp.words.orchestration.facts import Wrap
from psmp.words.values import Phase
from psmp_checker.docket import DOCKET_FOLD
from tests.golden import governed, orchestrated, story

EVENT_FILES = [story.FOLDER / f"{event.KIND}.v1.json" for event in EVENTS]
COMMAND_FILES = [story.FOLDER / f"{command.KIND}.v1.json" for command in COMMANDS]


def seal_again(envelope: EventEnvelope | CommandEnvelope) -> bytes:
    stamp = Stamp(envelope.id, envelope.time)
    if isinstance(envelope, CommandEnvelope):
        return seal_command(
            envelope.key,
            envelope.actor,
            envelope.data,
            stamp,
            envelope.traceparent,
            source=envelope.source,
            person=Person(envelope.personname, envelope.personcontact),
        )
    return seal_event(envelope.key, envelope.data, *origin_of(envelope))


def origin_of(envelope: EventEnvelope) -> tuple[Link, Provenance, Stamp]:
    provenance = Provenance(
        envelope.source,
        envelope.actor,
        envelope.causationid,
        envelope.correlationid,
        envelope.traceparent,
        Person(envelope.personname, envelope.personcontact),
    )
    return Link(envelope.sequence, envelope.prev), provenance, Stamp(envelope.id, envelope.time)


def name_of(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", EVENT_FILES, ids=name_of)
def test_every_event_that_was_ever_released_is_read_and_sealed_to_the_same_bytes(path: Path) -> None:
    stored = path.read_bytes()
    envelope = open_event(stored)
    assert f"{envelope.data.KIND}.v1.json" == path.name
    assert seal_again(envelope) == stored


@pytest.mark.parametrize("path", EVENT_FILES, ids=name_of)
def test_who_has_sealed_an_event_knows_what_others_will_read_in_it(path: Path) -> None:
    envelope = open_event(path.read_bytes())
    known = as_opened(envelope.key, envelope.data, *origin_of(envelope))
    assert (known, type(known)) == (open_event(seal_again(envelope)), type(envelope))


@pytest.mark.parametrize("path", COMMAND_FILES, ids=name_of)
def test_every_command_that_was_ever_released_is_read_and_sealed_to_the_same_bytes(path: Path) -> None:
    sent = path.read_bytes()
    envelope = open_command(sent, path.name.removesuffix(".v1.json"))
    assert seal_again(envelope) == sent


def test_the_golden_files_are_those_of_the_manifest_and_nobody_has_edited_one() -> None:
    lines = (line.split("  ") for line in story.MANIFEST.read_text().splitlines())
    listed = {name: digest for digest, name in lines}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in story.FOLDER.iterdir()
        if path.suffix in (".json", ".jsonl")
    }
    assert found == listed


def test_no_golden_file_is_of_a_kind_that_is_gone() -> None:
    assert {path.name for path in story.FOLDER.glob("*.json")} == {path.name for path in EVENT_FILES + COMMAND_FILES}


def test_the_story_still_tells_what_the_golden_files_hold() -> None:
    assert {name: (story.FOLDER / name).read_bytes() for name, _ in story.golden()} == dict(story.golden())


def test_the_golden_log_folds_to_the_end_of_the_story() -> None:
    lines = (story.FOLDER / story.WHOLE).read_bytes().splitlines()
    view = View(story.KEY, PROJECT_FOLD)
    for record, line in zip(story.log(), lines, strict=True):
        assert record.body == line
        view.advance(record)
    assert view.state is not None
    status = describe(story.KEY, view.state)
    assert (status.state, status.sequence, status.conflicts, status.silent) == (Phase.ARCHIVED, 29, (), ())
    assert {each.artifact: each.status for each in status.artifacts} == {
        "task-plan": "ACTIVE",
        "backend": "ACTIVE",
        "embedding-pipeline": "ACTIVE",
        "exploration": "ARCHIVED",
    }


def test_the_second_golden_log_folds_to_what_the_resolver_said_last() -> None:
    lines = (story.FOLDER / story.SECOND).read_bytes().splitlines()
    view, docket = View(story.SECOND_KEY, PROJECT_FOLD), View(story.SECOND_KEY, DOCKET_FOLD)
    for record, line in zip(story.second(), lines, strict=True):
        assert record.body == line
        view.advance(record)
        docket.advance(record)
    assert view.state is not None
    status = describe(story.SECOND_KEY, view.state)
    assert (status.state, status.sequence, status.conflicts) == (Phase.PLANNING, 15, ())
    assert (status.transitive.verdict, status.transitive.sequence) == ("unknown", 12)
    assert status.transitive.reasons[0] == "python3.11-linux: the index could not be reached"
    assert docket.state.pending == {}


def test_the_third_golden_log_folds_to_a_project_that_is_free_again() -> None:
    lines = (story.FOLDER / governed.WHOLE).read_bytes().splitlines()
    view, docket = View(governed.KEY, PROJECT_FOLD), View(governed.KEY, DOCKET_FOLD)
    for record, line in zip(story.third(), lines, strict=True):
        assert record.body == line
        view.advance(record)
        docket.advance(record)
        assert view.state is not None
        assert view.state.conflicts == docket.state.conflicts
    assert view.state is not None
    status = describe(governed.KEY, view.state)
    assert (status.state, status.sequence, status.conflicts) == (Phase.IN_PROGRESS, 47, ())
    assert (status.slots, status.waiting, status.resolutions, status.waivers, status.alerts) == ((), (), (), (), ())
    assert {each.artifact: (each.version, each.status) for each in status.artifacts} == {
        "cart": (1, "ACTIVE"),
        "payments": (2, "ACTIVE"),
    }
    assert docket.state.pending == {}


def test_every_command_of_the_third_golden_log_is_settled() -> None:
    view = View(governed.KEY, PROJECT_FOLD)
    records = {record.position: record.kind for record in story.third()}
    asked = {}
    for record in story.third():
        envelope = view.advance(record)
        if envelope.source == "/psmp/intake":
            asked[envelope.sequence] = envelope.correlationid
    settled = {number: view.answers.find(command) for number, command in asked.items()}
    told = {number: records[position] for number, position in settled.items() if position and position > 0}
    assert told.keys() == asked.keys()
    assert {number: told[number] for number in (4, 5, 9, 15, 23, 32, 34)} == {
        4: "slot.granted",
        5: "slot.left",
        9: "slot.left",
        15: "slot.refused",
        23: "resolution.applied",
        32: "resolution.failed",
        34: "resolution.applied",
    }


def test_the_fifth_golden_log_folds_to_a_graph_that_is_settled_and_one_that_is_given_up() -> None:
    lines = (story.FOLDER / orchestrated.WHOLE).read_bytes().splitlines()
    view = View(orchestrated.KEY, PROJECT_FOLD)
    for record, line in zip(story.sixth(), lines, strict=True):
        assert record.body == line
        view.advance(record)
    assert view.state is not None
    settled, given_up = view.state.runs.values()
    assert isinstance(wrap := settlement(settled), Wrap)
    assert [(each.node, each.attempt) for each in wrap.pdo_orch.children] == [("n1", 3), ("n2", 2)]
    assert (given_up.abandoned, given_up.is_open) == ("it was the wrong plan", False)
    assert (view.state.slots.held, view.state.alerts) == ({}, {})


def test_stored_bytes_are_a_cloudevent_in_structured_mode() -> None:
    stored = json.loads((story.FOLDER / "artifact.declared.v1.json").read_bytes())
    assert stored["specversion"] == "1.0"
    assert stored["type"] == "psmp.artifact.declared.v1"
    assert stored["source"] == "/psmp/intake"
    assert stored["subject"] == "default/rag-chatbot"
    assert stored["dataschema"] == "urn:psmp:artifact.declared:v1"
    lower_case_alphanumeric = r"abcdefghijklmnopqrstuvwxyz0123456789"
    assert all(set(name) <= set(lower_case_alphanumeric) for name in stored)

"""The contract for machines is what the models say, and it holds together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psmp.log.view import SETTLING as SETTLED_LATER
from psmp.wire.assets import STREAMS
from psmp.wire.contract import write
from psmp.words import subjects
from psmp.words.commands import COMMANDS
from psmp.words.events import EVENTS
from psmp.words.ids import ProjectKey
from psmp.words.schema import SETTLING, asyncapi, documents, schema_file

FOLDER = Path(__file__).parents[3] / "docs" / "contract"
KEY = ProjectKey("{tenant}", "{project}")
DOCUMENT = asyncapi(STREAMS)
KINDS = [word.KIND for word in (*COMMANDS, *EVENTS)]


def references(part: object) -> Iterator[str]:
    match part:
        case dict():
            yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            for inner in part.values():
                yield from references(inner)
        case list():
            for inner in part:
                yield from references(inner)


def found(reference: str) -> Any:  # noqa: ANN401 - JSON
    part: Any = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        part = part[name]
    return part


def test_the_contract_in_the_documentation_is_the_one_of_the_models() -> None:
    written = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    assert written == documents(STREAMS), "run python -m psmp.wire.contract"


def test_writing_the_contract_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "artifact.destroyed.v1.json").write_text("{}")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(documents(STREAMS))


def test_every_command_and_every_event_has_a_schema_and_a_message() -> None:
    assert set(documents(STREAMS)) == {*map(schema_file, KINDS), "asyncapi.json"}
    assert set(KINDS) < set(DOCUMENT["components"]["messages"])


def test_what_settles_a_command_later_is_among_the_outcomes() -> None:
    assert {event.KIND for event in SETTLED_LATER} <= set(SETTLING) <= set(KINDS)


def test_every_reference_leads_somewhere() -> None:
    files = documents(STREAMS)
    for reference in references(DOCUMENT):
        if reference.startswith("#"):
            assert found(reference), reference
        else:
            assert reference.removeprefix("./") in files


@pytest.mark.parametrize("command", COMMANDS)
def test_the_channel_of_a_command_is_its_subject(command: Any) -> None:  # noqa: ANN401
    channel = DOCUMENT["channels"][command.KIND]
    assert channel["address"] == subjects.command(KEY, "{agent}", command.KIND)
    assert set(channel["parameters"]) == {"tenant", "project", "agent"}
    assert channel["x-jetstream"]["stream"] == "PSMP_COMMANDS"


@pytest.mark.parametrize("event", EVENTS)
def test_the_channel_of_an_event_is_where_it_is_republished(event: Any) -> None:  # noqa: ANN401
    assert DOCUMENT["channels"][f"live.{event.KIND}"]["address"] == subjects.live(KEY, event.KIND)
    assert DOCUMENT["channels"]["log"]["messages"][event.KIND]


def test_the_other_channels_are_the_subjects_of_the_contract() -> None:
    addresses = {name: channel["address"] for name, channel in DOCUMENT["channels"].items()}
    assert addresses["log"] == subjects.log(KEY, "{entity}.{event}")
    assert addresses["outcome"] == subjects.outcome(KEY, "{agent}", "{command}")
    assert addresses["heartbeat"] == subjects.heartbeat(KEY, "{agent}")
    assert addresses["snapshot"] == subjects.snapshot("{service}", KEY)
    dead_letter = subjects.dead_letter("{service}", "{consumer}", 0, KEY)
    assert addresses["dead-letter"] == dead_letter.removesuffix("0") + "{position}"
    assert addresses["checkpoint"] == subjects.checkpoint(KEY)
    assert addresses["sign.checkpoints"] == subjects.SIGN_CHECKPOINTS
    assert addresses["sign.statement"] == subjects.SIGN_STATEMENT
    assert addresses["sign.export"] == subjects.SIGN_EXPORT
    assert addresses["turn"] == subjects.turn("{service}", KEY)
    assert addresses["compatibility.progressed"] == subjects.progress(KEY)
    for kind in ("status", "projects", "events"):
        assert addresses[f"question.{kind}"] == subjects.question("{tenant}", "{agent}", kind)


def test_the_streams_are_described_as_they_are_configured() -> None:
    described = {stream["name"]: stream for stream in DOCUMENT["x-jetstream"]["streams"]}
    assert set(described) == {stream["name"] for stream in STREAMS}
    assert described["PSMP_LOG"]["republish"] == {"src": "psmp.log.>", "dest": "psmp.evt.>"}
    assert not described["PSMP_LOG"]["deny_delete"]
    assert described["PSMP_LOG"]["deny_purge"]
    used = {channel["x-jetstream"]["stream"] for channel in DOCUMENT["channels"].values() if "x-jetstream" in channel}
    assert used == set(described)

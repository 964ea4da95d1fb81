"""The table of exit codes, and that every fault that can be foreseen has its place in it."""

import subprocess
import sys

import pytest
from cyclopts import CycloptsError

from psmp.cli.app import epilogue
from psmp.cli.exits import MEANING, Exit, of_refusal
from psmp.cli.faults import Complaint, explain
from psmp.client import errors
from psmp.client.refusals import ERRORS
from psmp.client.results import Settled
from psmp.log.port import Damaged
from psmp.stack.errors import BinaryMissing
from psmp.wire.assets import AssetRefused
from psmp.wire.connection import Address, NatsUnreachable
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, open_event, seal_event
from psmp.words.events import CommandRefused
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.refusals import Code
from psmp.words.strict import Fault as Place

KEY = ProjectKey("default", "rag")
ID = "01890a5d-ac96-774b-bcce-b302099a8057"
ORDER = errors.Order("id", KEY, "me", "slot.request", "subject", b"{}")

FORESEEN = [
    (Complaint(Exit.STALE, "too early", "wait"), Exit.STALE),
    (CycloptsError(msg="no such option"), Exit.USAGE),
    (errors.Invalid([Place("/agent", "missing")]), Exit.USAGE),
    (errors.NotAllowed("not yours"), Exit.NOT_ALLOWED),
    (errors.Unreachable("gone", "start it"), Exit.UNREACHABLE),
    (errors.NoAnswer("status", "silence"), Exit.UNREACHABLE),
    (errors.NotAcknowledged(ORDER, 5, "silence"), Exit.UNREACHABLE),
    (errors.VerdictPending(ORDER, 5, 1), Exit.UNREACHABLE),
    (errors.NotReached("rag", ("PLANNING",), 5, None), Exit.UNREACHABLE),
    (errors.NoSuchPast("before its creation", "later"), Exit.STALE),
    (errors.Damaged(KEY, 3, "a wrong link"), Exit.INTEGRITY),
    (Damaged(KEY, 3, "a wrong link"), Exit.INTEGRITY),
    (errors.Unreadable("an event", "newer"), Exit.FAULT),
    (NatsUnreachable(Address("nats://host:1"), "refused"), Exit.UNREACHABLE),
    (AssetRefused("PSMP_LOG", "no rights"), Exit.FAULT),
    (BinaryMissing("nats-server", "PSMP_NATS_SERVER"), Exit.FAULT),
    (ModuleNotFoundError("No module", name="asyncpg.pool"), Exit.FAULT),
]


def test_codes_are_those_that_were_promised() -> None:
    assert {end.name: end.value for end in Exit} == {
        "DONE": 0,
        "FAULT": 1,
        "USAGE": 2,
        "GOVERNED": 3,
        "NOT_FOUND": 4,
        "NOT_ALLOWED": 5,
        "UNREACHABLE": 6,
        "INTEGRITY": 7,
        "STALE": 8,
        "INTERRUPTED": 130,
    }


def test_every_code_has_a_meaning_and_stands_in_the_help() -> None:
    assert set(MEANING) == set(Exit)
    lines = [line.split(maxsplit=1) for line in epilogue().splitlines()]
    assert all([str(end.value), meaning] in lines for end, meaning in MEANING.items())


@pytest.mark.parametrize(("error", "end"), FORESEEN, ids=lambda each: type(each).__name__)
def test_what_is_foreseen_ends_as_the_table_says_and_says_what_to_type_next(error: Exception, end: Exit) -> None:
    fault = explain(error)
    assert fault is not None
    assert fault.end is end
    assert fault.text
    assert fault.hint


@pytest.mark.parametrize("code", Code)
def test_every_refusal_has_its_end(code: Code) -> None:
    fault = explain(ERRORS[code](code, "because", "do that", ("C-1",)))
    assert fault is not None
    assert fault.end in {Exit.USAGE, Exit.GOVERNED, Exit.NOT_FOUND, Exit.NOT_ALLOWED, Exit.STALE}
    assert (fault.code, fault.conflicts) == (code, ("C-1",))


@pytest.mark.parametrize(
    ("key", "hint"), [(KEY, "do that; psmp status rag"), (SYSTEM, "do that")], ids=["a project", "the deployment"]
)
def test_a_refusal_shows_how_its_project_stands_where_it_is_about_one(key: ProjectKey, hint: str) -> None:
    raw = seal_event(
        key,
        CommandRefused(command="subject.erase", code=Code.UNKNOWN_SUBJECT, reason="because", hint="do that"),
        Link(1, GENESIS),
        Provenance("/psmp/intake", "operator", ID, ID),
        Stamp(ID, "2026-01-01T00:00:00.000000Z"),
    )
    settled = Settled(1, open_event(raw), raw, ID, None)
    fault = explain(ERRORS[Code.UNKNOWN_SUBJECT](Code.UNKNOWN_SUBJECT, "because", "do that", settled=settled))
    assert fault is not None
    assert fault.hint == hint


def test_governed_nos_are_told_from_mistakes() -> None:
    assert of_refusal(Code.PROJECT_BLOCKED) is Exit.GOVERNED
    assert of_refusal(Code.UNKNOWN_PROJECT) is Exit.NOT_FOUND
    assert of_refusal(Code.NOT_OWNER) is Exit.NOT_ALLOWED
    assert of_refusal(Code.INVALID_CONSTRAINT) is Exit.USAGE
    assert of_refusal("A_CODE_OF_A_LATER_RELEASE") is Exit.GOVERNED


def test_a_lone_fault_in_a_group_is_told_as_itself() -> None:
    fault = explain(ExceptionGroup("tasks", [errors.NotAllowed("not yours")]))
    assert fault is not None
    assert fault.end is Exit.NOT_ALLOWED


def test_what_nobody_foresaw_is_not_explained_away() -> None:
    assert explain(KeyError("x")) is None


def test_a_missing_extra_is_named() -> None:
    fault = explain(ModuleNotFoundError("No module named 'asyncpg'", name="asyncpg"))
    assert fault is not None
    assert fault.hint == "pip install 'psmp[server]'"


def test_a_missing_extra_is_named_where_a_command_could_not_be_loaded() -> None:
    error = ImportError("Cannot import module 'psmp.cli.commands.doctor'")
    error.__cause__ = ModuleNotFoundError("No module named 'asyncpg'", name="asyncpg")
    fault = explain(error)
    assert fault is not None
    assert "asyncpg is not installed" in fault.text
    assert explain(ImportError("of another kind")) is None


def test_an_unsettled_command_can_be_sent_again_by_what_is_said() -> None:
    fault = explain(errors.NotAcknowledged(ORDER, 5, "silence"))
    assert fault is not None
    assert "--command-id id" in fault.hint


def imported_by(statement: str) -> set[str]:
    code = f"import sys; sys.argv = ['psmp', '--version']; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_version_is_told_without_importing_anything_slow() -> None:
    loaded = imported_by("from psmp.cli.app import main; main()")
    assert not loaded & {"cyclopts", "rich", "pydantic", "nats", "asyncpg", "asyncio"}


def test_the_help_is_told_without_importing_the_client() -> None:
    loaded = imported_by("from psmp.cli.app import build; build()(['--help'], result_action='return_value')")
    assert not loaded & {"nats", "asyncpg", "psmp.client", "psmp.stack"}

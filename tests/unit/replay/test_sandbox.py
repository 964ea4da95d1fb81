"""Who decides again has no clock, no chance, no file, no network, no other program; rules that want any are caught."""

import json
import subprocess
import sys
from base64 import b64encode
from typing import Final

import pytest

from psmp.cli.deciding import DECIDER
from psmp.words.fidelity import Fidelity
from tests.histories import KEY
from tests.recording import Recording
from tests.unit.replay.stories import clashing, whole

TRIES: Final = {
    "the time": "import time; time.time()",
    "the time in a module of ours": "from psmp.rules import project; project.datetime.now()",
    "today in a module of ours": "from psmp.rules import project; project.datetime.today()",
    "the time without a zone": "from psmp.rules import project; project.datetime.utcnow()",
    "a clock that only runs on": "import time; time.monotonic()",
    "a random number": "import random; random.random()",
    "randomness of the system": "import os; os.urandom(8)",
    "a file": "open('/etc/hostname')",
    "a new file": "open('/tmp/psmp-replay-was-here', 'w')",
    "a socket": "import _socket; _socket.socket()",
    "another program": "import _posixsubprocess, os; os.posix_spawn('/bin/true', ['true'], {})",
    "a second self": "import os; os.fork()",
    "a command": "import os; os.system('true')",
}


def python(code: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """A Python that is given nothing but bytes, as the replay is."""
    return subprocess.run([*DECIDER[:2], "-c", code], input=given, capture_output=True, check=False, env={}, cwd="/")


@pytest.mark.parametrize("what", TRIES)
def test_behind_closed_walls_there_is_nothing_to_reach_for(what: str) -> None:
    attempt, closed = TRIES[what], "import psmp_replay.replay; from psmp_replay import sandbox; sandbox.close(); "
    first, _, then = attempt.rpartition("; ")
    ended = python(f"import _socket, random, time; {first or 'pass'}; {closed}{then}")
    assert ended.returncode == 1
    assert "psmp_replay.sandbox.Forbidden: " in ended.stderr.decode()
    assert python(attempt).returncode == 0, "it can be had outside"


def test_the_kernel_itself_gives_no_more_descriptors() -> None:
    code = "from psmp_replay import sandbox; import os; sandbox.close(); os.pipe()"
    assert "Too many open files" in python(code).stderr.decode()


def lines(world: Recording) -> bytes:
    """The project as the replay reads it."""
    sent = [each for found in world.inputs.commands.values() for each in found]
    said: list[dict[str, object]] = [{"project": list(KEY), "skew": 0}]
    said += [{"command": [subject, b64encode(body).decode()]} for subject, body in sent]
    said += [{"letter": [number, *letter]} for number, letter in world.inputs.letters.items()]
    said += [{"record": [each.position, each.kind, b64encode(each.body).decode()]} for each in world.records]
    said.append({"end": True})
    return b"".join(json.dumps(each).encode() + b"\n" for each in said)


def test_projects_are_decided_again_one_after_another() -> None:
    one, other = whole(), clashing()
    broken = clashing()
    del broken.records[2]
    ended = subprocess.run(
        DECIDER, input=lines(one) + lines(broken) + lines(other), capture_output=True, check=True, env={}, cwd="/"
    )
    first, damaged, last = map(Fidelity.model_validate_json, ended.stdout.splitlines())
    assert (first.sequence, first.total.same, first.damage) == (len(one.records), len(one.records), "")
    assert (damaged.sequence, "damaged at position 4" in damaged.damage) == (2, True)
    assert (last.sequence, last.total.same) == (len(other.records), len(other.records))


READS: Final = """
import datetime, sys
from psmp_keeper import rules
from psmp_replay import __main__ as replay
honest = rules.due
def due(project):
    rules.alerts.datetime.now()
    return honest(project)
rules.alerts.datetime = datetime.datetime
rules.due = due
replay.main()
"""


def test_a_rule_that_looks_at_the_clock_ends_the_replay_by_name() -> None:
    ended = python(READS, lines(clashing()))
    assert ended.returncode == 1
    assert ended.stdout == b""
    assert "Forbidden: datetime.now()" in ended.stderr.decode()


def test_the_decider_is_this_python_without_an_environment() -> None:
    assert (sys.executable, "-I", "-m", "psmp_replay") == DECIDER

"""The governed path in a person's hands: every command as a real process against a real stack."""

import asyncio
import hashlib
import json
import re
import shlex
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from psmp.client import connect_sync
from psmp.wire.connection import Address, connect
from psmp.words.answers import ProjectLine, Status
from psmp.words.commands import ResolveConflict
from psmp.words.envelope import open_event
from psmp.words.ids import uuid7
from psmp.words.values import Policy
from tests.integration.cli import WITHIN, Ended, Shell
from tests.integration.of_dev import declare, dev, project, shell

__all__ = ["dev", "project", "shell"]

pytestmark = pytest.mark.integration

GENESIS = "0" * 64


def status(shell: Shell, project: str, *words: str) -> Status:
    return Status.model_validate_json(shell.run("status", project, "-o", "json", *words).out)


def test_a_conflict_blocks_and_the_command_that_it_prints_frees(shell: Shell, project: str) -> None:
    assert declare(shell, project, "coder", "langchain>=0.1.0  # chains") == 0
    clash = shell.run(
        *("declare", project, "--agent", "ds", "--artifact", "of-ds", "--dep", "langchain==0.0.350", "--why", "loaders")
    )
    assert clash.code == 3
    assert "no version of langchain satisfies" in clash.out
    assert "==0.0.350  loaders  of-ds v1" in clash.out
    way_out = next(line.strip() for line in clash.out.splitlines() if line.strip().startswith("psmp amend"))

    blocked = shell.run("begin", project, "--agent", "nb")
    assert (blocked.code, blocked.out) == (3, "")
    assert blocked.err.startswith("psmp: PROJECT_BLOCKED: ")
    assert f"psmp status {project}" in blocked.err.splitlines()[-1]
    page = shell.run("status", project)
    assert (page.code, way_out in page.out) == (0, True)

    freed = shell.run(*shlex.split(way_out)[1:])
    assert freed.code == 0, freed.err
    assert "C-1 cleared" in freed.out
    assert shell.run("begin", project, "--agent", "nb").code == 0
    assert status(shell, project).conflicts == ()


def test_what_is_changed_alone_leaves_the_other_needs_and_their_reasons(shell: Shell, project: str) -> None:
    shell.run(
        *("declare", project, "--agent", "coder", "--artifact", "a", "--dep", "pandas>=2  # frames"),
        *("--dep", "numpy", "--dep", "dev:pytest"),
    )
    changed = shell.run(
        *("amend", project, "--agent", "coder", "--artifact", "a", "--set", "Pandas>=2.1", "--set", "rich", "--drop"),
        "NumPy",
    )
    assert changed.code == 0
    needs = status(shell, project).artifacts[0].dependencies
    assert [(need.name, need.constraint, need.purpose) for need in needs] == [
        ("pandas", ">=2.1", "frames"),
        ("pytest", "", ""),
        ("rich", "", ""),
    ]
    unknown = shell.run("amend", project, "--agent", "coder", "--artifact", "a", "--drop", "torch")
    assert (unknown.code, "needed are pandas" in unknown.err) == (2, True)
    both = shell.run("amend", project, "--agent", "coder", "--artifact", "a", "--drop", "rich", "--dep", "torch")
    assert both.code == 2
    missing = shell.run("amend", project, "--agent", "coder", "--artifact", "b", "--drop", "rich")
    assert missing.code == 4


def test_real_manifests_are_declared_and_what_is_left_out_is_said(shell: Shell, project: str) -> None:
    (shell.folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\n[project]\ndependencies = ["pandas>=2"]\n'
    )
    (shell.folder / "requirements.txt").write_text("-e .\nfastapi[all]>=0.100 # web\n")
    (shell.folder / "package.json").write_text('{"dependencies": {"react": "^18"}}')
    declared = shell.run(
        *("declare", project, "--agent", "coder", "--artifact", "a", "--path", "app/main.py:create"),
        *("--from", "pyproject.toml", "--from", "requirements.txt", "--from", "package.json", "--why", "because"),
    )
    assert declared.code == 0, declared.err
    assert "requirements.txt:1" in declared.err
    artifact = status(shell, project).artifacts[0]
    assert [(need.name, need.scope, need.ecosystem, need.purpose) for need in artifact.dependencies] == [
        ("pandas", "runtime", "pypi", "because"),
        ("hatchling", "build", "pypi", "because"),
        ("fastapi", "runtime", "pypi", "web"),
        ("react", "runtime", "npm", "because"),
    ]
    assert [(claim.path, claim.mode) for claim in artifact.paths] == [("app/main.py", "create")]


def test_a_bad_manifest_is_refused_with_its_place_and_nothing_is_sent(shell: Shell, project: str) -> None:
    (shell.folder / "requirements.txt").write_text("numpy\npandas=>2\n")
    before = status(shell, project).sequence
    refused = shell.run("declare", project, "--agent", "a", "--artifact", "a", "--from", "requirements.txt")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("psmp: requirements.txt:2: not a requirement")
    assert status(shell, project).sequence == before


def test_a_command_sent_twice_has_the_effect_of_once(shell: Shell, project: str) -> None:
    words = ("declare", project, "--agent", "a", "--artifact", "a", "--dep", "rich", "-o", "jsonl", "--command-id")
    identity = uuid7(int(time.time() * 1000), bytes(range(10)))
    first, second = shell.run(*words, identity), shell.run(*words, identity)
    assert (first.code, first.err) == (0, "")
    assert second == first
    assert len(shell.run("events", project, "-o", "jsonl").jsonl) == 4


def test_the_past_can_be_asked_for_by_number_and_by_time(shell: Shell, project: str) -> None:
    first = status(shell, project, "--at", "1")
    assert (first.state, first.sequence) == ("INITIALIZED", 1)
    now = status(shell, project)
    assert status(shell, project, "--at", now.time) == now
    assert "as of event 1" in shell.run("status", project, "--at", "1").out
    for when in ("99", "2001-01-01"):
        ended = shell.run("status", project, "--at", when)
        assert (ended.code, ended.out) == (8, "")
    for when in ("yesterday", "0"):
        assert shell.run("status", project, "--at", when).code == 2


def test_events_are_written_as_they_are_hashed(shell: Shell, project: str) -> None:
    lines = shell.run("events", project, "-o", "jsonl").out.encode().splitlines()
    events = [open_event(line) for line in lines]
    leaves = [hashlib.sha256(b"\0" + line).hexdigest() for line in lines]
    assert [event.sequence for event in events] == [1, 2]
    assert [event.prev for event in events] == [GENESIS, leaves[0]]
    document = shell.run("events", project, "-o", "json", "--after", "1").json
    assert [each["event"] for each in document] == [json.loads(lines[1])]
    table = shell.run("events", project).out
    assert "INITIALIZED > PLANNING: go" in table


@pytest.mark.parametrize("form", ["table", "json", "jsonl"])
def test_no_events_and_no_project_are_two_things(shell: Shell, project: str, form: str) -> None:
    assert shell.run("events", project, "--after", "99", "-o", form).code == 0
    ended = shell.run("events", "never-made", "-o", form)
    assert (ended.code, ended.out) == (4, "")
    assert "there is no project never-made" in ended.err


def test_what_happens_is_followed_from_where_it_was_left(shell: Shell, project: str) -> None:
    with shell.running("events", project, "-f", "--after", "1", "-o", "jsonl") as process:
        assert process.stdout is not None
        stored = json.loads(process.stdout.readline())
        declare(shell, project, "a", "rich")
        happened = json.loads(process.stdout.readline())
        assert [stored["sequence"], happened["sequence"]] == [2, 3]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=WITHIN) == 130


def test_what_happens_anywhere_is_watched_as_lines_of_json(shell: Shell, project: str) -> None:
    seen: list[str] = []
    with shell.running("watch") as process:
        assert process.stdout is not None
        reader = threading.Thread(target=lambda stream: seen.append(stream.readline()), args=(process.stdout,))
        reader.start()
        deadline = time.monotonic() + WITHIN
        while reader.is_alive() and time.monotonic() < deadline:  # what happens before it listens is not seen
            shell.run("declare", project, "--agent", "a", "--artifact", "a")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=WITHIN) == 130
        reader.join(WITHIN)
    assert open_event(seen[0].strip().encode()).key.project == project


def test_a_reader_that_has_enough_is_no_fault(shell: Shell, project: str) -> None:
    with shell.running("events", project, "--follow", "-o", "jsonl") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        declare(shell, project, "a", "rich")
        assert process.wait(timeout=WITHIN) == 0


def test_projects_are_listed(shell: Shell, project: str) -> None:
    deadline = time.monotonic() + WITHIN
    lines: list[ProjectLine] = []
    while project not in {line.project for line in lines}:  # the projection may be behind
        assert time.monotonic() < deadline
        listed = shell.run("projects", "-o", "jsonl")
        lines = [ProjectLine.model_validate_json(line) for line in listed.out.splitlines()]
    assert project in shell.run("projects").out
    shell.until(lambda ended: project in ended.out, "projects", "--state", "planning", "--state", "blocked")
    other = shell.run("projects", "--state", "resolving")
    assert (other.code, project in other.out) == (0, False)


def test_what_waits_for_a_person_is_told_with_what_to_type(
    dev: tuple[Shell, dict[str, Any]], shell: Shell, project: str
) -> None:
    assert declare(shell, project, "coder", "rich<1") == 0
    assert declare(shell, project, "ds", "rich>1") == 3
    with connect_sync(dev[1]["url"], agent="ada") as client:
        escalated = ResolveConflict(conflict="C-1", strategy="escalate", reason="not mine")
        client.portal.run(client.client._settle(project, escalated, None, 10))
    deadline = time.monotonic() + WITHIN
    command = f"psmp acknowledge {project} conflict-C-1 --reason …"
    while command not in shell.run("inbox").out:  # the projection may be behind
        assert time.monotonic() < deadline
    assert "conflict-C-1" in shell.run("status", project).out
    taken = shell.run("acknowledge", project, "conflict-C-1", "--agent", "ada", "--reason", "mine")
    assert taken.code == 0, taken.err
    while command in shell.run("inbox").out:
        assert time.monotonic() < deadline
    [line] = shell.run("alerts", project, "-o", "jsonl").jsonl
    assert (line["alert"], line["taken"]) == ("conflict-C-1", "ada")
    assert "in the hands of ada" in shell.run("alerts", project).out
    assert shell.run("alerts", "nowhere").err.startswith("psmp: UNKNOWN_PROJECT")


def test_a_file_says_once_what_need_not_be_said_again(shell: Shell, project: str) -> None:
    assert shell.run("status").code == 2
    assert shell.run("init", "--project", project, "--agent", "ada").code == 0
    assert shell.run("init").code == 2
    assert shell.run("status").out.startswith(project)
    assert shell.run("declare", "--artifact", "a", "--dep", "rich").code == 0
    assert shell.run("withdraw", "--artifact", "a", "--reason", "enough").code == 0
    assert status(shell, project).artifacts[0].agent == "ada"


def test_a_project_is_created_for_where_it_must_run(shell: Shell) -> None:
    made = shell.run(
        *("create", "made", "--agent", "ada", "--name", "Überprüfung", "--target", "3.12/linux", "--target", "3.13"),
        *("--no-strict", "--max-agents", "2", "-o", "json"),
    )
    assert (made.code, made.json["type"]) == (0, "psmp.project.created.v1")
    assert "psmp transition made --to PLANNING" in made.err
    found = status(shell, "made")
    assert [(each.python, each.platform) for each in found.targets] == [("3.12", "linux"), ("3.13", "linux")]
    assert (found.policy.strict_mode, found.policy.max_concurrent_agents, found.name) == (False, 2, "Überprüfung")
    moved = shell.run("transition", "made", "--to", "planning", "--reason", "go", "--agent", "ada")
    assert (moved.code, moved.out) == (0, "✓ INITIALIZED > PLANNING: go  event 2\n")
    assert shell.run("create", "made", "--agent", "ada").code == 3


def test_a_slot_is_begun_kept_alive_and_finished(shell: Shell, project: str) -> None:
    assert shell.run("begin", project, "--agent", "a").code == 0
    assert shell.run("heartbeat", project, "--agent", "a").code == 0
    unfinished = shell.run("finish", project, "--agent", "a")
    assert (unfinished.code, "NOT_DECLARED" in unfinished.err) == (3, True)
    assert shell.run("finish", project, "--agent", "a", "--failure", "out of memory").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("status", "no-such"), 4, "UNKNOWN_PROJECT"),
        (("declare", "no-such", "--agent", "a", "--artifact", "a"), 4, "psmp create"),
        (("transition", "no-such", "--to", "PLANNING", "--reason", "x"), 2, "in whose name?"),
        (("status", "a.b"), 2, "not an id"),
        (("create", "x", "--agent", "psmp_checker"), 5, "own services"),
        (("create", "x", "--agent", "a", "--target", "2.7/linux"), 2, "--target 3.11/linux"),
        (("status", "x", "--timeout", "0"), 2, "psmp: "),
        (("verify", "no-such"), 4, "no project default/no-such"),
        (("replay", "--check", "no-such"), 4, "no project default/no-such"),
        (("replay",), 2, "--check"),
        (("setup",), 2, "which servers?"),
    ],
)
def test_what_cannot_be_done_ends_as_the_table_says(shell: Shell, words: tuple[str, ...], code: int, said: str) -> None:
    ended = shell.run(*words)
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert said in ended.err
    assert ended.err.splitlines()[-1].startswith("next: ")


def test_only_an_owner_may_withdraw_and_only_legal_ways_lead_on(shell: Shell, project: str) -> None:
    declare(shell, project, "a", "rich")
    words = ("withdraw", project, "--artifact", "of-a", "--reason", "x", "--agent")
    assert shell.run(*words, "b").code == 5
    assert shell.run(*words, "a").code == 0
    illegal = shell.run("transition", project, "--to", "COMPLETED", "--reason", "x", "--agent", "a")
    assert (illegal.code, "ILLEGAL_TRANSITION" in illegal.err) == (3, True)


def test_a_project_is_changed_in_every_part_and_given_up(shell: Shell, project: str) -> None:
    idle = shell.run("change", project, "--agent", "ada", "--reason", "x")
    assert (idle.code, "nothing is to be otherwise" in idle.err) == (2, True)
    assert shell.run("change", project, "--agent", "eve", "--reason", "x", "--name", "Hers").code == 5
    ahead = ("change", project, "--agent", "ada", "--reason", "x", "--name", "His", "--if-sequence", "1")
    assert shell.run(*ahead).code == 8
    words = (
        *("--name", "RAG 2", "--target", "3.12/linux", "--no-strict", "--fenced", "--auto-resolve"),
        *("--max-agents", "3", "--slots-per-agent", "2", "--lease", "30", "--term", "60", "--longest-wait", "70"),
        *("--answer-within", "80", "--stall", "90", "--resolver", "eve", "--resolver", "bob", "--privileged", "bob"),
    )
    changed = shell.run("change", project, "--agent", "ada", "--reason", "all of it", *words)
    assert (changed.code, "judged anew" in changed.err) == (0, True), changed.err
    found = status(shell, project)
    assert (found.name, found.targets[0].python) == ("RAG 2", "3.12")
    assert found.policy == Policy(
        strict_mode=False,
        auto_resolve=True,
        max_concurrent_agents=3,
        lease_seconds=30,
        stall_seconds=90,
        resolvers=("eve", "bob"),
        privileged=("bob",),
        slots_per_agent=2,
        term_seconds=60,
        wait_seconds=70,
        answer_seconds=80,
        fenced=True,
    )
    back = ("--strict", "--no-fenced", "--no-auto-resolve", "--no-resolver", "--no-privileged")
    assert shell.run("change", project, "--agent", "eve", "--reason", "back", *back).code == 0, "a resolver governs"
    policy = status(shell, project).policy
    assert (policy.strict_mode, policy.fenced, policy.auto_resolve) == (True, False, False)
    assert (policy.resolvers, policy.privileged, policy.lease_seconds) == ((), (), 30)
    over = shell.run("archive", project, "--agent", "ada", "--reason", "given up")
    assert (over.code, over.out.partition("  ")[0]) == (0, "✓ PLANNING > ARCHIVED: given up")
    assert shell.run("change", project, "--agent", "ada", "--reason", "x", "--name", "y").code == 3


def test_a_task_goes_through_the_hands_of_who_is_asked(shell: Shell, project: str) -> None:
    def task(*words: str) -> Ended:
        return shell.run("task", *words)

    added = task("add", "docs", project, "--agent", "ada", "--title", "Write", "--for", "bob", "--artifact", "of-bob")
    assert (added.code, f"psmp task take docs {project}" in added.err) == (0, True), added.err
    assert task("add", "docs", project, "--agent", "ada", "--title", "Again").code == 3
    assert task("add", "no good", project, "--agent", "ada", "--title", "Again").code == 2
    assert "docs" in shell.run("status", project).out
    for word in ("take", "done"):
        (typed,) = re.findall(r"^  psmp (.*)$", shell.run("tasks", project, "--agent", "bob").out, re.MULTILINE)
        assert typed == f"task {word} docs {project}"
        assert shell.run(*typed.split(), "--agent", "eve").code == 5
        ended = shell.run(*typed.split(), "--agent", "bob")
        assert (ended.code, "of-bob is not declared" in ended.err) == ((0, False) if word == "take" else (3, True))
    page = task("show", "docs", project)
    assert (page.code, "of-bob not declared" in page.out) == (0, True)
    assert declare(shell, project, "bob", "rich") == 0
    assert task("done", "docs", project, "--agent", "bob", "--reason", "all of it").code == 0
    assert "nothing is asked of you" in shell.run("tasks", project, "--agent", "bob").out
    (found,) = task("list", project, "-o", "json").json
    assert (found["status"], found["agent"], found["reason"]) == ("DONE", "bob", "all of it")

    change = ("change", "docs", project, "--agent", "ada")
    assert (task(*change).code, task(*change, "--for", "eve", "--nobodys").code) == (2, 2)
    assert task(*change, "--title", "x", "--if-sequence", "1").code == 8
    assert task(*change, "--nobodys", "--no-artifact", "--details", "more", "--reason", "once more").code == 0
    assert task("list", project, "--state", "done", "-o", "json").json == []
    (free,) = task("list", project, "--nobodys", "--state", "open", "-o", "json").json
    assert (free["artifacts"], free["details"], free["agent"]) == ([], "more", None)
    assert task("archive", "docs", project, "--agent", "ada", "--reason", "enough").code == 0
    assert task("list", project, "-o", "json").json == []
    assert "docs" in task("list", project, "--state", "archived").out
    assert [task(word, "nothing", project, "--agent", "ada").code for word in ("show", "take")] == [4, 4]


def test_the_doctor_finds_everything_well(shell: Shell) -> None:
    checked = shell.until(lambda ended: ended.code == 0, "doctor", "-o", "json")
    assert {each["health"] for each in checked.json} == {"well"}
    subjects = {each["subject"] for each in checked.json}
    assert {"NATS", "flushing", "stream PSMP_LOG", "consumer checker", "service audit", "Postgres"} <= subjects
    assert "✓" in shell.run("doctor").out


def test_nobody_else_may_read_the_addresses(dev: tuple[Shell, dict[str, Any]]) -> None:
    path = Path(dev[0].environment["XDG_STATE_HOME"], "psmp", "dev.json")
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_text()) == dev[1]


def test_who_has_no_stack_is_told_how_to_get_one(tmp_path: Path) -> None:
    for words in (("status", "rag"), ("watch",), ("create", "rag", "--agent", "ada")):
        ended = Shell.at(tmp_path).run(*words)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == "psmp: nobody said where NATS is\nnext: start psmp dev, or set PSMP_URL\n"


async def send_garbage(url: str) -> None:
    nats = await connect(Address(url), "test")
    await nats.jetstream().publish("psmp.cmd.default.nowhere.ada.artifact.declare", b"{")
    await nats.close()


def test_what_befalls_psmp_itself_waits_for_its_operator(dev: tuple[Shell, dict[str, Any]], shell: Shell) -> None:
    asyncio.run(send_garbage(dev[1]["url"]))
    deadline = time.monotonic() + WITHIN
    while "psmp inbox --tenant psmp" not in shell.run("inbox").err:  # the projection may be behind
        assert time.monotonic() < deadline
    said = shell.run("inbox", "--tenant", "psmp").out
    alert = re.findall(r"psmp acknowledge system (\S+) --tenant psmp --reason", said)[-1]
    taken = shell.run("acknowledge", "system", alert, "--tenant", "psmp", "--reason", "mine")
    assert (taken.code, taken.err) == (0, "")
    while any(each["alert"] == alert for each in shell.run("inbox", "--tenant", "psmp", "-o", "jsonl").jsonl):
        assert time.monotonic() < deadline
    [line] = [e for e in shell.run("alerts", "--tenant", "psmp", "-o", "jsonl").jsonl if e["alert"] == alert]
    assert line["taken"] == "operator"
    assert alert in shell.run("events", "system", "--tenant", "psmp").out
    assert shell.run("declare", "system", "--tenant", "psmp", "--artifact", "x").code == 5
    nobody = shell.run("inbox", "--tenant", "psmp", XDG_STATE_HOME=str(shell.folder))
    assert (nobody.code, "PSMP_NATS_URL" in nobody.err) == (2, True)

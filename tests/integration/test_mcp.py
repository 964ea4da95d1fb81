"""A model's session over real stdio against a real stack, and the hook as the process that an editor starts."""

import asyncio
import json
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from mcp.client import Client as ModelClient
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent

from psmp.client import BlockingClient, Client, connect, connect_sync
from psmp.wire import brief
from psmp.words import subjects
from psmp.words.strict import MAX_BYTES
from tests.integration.cli import PSMP, WITHIN, Ended, Shell

pytestmark = [pytest.mark.integration, pytest.mark.may_block]


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory, shared_dev: tuple[Path, dict[str, Any]]) -> tuple[Shell, str]:
    return Shell.at(tmp_path_factory.mktemp("dev"), XDG_STATE_HOME=str(shared_dev[0])), shared_dev[1]["url"]


@pytest.fixture
def shell(dev: tuple[Shell, str], tmp_path: Path) -> Shell:
    """A folder of the test's own that finds the module's stack."""
    return Shell(tmp_path, dev[0].environment)


@pytest.fixture
def operator(dev: tuple[Shell, str]) -> Iterator[BlockingClient]:
    with connect_sync(dev[1], agent="ada") as client:
        yield client


@pytest.fixture
def project(operator: BlockingClient, request: pytest.FixtureRequest) -> str:
    """A project in PLANNING in which ada needs pandas 2."""
    name: str = request.node.name[:60]
    operator.create_project(name)
    operator.transition(name, "PLANNING", reason="go")
    operator.declare(name, "backend", dependencies=["pandas>=2.0"])
    return name


@asynccontextmanager
async def session(shell: Shell, *words: str) -> AsyncIterator[ModelClient]:
    """A model's session with the real command, as an editor starts it."""
    where = StdioServerParameters(
        command=PSMP[0], args=[*PSMP[1:], "mcp", *words], env=dict(shell.environment), cwd=str(shell.folder)
    )
    async with asyncio.timeout(WITHIN), ModelClient(stdio_client(where)) as model:
        yield model


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


class Model:
    """Calls tools, and holds every answer against the schema that was promised for it."""

    def __init__(self, client: ModelClient, schemas: dict[str, Any]) -> None:
        self.client, self.schemas = client, schemas

    @classmethod
    async def met(cls, client: ModelClient) -> "Model":
        return cls(client, {each.name: each.output_schema for each in (await client.list_tools()).tools})

    async def call(self, tool: str, **given: object) -> dict[str, Any]:
        result = await self.client.call_tool(tool, given)
        assert not result.is_error, text(result)
        said: dict[str, Any] = result.structured_content
        Draft202012Validator(self.schemas[tool]).validate(said)
        assert len(json.dumps(said)) <= MAX_BYTES
        assert said["next"], "a model is never left without a next step"
        assert said["next"][0] in text(result)
        return said

    async def refused(self, tool: str, **given: object) -> dict[str, Any]:
        result = await self.client.call_tool(tool, given)
        assert result.is_error, text(result)
        said: dict[str, Any] = result.structured_content
        assert said["next"]
        assert text(result).startswith(f"{said['code']}: ")
        return said


async def test_a_model_declares_meets_a_conflict_understands_it_and_frees_the_project(
    shell: Shell, project: str
) -> None:
    async with session(shell, "--project", project, "--agent", "bob") as client:
        model = await Model.met(client)
        before = await model.call("project_status")
        assert (before["you"], before["state"], before["may_start"]) == ("bob", "PLANNING", True)
        fence = (await model.call("request_slot"))["fence"]

        needs = [{"name": "pandas", "constraint": "==1.5.*", "purpose": "old notebooks"}]
        dry = await model.call("check_dependencies", artifact="notebook", dependencies=needs)
        assert (dry["verdict"], set(dry["conflicts"][0]["agents"])) == ("conflict", {"ada", "bob"})
        assert (await model.call("project_status"))["sequence"] == before["sequence"] + 1, "a dry run writes nothing"

        declared = await model.call("declare_artifact", artifact="notebook", dependencies=needs, paths=["nb.ipynb"])
        assert (declared["accepted"], declared["state"]) == (False, "BLOCKED")
        assert declared["conflicts"][0]["text"] == dry["conflicts"][0]["text"], "the dry run foretold the verdict"
        (listed,) = (await model.call("list_conflicts"))["conflicts"]
        explained = await model.call("explain_conflict", conflict=listed["conflict"])
        assert {party["agent"] for party in explained["conflict"]["parties"]} == {"ada", "bob"}
        assert "old notebooks" in json.dumps(explained["conflict"])

        async with session(shell, "--project", project, "--agent", "eve") as hers:
            blocked = await (await Model.met(hers)).refused("request_slot")
        assert (blocked["code"], blocked["conflicts"]) == ("PROJECT_BLOCKED", ["C-1"])
        assert "list_conflicts" in blocked["next"]
        others = next(each for each in explained["next"] if "ada's to decide" in each)
        number = int(others.partition(", suggestion ")[2].partition(",")[0])
        not_ours = await model.refused("accept_suggestion", conflict="C-1", suggestion=number, seen=explained["seen"])
        assert not_ours["code"] == "NOT_ALLOWED"
        own = int(explained["next"][0].partition(", suggestion ")[2].partition(",")[0])
        old = await model.refused("accept_suggestion", conflict="C-1", suggestion=own, seen=before["seen"])
        assert (old["code"], "explain_conflict again" in old["next"]) == ("CONFLICT_CHANGED", True)
        future = await model.refused("accept_suggestion", conflict="C-1", suggestion=own, seen=10_000)
        assert (future["code"], "/seen" in future["reason"]) == ("INVALID", True)
        applied = await model.call("accept_suggestion", conflict="C-1", suggestion=own, seen=explained["seen"])
        assert (applied["applied"], applied["cleared"], applied["state"]) == (True, ["C-1"], "IN_PROGRESS")

        assert (await model.call("heartbeat", renew=True))["fence"] == fence
        finished = await model.call("finish")
        assert finished["fence"] == fence
        assert (await model.refused("finish"))["code"] == "NO_SLOT"


async def test_what_was_declared_is_amended_and_what_is_anothers_is_not(shell: Shell, project: str) -> None:
    async with session(shell, "--project", project, "--agent", "bob") as client:
        model = await Model.met(client)
        await model.call("declare_artifact", artifact="web", dependencies=["rich>=13", "pandas"], summary="pages")
        again = await model.refused("declare_artifact", artifact="web")
        assert (again["code"], "amend true" in again["next"]) == ("ARTIFACT_EXISTS", True)
        kept = await model.call("check_dependencies", artifact="web", paths=["web/"])
        assert (kept["verdict"], list(kept["fits"])) == ("compatible", ["pandas"]), "what is left out stays"
        amended = await model.call("declare_artifact", artifact="web", amend=True, paths=["web/"], reason="new pages")
        assert (amended["accepted"], amended["version"]) == (True, 2)
        theirs = await model.call("check_dependencies", artifact="backend", dependencies=["pandas>=2"])
        assert theirs["warnings"][0].startswith("NOT_OWNER: ")
        assert (await model.refused("declare_artifact", artifact="backend", amend=True))["code"] == "NOT_OWNER"
        assert (await model.call("check_dependencies", artifact="x", dependencies=["a"]))["verdict"] == "compatible"
        bad = [{"name": "a", "constraint": "=>2"}]
        assert (await model.call("check_dependencies", artifact="x", dependencies=bad))["verdict"] == "invalid"
        assert (await model.refused("declare_artifact", artifact="x", dependencies=bad))["code"] == "INVALID_CONSTRAINT"
        assert (await model.refused("project_status", project="nowhere"))["code"] == "UNKNOWN_PROJECT"
        assert (await model.refused("explain_conflict", conflict="C-9"))["code"] == "UNKNOWN_CONFLICT"

        status = next(each for each in (await client.list_resources()).resources if each.uri.endswith(project))
        read = json.loads((await client.read_resource(status.uri)).contents[0].model_dump()["text"])
        assert {each["artifact"] for each in read["artifacts"]} == {"backend", "web"}
        manifest = (await client.read_resource(f"psmp://projects/{project}/manifest")).contents[0].model_dump()
        assert {each["name"] for each in json.loads(manifest["text"])["components"]} == {"pandas", "rich"}


async def test_the_log_is_searched_page_by_page_in_answers_of_64_kib(
    shell: Shell, project: str, dev: tuple[Shell, str]
) -> None:
    async with connect(dev[1], agent="ada", timeout=60) as ada:
        for number in range(6):
            paths = [f"src/{number}/{'x' * 200}/{each}.py" for each in range(150)]
            await ada.declare(project, f"big-{number}", paths=paths, summary="large Ones")
    async with session(shell, "--project", project, "--agent", "bob") as client:
        model = await Model.met(client)
        found: list[int] = []
        answer: dict[str, Any] = {"searched_to": 0, "more": True}
        pages = 0
        while answer["more"]:
            answer = await model.call(
                "search_audit", kind="artifact.declared", text="LARGE", after=answer["searched_to"]
            )
            found += [each["sequence"] for each in answer["events"]]
            pages += 1
        assert (len(found), found == sorted(set(found)), pages > 1) == (6, True, True)
        accepted = await model.call("search_audit", actor="psmp_checker", limit=1)
        assert (accepted["events"][0]["kind"], accepted["more"]) == ("artifact.accepted", True)


async def test_heartbeats_go_out_for_a_slot_as_long_as_the_session_lives(
    shell: Shell, dev: tuple[Shell, str], request: pytest.FixtureRequest
) -> None:
    name = request.node.name[:60]
    async with connect(dev[1], agent="ada") as ada:
        await ada.create_project(name, policy={"lease_seconds": 1})
        await ada.transition(name, "PLANNING", reason="go")
        async with session(shell, "--project", name, "--agent", "bob") as client:
            model = await Model.met(client)
            fence = (await model.call("request_slot"))["fence"]
            later = (await ada.as_agent("eve").begin(name)).sequence
            await freed(ada, name, later)  # granted later, and no heartbeats keep it
            assert [each.fence for each in (await ada.status(name)).slots] == [fence]
        await freed(ada, name, fence)


async def freed(client: Client, project: str, fence: int) -> None:
    """Until nobody holds that slot."""
    async with asyncio.timeout(WITHIN):
        while any(each.fence == fence for each in (await client.status(project)).slots):
            await asyncio.sleep(0.1)


async def test_a_session_outlives_not_finding_psmp(tmp_path: Path) -> None:
    async with session(Shell.at(tmp_path), "--agent", "bob") as client:
        model = await Model.met(client)
        assert (await model.refused("project_status", project="rag"))["code"] == "UNCONFIGURED"
    gone = Shell.at(tmp_path, PSMP_URL="nats://127.0.0.1:1")
    async with session(gone, "--agent", "bob", "--timeout", "0.5") as client:
        model = await Model.met(client)
        said = await model.refused("project_status", project="rag")
        assert (said["code"], "psmp doctor" in said["next"]) == ("UNAVAILABLE", True)


def hook(shell: Shell, tool: str = "Write", *words: str, given: object = None, raw: str | None = None) -> Ended:
    """The hook as Claude Code runs it: the line of the settings in a shell, with its JSON on standard input."""
    said = {
        "session_id": "s-1",
        "transcript_path": "/dev/null",
        "cwd": "/",
        "permission_mode": "default",
        "hook_event_name": "PreToolUse",
        "tool_name": tool,
        "tool_input": {"file_path": "/x", "content": "y"} if given is None else given,
    }
    done = subprocess.run(
        [*PSMP, "hook", "claude-code", *words],
        input=json.dumps(said) if raw is None else raw,
        cwd="/",
        env={**shell.environment, "CLAUDE_PROJECT_DIR": str(shell.folder)},
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_the_hook_lets_work_go_on_until_the_project_is_blocked_and_again_when_it_is_free(
    shell: Shell, project: str, operator: BlockingClient
) -> None:
    assert shell.run("init", "--project", project, "--mcp", "--hook").code == 0
    assert hook(shell) == Ended(0, "", "")
    operator.as_agent("bob").declare(project, "notebook", dependencies=["pandas==1.5.*"])
    stopped = hook(shell)
    assert (stopped.code, stopped.out) == (2, "")
    assert stopped.err.startswith(f"psmp: PROJECT_BLOCKED: {project} is BLOCKED by C-1.")
    assert "no version of pandas satisfies" in stopped.err
    assert "explain_conflict with conflict C-1" in stopped.err
    assert hook(shell, "Bash", given={"command": "make"}).code == 2
    assert hook(shell, "Bash", given={"command": f"psmp status {project}"}).code == 0, "the way out stays free"
    assert hook(shell, "mcp__psmp__accept_suggestion", given={}).code == 0
    operator.resolve(project, "C-1", accept=1, reason="so be it")
    assert hook(shell).code == 0


def test_a_clear_yes_is_said_without_loading_what_takes_time(shell: Shell, project: str) -> None:
    quick = Shell(shell.folder, {**shell.environment, "PYTHONPROFILEIMPORTTIME": "1"})
    yes = hook(quick, "Write", "--project", project)
    loaded = {line.rpartition("|")[2].strip() for line in yes.err.splitlines()}
    assert (yes.code, "psmp.wire.brief" in loaded) == (0, True)
    assert loaded.isdisjoint({"asyncio", "cyclopts", "nats", "psmp.client", "pydantic", "pydantic_core", "rich"})


def test_a_brief_question_that_is_not_plainly_answered_is_not_answered(dev: tuple[Shell, str], project: str) -> None:
    body, inbox = json.dumps({"project": project}).encode(), subjects.inbox("ada")

    def ask(url: str, subject: str = subjects.question("default", "ada", "status")) -> bytes | None:
        return brief.asked(url, subject, inbox, body, WITHIN)

    assert json.loads(ask(dev[1]) or b"null")["state"] == "PLANNING"
    assert ask(dev[1], "psmp.hb.nobody") is None, "what this identity may not say"
    assert ask(dev[1].replace(":", ":x", 2).replace(":x//", "://")) is None, "a wrong password"
    assert ask(dev[1].replace("nats://", "tls://")) is None, "a server without TLS is told no password"
    assert ask(dev[1].replace("nats://", "ws://")) is None
    assert ask(f"{dev[1]},nats://127.0.0.1:1") is None
    with pytest.raises(OSError, match="refused"):
        ask("nats://127.0.0.1:1")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad\r\n", b"INFO []\r\n", b"INFO {}\r\n", b"x" * 2_000_000])
def test_a_brief_question_to_something_else_ends(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.sendall(said)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(65536)

        serving = threading.Thread(target=serve)
        serving.start()
        with pytest.raises((OSError, ValueError)):
            brief.asked(f"nats://127.0.0.1:{server.getsockname()[1]}", "a", "b", b"", 20)
        serving.join(WITHIN)


def test_the_hook_says_no_to_whatever_is_not_a_clear_yes(shell: Shell, project: str) -> None:
    unnamed = hook(shell)
    assert (unnamed.code, "which project?" in unnamed.err) == (2, True)
    unknown = hook(shell, "Write", "--project", "nowhere")
    assert (unknown.code, "UNKNOWN_PROJECT" in unknown.err) == (2, True)
    for raw in ("", "{", "[]", "{}", '{"hook_event_name": "PreToolUse", "tool_name": 3}'):
        assert hook(shell, raw=raw).code == 2, raw
    assert hook(shell, "Write", "--nonsense").code == 2
    later = '{"hook_event_name": "Stop", "stop_hook_active": false}'
    assert hook(shell, raw=later).code == 0, "to say no to the end of a turn would keep it from ending"
    assert hook(shell, "Write", "--project", project).code == 0


@pytest.mark.parametrize("url", [None, "nats://127.0.0.1:1"])
def test_the_hook_says_no_while_psmp_cannot_be_reached_unless_it_is_told_otherwise(
    tmp_path: Path, url: str | None
) -> None:
    shell = Shell.at(tmp_path, **({"PSMP_URL": url} if url else {}))
    closed = hook(shell, "Write", "--project", "rag", "--timeout", "0.5")
    assert (closed.code, closed.err.startswith("psmp: UNAVAILABLE: ")) == (2, True)
    open_ = hook(shell, "Write", "--project", "rag", "--timeout", "0.5", "--unreachable", "allow")
    assert (open_.code, "the tool runs ungoverned" in open_.err) == (0, True)
    assert hook(shell, "Write", "--unreachable", "allow", raw="{").code == 2, "only for what it is meant for"


def test_the_line_in_the_settings_says_no_where_the_command_itself_is_missing(shell: Shell) -> None:
    assert shell.run("init", "--project", "rag", "--hook").code == 0
    (entry,) = json.loads((shell.folder / ".claude/settings.json").read_text())["hooks"]["PreToolUse"]
    line = entry["hooks"][0]["command"].partition(" ")[2]
    done = subprocess.run(["/bin/sh", "-c", f"/nowhere/psmp {line}"], capture_output=True, check=False)
    assert done.returncode == 2

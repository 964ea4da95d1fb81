"""``psmp dlq`` from the list to the end of a letter, beside services at work."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from psmp.cli.app import run
from psmp.service import worker as workers
from psmp.stack import NatsServer
from psmp.words import subjects
from psmp.words.commands import CreateProject, DeclareArtifact, TransitionProject
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.values import Phase
from tests.in_process import Services, services
from tests.integration.cli import Ended

pytestmark = [pytest.mark.integration, pytest.mark.may_block]

KEY = ProjectKey("default", "rag")


@pytest.fixture
async def here(fresh_nats: NatsServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    monkeypatch.setattr(workers, "SCHEDULE", (0.01, 0.02, 0.04))
    async with services(fresh_nats) as found:
        yield found


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Nobody but the command writes on the terminal."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


async def test_the_story_of_three_letters(
    here: Services,
    fresh_nats: NatsServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    known = {"XDG_STATE_HOME": str(tmp_path), "PSMP_AGENT": "ada", "PSMP_NATS_URL": fresh_nats.url}
    for name, value in (known | {"PSMP_URL": fresh_nats.url}).items():
        monkeypatch.setenv(name, value)

    async def psmp(*words: str, **variables: str) -> Ended:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            capsys.readouterr()
            code = await asyncio.to_thread(run, ["dlq", *words])
            return Ended(code, *capsys.readouterr())

    here.spoilt["checker"] = b'"api"'
    async with here.running(*here.workers("intake", "checker"), *here.watchdog()):
        none = await psmp("list")
        assert (none.code, none.out, none.err.strip()) == (0, "", "there are no dead letters")
        await here.ask(KEY, "ada", CreateProject(name="RAG"))
        await here.ask(KEY, "ada", TransitionProject(to=Phase.PLANNING, reason="go"))
        await here.send(KEY, "ada", DeclareArtifact(artifact="api", type="code"))
        await here.written(KEY, "alert.raised")
        await here.nats.request("psmp.cmd.default.rag.ada.nonsense", b"\x00\xffodd", timeout=30)
        await here.nats.request(subjects.command(KEY, "ada", "slot.leave"), b"{}", timeout=30)
        await here.written(KEY, "alert.raised", 2)
        await here.written(SYSTEM, "alert.raised")

        listed = (await psmp("list", "-o", "json")).json
        assert [(each["letter"], each["service"], each["project"], each["state"]) for each in listed] == [
            (1, "checker", "rag", "waiting"),
            (2, "intake", None, "waiting"),
            (3, "intake", "rag", "waiting"),
        ]
        assert listed[0]["reason"] == "RuntimeError: spoilt"
        table = await psmp("list", "rag", COLUMNS="200")
        assert "psmp.log.default.rag.artifact.declared" in table.out
        assert "nonsense" not in table.out
        shown = await psmp("show", "1")
        for part in ("dead letter 1", "waiting", "RuntimeError: spoilt", '  "actor": "ada"', "consumer checker"):
            assert part in shown.out
        assert "00 ff 6f 64 64" in (await psmp("show", "2")).out
        assert (await psmp("show", "2", "-o", "json")).json["hex"] == "00ff6f6464"

        foreign = await psmp("drop", "1", "--reason", "x", PSMP_AGENT="bob")
        assert (foreign.code, "NOT_ALLOWED" in foreign.err) == (5, True)
        del here.spoilt["checker"]
        retried = await psmp("retry", "1", "--reason", "the checker was mended")
        assert retried.code == 0, retried.err
        await here.written(KEY, "artifact.accepted")
        dropped = await psmp("drop", "2", "3", "--reason", "nonsense", "-o", "jsonl")
        assert [each["data"] for each in dropped.jsonl] == [
            {"letter": 2, "reason": "nonsense"},
            {"letter": 3, "reason": "nonsense"},
        ]
        again = await psmp("retry", "1", "--reason", "x")
        assert (again.code, "ada has retried dead letter 1" in again.err) == (4, True)
        assert (await psmp("retry", "9", "--reason", "x")).code == 4
        assert (await psmp("show", "9")).code == 4
        assert (await psmp("retry", "--reason", "x")).code == 2
        states = [each["state"] for each in (await psmp("list", "-o", "jsonl")).jsonl]
        assert states == ["retried", "dropped", "dropped"]
        assert (await psmp("list", "--waiting", "-o", "json")).json == []
        history = (await psmp("show", "1", "-o", "json")).json["history"]
        assert [each["data"].get("reason") for each in history] == [None, "the checker was mended"]
    assert (await psmp("list", PSMP_NATS_URL="nats://127.0.0.1:1")).code == 6
    assert (await psmp("list", PSMP_NATS_URL="")).code == 2

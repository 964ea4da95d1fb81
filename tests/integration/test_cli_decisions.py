"""``psmp replay --decisions`` over what a real stack decided, and over what somebody wrote into a log."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import psmp
from psmp.cli import deciding
from psmp.cli.deciding import decided
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.service.clock import stamp
from psmp.stack import NatsServer
from psmp.words.commands import CreateProject, TransitionProject
from psmp.words.envelope import Provenance, open_event, seal_event
from psmp.words.events import ProjectTransitioned
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase
from tests.fidelity import faithful
from tests.in_process import SERVICES, services
from tests.integration.cli import Shell
from tests.little_index import LittleIndex, serving
from tests.replays import PUBLISHED, play

pytestmark = pytest.mark.integration

KEY = ProjectKey("acme", "rag")


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, dict[str, Any]]]:
    with serving(LittleIndex(PUBLISHED)) as index:
        shell = Shell.at(tmp_path_factory.mktemp("dev"))
        with shell.dev("--index", index.url) as said:
            assert shell.run("demo", "--attach").code == 0
            asyncio.run(played(said["url"]))
            yield shell, said


async def played(url: str) -> None:
    async with psmp.connect(url, agent="owner", timeout=60) as client:
        await play(client)


@pytest.mark.slow
def test_what_a_team_and_the_services_decided_is_decided_the_same(dev: tuple[Shell, dict[str, Any]]) -> None:
    ended = dev[0].run("replay", "--decisions")
    assert ended.code == 0, ended.out + ended.err
    assert "✓ default/rag-chatbot" in ended.out
    assert "said by the package resolver, which is not asked again" in ended.out
    found = dev[0].run("replay", "--decisions", "-o", "json").json
    assert {each["project"] for each in found} >= {"rag-chatbot", "team-0", "deep", "silent", "system"}
    assert {each["fidelity"] for each in found} == {100.0}
    assert {name for each in found for name in each["services"]} == {
        *("intake", "checker", "keeper", "resolver", "watchdog", "orchestrator"),
    }
    assert all(each["total"]["same"] + each["total"]["recorded"] == each["sequence"] for each in found)


@pytest.mark.slow
def test_one_project_is_asked_about_alone_and_one_that_is_not_there_is_said_so(
    dev: tuple[Shell, dict[str, Any]], tmp_path: Path
) -> None:
    shell = Shell(tmp_path, dev[0].environment)
    assert [each["project"] for each in shell.run("replay", "deep", "--decisions", "-o", "json").json] == ["deep"]
    missing = shell.run("replay", "nothing", "--decisions")
    assert (missing.code, missing.out) == (4, "")
    both = shell.run("replay", "--decisions", "--check")
    assert both.code == 2
    assert "--decisions decides again" in both.err


async def test_what_nobody_decided_is_found_in_the_log(fresh_nats: NatsServer) -> None:
    """Written with the rights of a service, well formed and linked: no check of the chain would notice."""
    async with services(fresh_nats) as here:
        async with here.running(*here.workers(*SERVICES)):
            await here.ask(KEY, "ada", CreateProject(name="RAG"))
            await here.ask(KEY, "ada", TransitionProject(to=Phase.PLANNING, reason="go"))
            await here.settled("PSMP_LOG", "keeper")
        assert faithful([each async for each in decided(here.nats, [KEY])]).same == 2

        view = View(KEY, PROJECT_FOLD)
        for record in await here.records(KEY):
            view.advance(record)
        event = ProjectTransitioned(origin=Phase.PLANNING, to=Phase.BLOCKED, reason="because")
        last = (await here.records(KEY))[-1]
        cause = open_event(last.body).id
        body = seal_event(KEY, event, view.head.next, Provenance("/psmp/keeper", "psmp_keeper", cause, cause), stamp())
        position = await here.log.append(KEY, event.KIND, body, expected=view.head.position)

        (found,) = [each async for each in decided(here.nats, [KEY])]
        (deviation,) = found.deviations
        assert (deviation.sequence, deviation.position, deviation.service) == (3, position, "keeper")
        assert (deviation.recorded.encode(), deviation.decided) == (body, None)
        assert found.total.fidelity == pytest.approx(200 / 3)


async def test_a_replay_that_ends_by_itself_says_why(fresh_nats: NatsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "DECIDER", (*deciding.DECIDER[:2], "-c", "raise SystemExit('I give up')"))
    async with services(fresh_nats) as here:
        with pytest.raises(Complaint, match="the replay ended: I give up") as caught:
            _ = [each async for each in decided(here.nats, [KEY])]
    assert caught.value.end is Exit.FAULT


@pytest.mark.slow
def test_what_changed_between_two_positions_is_told(dev: tuple[Shell, dict[str, Any]]) -> None:
    shell = dev[0]
    events = shell.run("events", "deep", "-o", "jsonl").jsonl
    opened = next(each for each in events if each["type"] == "psmp.conflict.detected.v1")
    before = str(opened["sequence"] - 1)
    found = shell.run("diff", "deep", "--at", before, "--with", str(opened["sequence"]), "-o", "json").json
    assert {(each["what"], each["became"]) for each in found["differences"]} == {
        *(("project", "changed"), ("artifact", "changed"), ("conflict", "added")),
    }
    assert shell.run("diff", "deep", "--at", opened["time"], "-o", "json").json["at"]["sequence"] == opened["sequence"]
    page = shell.run("diff", "deep", "--at", before)
    assert (page.code, "~ artifact arrays" in page.out) == (0, True)
    for at, code in (("9999", 8), ("2020-01-01", 8), ("soon", 2)):
        ended = shell.run("diff", "deep", "--at", at)
        assert (ended.code, ended.out) == (code, "")
    wrong = shell.run("diff", "deep", "--at", "1", "--with", "soon")
    assert (wrong.code, "--with soon" in wrong.err) == (2, True)
    assert shell.run("diff", "nothing", "--at", "1").code == 4

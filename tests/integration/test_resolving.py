"""Out of a conflict, in a running stack: accepted, waived, agreed to, refused, tried automatically, and given up."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from nats.js.errors import NotFoundError

from psmp import Client, Phase, connect
from psmp.client import ConflictChanged, Invalid, ResolutionUnderWay, Resolved, Task, VerdictPending
from psmp.stack import Stack
from psmp.stack.identities import READER
from psmp.stack.whole import Whole, whole
from psmp.wire.connection import Address
from psmp.wire.connection import connect as connect_nats
from psmp.words.answers import Status
from psmp.words.commands import ChangeProject, ChangeTask, Command, CreateTask, PolicyChange
from psmp.words.events import ArtifactAccepted, ConflictCleared, ConflictDetected, ProjectChanged, ProjectTransitioned
from psmp.words.values import Dependency, Target

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Running:
    stack: Stack
    who: Whole

    @property
    def url(self) -> str:
        return self.stack.nats.url_for(self.who.identities.tenant())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    everything = whole(durable=False, agents={"default": ["coder"]})
    names = {"intake", "checker", "resolver", "keeper", "watchdog"}
    wanted = tuple(each for each in everything.plan.services if each.name in names)
    async with Stack(replace(everything.plan, services=wanted)) as stack:
        yield Running(stack, everything)


@pytest_asyncio.fixture(loop_scope="module")
async def owner(running: Running) -> AsyncIterator[Client]:
    async with connect(running.url, agent="owner", timeout=30) as client:
        yield client


async def clashing(owner: Client, *, flexible: bool = False, **policy: Any) -> str:
    """A project in which coder and ds have clashed on pandas."""
    name = f"r{next(_numbers)}"
    await owner.create_project(name, policy=policy)
    await owner.transition(name, Phase.PLANNING, reason="go")
    await owner.as_agent("coder").declare(name, "api", dependencies=["pandas>=2"])
    verdict = await owner.as_agent("ds").declare(name, "report", dependencies=["pandas<2"], flexible=flexible or None)
    assert [each.id for each in verdict.conflicts] == ["C-1"]
    return name


async def until(holds: Callable[[], Awaitable[bool]], within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not await holds():
            await asyncio.sleep(0.02)


async def written(client: Client, project: str, phase: Phase) -> Status:
    """The status when the keeper has written that phase down; what blocks is seen before."""

    async def probe() -> bool:
        return (await client.status(project)).phase is phase

    await until(probe)
    return await client.status(project)


async def free(owner: Client, project: str) -> Status:
    """The status when nothing is open; resolved at once, a project may never have been written down as BLOCKED."""

    async def is_free() -> bool:
        return not (await owner.status(project)).conflicts

    await until(is_free)
    return await owner.status(project)


async def phases(client: Client, project: str) -> list[str]:
    found = [each.event async for each in client.events(project, follow=False)]
    return [str(each.to) for each in found if isinstance(each, ProjectTransitioned)]


async def kinds(client: Client, project: str) -> list[str]:
    return [each.event.KIND async for each in client.events(project, follow=False)]


async def test_a_suggestion_that_is_accepted_unblocks(owner: Client) -> None:
    project = await clashing(owner)
    await written(owner, project, Phase.BLOCKED)
    settled = await owner.resolve(project, "C-1", accept=1, reason="pandas 2 it is")
    assert isinstance(settled, Resolved)
    assert (settled.applied, settled.cleared) == (True, ("C-1",))
    status = await owner.wait_for(project, Phase.IN_PROGRESS)
    assert (status.conflicts, status.resolutions) == ((), ())

    async def told() -> bool:
        return (await phases(owner, project))[-3:] == ["BLOCKED", "RESOLVING", "IN_PROGRESS"]

    await until(told)


async def test_what_has_changed_since_it_was_looked_at_is_not_accepted(owner: Client) -> None:
    project = await clashing(owner)
    seen = (await owner.status(project)).sequence
    await owner.as_agent("eve").declare(project, "job", dependencies=["pandas==1.5"])
    with pytest.raises(ConflictChanged) as caught:
        await owner.resolve(project, "C-1", accept=1, seen=seen, reason="what I saw")
    assert caught.value.code == "CONFLICT_CHANGED"
    assert "resolution.requested" not in await kinds(owner, project)


async def test_a_waiver_unblocks_and_falls_when_the_conflict_changes(owner: Client) -> None:
    project = await clashing(owner)
    await written(owner, project, Phase.BLOCKED)
    settled = await owner.resolve(project, "C-1", waive_seconds=60, reason="for the demo")
    assert isinstance(settled, Resolved)
    assert settled.applied
    status = await owner.wait_for(project, Phase.IN_PROGRESS)
    assert [each.conflict for each in status.waivers] == ["C-1"]
    await owner.as_agent("eve").declare(project, "job", dependencies=["pandas==1.5"])
    status = await owner.wait_for(project, Phase.BLOCKED)
    assert status.waivers == ()


@pytest.mark.parametrize(("ways", "given"), [({}, "nothing"), ({"accept": 1, "waive_seconds": 9}, "accept and waive")])
async def test_one_way_out_is_given_by_the_names_of_the_call(owner: Client, ways: dict[str, Any], given: str) -> None:
    with pytest.raises(Invalid, match=given) as caught:
        await owner.resolve("any", "C-1", reason="so", **ways)
    assert "one of accept, changes, merge_into, waive_seconds, escalate, retry is needed" in str(caught.value)


async def test_a_wish_that_would_not_help_changes_nothing(owner: Client) -> None:
    project = await clashing(owner)
    changes = [{"artifact": "report", "agent": "ds", "name": "pandas", "constraint": "<1"}]
    settled = await owner.resolve(project, "C-1", changes=changes, reason="older yet")
    assert isinstance(settled, Resolved)
    assert not settled.applied
    assert "C-1 would go on" in settled.text
    status = await owner.wait_for(project, Phase.BLOCKED)
    assert {each.version for each in status.artifacts} == {1}


async def test_what_is_flexible_is_changed_without_anybody(owner: Client) -> None:
    project = await clashing(owner, flexible=True, auto_resolve=True)
    status = await free(owner, project)
    assert (status.conflicts, {each.artifact: each.version for each in status.artifacts}) == (
        (),
        {"api": 1, "report": 2},
    )


async def asked(client: Client, project: str) -> Task:
    """The next task of whoever is asked, by word of mouth: the live subject, not the status at the start."""
    async with aclosing(client.tasks(project)) as tasks, asyncio.timeout(60):
        async for task in tasks:
            return task
    raise AssertionError("it ended")


async def first_asked(owner: Client, project: str) -> tuple[Client, Task]:
    """Whoever is asked first, and what."""

    async def proposed() -> bool:
        return any(each.stage == "proposed" for each in (await owner.status(project)).resolutions)

    await until(proposed)
    (attempt,) = (await owner.status(project)).resolutions
    agent = owner.as_agent(attempt.unanswered[0])
    return agent, await asked(agent, project)


async def test_an_owner_is_asked_and_says_yes(owner: Client) -> None:
    project = await clashing(owner, auto_resolve=True)
    agent, task = await first_asked(owner, project)
    assert (task.task, task.resolution) == ("answer", "R-1")
    assert task.conflict is not None
    assert task.conflict.id == "C-1"
    assert {each.agent for each in task.changes} == {agent.agent}
    await agent.answer(project, "R-1", "yes")
    status = await free(owner, project)
    assert status.conflicts == ()
    assert [task async for task in agent.tasks(project, follow=False)] == []


async def test_an_owner_amends(owner: Client) -> None:
    project = await clashing(owner, auto_resolve=True)
    agent, task = await first_asked(owner, project)
    wanted = "==2.1" if agent.agent == "ds" else "==1.5"
    mine = task.changes[0].model_copy(update={"constraint": wanted})
    await agent.answer(project, "R-1", [mine], reason="that very one")
    status = await free(owner, project)
    needs = {each.artifact: each.dependencies[0].constraint for each in status.artifacts}
    assert needs[task.changes[0].artifact] == wanted


async def test_who_asked_waits_for_the_owners_and_hears_what_came_of_it(owner: Client) -> None:
    project = await clashing(owner)
    with pytest.raises(VerdictPending) as caught:
        await owner.resolve(project, "C-1", retry=True, reason="somehow", timeout=3)
    with pytest.raises(ResolutionUnderWay):
        await owner.resolve(project, "C-1", retry=True, reason="somehow")
    agent, _ = await first_asked(owner, project)
    async with asyncio.TaskGroup() as group:
        outcome = group.create_task(owner.outcome(caught.value, timeout=60))
        await agent.answer(project, "R-1", "no", reason="not mine")
    settled = outcome.result()
    assert isinstance(settled, Resolved)
    assert not settled.applied
    assert f"{agent.agent} says no: not mine" in settled.text
    await owner.wait_for(project, Phase.BLOCKED)


async def test_tasks_are_said_again_to_whoever_listens_and_to_resolver_agents(running: Running, owner: Client) -> None:
    heard: dict[str, list[dict[str, Any]]] = {}
    nats = await connect_nats(Address(running.url), "test", inbox="_INBOX.test")

    async def take(message: Any) -> None:  # noqa: ANN401 - a message of nats-py
        heard.setdefault(message.subject.rpartition(".")[2], []).append(json.loads(message.data))

    try:
        await nats.subscribe("psmp.task.default.>", cb=take)
        await nats.flush()
        project = await clashing(owner, resolvers=["fixer"])

        async def twice() -> bool:
            return len(heard.get("fixer", ())) >= 2

        await until(twice)
        assert {(each["task"], each["project"], each["conflict"]["id"]) for each in heard["fixer"]} == {
            ("resolve", project, "C-1")
        }
        fixer = owner.as_agent("fixer")
        task = await asked(fixer, project)
        settled = await fixer.resolve(project, "C-1", accept=1, seen=task.sequence, reason="as asked")
        assert isinstance(settled, Resolved)
        assert settled.applied
    finally:
        await nats.close()


async def test_an_agent_hears_its_own_tasks_alone(running: Running) -> None:
    url = running.stack.nats.url_for(running.who.identities.agent("coder"))
    nats = await connect_nats(Address(url), "test", inbox="_INBOX.coder")
    wrong: list[str] = []

    async def note(error: Exception) -> None:
        wrong.append(str(error))

    nats._error_cb = note
    try:
        await nats.subscribe("psmp.task.default.*.coder")
        await nats.subscribe("psmp.task.default.*.ds")
        await nats.flush()

        async def refused() -> bool:
            return len(wrong) == 1

        await until(refused)
        assert 'subscription to "psmp.task.default.*.ds"' in wrong[0]
    finally:
        await nats.close()


async def letters(running: Running, project: str) -> list[dict[str, str]]:
    """The headers of the resolver's dead letters about a project."""
    nats = await connect_nats(
        Address(running.stack.nats.url_for(running.who.identities.service(READER))), "test", inbox="_INBOX_operator"
    )
    try:
        found = await nats.jetstream().get_last_msg("PSMP_DLQ", f"psmp.dlq.resolver.default.{project}.>")
    except NotFoundError:
        return []
    finally:
        await nats.close()
    return [found.headers or {}]


async def declined(owner: Client, project: str, number: int) -> None:
    """Whoever is asked about attempt ``number`` says no, and that is its end."""
    agent, task = await first_asked(owner, project)
    assert task.resolution == f"R-{number}"
    await agent.answer(project, f"R-{number}", "no")

    async def over() -> bool:
        return all(each.resolution != f"R-{number}" for each in (await owner.status(project)).resolutions)

    await until(over)


async def test_after_three_retries_it_is_a_dead_letter_and_a_person_is_called(running: Running, owner: Client) -> None:
    """And when that person has the letter retried, it begins anew."""
    project = await clashing(owner, auto_resolve=True)
    for number in (1, 2, 3, 4):
        await declined(owner, project, number)
    await until(lambda: _called(owner, project, "conflict-C-1"))
    alert = next(each for each in (await owner.status(project)).alerts if each.alert == "conflict-C-1")
    assert (alert.person, alert.conflict) == (True, "C-1")

    async def buried() -> bool:
        return bool(await letters(running, project))

    await until(buried)
    (headers,) = await letters(running, project)
    assert headers["Psmp-Subject"] == f"psmp.log.default.{project}.resolution.refused"
    assert "4 attempts to resolve C-1 came to nothing" in headers["Psmp-Reason"]
    await until(lambda: _called(owner, project, "letter-1"))
    assert (await kinds(owner, project)).count("alert.raised") == 2
    await owner.retry_letter(project, 1, reason="they may have changed their minds")
    await declined(owner, project, 5)
    agent, _ = await first_asked(owner, project)
    await agent.answer(project, "R-6", "yes")
    assert (await free(owner, project)).alerts == ()


async def _called(owner: Client, project: str, alert: str) -> bool:
    return any(each.alert == alert for each in (await owner.status(project)).alerts)


async def test_who_governs_gives_a_blocked_project_up(owner: Client) -> None:
    """With time to do so: it stays RESOLVING for as long as somebody has the conflict in hand."""
    project = await clashing(owner)
    await written(owner, project, Phase.BLOCKED)
    await owner.as_agent("ds").resolve(project, "C-1", escalate=True, reason="nobody gives way")
    await owner.acknowledge(project, "conflict-C-1", reason="mine")
    await owner.wait_for(project, Phase.RESOLVING)
    with pytest.raises(ResolutionUnderWay, match="owner has C-1 in hand"):
        await owner.as_agent("ds").resolve(project, "C-1", escalate=True, reason="is anybody there?")
    await owner.transition(project, Phase.ARCHIVED, reason="given up")
    assert (await phases(owner, project))[-3:] == ["BLOCKED", "RESOLVING", "ARCHIVED"]


async def test_killed_in_between_the_resolver_changes_nothing(running: Running, owner: Client) -> None:
    """It is killed while it works: each conflict is resolved once and everybody gets an answer."""
    projects = [await clashing(owner) for _ in range(6)]

    async def kill() -> None:
        running.stack.kill("resolver")
        await running.stack.ready("resolver")

    async with asyncio.TaskGroup() as group:
        wishes = [
            group.create_task(owner.resolve(each, "C-1", accept=1, reason="so be it", timeout=30)) for each in projects
        ]
        await kill()
    assert all(isinstance(each.result(), Resolved) for each in wishes)
    for project in projects:
        await free(owner, project)
        assert (await kinds(owner, project)).count("resolution.applied") == 1
        assert (await kinds(owner, project)).count("resolution.requested") == 1


async def said(client: Client, project: str, command: Command) -> None:
    """Sent, and done."""
    await client._settle(project, command, None, 30)


def governed(**policy: Any) -> ChangeProject:
    return ChangeProject(policy=PolicyChange(**policy), reason="it is otherwise")


async def verdicts(client: Client, project: str) -> list[Counter[str]]:
    """For each change of the project: how many verdicts each artifact got because of it."""
    told = [each.envelope async for each in client.events(project, follow=False)]
    changes = {each.id: Counter[str]() for each in told if isinstance(each.data, ProjectChanged)}
    for each in told:
        if isinstance(each.data, ArtifactAccepted | ConflictDetected | ConflictCleared) and each.causationid in changes:
            changes[each.causationid][each.data.artifact] += 1
    return list(changes.values())


async def test_for_other_targets_each_artifact_is_judged_once_though_the_checker_is_killed(
    running: Running, owner: Client
) -> None:
    """What does not stand there blocks, and blocks no more when the project is as it was."""
    project = f"r{next(_numbers)}"
    await owner.create_project(project)
    await owner.transition(project, Phase.PLANNING, reason="go")
    names = [f"part-{number}" for number in range(30)]
    async with asyncio.TaskGroup() as group:
        for name in names:
            python = "<3.12" if name == "part-17" else None
            group.create_task(owner.as_agent(name).declare(project, name, dependencies=["x"], requires_python=python))
    await said(owner, project, ChangeProject(targets=(Target(python="3.12"),), reason="newer"))

    async def begun() -> bool:
        return sum((await verdicts(owner, project))[0].values()) > 0

    await until(begun)
    running.stack.kill("checker")

    def judged(times: int) -> Callable[[], Awaitable[bool]]:
        async def probe() -> bool:
            return await verdicts(owner, project) == [Counter(names)] * times

        return probe

    await until(judged(1))
    blocked = await written(owner, project, Phase.BLOCKED)
    assert [(each.id, each.subject, each.environments) for each in blocked.conflicts] == [
        ("C-1", "python", ("python3.12-linux",))
    ]
    await running.stack.ready("checker")
    await said(owner, project, ChangeProject(targets=(Target(),), reason="rather not"))
    await until(judged(2))
    peace = await written(owner, project, Phase.IN_PROGRESS)
    assert peace.conflicts == ()
    assert {each.status for each in peace.artifacts} == {"ACTIVE"}


async def test_what_blocks_and_who_may_run_follows_the_policy_as_it_is_changed(owner: Client) -> None:
    project = f"r{next(_numbers)}"
    await owner.create_project(project, policy={"max_concurrent_agents": 1})
    await owner.transition(project, Phase.PLANNING, reason="go")
    for agent, constraint in (("coder", ">=2"), ("ds", "<2")):
        tool = Dependency(name="pytest", constraint=constraint, scope="dev")
        await owner.as_agent(agent).declare(project, agent, dependencies=[tool])
    await written(owner, project, Phase.BLOCKED)
    await said(owner, project, governed(strict_mode=False))
    lenient = await written(owner, project, Phase.IN_PROGRESS)
    assert [str(each.severity) for each in lenient.conflicts] == ["high"]

    await owner.as_agent("coder").begin(project, wait=60, timeout=60)
    async with asyncio.TaskGroup() as group:
        group.create_task(owner.as_agent("ds").begin(project, wait=60, timeout=60))

        async def waiting() -> bool:
            return [each.agent for each in (await owner.status(project)).waiting] == ["ds"]

        await until(waiting)
        await said(owner, project, governed(max_concurrent_agents=2))
    assert {each.agent for each in (await owner.status(project)).slots} == {"coder", "ds"}
    await said(owner, project, governed(strict_mode=True))
    await written(owner, project, Phase.BLOCKED)


async def test_a_conflict_that_is_open_is_resolved_when_the_policy_gives_it_to_the_resolver(owner: Client) -> None:
    project = await clashing(owner, flexible=True)
    await written(owner, project, Phase.BLOCKED)
    await said(owner, project, governed(auto_resolve=True))
    await free(owner, project)
    assert (await kinds(owner, project)).count("resolution.applied") == 1


async def test_planned_work_is_said_to_its_agent_also_when_it_listens_late_and_no_more_once_it_is_done(
    running: Running, owner: Client
) -> None:
    project, coder = f"r{next(_numbers)}", owner.as_agent("coder")
    nats = await connect_nats(Address(running.url), "test", inbox="_INBOX.test")
    heard: list[dict[str, Any]] = []

    async def take(message: Any) -> None:  # noqa: ANN401 - a message of nats-py
        heard.append(json.loads(message.data))

    async def told() -> bool:
        return bool(heard)

    try:
        await nats.subscribe(f"psmp.task.default.{project}.coder", cb=take)
        await nats.flush()
        await owner.create_project(project)
        await said(owner, project, CreateTask(task="docs", title="Write the docs", agent="coder"))
        await until(told)
    finally:
        await nats.close()
    assert (heard[0]["task"], heard[0]["text"], heard[0]["planned"]["agent"]) == (
        *("work", "docs: Write the docs"),
        "coder",
    )
    async with asyncio.timeout(60), aclosing(coder.tasks(project)) as late:
        for task in ("docs", "logo"):
            asked = await anext(late)
            assert asked.planned is not None
            assert (asked.task, asked.planned.task) == ("work", task)
            if task == "docs":
                await said(owner, project, CreateTask(task="logo", title="Draw a logo", agent="coder"))
    for task in ("docs", "logo"):
        await said(coder, project, ChangeTask(task=task, status="DONE"))

    async def nothing() -> bool:
        return [each async for each in coder.tasks(project, follow=False)] == []

    await until(nothing)

"""The API as programs use it: the story of a conflict, writes that count once, versions, pages, and what is refused."""

import asyncio
import json
from contextlib import aclosing
from datetime import datetime, timedelta
from importlib import resources

import pytest

from psmp import connect as connect_agent
from psmp.rules.orchestration.settling import is_included
from psmp.stack.waiting import until
from psmp.story.graph import PARTS
from psmp.wire.connection import Address, connect
from psmp.words.envelope import leaf_hash
from tests.api import Answer, Api
from tests.gateway import Gateway, gateway

__all__ = ["gateway"]

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

PLAN = resources.files("psmp.story").joinpath("three-agents.yaml").read_bytes()
CLASH = {"first": "langchain >=0.1.0", "second": "langchain ==0.0.350"}


async def clash(gateway: Gateway, project: str, **more: object) -> None:
    await gateway.project(project, **more)
    await gateway.declare(project, "first", CLASH["first"], agent="ada")
    await gateway.declare(project, "second", CLASH["second"], agent="bob")


async def test_a_conflict_blocks_is_explained_and_is_resolved_by_a_step_of_the_report(gateway: Gateway) -> None:
    api, project = gateway.admin, "story"
    await gateway.project(project)
    await gateway.declare(project, "first", CLASH["first"])
    body = {"artifact": "second", "type": "code", "dependencies": [{"name": "langchain", "constraint": "==0.0.350"}]}
    told = (await api.speaking_as("bob").post(f"/projects/{project}/artifacts", body, Prefer="wait")).json
    assert (told["verdict"], told["state"], [each["id"] for each in told["conflicts"]]) == (
        *("blocked", "BLOCKED"),
        ["C-1"],
    )
    assert "Because ada requires langchain>=0.1.0" in told["text"]
    refused = await api.speaking_as("cleo").post(f"/projects/{project}/slots", {})
    assert (refused.status, refused.code, refused.json["conflicts"]) == (409, "PROJECT_BLOCKED", ["C-1"])
    assert refused.json["sequence"] == (await api.get(f"/projects/{project}")).json["sequence"]

    [blocked] = (await api.get(f"/governance/blocking-report?project={project}")).json["items"]
    [blocker] = blocked["blockers"]
    step = blocker["steps"][0]
    assert (blocked["state"], step["text"]) == ("BLOCKED", "bob -> langchain>=0.1.0 in second (was ==0.0.350)")
    href = step["href"].removeprefix("/api/v1")
    preview, way = href.replace("/resolve?", "/preview?"), {"strategy": "accept", "suggestion": 1}
    foreseen = [(await api.speaking_as(each).post(preview, way)).json for each in ("bob", "cleo")]
    assert [(each["does"], each["cleared"], each["allowed"]) for each in foreseen] == [
        (True, ["C-1"], True),
        (True, ["C-1"], False),
    ]
    done = await api.speaking_as("bob").ask(step["method"], href, {**step["body"], "reason": "agreed"})
    assert (done.status, done.json["event"]["data"]["cleared"]) == (200, ["C-1"])
    assert (await api.get(f"/governance/blocking-report?project={project}")).json["items"] == []
    gone = await api.get(f"/governance/conflicts/C-1?project={project}")
    assert (gone.status, gone.code) == (404, "UNKNOWN_CONFLICT")

    agents = (await api.get(f"/projects/{project}/agents")).json["items"]
    assert [(each["agent"], each["artifacts"]) for each in agents] == [("ada", ["first"]), ("bob", ["second"])]


async def test_a_conflict_that_policy_lets_the_resolver_clear_is_answered_as_resolved(gateway: Gateway) -> None:
    await gateway.project("auto", policy={"auto_resolve": True})
    await gateway.declare("auto", "first", CLASH["first"])
    need = {"name": "langchain", "constraint": "==0.0.350"}
    body = {"artifact": "second", "type": "code", "flexible": True, "dependencies": [need]}
    told = (await gateway.admin.speaking_as("bob").post("/projects/auto/artifacts", body, Prefer="wait")).json
    assert told["verdict"] == "auto_resolved", told
    assert told["event"]["type"] == "psmp.conflict.detected.v1"
    assert told["resolution"]["data"]["cleared"] == ["C-1"]


async def test_a_conflict_that_the_resolver_may_not_clear_is_answered_as_blocked_without_waiting_on(
    gateway: Gateway,
) -> None:
    await gateway.project("asks", policy={"auto_resolve": True})
    await gateway.declare("asks", "first", CLASH["first"])
    need = {"name": "langchain", "constraint": "==0.0.350"}
    body = {"artifact": "second", "type": "code", "dependencies": [need]}
    began = asyncio.get_running_loop().time()
    told = (await gateway.admin.speaking_as("bob").post("/projects/asks/artifacts", body, Prefer="wait=25")).json
    assert (told["verdict"], told["state"] in ("BLOCKED", "RESOLVING")) == ("blocked", True)
    assert asyncio.get_running_loop().time() - began < 15
    found = (await gateway.admin.get("/governance/conflicts?project=asks&state=resolving")).json["items"]
    assert [each["resolution"]["stage"] for each in found] == ["proposed"]
    [task] = (await gateway.admin.get("/projects/asks/tasks?agent=bob")).json["items"]
    assert (task["task"], task["kind"], task["conflict"]["id"]) == ("answer:R-1:bob", "answer", "C-1")
    path = f"/projects/asks/tasks/{task['task']}"
    assert (await gateway.admin.get(path)).json == task
    tried = [await gateway.admin.ask("PATCH", path, {"status": "DONE"})]
    tried.append(await gateway.admin.ask("DELETE", path, {"reason": "x"}))
    assert [(each.status, each.code) for each in tried] == [(409, "NOT_PLANNED")] * 2
    assert all("POST /api/v1/projects/asks/resolutions/R-1/answer" in each.json["hint"] for each in tried)
    gone = await gateway.admin.ask("PATCH", "/projects/asks/tasks/resolve:C-9:bob", {"status": "DONE"})
    assert (gone.status, gone.code) == (404, "UNKNOWN_TASK")


async def test_a_declaration_is_stored_at_once_and_its_verdict_is_had_by_the_same_key_later(gateway: Gateway) -> None:
    api = gateway.admin
    await gateway.project("later")
    body = {"artifact": "a", "type": "code"}
    first = await api.post("/projects/later/artifacts", body, Idempotency_Key="k-1")
    assert (first.status, first.headers["location"]) == (202, "/api/v1/projects/later/artifacts/a")
    again = [await api.post("/projects/later/artifacts", body, Idempotency_Key="k-1", Prefer="wait") for _ in range(2)]
    assert [each.json["verdict"] for each in again] == ["accepted"] * 2
    assert {each.json["command_id"] for each in again} == {first.json["command_id"]}
    assert again[0].json["event"] == again[1].json["event"]
    assert (await api.get("/projects/later/artifacts/a")).json["version"] == 1
    other = await api.post("/projects/later/artifacts", {**body, "artifact": "b"}, Idempotency_Key="k-1")
    assert (other.status, other.code) == (422, "KEY_REUSED")
    without = await api.post("/projects/later/artifacts", body, Prefer="wait")
    assert (without.status, without.code) == (409, "ARTIFACT_EXISTS")
    bob = await api.speaking_as("bob").post(
        "/projects/later/artifacts", {**body, "artifact": "c"}, Idempotency_Key="k-1"
    )
    assert (bob.status, bob.json["command_id"] != first.json["command_id"]) == (202, True)


async def test_what_was_changed_meanwhile_is_not_overwritten_and_what_is_known_is_not_sent(gateway: Gateway) -> None:
    api = gateway.admin.speaking_as("ada")
    await gateway.project("versions")
    await gateway.declare("versions", "a", "numpy >=1")
    path = "/projects/versions/artifacts/a"
    read = await api.get(path)
    tag = read.headers["etag"]
    assert ((await api.get(path, If_None_Match=tag)).status, (await api.get(path, If_None_Match='"1"')).status) == (
        304,
        200,
    )
    amended = await api.ask("PATCH", path, {"summary": "better"}, If_Match=tag, Prefer="wait")
    assert (amended.status, amended.json["verdict"]) == (200, "accepted")
    stale = await api.ask("PATCH", path, {"summary": "worse"}, If_Match=tag, Prefer="wait")
    newer = await api.get(path)
    assert (stale.status, stale.code) == (412, "PRECONDITION_FAILED")
    assert f'"{stale.json["sequence"]}"' == newer.headers["etag"]
    assert (newer.json["summary"], newer.json["version"], newer.json["dependencies"][0]["name"]) == (
        "better",
        2,
        "numpy",
    )
    bad = await api.ask("PATCH", path, {"summary": "x"}, If_Match="yesterday")
    assert (bad.status, bad.code) == (422, "INVALID")

    project = await api.get("/projects/versions")
    assert (await api.get("/projects/versions", If_None_Match=project.headers["etag"])).status == 304
    moved = await api.post("/projects/versions/transition", {"to": "IN_PROGRESS", "reason": "x"}, If_Match='"1"')
    assert moved.code == "PRECONDITION_FAILED"

    gone = await api.ask("DELETE", path, {"reason": "not needed"}, If_Match=newer.headers["etag"])
    assert (gone.status, (await api.get(path)).json["status"]) == (200, "ARCHIVED")
    assert (await api.get("/projects/versions?sequence=1")).json["state"] == "INITIALIZED"
    assert (await api.ask("DELETE", path, {})).code == "INVALID"


async def test_of_writers_that_saw_the_same_version_exactly_one_writes(gateway: Gateway) -> None:
    api = gateway.admin.speaking_as("ada")
    await gateway.project("locked")
    await gateway.declare("locked", "a", "numpy >=1")
    path = "/projects/locked/artifacts/a"
    tag = (await api.get(path)).headers["etag"]

    async def write(number: int) -> Answer:
        body = {"summary": f"of writer {number}"}
        return await api.ask("PATCH", path, body, If_Match=tag, Prefer="wait=30", Idempotency_Key=f"w-{number}")

    found = await asyncio.gather(*map(write, range(12)))
    assert sorted(each.status for each in found) == [200] + [412] * 11, found
    [winner] = [number for number, each in enumerate(found) if each.status == 200]
    now = await api.get(path)
    assert (now.json["summary"], now.json["version"]) == (f"of writer {winner}", 2)
    assert {f'"{each.json["sequence"]}"' for each in found if each.status == 412} == {now.headers["etag"]}
    again = await write(winner)
    assert (again.status, again.json["event"]) == (200, found[winner].json["event"])
    several = await api.ask("PATCH", path, {"summary": "x"}, If_Match=f"{tag}, {now.headers['etag']}", Prefer="wait")
    assert several.status == 200, several
    none = await api.ask("PATCH", path, {"summary": "y"}, If_Match=f'{tag}, "1"', Prefer="wait")
    assert (none.status, none.code) == (412, "PRECONDITION_FAILED")

    project = (await api.get("/projects/locked")).headers["etag"]
    body = {"to": "IN_PROGRESS", "reason": "x"}
    moves = [gateway.admin.post("/projects/locked/transition", body, If_Match=project) for _ in range(6)]
    assert sorted(each.status for each in await asyncio.gather(*moves)) == [200] + [412] * 5


async def test_a_task_is_planned_taken_done_when_what_shall_come_of_it_is_there_and_archived(gateway: Gateway) -> None:
    await gateway.project("plans")
    [boss, ada, eve] = [gateway.admin.speaking_as(each) for each in ("boss", "ada", "eve")]
    body = {"task": "docs", "title": "Write the docs", "artifacts": ["manual"]}
    made = [await boss.post("/projects/plans/tasks", body, Idempotency_Key="t-1") for _ in range(2)]
    path = "/projects/plans/tasks/docs"
    assert [(each.status, each.headers["location"]) for each in made] == [(201, f"/api/v1{path}")] * 2
    assert made[0].json["event"] == made[1].json["event"]
    assert (await boss.post("/projects/plans/tasks", body)).code == "TASK_EXISTS"
    read = await eve.get(path)
    tag = read.headers["etag"]
    assert (read.json["status"], read.json["by"], tag) == ("OPEN", "boss", f'"{made[0].json["sequence"]}"')
    assert (await eve.get(path, If_None_Match=tag)).status == 304

    foreign = await eve.ask("PATCH", path, {"title": "Mine"})
    assert (foreign.status, foreign.code) == (403, "NOT_OWNER")
    taken = await ada.ask("PATCH", path, {"agent": "ada", "status": "IN_PROGRESS"}, If_Match=tag)
    assert taken.status == 200, taken
    late = await boss.ask("PATCH", path, {"agent": "boss"}, If_Match=tag)
    assert (late.status, late.code, late.json["sequence"]) == (412, "PRECONDITION_FAILED", taken.json["sequence"])
    unfinished = await ada.ask("PATCH", path, {"status": "DONE"})
    assert (unfinished.status, unfinished.code) == (409, "WORK_UNFINISHED")
    await gateway.declare("plans", "manual", agent="ada")
    done = await ada.ask("PATCH", path, {"status": "DONE"}, Prefer="respond-async", Idempotency_Key="t-2")
    assert done.status == 202, done
    done = await ada.ask("PATCH", path, {"status": "DONE"}, Prefer="wait=30", Idempotency_Key="t-2")
    assert (done.status, done.json["event"]["data"]["status"]) == (200, "DONE")
    assert [(await ada.ask("PATCH", path, each)).status for each in ({}, {"reason": "x"}, {"status": "ARCHIVED"})] == [
        422
    ] * 3
    tag = (await boss.get(path)).headers["etag"]
    stale = await boss.ask("DELETE", path, {"reason": "published"}, If_Match='"1"')
    assert (stale.status, f'"{stale.json["sequence"]}"') == (412, tag)
    gone = await boss.ask("DELETE", path, {"reason": "published"}, If_Match=tag)
    kept = (await eve.get(path)).json
    assert (gone.status, kept["status"], kept["reason"]) == (200, "ARCHIVED", "published")
    again = await boss.ask("PATCH", path, {"status": "OPEN"})
    assert (again.status, again.code) == (404, "UNKNOWN_TASK")
    assert (await eve.get("/projects/plans/tasks/never")).code == "UNKNOWN_TASK"
    assert (await eve.get("/projects/never/tasks/docs")).code == "UNKNOWN_PROJECT"


async def test_a_project_is_changed_by_who_governs_it_judged_anew_and_given_up(gateway: Gateway) -> None:
    api, path = gateway.admin, "/projects/changed"
    await gateway.project("changed")
    await gateway.declare("changed", "a", "numpy >=1")
    tag = (await api.get(path)).headers["etag"]
    assert [(await api.ask("PATCH", path, each)).status for each in ({}, {"name": "x"}, {"reason": "x"})] == [422] * 3
    change = {"name": "Ämter", "targets": [{"python": "3.12"}], "policy": {"strict_mode": False}, "reason": "agreed"}
    stranger = await api.speaking_as("eve").ask("PATCH", path, change)
    assert (stranger.status, stranger.code) == (403, "NOT_ALLOWED")
    stale = await api.ask("PATCH", path, change, If_Match=tag)  # what was refused is an event of the project, too
    assert (stale.status, stale.code) == (412, "PRECONDITION_FAILED")
    fresh = (await api.get(path)).headers["etag"]
    done = [await api.ask("PATCH", path, change, If_Match=fresh, Idempotency_Key="c-1") for _ in range(2)]
    assert [each.status for each in done] == [200] * 2, done
    assert done[0].json["event"] == done[1].json["event"]
    now = (await api.get(path)).json
    assert (now["name"], now["targets"][0]["python"], now["policy"]["strict_mode"], now["policy"]["lease_seconds"]) == (
        *("Ämter", "3.12", False),
        90,
    )

    async def judged() -> bool:
        return bool((await api.get(f"{path}/artifacts/a")).json["status"] == "ACTIVE")

    await until(judged, within=60)

    async def listed(which: str) -> list[str]:
        found, cursor = [], ""
        while True:
            page = (await api.get(f"/projects?limit=1&{which}{cursor}")).json
            found += [each["project"] for each in page["items"]]
            if "next_cursor" not in page:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    async def projected() -> bool:
        return await listed("name=%C3%A4MT") == ["changed"]

    await until(projected, within=60)
    assert await listed("name=%C3%A4MT&state=ARCHIVED") == []
    assert "changed" in await listed("state=PLANNING&state=INITIALIZED")
    wrong = await api.get("/projects?state=PLANNING&state=OPEN")
    assert (wrong.code, [each["pointer"] for each in wrong.json["errors"]]) == ("INVALID", ["state"])
    stale = await api.ask("DELETE", path, {"reason": "nobody needs it"}, If_Match=fresh)
    assert (stale.status, stale.code) == (412, "PRECONDITION_FAILED")
    newest = (await api.get(path)).headers["etag"]
    given_up = await api.ask("DELETE", path, {"reason": "nobody needs it"}, If_Match=newest)
    assert (given_up.status, (await api.get(path)).json["state"]) == (200, "ARCHIVED")
    closed = await api.ask("PATCH", path, change)
    assert (closed.status, closed.code) == (409, "PROJECT_NOT_OPEN")

    async def told() -> bool:
        return await listed("name=%C3%A4mter&state=ARCHIVED") == ["changed"]

    await until(told, within=60)


REFUSED: list[tuple[str, str, object, dict[str, str], int, str]] = [
    ("GET", "/projects", None, {"Accept": "text/html"}, 406, "NOT_ACCEPTABLE"),
    ("GET", "/problems", None, {"Accept": "image/png, text/*"}, 406, "NOT_ACCEPTABLE"),
    ("GET", "/projects/forms/checkpoints/newest", None, {"Accept": "application/json"}, 406, "NOT_ACCEPTABLE"),
    ("GET", "/events/stream", None, {"Accept": "application/json"}, 406, "NOT_ACCEPTABLE"),
    ("POST", "/projects/forms/artifacts", {"artifact": "a"}, {"Accept": "text/html"}, 406, "NOT_ACCEPTABLE"),
    ("PUT", "/projects", {}, {}, 405, "METHOD_NOT_ALLOWED"),
    ("DELETE", "/projects/forms/artifacts", {}, {}, 405, "METHOD_NOT_ALLOWED"),
    ("POST", "/projects", b"<x/>", {"content_type": "text/xml"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ("POST", "/projects/forms/artifacts", b"<x/>", {"content_type": "text/xml"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ("POST", "/projects/forms/artifacts", b"x" * 65_537, {}, 413, "TOO_LARGE"),
    ("POST", "/projects/forms/artifacts", b'{"artifact": "a", "artifact": "b", "type": "code"}', {}, 422, "INVALID"),
    ("POST", "/projects/forms/artifacts?x=1", {"artifact": "a", "type": "code"}, {}, 422, "INVALID"),
    ("POST", "/projects/f.o/artifacts", {"artifact": "a", "type": "code"}, {}, 422, "INVALID"),
    (
        "POST",
        "/projects/forms/artifacts",
        {"artifact": "a", "type": "code"},
        {"Idempotency_Key": "x y"},
        422,
        "INVALID",
    ),
    ("POST", "/projects/forms/heartbeat?x=1", None, {}, 422, "INVALID"),
    ("POST", "/projects/nobodys/heartbeat", None, {}, 404, "UNKNOWN_PROJECT"),
]


@pytest.mark.parametrize(("asked", "said", "status", "code"), [(each[:3], *each[3:]) for each in REFUSED])
async def test_what_http_forbids_is_refused_as_a_problem_by_the_short_way_and_the_long(
    gateway: Gateway, asked: tuple[str, str, object], said: dict[str, str], status: int, code: str
) -> None:
    method, path, body = asked
    refused = await gateway.admin.ask(method, path, body, **said)
    assert (refused.status, refused.code) == (status, code), refused
    assert refused.json["instance"] == f"/api/v1{path.partition('?')[0]}"
    if status == 405:
        assert refused.headers["allow"]


async def test_a_head_is_what_comes_before_the_body_of_a_get(gateway: Gateway) -> None:
    await gateway.project("headed")
    for path in ("/projects/headed", "/health", "/projects/nobodys", "/governance/conflicts"):
        head, whole = await gateway.admin.ask("HEAD", path), await gateway.admin.get(path)
        assert (head.status, head.body) == (whole.status, b"")
        same = {"content-type", "etag", "cache-control", "content-security-policy"}
        assert {each: head.headers.get(each) for each in same} == {each: whole.headers.get(each) for each in same}


async def test_lists_come_in_pages_that_join_without_a_gap_or_a_repetition(gateway: Gateway) -> None:
    api = gateway.admin
    await gateway.project("pages")
    for number in range(5):
        await gateway.declare(
            "pages", f"a{number}", "NumPy >=1" if number % 2 else "flask", agent=("ada", "bob")[number % 2]
        )

    async def paged(path: str, by: str) -> list[str]:
        found, cursor = [], ""
        while True:
            page = (await api.get(f"{path}limit=2{cursor}")).json
            assert len(page["items"]) <= 2
            found += [each[by] for each in page["items"]]
            if "next_cursor" not in page:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    assert await paged("/projects/pages/artifacts?", "artifact") == [f"a{number}" for number in range(5)]
    assert await paged("/projects/pages/artifacts?package=numpy&", "artifact") == ["a1", "a3"]
    assert await paged("/projects/pages/artifacts?agent=ada&status=ACTIVE&", "artifact") == ["a0", "a2", "a4"]
    for task, agent in {"t0": "ada", "t1": "bob", "t2": None, "t3": "ada", "t4": "bob"}.items():
        body = {"task": task, "title": "x"} | ({"agent": agent} if agent else {})
        assert (await api.post("/projects/pages/tasks", body)).status == 201
    assert (await api.ask("DELETE", "/projects/pages/tasks/t3", {"reason": "x"})).status == 200
    assert (await api.ask("PATCH", "/projects/pages/tasks/t1", {"status": "DONE"})).status == 200
    assert await paged("/projects/pages/tasks?", "task") == ["t0", "t1", "t2", "t4"]
    assert await paged("/projects/pages/tasks?status=ARCHIVED&status=OPEN&agent=ada&", "task") == ["t0", "t3"]
    assert await paged("/projects/pages/tasks?agent=&kind=work&", "task") == ["t2"]
    assert await paged("/projects/pages/tasks?kind=answer&kind=resolve&", "task") == []
    names = [each["project"] for each in (await api.get("/projects?limit=500")).json["items"]]
    assert await paged("/projects?", "project") == sorted(names)
    positions = await paged("/projects/pages/events?", "position")
    assert positions == sorted(set(positions))
    assert len(positions) == (await api.get("/projects/pages")).json["sequence"]
    for cursor in ("x", "W10", "WyJhIl0", "____"):
        bad = await api.get(f"/projects/pages/events?cursor={cursor}")
        assert (bad.status, bad.code) == (422, "INVALID"), cursor


async def test_the_audit_trail_has_the_exact_bytes_that_are_hashed(gateway: Gateway) -> None:
    await gateway.project("trail")
    raw = (await gateway.admin.get("/projects/trail/events", Accept="application/jsonl")).body.splitlines()
    items = (await gateway.admin.get("/projects/trail/events")).json["items"]
    assert [leaf_hash(line) for line in raw] == [each["leaf"] for each in items]
    assert [json.loads(line)["prev"] for line in raw][1:] == [each["leaf"] for each in items][:-1]


async def test_conflicts_are_found_by_severity_type_and_state_in_one_project_or_all(gateway: Gateway) -> None:
    await clash(gateway, "found-a")
    await clash(gateway, "found-b")
    api = gateway.admin

    async def projects(query: str) -> list[str]:
        page = (await api.get(f"/governance/conflicts?limit=500{query}")).json
        return [each["project"] for each in page["items"] if each["project"].startswith("found-")]

    async def listed() -> bool:
        return await projects("") == ["found-a", "found-b"]

    assert await until(listed, within=60)
    assert await projects("&severity=critical&type=version&state=open") == ["found-a", "found-b"]
    assert await projects("&severity=low") == await projects("&type=path") == await projects("&state=waived") == []
    waived = await api.post(
        "/governance/conflicts/C-1/resolve?project=found-b", {"strategy": "waive", "seconds": 60, "reason": "later"}
    )
    assert waived.status == 200, waived
    assert await projects("&state=waived") == ["found-b"]
    assert await projects("&state=open") == ["found-a"]
    report = (await api.get("/governance/blocking-report?limit=500")).json["items"]
    assert [each["project"] for each in report if each["project"].startswith("found-")] == ["found-a"]


async def test_a_slot_is_had_kept_and_given_back(gateway: Gateway) -> None:
    await gateway.project("slots")
    moved = await gateway.admin.post("/projects/slots/transition", {"to": "IN_PROGRESS", "reason": "x"})
    assert moved.status == 200, moved
    agent = await gateway.key("agent", "ada")
    begun = await agent.post("/projects/slots/slots", {})
    fence = begun.json["sequence"]
    assert (begun.status, (await agent.get("/projects/slots/slots")).json["items"][0]["fence"]) == (201, fence)
    [before] = (await agent.get("/projects/slots/agents")).json["items"]
    assert "heard" not in before
    assert (await agent.ask("POST", "/projects/slots/heartbeat")).status == 204
    agents = (await agent.get("/projects/slots/agents")).json
    [heard] = agents["items"]
    assert (heard["agent"], before["agent"]) == ("ada", "ada")
    assert abs(datetime.fromisoformat(agents["present"]) - datetime.fromisoformat(heard["heard"])) < timedelta(
        minutes=5
    )
    assert (await agent.post("/projects/slots/slots/renew", {"fence": fence})).status == 200
    early = await agent.post("/projects/slots/slots/finish", {})
    assert (early.status, early.code) == (409, "NOT_DECLARED")
    made = {"artifact": "a", "type": "code", "fence": fence}
    assert (await agent.post("/projects/slots/artifacts", made, Prefer="wait")).status == 201
    assert (await agent.post("/projects/slots/slots/finish", {})).status == 200
    assert (await agent.get("/projects/slots/slots")).json["items"] == []
    assert (await agent.post("/projects/slots/slots/leave", {})).code == "NOT_WAITING"


async def test_an_alert_waits_until_somebody_takes_it_in_hand(gateway: Gateway) -> None:
    await clash(gateway, "alarm")
    api, path = gateway.admin, "/alerts?project=alarm&waiting=true"
    raised = await api.post(
        "/governance/conflicts/C-1/resolve?project=alarm", {"strategy": "escalate", "reason": "no idea"}
    )
    assert raised.status == 200, raised

    async def waiting() -> list[str]:
        return [each["alert"] for each in (await api.get(path)).json["items"]]

    assert await until(waiting, within=60) == ["conflict-C-1"]
    taken = await api.post("/alerts/conflict-C-1/acknowledge?project=alarm", {"reason": "mine"})
    assert taken.status == 200, taken

    async def nobody() -> bool:
        return not await waiting()

    assert await until(nobody, within=60)


async def test_a_dead_letter_is_seen_and_dropped_by_its_tenant_alone(gateway: Gateway) -> None:
    await gateway.project("dead")
    subject = "psmp.cmd.default.dead.ada.artifact.declare"
    url = gateway.stack.nats.url_for(gateway.planned.identities.tenant())
    nats = await connect(Address(url), "test", inbox="_INBOX.test")
    await nats.request(subject, b"no command", timeout=30)
    await nats.close()

    async def listed() -> list[dict[str, object]]:
        items: list[dict[str, object]] = (await gateway.admin.get("/dead-letters?project=dead&waiting=true")).json[
            "items"
        ]
        return [each for each in items if each["state"] == "waiting"]

    [letter] = await until(listed, within=60) or []
    assert (letter["service"], letter["subject"], letter["body"]) == ("intake", subject, "no command")
    retried = await gateway.admin.post(f"/dead-letters/{letter['letter']}/retry", {"reason": "once more"})
    assert retried.status == 200, retried

    async def given_up_again() -> list[dict[str, object]]:
        items = (await gateway.admin.get("/dead-letters?project=dead")).json["items"]
        assert next(each for each in items if each["letter"] == letter["letter"])["state"] != "unseen"
        return [each for each in items if each["state"] == "waiting"]

    [letter] = await until(given_up_again, within=60)
    other = await gateway.key("operator", tenant="acme")
    denied = await other.post(f"/dead-letters/{letter['letter']}/drop", {"reason": "mine"})
    missing = await other.post("/dead-letters/999999/drop", {"reason": "mine"})
    assert (denied.status, denied.code) == (missing.status, missing.code) == (404, "UNKNOWN_LETTER")
    dropped = await gateway.admin.post(f"/dead-letters/{letter['letter']}/drop", {"reason": "nonsense"})
    assert dropped.status == 200, dropped
    assert (await gateway.admin.get("/dead-letters?project=dead&waiting=true")).json["items"] == []


BAD: list[tuple[str, str, object, int, str]] = [
    ("POST", "/projects", b"{", 422, "INVALID"),
    ("POST", "/projects", b'{"project":"a","project":"b"}', 422, "INVALID"),
    ("POST", "/projects", b"\xff", 422, "INVALID"),
    ("POST", "/projects", b"[" * 3000, 422, "INVALID"),
    ("POST", "/projects", {"project": "a.b"}, 422, "INVALID"),
    ("POST", "/projects", {"project": "a", "color": "red"}, 422, "INVALID"),
    ("POST", "/projects", b"x" * 65_537, 413, "TOO_LARGE"),
    ("GET", "/projects?colour=red", None, 422, "INVALID"),
    ("GET", "/projects?limit=0", None, 422, "INVALID"),
    ("GET", "/projects/..", None, 422, "INVALID"),
    ("GET", "/projects/a%2Fb", None, 404, "NOT_FOUND"),
    ("GET", "/projects/a.b", None, 422, "INVALID"),
    ("GET", "/nowhere", None, 404, "NOT_FOUND"),
    ("PUT", "/projects", {}, 405, "METHOD_NOT_ALLOWED"),
    ("GET", "/events/stream?type=psmp.>", None, 422, "INVALID"),
    ("GET", "/events/stream?after=-1", None, 422, "INVALID"),
    ("POST", "/governance/conflicts/C-1/resolve", {"strategy": "retry", "reason": "x"}, 422, "INVALID"),
    ("POST", "/projects/a/artifacts", {"artifact": "a", "type": "poem"}, 422, "INVALID"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), BAD)
async def test_what_cannot_be_taken_is_told_in_one_shape(
    gateway: Gateway, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = await gateway.admin.ask(method, path, body)
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("path", "is_of_ids"), [("/projects/a.b", True), ("/projects?state=NO", False)])
async def test_only_who_wrote_an_id_wrongly_is_told_how_ids_are_written(
    gateway: Gateway, path: str, is_of_ids: bool
) -> None:
    answer = await gateway.admin.get(path)
    assert ("ids are of the form" in answer.json["hint"]) is is_of_ids


async def test_a_fault_in_a_declaration_is_told_with_its_place(gateway: Gateway) -> None:
    await gateway.project("faults")
    body = {"artifact": "a", "type": "code", "dependencies": [{"name": "pandas", "constraint": "=>2"}]}
    answer = await gateway.admin.post("/projects/faults/artifacts", body, Prefer="wait")
    assert (answer.status, answer.code) == (422, "INVALID_CONSTRAINT")
    assert "/dependencies/0/constraint" in answer.json["detail"]
    wrong = await gateway.admin.post("/projects/faults/artifacts", {"artifact": "a", "type": "code", "paths": [{}]})
    assert [each["pointer"] for each in wrong.json["errors"]] == ["/paths/0/path"]


async def test_a_large_declaration_is_too_large_also_when_only_its_envelope_makes_it_so(gateway: Gateway) -> None:
    await gateway.project("large")
    words = [{"name": f"package-{number:04}", "purpose": "x" * 100} for number in range(430)]
    body = {"artifact": "a", "type": "code", "dependencies": words, "metadata": {"x": ""}}
    fitting = json.dumps({**body, "metadata": {"x": "y" * (65_536 - len(json.dumps(body)))}}).encode()
    assert len(fitting) == 65_536
    answer = await gateway.admin.post("/projects/large/artifacts", fitting)
    assert (answer.status, answer.code) == (413, "TOO_LARGE")
    smaller = {**body, "dependencies": words[:200]}
    assert (await gateway.admin.post("/projects/large/artifacts", smaller, Prefer="wait")).json["verdict"] == "accepted"


async def test_bytes_that_are_no_json_are_said_to_be_of_a_wrong_type(gateway: Gateway) -> None:
    answer = await gateway.admin.ask("POST", "/projects", b"a=b", content_type="text/plain")
    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_everything_is_well_and_says_so_to_anybody(gateway: Gateway) -> None:
    said = (await gateway.admin.get("/health")).json
    assert (said["well"], {each["name"] for each in said["parts"]}) == (
        True,
        {"keys", "live", "sessions", "drain"},
    )
    kinds = {each["code"]: each["status"] for each in (await gateway.admin.get("/problems")).json["items"]}
    assert (kinds["PROJECT_BLOCKED"], kinds["UNKNOWN_PROJECT"], kinds["RATE_LIMITED"]) == (409, 404, 429)


async def test_a_graph_is_judged_registered_run_corrected_and_settled_over_http(gateway: Gateway) -> None:
    api, graphs = gateway.admin, "/projects/plan/orchestrations"
    one, yaml = f"{graphs}/MAEG-LOGIN", {"content-type": "application/yaml"}
    await gateway.project("plan")
    wrong = await api.ask("POST", graphs, PLAN.replace(b"lane: backend\n", b"lane: back\n"), **yaml)
    assert (wrong.status, wrong.code) == (422, "INVALID_GRAPH")
    assert [(each["code"], each["line"], each["column"]) for each in wrong.json["errors"]] == [("UNKNOWN_LANE", 18, 11)]
    checked = await api.ask("POST", "/orchestrations/check", PLAN, **yaml)
    assert (checked.status, checked.json["agents"], checked.json["doubts"]) == (200, 3, [])
    assert (await api.ask("POST", graphs, PLAN, content_type="text/plain")).code == "UNSUPPORTED_MEDIA_TYPE"
    assert (await api.get(graphs)).json["items"] == []
    submitted = [await api.ask("POST", graphs, PLAN, **yaml, Idempotency_Key="plan") for _ in range(2)]
    assert [each.status for each in submitted] == [201, 201]
    assert submitted[0].json == submitted[1].json
    assert submitted[0].headers["location"] == f"/api/v1{one}"
    assert (await api.ask("POST", graphs, PLAN, **yaml)).code == "GRAPH_EXISTS"

    early = await api.post(f"{one}/approve", {"reason": "x"})
    assert (early.status, early.code) == (409, "GS_205")
    assert (await api.get(f"{one}/wrap")).code == "GS_206"
    stale = await api.post(f"{one}/nodes/api/correct", {"reason": "x"}, If_Match='"1"')
    assert (stale.status, stale.code) == (412, "PRECONDITION_FAILED")
    several = await api.post(f"{one}/nodes/api/correct", {"reason": "x"}, If_Match='"1", "2"')
    assert (several.status, several.code) == (412, "PRECONDITION_FAILED")
    said = {"role": "lead", "agrees": True, "reason": "x"}
    assert (await api.post(f"{one}/nodes/nobody/review", said)).code == "UNKNOWN_GRAPH"
    assert (await api.post(f"{one}/nodes/api/review", said)).code == "ILLEGAL_TRANSITION"
    assert (await api.get(f"{graphs}/MAEG-NONE")).code == "UNKNOWN_GRAPH"

    await asyncio.gather(*(works(gateway, "plan", agent) for agent in ("ApiAgent", "PageAgent", "TextAgent")))
    await until(lambda: settled(gateway, one), within=60)
    found = await api.get(one)
    whole = found.json
    nodes = {each["id"]: each for each in whole["nodes"]}
    assert [nodes[each]["attempt"] for each in PARTS] == [2, 1, 1]
    assert (nodes["api"]["failures"], nodes["api"]["token"]["state"]) == (1, "used")
    assert whole["cost_micros"] == PARTS["api"].cost_micros + sum(each.cost_micros for each in PARTS.values())
    assert found.headers["etag"] == f'"{whole["wrap"]["sequence"]}"'
    assert (await api.get(one, If_None_Match=found.headers["etag"])).status == 304
    then = (await api.get(f"{one}?sequence={submitted[0].json['sequence']}")).json
    assert (then["state"], then["complete"], then["sequence"]) == ("OPEN", 0, submitted[0].json["sequence"])
    drawn = [await api.get(f"{one}?format=mermaid"), await api.get(one, Accept="text/plain")]
    assert [each.body.startswith(b"flowchart TD\n") for each in drawn] == [True, True]
    assert drawn[0].body.count(b":::done") == 6
    wrap = (await api.get(f"{one}/wrap")).json
    assert wrap["wrap"]["pdo_orch"]["root"] == whole["root"]
    for number, each in enumerate(wrap["proofs"]):
        assert is_included(each["pdo"], number, 3, each["proof"], whole["root"])
    again = await api.post(f"{one}/abandon", {"reason": "x"}, If_Match=found.headers["etag"])
    assert (again.status, again.code) == (409, "GS_206")
    heard = await heard_of(gateway, "plan", until="wrap.accepted")
    assert {"maeg.created", "subpac.issued", "subpac.dispatched", "subpac.executed", "ber.generated"} <= heard
    assert {"pdo.finalized", "pdo.aggregated"} <= heard


async def test_graphs_of_all_projects_are_listed_by_state_page_by_page_and_for_a_key_its_own(gateway: Gateway) -> None:
    api = gateway.admin
    for name in ("many-1", "many-2"):
        await gateway.project(name)
        assert (await api.ask("POST", f"/projects/{name}/orchestrations", PLAN, content_type="text/yaml")).status == 201
    given_up = await api.post("/projects/many-2/orchestrations/MAEG-LOGIN/abandon", {"reason": "the wrong plan"})
    assert given_up.status == 200

    async def listed(which: str, of: Api = api) -> list[tuple[str, str]]:
        items, cursor = [], ""
        while True:
            page = (await of.get(f"/orchestrations?limit=1{which}{cursor}")).json
            items += [(each["project"], each["state"]) for each in page["items"]]
            if "next_cursor" not in page:
                return items
            cursor = f"&cursor={page['next_cursor']}"

    async def projected() -> bool:
        return len({project for project, _ in await listed("")} & {"many-1", "many-2"}) == 2

    await until(projected, within=60)
    assert ("many-1", "OPEN") in await listed("&state=OPEN")
    assert await listed("&state=ABANDONED") == [("many-2", "ABANDONED")]
    assert await listed("&waiting=true") == []
    assert await listed("&project=many-1") == [("many-1", "OPEN")]
    one = await gateway.key("viewer", projects=frozenset({"many-2"}))
    assert await listed("", one) == [("many-2", "ABANDONED")]
    assert (await one.get("/orchestrations?project=many-1")).code == "UNKNOWN_PROJECT"
    assert (await one.get("/projects/many-1/orchestrations/MAEG-LOGIN")).code == "UNKNOWN_PROJECT"


async def heard_of(gateway: Gateway, project: str, *, until: str) -> set[str]:
    """What has befallen the graphs of a project, by the stream of live events."""
    kinds = "&".join(f"type={entity}.*" for entity in ("maeg", "subpac", "ber", "pdo", "wrap"))
    heard = set[str]()
    async with gateway.admin.stream(f"/events/stream?project={project}&after=0&{kinds}") as stream:
        async with asyncio.timeout(60):
            while until not in heard:
                said = await stream.next()
                assert said is not None
                heard.add(said.event)
    return heard


async def works(gateway: Gateway, project: str, agent: str) -> None:
    """An agent does what it is sent until its work passes; whoever is to report tests forgets them at first."""
    url = gateway.stack.nats.url_for(gateway.planned.identities.tenant())
    async with (
        asyncio.timeout(60),
        connect_agent(url, agent=agent, timeout=60) as client,
        aclosing(client.dispatches(project=project)) as dispatches,
    ):
        async for each in dispatches:
            part, again = PARTS[each.node], each.attempt > 1
            async with client.run(project, token=each.token, wait=60) as run:
                if not again:
                    await run.declare(part.artifact, type=part.type, paths=[part.path])
                tests = {"passed": 3, "failed": 0} if again else None
                await run.report(part.outputs, tests=tests, cost_micros=part.cost_micros)
            if again or each.node != "api":
                return


async def settled(gateway: Gateway, path: str) -> bool:
    return bool((await gateway.admin.get(path)).json["state"] == "SETTLED")

"""The record over HTTP: history, proofs that hold offline, exports that verify, figures, and how it all stands."""

import csv
import io
import json
import zipfile
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from psmp.auditor.__main__ import audit, known
from psmp.ledger.keys import Use, read_public
from psmp.ledger.notes import Note
from psmp.ledger.proofs import Inclusion
from psmp.stack.keyfiles import PUBLIC
from psmp.stack.waiting import until
from psmp.words.envelope import leaf_hash
from tests.api import Answer
from tests.gateway import Gateway, gateway

__all__ = ["gateway"]

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

WITHIN = 60.0
COMPLIANCE = "/governance/compliance"


async def covered(gateway: Gateway, project: str, size: int) -> int:
    """Wait until a checkpoint covers so many events."""

    async def signed() -> int | None:
        found = (await gateway.admin.get(f"/projects/{project}/checkpoints?limit=1")).json["items"]
        return found[0]["size"] if found and found[0]["size"] >= size else None

    return await until(signed, within=WITHIN)


async def story(gateway: Gateway, project: str) -> int:
    """A project with a conflict; the sequence of its last event."""
    await gateway.project(project)
    await gateway.declare(project, "first", "langchain >=0.1.0", agent="ada")
    await gateway.declare(project, "second", "langchain ==0.0.350", "numpy >=1", agent="bob")

    async def blocked() -> int | None:
        status = (await gateway.admin.get(f"/projects/{project}")).json
        return status["sequence"] if status["phase"] == "BLOCKED" else None

    return await until(blocked, within=WITHIN)


def public(gateway: Gateway) -> Path:
    return gateway.stack.folder / PUBLIC


async def test_a_past_state_is_read_by_event_and_by_time_and_what_changed_since_is_told(gateway: Gateway) -> None:
    api, project = gateway.admin, "history"
    await story(gateway, project)
    events = (await api.get(f"/projects/{project}/events?limit=500")).json["items"]
    first = next(each["event"] for each in events if each["event"]["type"] == "psmp.artifact.declared.v1")
    before = (await api.get(f"/projects/{project}?time={events[1]['event']['time']}")).json
    assert (before["sequence"], before["artifacts"]) == (events[1]["event"]["sequence"], [])
    told = (await api.get(f"/projects/{project}/diff?at={first['sequence'] - 1}")).json
    became = {(each["what"], each["name"], each["became"]) for each in told["differences"]}
    assert {("artifact", "first", "added"), ("conflict", "C-1", "added")} <= became
    unnamed = await api.get(f"/projects/{project}/diff")
    both = await api.get(f"/projects/{project}?sequence=1&time=2026-01-01T00:00:00Z")
    assert (unnamed.status, both.status) == (422, 422)
    assert (await api.get(f"/projects/{project}/diff?at=9999")).code == "NO_SUCH_PAST"


async def test_events_are_found_by_kind_and_come_newest_first_when_asked(gateway: Gateway) -> None:
    api, project = gateway.admin, "kinds"
    end = await story(gateway, project)

    async def sequences(query: str) -> list[int]:
        found: list[int] = []
        cursor = ""
        while True:
            page = (await api.get(f"/projects/{project}/events?{query}{cursor}")).json
            found += [each["event"]["sequence"] for each in page["items"]]
            if "next_cursor" not in page:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    everything = await sequences("limit=2")
    assert everything == list(range(1, end + 1))
    assert await sequences("limit=3&order=desc") == everything[::-1]
    declared = await sequences("kind=artifact.declared")
    assert declared == (await sequences("kind=artifact.declared&order=desc&limit=1"))[::-1]
    assert len(declared) == 2
    assert await sequences("kind=artifact.declared&kind=conflict.*&limit=1") == sorted(
        declared + await sequences("kind=conflict.detected")
    )
    assert await sequences(f"after={end - 1}") == [end]
    assert (await api.get("/projects/nobodys/events?order=desc")).code == "UNKNOWN_PROJECT"


async def test_who_needs_a_package_and_which_event_says_so_is_listed(gateway: Gateway) -> None:
    await story(gateway, "needs")
    found = (await gateway.admin.get("/projects/needs/dependencies")).json["items"]
    assert [each["name"] for each in found] == ["langchain", "numpy"]
    langchain, numpy = found
    assert [(each["agent"], each["need"]["constraint"]) for each in langchain["needs"]] == [
        ("ada", ">=0.1.0"),
        ("bob", "==0.0.350"),
    ]
    assert (langchain["conflicts"], numpy["conflicts"]) == (["C-1"], [])
    said = (await gateway.admin.get(f"/projects/needs/events?after={numpy['needs'][0]['sequence'] - 1}&limit=1")).json
    assert said["items"][0]["event"]["data"]["artifact"] == "second"


async def test_proofs_hold_offline_against_the_public_keys(gateway: Gateway) -> None:
    api, project = gateway.admin, "proved"
    size = await covered(gateway, project, await story(gateway, project))
    trusted = read_public(public(gateway).read_text().splitlines())[Use.LOG]
    note = await api.get(f"/projects/{project}/checkpoints/newest")
    assert note.headers["content-type"].startswith("text/plain")
    assert Note.read(note.body).signed_by(trusted)
    line = (await api.get(f"/projects/{project}/events?limit=3", Accept="application/jsonl")).body.splitlines()[2]
    text = await api.get(f"/projects/{project}/proofs/inclusion/3", Accept="text/plain")
    proof = Inclusion.read(text.body.decode())
    assert proof.verify(bytes.fromhex(leaf_hash(line)), trusted).size >= size
    told = (await api.get(f"/projects/{project}/proofs/inclusion/3")).json
    assert (told["leaf"], told["index"]) == (leaf_hash(line), 2)
    assert [b64decode(each) for each in told["hashes"]] == list(proof.proof)
    older = (await api.get(f"/projects/{project}/proofs/consistency?since=2")).json
    assert older["text"].startswith("old 2\n")
    assert older["hashes"]
    [newest, *_] = (await api.get(f"/projects/{project}/checkpoints")).json["items"]
    named = (await api.get(f"/projects/{project}/proofs/consistency?since=2&to={newest['size']}")).json
    assert (named["size"], named["root"]) == (newest["size"], newest["root"])
    for since, to in ((2, 9999), (9999, newest["size"])):
        none = await api.get(f"/projects/{project}/proofs/consistency?since={since}&to={to}")
        assert none.code == "NOT_COVERED"
    absent = await api.get(f"/projects/{project}/proofs/inclusion/9999")
    nobodys = await api.get("/projects/nobodys/proofs/inclusion/1")
    assert (absent.code, nobodys.code) == ("NOT_COVERED", "UNKNOWN_PROJECT")
    lines = (await api.get("/checkpoints?limit=500")).json["items"]
    [line_of] = [each for each in lines if each["project"] == project]
    assert line_of["newest"]["size"] == line_of["records"] - line_of["behind"]


async def test_a_verification_says_what_was_compared_and_finds_what_was_changed(gateway: Gateway) -> None:
    api, project = gateway.admin, "sound"
    size = await covered(gateway, project, await story(gateway, project))
    found = (await api.ask("POST", f"/projects/{project}/verify")).json
    assert (found["holds"], found["checkpoint"]["size"], found.get("fault")) == (True, size, None)
    assert {each["what"]: each["holds"] for each in found["compared"]} == dict.fromkeys(
        ("chain", "log", "checkpoint"), True
    )
    connection = await asyncpg.connect(gateway.stack.postgres_dsn)
    await connection.execute("ALTER TABLE psmp.ledger DISABLE TRIGGER ALL")
    row = await connection.fetchrow("SELECT leaf, body FROM psmp.ledger WHERE project = $1 AND sequence = 2", project)
    assert row is not None
    other = row["body"].replace(b"a test", b"a TEST")
    change = "UPDATE psmp.ledger SET body = $2, leaf = $3 WHERE project = $1 AND sequence = 2"
    try:
        await connection.execute(change, project, other, bytes.fromhex(leaf_hash(other)))
        broken = (await api.ask("POST", f"/projects/{project}/verify")).json
    finally:
        await connection.execute(change, project, row["body"], row["leaf"])
        await connection.execute("ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only")
        await connection.execute("ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER only_pruned")
        await connection.close()
    assert (broken["holds"], broken["fault"]["sequence"]) == (False, 2)
    assert {each["what"]: each["holds"] for each in broken["compared"]} == {
        "chain": True,
        "log": False,
        "checkpoint": False,
    }
    assert (await (await gateway.key("viewer")).ask("POST", f"/projects/{project}/verify")).code == "FORBIDDEN"


async def export(gateway: Gateway, query: str) -> Answer:
    answer = await gateway.admin.get(f"{COMPLIANCE}/export?{query}")
    assert answer.status == 200, answer
    assert int(answer.headers["content-length"]) == len(answer.body)
    return answer


async def test_a_bundle_is_signed_and_verifies_offline_and_an_extract_has_what_was_chosen(
    gateway: Gateway, tmp_path: Path
) -> None:
    project = "exported"
    size = await covered(gateway, project, await story(gateway, project))
    bundle = await export(gateway, f"format=jsonl&project={project}")
    file = tmp_path / "bundle.zip"
    file.write_bytes(bundle.body)
    names = set(zipfile.ZipFile(io.BytesIO(bundle.body)).namelist())
    assert {"manifest.json", "manifest.note", f"logs/default/{project}.jsonl", f"sbom/default/{project}.cdx.json"} <= (
        names
    )
    found = audit(file, known(public(gateway)), signed=True)
    assert found.holds, [each.findings for each in (found.whole, *found.logs)]
    told = json.loads((await export(gateway, f"format=json&project={project}&kind=artifact.declared")).body)
    assert [each["event"]["data"]["artifact"] for each in told["records"]] == ["first", "second"]
    assert told["envelope"]["signatures"]
    table = await export(gateway, f"format=csv&project={project}&agent=bob")
    rows = list(csv.DictReader(io.StringIO(table.body.decode())))
    assert {each["actor"] for each in rows if each["kind"] == "artifact.declared"} == {"bob"}
    signed = zipfile.ZipFile(io.BytesIO((await export(gateway, f"format=csv&project={project}&signed=true")).body))
    names = {"exported.csv", "exported.csv.manifest.json", "exported.csv.manifest.dsse.json"}
    assert set(signed.namelist()) == names
    manifest = json.loads(signed.read("exported.csv.manifest.json"))
    assert manifest["sha256"] == sha256(signed.read("exported.csv")).hexdigest()
    refused = await gateway.admin.get(f"{COMPLIANCE}/export?format=jsonl&agent=bob")
    nothing = await gateway.admin.get(f"{COMPLIANCE}/export?project=nobodys")
    assert (refused.code, nothing.code) == ("INVALID", "UNKNOWN_PROJECT")
    assert size


async def test_the_trail_of_all_projects_is_searched_newest_first_by_who_what_and_when(gateway: Gateway) -> None:
    api = gateway.admin
    end = await story(gateway, "searched")

    async def taken() -> bool:
        page = (await api.get(f"{COMPLIANCE}/audit?project=searched&limit=1")).json
        return bool(page["items"]) and page["items"][0]["event"]["sequence"] == end

    assert await until(taken, within=WITHIN)
    found = []
    cursor = ""
    while True:
        page = (await api.get(f"{COMPLIANCE}/audit?project=searched&limit=2{cursor}")).json
        found += page["items"]
        if "next_cursor" not in page:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [each["event"]["sequence"] for each in found] == list(range(end, 0, -1))
    stored = {each["position"]: each["leaf"] for each in (await api.get("/projects/searched/events")).json["items"]}
    assert {each["position"]: each["leaf"] for each in found} == stored

    async def kinds(query: str) -> list[str]:
        page = (await api.get(f"{COMPLIANCE}/audit?project=searched&{query}")).json
        return [each["event"]["type"] for each in page["items"]]

    declared = "psmp.artifact.declared.v1"
    assert await kinds("kind=artifact.declared") == [declared] * 2
    assert await kinds("kind=artifact.declared&agent=bob&text=NumPy") == [declared]
    one = next(each["event"] for each in found if each["event"]["type"] == declared)
    assert declared in await kinds(f"of={one['causationid']}")
    assert await kinds(f"since={one['time']}") != await kinds("")
    assert await kinds("until=2020-01-01T00:00:00Z") == []


async def test_a_key_for_one_project_sees_nothing_of_another_and_another_tenant_nothing_at_all(
    gateway: Gateway,
) -> None:
    await covered(gateway, "hidden", await story(gateway, "hidden"))
    await gateway.project("shown")
    here = await gateway.key("auditor", projects=frozenset({"shown"}))
    away = await gateway.key("auditor", tenant="acme")
    for api in (here, away):
        for path in ("events", "diff?at=1", "dependencies", "checkpoints", "checkpoints/newest", "proofs/inclusion/1"):
            assert (await api.get(f"/projects/hidden/{path}")).code == "UNKNOWN_PROJECT", path
        assert (await api.ask("POST", "/projects/hidden/verify")).code == "UNKNOWN_PROJECT"
        for path in (f"{COMPLIANCE}/audit", f"{COMPLIANCE}/export", "/analytics", "/analytics/activity"):
            found = await api.get(f"{path}?project=hidden")
            assert b"langchain" not in found.body
            assert found.status == 404 or api is away, path
        trail = (await api.get(f"{COMPLIANCE}/audit?limit=500")).json["items"]
        assert {each["project"] for each in trail} <= ({"shown"} if api is here else set())
        lines = (await api.get("/checkpoints")).json["items"]
        assert {each["project"] for each in lines} <= ({"shown"} if api is here else set())
    assert (await here.get(f"{COMPLIANCE}/export")).code == "FORBIDDEN"
    assert (await here.get(f"{COMPLIANCE}/report?framework=soc2")).code == "FORBIDDEN"
    assert (await away.get(f"{COMPLIANCE}/export?project=hidden")).code == "UNKNOWN_PROJECT"
    counted = (await away.get("/analytics/activity?project=hidden")).json["items"]
    assert sum(each["events"] for each in counted) == 0


async def test_figures_over_time_count_what_was_written_and_how_soon_it_was_judged(gateway: Gateway) -> None:
    end = await story(gateway, "figures")

    async def taken() -> bool:
        items = (await gateway.admin.get("/analytics/activity?project=figures&stretch=minute")).json["items"]
        return bool(sum(each["events"] for each in items) >= end)

    assert await until(taken, within=WITHIN)
    series = (await gateway.admin.get("/analytics/activity?project=figures&stretch=day")).json
    assert len(series["items"]) == 30
    last = series["items"][-1] if series["items"][-1]["events"] else series["items"][-2]
    assert (last["declarations"], last["verdicts"], last["contested"]) == (2, 2, 1)
    assert last["conflicts"] == {"critical": 1}
    assert 0 < last["seconds"]["p50"] <= last["seconds"]["p99"]
    causes = (await gateway.admin.get("/analytics?project=figures")).json
    assert {each["agent"]: each["share"] for each in causes["agents"]} == {"ada": 0.5, "bob": 0.5}
    many = await gateway.admin.get("/analytics/activity?stretch=minute&since=2020-01-01T00:00:00Z")
    assert many.code == "INVALID"


async def test_a_conflict_is_found_when_it_is_gone_with_what_ended_it(gateway: Gateway) -> None:
    api = gateway.admin
    for project in ("gone-a", "gone-b"):
        await story(gateway, project)
    path = "/governance/conflicts/C-1/resolve?project=gone-a"
    accepted = {"strategy": "accept-suggestion", "suggestion": 1, "reason": "agreed"}
    done = await api.speaking_as("bob").post(path, accepted)
    assert (done.status, done.json["event"]["data"]["cleared"]) == (200, ["C-1"]), done

    async def spans(query: str) -> list[tuple[str, bool]]:
        answer = await api.get(f"/analytics/conflicts?limit=500{query}")
        assert answer.status == 200, answer
        items = answer.json["items"]
        return [(each["project"], "closed" in each) for each in items if each["project"].startswith("gone-")]

    async def taken() -> bool:
        return await spans("") == [("gone-b", False), ("gone-a", True)]

    assert await until(taken, within=WITHIN)
    assert await spans("&open=false") == [("gone-a", True)]
    assert await spans("&open=true&severity=critical&type=version") == [("gone-b", False)]
    assert await spans("&severity=low") == await spans("&until=2020-01-01T00:00:00Z") == []
    first = (await api.get("/analytics/conflicts?project=gone-a&limit=1")).json
    assert first["items"][0]["strategy"] == "accept"
    assert "next_cursor" not in first
    pages, cursor = [], ""
    while True:
        page = (await api.get(f"/analytics/conflicts?limit=1{cursor}")).json
        pages += [each["opened_position"] for each in page["items"]]
        if "next_cursor" not in page:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert pages == sorted(set(pages), reverse=True)


async def test_how_what_it_runs_on_stands_is_told_to_those_who_operate_it(gateway: Gateway) -> None:
    operator = await gateway.key("operator")

    async def asked() -> dict[str, Any] | None:
        found: dict[str, Any] = (await operator.get("/operations")).json
        asking = {each["name"]: each["asking"] for each in found["consumers"]}
        return found if asking["checker"] else None  # between two requests for messages it asks for none

    told = await until(asked, within=WITHIN)
    services = {each["service"]: each["alive"] for each in told["services"]}
    assert all(services[name] == 1 for name in ("intake", "checker", "keeper", "audit", "gateway")), services
    consumers = {each["name"]: each for each in told["consumers"]}
    assert consumers["intake"]["stream"] == "PSMP_COMMANDS"
    assert {"PSMP_LOG", "PSMP_DLQ"} <= {each["name"] for each in told["streams"]}
    assert {each["name"] for each in told["followers"]} == {"projection", "ledger"}
    assert told["standing"] == "well"
    assert (await (await gateway.key("viewer")).get("/operations")).code == "FORBIDDEN"


async def test_a_report_says_what_the_record_shows_of_each_control(gateway: Gateway) -> None:
    await covered(gateway, "reported", await story(gateway, "reported"))
    auditor = await gateway.key("auditor")
    told = (await auditor.get(f"{COMPLIANCE}/report?framework=soc2")).json
    assert (told["framework"], told["holds"]) == ("soc2", True), told
    page = await auditor.get(f"{COMPLIANCE}/report?framework=gdpr", Accept="text/markdown")
    assert page.headers["content-type"].startswith("text/markdown")
    assert page.body.startswith(b"#")


async def test_the_gateway_reads_the_record_with_the_rights_of_its_own_role(gateway: Gateway) -> None:
    await covered(gateway, "rights", await story(gateway, "rights"))
    connection = await asyncpg.connect(gateway.stack.postgres_dsn)
    role = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {} role{}', current_database()); END $$"
    await connection.execute(role.format("SET", " = psmp_gateway"))
    try:
        await gateway.stack.restart("gateway")
        paths = [
            *(f"{COMPLIANCE}/audit?project=rights", f"{COMPLIANCE}/export?format=jsonl&project=rights"),
            *(f"{COMPLIANCE}/export?format=csv&project=rights", f"{COMPLIANCE}/report?framework=soc2"),
            *("/analytics?project=rights", "/analytics/activity?project=rights", "/operations", "/checkpoints"),
            *("/projects/rights/checkpoints", "/projects/rights/proofs/inclusion/1"),
        ]
        for path in paths:
            assert (await gateway.admin.get(path)).status == 200, path
        assert (await gateway.admin.ask("POST", "/projects/rights/verify")).json["holds"]
    finally:
        await connection.execute(role.format("RESET", ""))
        await connection.close()
        await gateway.stack.restart("gateway")

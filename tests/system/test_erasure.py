"""The planted canary: a person speaks in every way that is stored, is erased, and is then found nowhere."""

import asyncio
import json
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client as Nats

from psmp.client import Client, UnknownProject
from psmp.client import connect as client_connect
from psmp.log.jetstream import JetStreamEventLog
from psmp.stack import Stack
from psmp.stack.identities import READER, RETENTION
from psmp.stack.keyfiles import PUBLIC
from psmp.stack.whole import whole
from psmp.store.pool import Pool, open_pool
from psmp.store.replay import rebuild, replay_check
from psmp.store.verify import verify
from psmp.wire.assets import STREAMS
from psmp.wire.connection import Address, connect
from psmp.wire.keyring import every
from psmp.wire.mended import MendedClient
from psmp.words.fidelity import summed
from psmp.words.ids import OPERATOR, SYSTEM, ProjectKey
from psmp.words.sealed import ERASED
from tests.fidelity import faithful, replayed
from tests.following import until
from tests.integration.cli import Ended, Shell
from tests.receiver import Receiver, receiving
from tests.servers import UNLIMITED
from tests.system.following import caught_up

# It starts some forty commands as processes and searches every file; nothing else waits for its event loop.
pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.may_block]

NAME, CONTACT, REASON = "Canary-Maria Zaunkönig", "canary@zaun.example", "canary-my-daughter-is-ill"
CANARIES = (NAME, CONTACT, REASON)
SECRET = "whsec_" + "c2VjcmV0" * 6
KEYS = (ProjectKey("default", "aviary"), ProjectKey("default", "cage"))
PLACES = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"


@dataclass(frozen=True)
class Place:
    """The whole system, all of whose data lies below ``folder``, and a shell for a person and for the operator."""

    stack: Stack
    folder: Path
    shell: Shell
    nats: MendedClient
    pool: Pool
    hooks: Receiver

    async def psmp(self, *words: str, agent: str = "maria", code: int = 0) -> Ended:
        """One command, as maria in person."""
        person = {"PSMP_PERSON": NAME, "PSMP_CONTACT": CONTACT} if agent == "maria" else {}
        ended = await asyncio.to_thread(self.shell.run, *words, PSMP_AGENT=agent, **person)
        assert ended.code == code, ended
        return ended

    async def on_disk(self, needles: Iterable[str]) -> dict[str, set[str]]:
        """Which needles are found in which files of which part, as they are and as Postgres would spell bytes."""
        spelled = {needle: (needle.encode(), needle.encode().hex().encode()) for needle in needles}
        return await asyncio.to_thread(_found, self.folder, spelled)

    async def in_streams(self, needles: Iterable[str]) -> dict[str, set[str]]:
        """Which needles are found in the messages of which stream, packed ones too."""
        found: dict[str, set[str]] = {}
        for stream in (str(each["name"]) for each in STREAMS if each["name"] != "PSMP_KEYS"):
            for message in await every(self.nats, stream, ">"):
                text = message.data + json.dumps(message.headers or {}).encode()
                for needle in needles:
                    if needle.encode() in text or needle.encode() in _unpacked(message.data):
                        found.setdefault(stream, set()).add(needle)
        return found

    async def in_tables(self, needles: Iterable[str]) -> dict[str, set[str]]:
        """Which needles are found in which tables, in columns of any type."""
        found: dict[str, set[str]] = {}
        for schema, table in await self.pool.fetch(PLACES):
            for needle in needles:
                for spelled in (needle, needle.encode().hex()):
                    query = f'SELECT count(*) FROM "{schema}"."{table}" AS t WHERE strpos(t::text, $1) > 0'  # noqa: S608 - names from the catalogue
                    if await self.pool.fetchval(query, spelled):
                        found.setdefault(f"{schema}.{table}", set()).add(needle)
        return found

    async def everywhere(self, needles: Iterable[str]) -> dict[str, set[str]]:
        """Where needles are found at all."""
        wanted = tuple(needles)
        hooks = {needle for each in self.hooks.got for needle in wanted if needle.encode() in each.body}
        places = {**await self.on_disk(wanted), **await self.in_streams(wanted), **await self.in_tables(wanted)}
        return {**places, **({"webhooks": hooks} if hooks else {})}


def _found(folder: Path, spelled: Mapping[str, tuple[bytes, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        body = path.read_bytes()
        for needle, ways in spelled.items():
            if any(way in body for way in ways):
                found.setdefault("/".join(path.relative_to(folder).parts[:6]), set()).add(needle)
    return found


def _unpacked(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return b""


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    hooks_file = tmp_path / "webhooks.toml"
    async with AsyncExitStack() as exits:
        data = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="psmp-erasure-")))
        data.chmod(0o755)  # Postgres runs as somebody else
        hooks = await exits.enter_async_context(receiving())
        hooks_file.write_text(
            f'[[webhook]]\nname = "all"\nurl = "{hooks.url}"\nsecret = "{SECRET}"\nkinds = ["alert.*", "project.*"]\n'
            "allow_http = true\nallow_private = true\n"
        )
        everything = whole(data=data, durable=False, env=UNLIMITED, webhooks=hooks_file)
        stack = await exits.enter_async_context(Stack(everything.plan))
        operator = stack.nats.url_for(everything.identities.service(READER))
        nats = await connect(Address(operator), "test-reader", inbox="_INBOX_operator")
        exits.push_async_callback(nats.close)
        pool = await open_pool(stack.postgres_dsn, "test-reader")
        exits.callback(pool.terminate)
        url = stack.nats.url_for(everything.identities.tenant())
        places = {"PSMP_URL": url, "PSMP_NATS_URL": operator, "PSMP_POSTGRES_DSN": stack.postgres_dsn}
        places["PSMP_RETENTION_URL"] = stack.nats.url_for(everything.identities.service(RETENTION))
        yield Place(stack, data, Shell.at(tmp_path, **places), nats, pool, hooks)


async def spoken(place: Place) -> None:
    """Maria speaks: done and refused, in her declarations, her reasons and her failures, and what nobody can read."""
    for key in KEYS:
        await place.psmp("create", key.project)
        await place.psmp("transition", key.project, "--to", "planning", "--reason", REASON)
    aviary = KEYS[0].project
    await place.psmp("declare", aviary, "--artifact", "perch", "--dep", "numpy>=2")
    await place.psmp("declare", aviary, "--artifact", "nest", "--dep", "numpy<2", agent="bob", code=3)
    await place.psmp("resolve", aviary, "C-1", "--escalate", "--reason", REASON)
    await place.psmp("transition", aviary, "--to", "completed", "--reason", REASON, code=3)
    await place.psmp("amend", aviary, "--artifact", "perch", "--dep", "numpy>=2.1", "--reason", REASON, code=3)
    unreadable = json.dumps({"personname": NAME, "data": {"reason": REASON, "contact": CONTACT}}, ensure_ascii=False)
    async with _as_maria(place) as nats:
        await nats.request("psmp.cmd.default.aviary.maria.slot.leave", unreadable.encode(), timeout=5)
    await until(lambda: _has_letter(place))
    await caught_up(place.nats)
    await until(lambda: _told(place))


async def _has_letter(place: Place) -> bool:
    """The letter lies there, and the watchdog has told of it in the project's log."""
    return "letter-1" in (await place.psmp("alerts", KEYS[0].project, agent="bob")).out


async def _told(place: Place) -> bool:
    return any(b"asks for a person" in each.body for each in place.hooks.got)


def _as_maria(place: Place) -> "_Connected":
    return _Connected(place.shell.environment["PSMP_URL"])


@dataclass
class _Connected:
    url: str
    nats: Nats | None = None

    async def __aenter__(self) -> Nats:
        self.nats = await connect(Address(self.url), "maria", inbox="_INBOX.maria")
        return self.nats

    async def __aexit__(self, *_: object) -> None:
        assert self.nats is not None
        await self.nats.close()


async def heads(place: Place) -> dict[ProjectKey, tuple[int, str]]:
    log = JetStreamEventLog(place.nats)
    found = [each async for each in verify(place.pool, log=log, known=[*KEYS, SYSTEM])]
    assert [each.fault for each in found] == [None] * len(found)
    return {each.key: (each.head.sequence, each.head.leaf) for each in found}


async def pages(place: Place) -> str:
    """What people are shown: the log, the state, and what waits for a person."""
    events = await place.psmp("events", KEYS[0].project, agent="bob")
    stored = [
        await place.psmp(*words, "-o", "json", agent="bob") for words in (("status", KEYS[0].project), ("inbox",))
    ]
    return "\n".join(each.out for each in (events, *stored))


async def test_a_person_that_is_erased_is_found_nowhere_and_every_proof_still_holds(place: Place) -> None:
    await spoken(place)

    shown = await pages(place)  # whoever may ask is told
    assert NAME in shown
    assert REASON in shown
    await exported(place, "before")
    found = await place.everywhere(CANARIES)  # and the search finds what is there to be found
    streams = {where: needles for where, needles in found.items() if where.startswith("PSMP_")}
    assert streams == {"PSMP_COMMANDS": {*CANARIES}, "PSMP_DLQ": {*CANARIES}}
    files = {where for where in found if where not in streams}
    assert {where.split("/streams/")[-1].split("/")[0] for where in files} == {*streams}, files
    before = await heads(place)
    faithful(await replayed(place.nats, [*KEYS, SYSTEM]))

    told = await place.psmp(
        *("erase", "maria", "--reason", "request 17", "--approver", "privacy-office", "-o", "json"), agent="bob"
    )
    event = json.loads(told.out)
    assert (event["type"], event["data"]["projects"]) == ("psmp.subject.erased.v1", ["aviary", "cage"])
    await caught_up(place.nats)
    await exported(place, "after")

    assert await place.everywhere(CANARIES) == {}
    again = summed(each.total for each in await replayed(place.nats, [*KEYS, SYSTEM]))
    assert (again.different, again.gone > 0, again.recorded > 0) == (0, True, True), "what maria sent is kept no more"
    after = await heads(place)
    log = JetStreamEventLog(place.nats)
    for key in KEYS:
        records = [record async for record in log.read(key)]
        assert after[key][0] == before[key][0] + 1 == len(records)
        assert records[-1].kind == "subject.erased"
        assert json.loads(records[-1].body)["prev"] == before[key][1]
    shown = await pages(place)
    assert ERASED in shown
    assert not [canary for canary in CANARIES if canary in shown]
    await place.psmp("erase", "maria", "--reason", "once more", "--approver", "privacy-office", agent="bob")
    assert await rebuilt(place) == shown


async def exported(place: Place, name: str) -> None:
    """A bundle and a table, as files where everything is searched."""
    bundle, extract = place.folder / f"bundle-{name}", place.folder / f"{name}.csv"
    await place.psmp("export", str(bundle), "--unsigned", agent="bob")
    await place.psmp("export", str(extract), "--format", "csv", "--tenant", "default", agent="bob")
    assert "[sealed:1:aviary:maria:reason:" in extract.read_text()
    assert list(bundle.rglob("aviary.jsonl"))


async def rebuilt(place: Place) -> str:
    """What people are shown when every projection was made anew from the log."""
    await rebuild(place.pool)
    await until(lambda: _is_projected(place))
    await caught_up(place.nats)
    log = JetStreamEventLog(place.nats)
    assert [each.differences async for each in replay_check(place.pool, log, [*KEYS, SYSTEM])] == [()] * 3
    assert await place.everywhere(CANARIES) == {}
    return await pages(place)


async def _is_projected(place: Place) -> bool:
    return len(await place.pool.fetch("SELECT FROM psmp.project")) == len([*KEYS, SYSTEM])


async def test_what_is_archived_is_pruned_when_it_is_due_found_nowhere_and_never_while_it_is_held(place: Place) -> None:
    canaries = {key: f"canary-in-the-{key.project}" for key in KEYS}
    gone, kept = canaries.values()
    async with client_connect(place.shell.environment["PSMP_URL"], agent="bob", timeout=60) as client:
        for key, canary in canaries.items():
            await archived(client, key.project, canary)
    operator = place.shell.environment["PSMP_NATS_URL"]
    async with client_connect(operator, tenant=SYSTEM.tenant, agent=OPERATOR, timeout=60) as client:
        await client.keep(of_tenant="default", days=0, reason="policy 7")
        await client.hold("cage", of_tenant="default", reason="case 4")
        with pytest.raises(UnknownProject):
            await client.hold("nothing", of_tenant="default", reason="case 4")
    await caught_up(place.nats)
    known = await standings(place, aviary="due", cage="held")
    assert known["aviary"]["bodies"] == {"log": 7, "ledger": 7, "events": 7, "messages": 6}
    found = await searched(place, canaries.values())
    assert found["PSMP_LOG"] == found["PSMP_COMMANDS"] == found["psmp.ledger"] == {gone, kept}
    faithful(await replayed(place.nats, [*KEYS, SYSTEM]))

    words = ("retention", "apply", "--prune", "-o", "json")
    done = await place.psmp(*words, "--approver", "records-office", agent="bob")
    told = {each["project"]: each for each in done.json}
    assert told["aviary"]["pruned"] == known["aviary"]["bodies"]
    assert (told["aviary"]["standing"], told["cage"]["pruned"]) == ("pruned", None)
    await caught_up(place.nats)

    found = {**await searched(place, canaries.values()), **await exported_with(place, canaries.values())}
    assert set().union(*found.values()) == {kept}
    assert {"PSMP_LOG", "PSMP_COMMANDS", "psmp.ledger", "psmp.artifact", "bundle", "csv"} <= found.keys()
    assert "7 of them pruned" in (await place.psmp("verify", "aviary", agent="bob")).out
    await place.psmp("verify", "./retained", "--keys", str(place.folder / PUBLIC), agent="bob")
    for check in (("replay", "--check"), ("replay", "--decisions"), ("doctor",)):
        await place.psmp(*check, agent="bob")
    await read(place)
    await rebuild(place.pool)
    await until(lambda: _is_projected(place))
    await caught_up(place.nats)
    await place.psmp("replay", "--check", agent="bob")
    # What was sent to it since is refused there, and is pruned in its turn.
    await standings(place, aviary="due", cage="held")


async def archived(client: Client, project: str, canary: str) -> None:
    """A project to its end, with the canary wherever words are."""
    await client.create_project(project, name=canary)
    await client.transition(project, "PLANNING", reason=canary)
    await client.declare(project, "perch", summary=canary)
    for to in ("IN_PROGRESS", "COMPLETED", "ARCHIVED"):
        await client.transition(project, to, reason=canary)


async def searched(place: Place, canaries: Iterable[str]) -> dict[str, set[str]]:
    """Where canaries are: in streams, NATS' files and tables. How long Postgres' files keep what is gone is its own."""
    wanted = tuple(canaries)
    on_disk = await place.on_disk(wanted)
    files = {f"file {where}": needles for where, needles in on_disk.items() if where.startswith("nats")}
    return {**files, **await place.in_streams(wanted), **await place.in_tables(wanted)}


async def exported_with(place: Place, canaries: Iterable[str]) -> dict[str, set[str]]:
    """Which canaries a bundle has, and a CSV."""
    bundle, extract = place.shell.folder / "retained", place.shell.folder / "retained.csv"
    await place.psmp("export", str(bundle), "--unsigned", agent="bob")
    await place.psmp("export", str(extract), "--format", "csv", "--tenant", "default", agent="bob")
    text = "".join(file.read_text() for file in bundle.rglob("*.jsonl"))
    return {
        "bundle": {each for each in canaries if each in text},
        "csv": {each for each in canaries if each in extract.read_text()},
    }


async def read(place: Place) -> None:
    """What people are told of a project that is pruned."""
    events = await place.psmp("events", "aviary", agent="bob")
    assert "the events of default/aviary up to 7 were pruned at" in events.err
    assert "for records-office" in events.err
    assert "retention.applied" in events.out
    status = (await place.psmp("status", "aviary", "-o", "json", agent="bob")).json
    assert (status["state"], status["pruned"], status["artifacts"]) == ("ARCHIVED", 7, [])
    past = await place.psmp("status", "aviary", "--at", "3", agent="bob", code=8)
    assert "were pruned at" in past.err
    refused = await place.psmp("declare", "aviary", "--artifact", "nest", agent="bob", code=3)
    assert "ARCHIVED" in refused.err
    await caught_up(place.nats)


async def standings(place: Place, **expected: str) -> dict[str, dict[str, Any]]:
    """What the command would do, by project, once they stand as expected: what is not signed yet is not due."""
    known: dict[str, dict[str, Any]] = {}

    async def reached() -> bool:
        shown = await place.psmp("retention", "apply", "-o", "json", agent="bob")
        known.update({each["project"]: each for each in shown.json})
        return {name: each["standing"] for name, each in known.items()} == expected

    await until(reached)
    return known

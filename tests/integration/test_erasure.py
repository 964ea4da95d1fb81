"""Sealed and erased on a real server: by whom it can be read, what is destroyed, and what a crash in between leaves."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable

import pytest

from psmp.client.clock import stamp as client_stamp
from psmp.personal.sealing import opened
from psmp.service import worker as workers
from psmp.stack import NatsServer
from psmp.wire import keyring as keyrings
from psmp.wire.keyring import Keyring, every
from psmp.wire.settle import Delivery, Outcome
from psmp.words import subjects
from psmp.words.commands import (
    Command,
    CreateProject,
    EraseSubject,
    FinishSlot,
    PlaceHold,
    ReleaseHold,
    RequestSlot,
    SetRetention,
    TransitionProject,
)
from psmp.words.envelope import EventEnvelope, Person, leaf_hash, open_event, seal_command
from psmp.words.events import CommandRefused, HoldPlaced, HoldReleased, RetentionChanged, SubjectErased
from psmp.words.ids import OPERATOR, SYSTEM, ProjectKey
from psmp.words.refusals import Code
from psmp.words.sealed import ERASED, tokens
from psmp.words.values import Phase
from psmp_intake import consumer as intake
from psmp_intake.erasure import Eraser
from tests.following import until
from tests.in_process import Services, services

pytestmark = pytest.mark.integration

KEY, OTHER = ProjectKey("acme", "rag"), ProjectKey("acme", "web")
MARIA = Person("Maria-Canary", "canary@example.org")
WHY = "canary-in-a-reason"
CANARY = ("Maria-Canary", "canary@example.org", "canary-in-a-reason")
ERASE = EraseSubject(tenant="acme", subject="maria", reason="request 17", approver="privacy-office")


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses of a worker, a hundred times as short."""
    monkeypatch.setattr(workers, "SCHEDULE", (0.01, 0.02, 0.04))
    monkeypatch.setattr(workers, "AGAIN", 0.01)
    monkeypatch.setattr(intake, "LONGEST_WAIT", 0.05)


@pytest.fixture
async def here(fresh_nats: NatsServer) -> AsyncIterator[Services]:
    async with services(fresh_nats) as found:
        yield found


async def speak(here: Services, key: ProjectKey, agent: str, command: Command, person: Person = MARIA) -> EventEnvelope:
    """A person's command, and the event that settles it."""
    inbox = await here.nats.subscribe(subjects.outcomes(key.tenant, agent))
    body = seal_command(key, agent, command, client_stamp(), person=person)
    await here.nats.request(subjects.command(key, agent, command.KIND), body, timeout=30)
    try:
        while True:
            message = await inbox.next_msg(timeout=30)
            if message.subject.endswith(json.loads(body)["id"]):
                return open_event(message.data)
    finally:
        await inbox.unsubscribe()


async def told(here: Services) -> None:
    """Maria speaks in two projects: what is done, what is refused, and what nobody can read."""
    for key in (KEY, OTHER):
        await speak(here, key, "maria", CreateProject(name="RAG"))
        await speak(here, key, "maria", TransitionProject(to=Phase.PLANNING, reason=WHY))
    refused = await speak(here, KEY, "maria", TransitionProject(to=Phase.COMPLETED, reason=WHY))
    assert isinstance(refused.data, CommandRefused)
    await here.nats.request(subjects.command(KEY, "maria", "slot.leave"), b'{"personname":"Maria-Canary"', timeout=30)
    await here.nats.request("psmp.cmd.acme.rag.maria.Nonsense", b"canary-in-a-reason", timeout=30)
    await here.settled("PSMP_COMMANDS", "intake")


async def founded(here: Services) -> None:
    """Our own services' project, as the watchdog makes it when it first has something to tell."""
    await here.nats.request("psmp.cmd.nobody.nothing.nobody.nonsense", b"?", timeout=30)
    await here.written(SYSTEM, "alert.raised")


async def opens(here: Services, text: str) -> str:
    return opened("acme", text, await Keyring(here.nats).to_open("acme", set(tokens(text))))


async def erased(here: Services, command: EraseSubject = ERASE) -> SubjectErased:
    event = await here.ask(SYSTEM, OPERATOR, command)
    assert isinstance(event, SubjectErased), event
    return event


async def leaves(here: Services, key: ProjectKey) -> list[str]:
    return [leaf_hash(record.body) for record in await here.records(key)]


async def on_disk(server: NatsServer, *needles: str) -> set[str]:
    """Which of these texts the files of the server have."""

    def found() -> set[str]:
        files = [path.read_bytes() for path in server.store.rglob("*") if path.is_file()]
        return {needle for needle in needles if any(needle.encode() in body for body in files)}

    return await asyncio.to_thread(found)


async def secrets(here: Services, subject: str = "maria") -> list[str]:
    return [b64encode(each.secret).decode() for each in await Keyring(here.nats).all("acme", subject) if each.secret]


async def test_what_is_personal_is_stored_sealed_and_opens_with_its_key_alone(here: Services) -> None:
    async with here.running(*here.workers("intake")):
        await told(here)
    for key in (KEY, OTHER):
        for record in await here.records(key):
            assert not [each for each in CANARY if each.encode() in record.body]
    created, moved, refused = (open_event(record.body) for record in await here.records(KEY))
    assert await opens(here, f"{created.personname} {created.personcontact}") == "Maria-Canary canary@example.org"
    assert await opens(here, str(moved.data.reason)) == WHY  # type: ignore[union-attr]
    assert await opens(here, str(refused.personname)) == MARIA.name
    assert len({token.key for record in await here.records(KEY) for token in tokens(record.body.decode())}) == 1
    assert len(await Keyring(here.nats).all("acme", "maria")) == 2


async def test_who_speaks_as_nobody_is_stored_as_before_and_has_no_key(here: Services) -> None:
    async with here.running(*here.workers("intake")):
        await here.ask(KEY, "ada", CreateProject(name="RAG"))
        await here.ask(KEY, "ada", TransitionProject(to=Phase.PLANNING, reason="plain"))
    assert b'"reason":"plain"' in (await here.records(KEY))[1].body
    assert await here.count("PSMP_KEYS") == 0


async def test_no_key_is_made_for_what_no_log_will_have(here: Services) -> None:
    async with here.running(*here.workers("intake")):
        event = await speak(here, KEY, "maria", RequestSlot())
    assert isinstance(event.data, CommandRefused)
    assert event.data.code is Code.UNKNOWN_PROJECT
    assert event.personname is None
    assert await here.count("PSMP_KEYS") == 0


async def test_an_erasure_destroys_what_was_said_everywhere_and_changes_no_hash(
    here: Services, fresh_nats: NatsServer
) -> None:
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await founded(here)
        await told(here)
        await here.written(KEY, "alert.raised")
        keys = await secrets(here)
        before = {key: await leaves(here, key) for key in (KEY, OTHER)}
        assert len(keys) == 2
        assert await on_disk(fresh_nats, *CANARY, *keys) == {*CANARY, *keys}

        event = await erased(here)
        await here.settled("PSMP_COMMANDS", "intake")
    assert (event.tenant, event.subject, event.projects) == ("acme", "maria", ("rag", "web"))
    assert (event.reason, event.approver) == ("request 17", "privacy-office")
    for key, known in before.items():
        assert (await leaves(here, key))[: len(known)] == known
        [recorded] = await here.events(key, SubjectErased)
        assert isinstance(recorded, SubjectErased)
        assert recorded.keys == (event.keys[event.projects.index(key.project)],)
        for record in await here.records(key):
            assert {await opens(here, str(token)) for token in tokens(record.body.decode())} <= {ERASED}
    assert await on_disk(fresh_nats, *CANARY, *keys) == set()
    assert [each.subject for each in await every(here.nats, "PSMP_COMMANDS", "psmp.cmd.acme.>")] == []
    assert await here.count("PSMP_DLQ") == 1


async def test_erased_twice_is_erased_once_and_what_is_said_later_has_a_key_of_its_own(here: Services) -> None:
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await founded(here)
        await told(here)
        first = await erased(here)
        assert (await erased(here)).keys == ()
        later = await speak(here, KEY, "maria", TransitionProject(to=Phase.IN_PROGRESS, reason="back again"))
        assert await opens(here, str(later.data.reason)) == "back again"  # type: ignore[union-attr]
        second = await erased(here)
    assert (len(first.keys), len(second.keys), second.projects) == (2, 1, ("rag",))
    assert len(await here.events(KEY, SubjectErased)) == 2
    assert await opens(here, str(later.data.reason)) == ERASED  # type: ignore[union-attr]
    nobody = await Keyring(here.nats).all("acme", "nobody")
    assert nobody == []


async def test_only_the_operator_erases(here: Services) -> None:
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await founded(here)
        await told(here)
        refused = await here.ask(KEY, "maria", ERASE)
        assert isinstance(refused, CommandRefused)
        assert refused.code is Code.NOT_ALLOWED
        await here.send(SYSTEM, "maria", ERASE)  # to the dead letters
        body = seal_command(SYSTEM, "maria", ERASE, client_stamp())
        await here.nats.request(subjects.command(SYSTEM, OPERATOR, ERASE.KIND), body, timeout=30)
        await here.settled("PSMP_COMMANDS", "intake")
    assert "subject.erased" not in [*await here.kinds(SYSTEM), *await here.kinds(KEY)]
    assert len(await secrets(here)) == 2


@pytest.mark.parametrize("step", range(9))
async def test_an_erasure_that_is_killed_anywhere_is_finished_when_it_is_delivered_again(
    here: Services, fresh_nats: NatsServer, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Killed is raised: before and after each of what it does, in the middle of the two projects too."""

    class Killed(RuntimeError):
        pass

    left = [step]

    def dying(real: Callable[..., object]) -> Callable[..., object]:
        async def act(*args: object) -> object:
            if left[0] == 0:
                left[0] = -1
                raise Killed
            left[0] -= 1
            return await real(*args)  # type: ignore[misc]

        return act

    async with here.running(*here.workers("intake"), *here.watchdog()):
        await founded(here)
        await told(here)
        keys = await secrets(here)
        for name in ("bury", "destroy"):
            monkeypatch.setattr(Keyring, name, dying(getattr(Keyring, name)))
        for name in ("_record", "_delete_commands"):
            monkeypatch.setattr(Eraser, name, dying(getattr(Eraser, name)))
        event = await erased(here)
        await here.settled("PSMP_COMMANDS", "intake")
    assert (left[0] < 0) is (step < 7)  # two projects by three steps, and the last one
    assert event.projects == ("rag", "web")
    assert len(event.keys) == 2
    for key in (KEY, OTHER):
        assert (await here.kinds(key)).count(SubjectErased.KIND) == 1
    assert (await here.kinds(SYSTEM)).count(SubjectErased.KIND) == 1
    assert await on_disk(fresh_nats, *CANARY, *keys) == set()


async def test_what_was_sent_before_the_erasure_and_is_decided_after_it_is_erased_and_none_of_it_is_lost(
    here: Services, fresh_nats: NatsServer
) -> None:
    """A command is in hand for so long that the erasure overtakes it."""
    goes_on, decide = asyncio.Event(), here.handlers["intake"]

    async def slowly(delivery: Delivery) -> Outcome:
        if delivery.subject.endswith("maria.slot.finish"):
            await goes_on.wait()
        return await decide(delivery)

    async def is_put_off() -> bool:
        found = json.loads((await here.nats.request("$JS.API.CONSUMER.INFO.PSMP_COMMANDS.intake")).data)
        return bool(found["num_redelivered"])

    here.handlers["intake"] = slowly
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await founded(here)
        await speak(here, KEY, "maria", CreateProject(name="RAG"))
        late = seal_command(KEY, "maria", FinishSlot(failure=WHY), client_stamp(), person=MARIA)
        await here.nats.request(subjects.command(KEY, "maria", "slot.finish"), late, timeout=30)
        await here.send(SYSTEM, OPERATOR, ERASE)
        try:
            await until(is_put_off, within=60)
            assert await secrets(here) == []
            assert len(await every(here.nats, "PSMP_COMMANDS", "psmp.cmd.acme.*.maria.>")) == 2
            assert SubjectErased.KIND not in await here.kinds(SYSTEM)
        finally:
            goes_on.set()
        await here.written(SYSTEM, SubjectErased.KIND)
        await here.settled("PSMP_COMMANDS", "intake")
    [refused] = [open_event(each.body) for each in await here.records(KEY) if each.kind == CommandRefused.KIND]
    assert (refused.personname, refused.personcontact) == (ERASED, ERASED)
    assert await on_disk(fresh_nats, *CANARY) == set()


async def test_whom_nothing_is_kept_of_is_refused_until_there_is_something_and_never_again(here: Services) -> None:
    """A slip in a name or a tenant is not told as done; erased once more is no slip."""
    nobody = [ERASE.model_copy(update=change) for change in ({"subject": "marla"}, {"tenant": "acne"}, {})]
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await founded(here)
        for command in nobody:
            refused = await here.ask(SYSTEM, OPERATOR, command)
            assert isinstance(refused, CommandRefused)
            told = (
                f"nothing is kept of {command.subject} in tenant {command.tenant}: no key, no command, no dead letter"
            )
            assert (refused.code, refused.reason) == (Code.UNKNOWN_SUBJECT, told)
        await speak(here, KEY, "maria", CreateProject(name="RAG"))
        for _ in range(2):
            assert (await erased(here)).subject == "maria"


async def test_a_stream_that_deletes_nothing_is_no_erasure_that_is_told_as_done(here: Services) -> None:
    config = {"name": "OLD", "subjects": ["old.>"], "deny_delete": True, "allow_direct": True}
    await here.nats.request("$JS.API.STREAM.CREATE.OLD", json.dumps(config).encode())
    await here.nats.request("old.one", b"x")
    with pytest.raises(keyrings.Undeletable, match=r"OLD does not delete messages: .*not permitted"):
        await keyrings.delete(here.nats, "OLD", 1)


async def test_a_hold_is_recorded_once_where_it_holds_and_its_answer_goes_to_the_operator(here: Services) -> None:
    place = PlaceHold(tenant="acme", project="rag", reason="case 4")
    async with here.running(*here.workers("intake"), *here.watchdog()):
        await founded(here)
        await speak(here, KEY, "maria", CreateProject(name="RAG"))
        first = seal_command(SYSTEM, OPERATOR, place, client_stamp())
        inbox = await here.nats.subscribe(subjects.outcomes(SYSTEM.tenant, OPERATOR))
        for _ in range(2):
            await here.nats.request(subjects.command(SYSTEM, OPERATOR, place.KIND), first, timeout=30)
        answers = [open_event((await inbox.next_msg(timeout=30)).data) for _ in range(2)]
        nowhere = await here.ask(SYSTEM, OPERATOR, PlaceHold(tenant="acme", project="nothing", reason="case 4"))
        theirs = await here.ask(KEY, "maria", place)
        released = await here.ask(SYSTEM, OPERATOR, ReleaseHold(tenant="acme", project="rag", reason="closed"))
        kept = await here.ask(SYSTEM, OPERATOR, SetRetention(tenant="acme", days=90, reason="policy 7"))
    assert answers[0] == answers[1]
    assert (answers[0].key, answers[0].data) == (KEY, HoldPlaced(reason="case 4"))
    assert [each.code for each in (nowhere, theirs) if isinstance(each, CommandRefused)] == [
        Code.UNKNOWN_PROJECT,
        Code.NOT_ALLOWED,
    ]
    assert released == HoldReleased(reason="closed")
    assert kept == RetentionChanged(tenant="acme", days=90, reason="policy 7")
    assert [each for each in await here.kinds(KEY) if "hold" in each] == ["hold.placed", "hold.released"]
    assert "retention.changed" in await here.kinds(SYSTEM)

"""Analytics over logs whose answers are known by hand; and for any log, shares add up."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from psmp.stack import NatsServer
from psmp.store.analytics import PARTS, Analysis, Asked, analyse
from psmp.words.events import (
    ArtifactAmended,
    CommandRefused,
    ConflictCleared,
    ProjectCreated,
    ResolutionApplied,
    ResolutionRequested,
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRequested,
)
from psmp.words.ids import ProjectKey
from psmp.words.refusals import Code
from psmp.words.values import Conflict, Party, Phase, Policy, Severity, Strategy, Target
from psmp_keeper.projector import Projector
from tests.following import Place, place
from tests.histories import CHANGE, KEY, History, declared, detected, identity, lifetime, moved

pytestmark = pytest.mark.integration

OWNERS = {"api": "ada", "web": "bob", "cli": "cyd", "doc": "ada"}


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


def clash(number: int, *sets: str, subject: str = "numpy", severity: Severity = Severity.CRITICAL) -> Conflict:
    """A conflict of these minimal sets, each as ``api+web``."""
    causes = tuple(tuple(sorted(each.split("+"))) for each in sets)
    members = sorted({name for cause in causes for name in cause})
    return Conflict(
        id=f"C-{number}",
        kind="version",
        ecosystem="pypi",
        subject=subject,
        scope="runtime",
        severity=severity,
        environments=("3.12-linux",),
        causes=causes,
        parties=tuple(
            Party(artifact=name, version=1, agent=OWNERS[name], constraint="", sequence=2) for name in members
        ),
        text="they cannot stand together",
    )


def at(clock: str, day: int = 18) -> str:
    return f"2026-11-{day:02}T{clock}Z"


def told() -> History:
    """A project in which three conflicts open and close in ways that are easy to reckon by hand.

    C-1 (api, web): opened 10:00 by bob's web, closed 10:10 by bob's own amendment: 600 s.
    C-2 ({cli, api}, {cli, doc}): opened 11:00 by cyd's cli, closed 11:30 by a resolution that eve, the creator, asked
    for: 1800 s. C-3 (web, doc on pandas, low): opened on the next day and stays open.
    """
    history = History()
    policy = Policy(resolvers=("gov",))
    history.add(ProjectCreated(name="x", targets=(Target(),), policy=policy), "eve", time=at("09:00:00"))
    history.add(moved(Phase.INITIALIZED, Phase.PLANNING), "eve", time=at("09:00:00"))
    history.add(declared("api", 1), "ada", time=at("09:30:00"))
    history.add(declared("web", 1), "bob", time=at("10:00:00"))
    history.add(detected("web", clash(1, "api+web")), "psmp_checker", identity(4), time=at("10:00:00"))
    history.add(moved(Phase.PLANNING, Phase.BLOCKED), "psmp_keeper", time=at("10:00:00"))
    amendment = ArtifactAmended(artifact="web", version=2, type="code")
    history.add(amendment, "bob", time=at("10:10:00"))
    gone = ConflictCleared(artifact="web", version=2, cleared=("C-1",))
    history.add(gone, "psmp_checker", identity(7), time=at("10:10:00"))
    history.add(moved(Phase.BLOCKED, Phase.RESOLVING), "psmp_keeper", time=at("10:10:00"))
    history.add(moved(Phase.RESOLVING, Phase.IN_PROGRESS), "psmp_keeper", time=at("10:10:00"))
    history.add(declared("doc", 1), "ada", time=at("10:50:00"))
    history.add(declared("cli", 1), "cyd", time=at("11:00:00"))
    history.add(detected("cli", clash(2, "api+cli", "cli+doc")), "psmp_checker", identity(12), time=at("11:00:00"))
    history.add(moved(Phase.IN_PROGRESS, Phase.BLOCKED), "psmp_keeper", time=at("11:00:00"))
    ask = ResolutionRequested(resolution="R-1", conflict="C-2", strategy="change", reason="so", changes=(CHANGE,))
    history.add(ask, "eve", time=at("11:20:00"))
    done = ResolutionApplied(
        resolution="R-1", conflict="C-2", strategy="change", reason="so", changes=(CHANGE,), cleared=("C-2",)
    )
    history.add(done, "psmp_resolver", identity(15), time=at("11:30:00"))
    history.add(moved(Phase.BLOCKED, Phase.RESOLVING), "psmp_keeper", time=at("11:30:00"))
    history.add(moved(Phase.RESOLVING, Phase.IN_PROGRESS), "psmp_keeper", time=at("11:31:00"))
    refused = CommandRefused(command="slot.request", code=Code.NO_SLOT, reason="none is free")
    history.add(refused, "cyd", time=at("12:00:00"))
    history.add(refused, "ada", time=at("12:00:00"))
    history.add(
        CommandRefused(command="artifact.amend", code=Code.NOT_OWNER, reason="not yours"), "cyd", time=at("12:01:00")
    )
    history.add(SlotGranted(agent="ada", lease_seconds=30), "ada", time=at("13:00:00"))  # 22
    history.add(SlotRequested(agent="bob", wait_seconds=600), "bob", time=at("13:00:00"))  # 23
    history.add(SlotRequested(agent="cyd", wait_seconds=600), "cyd", time=at("13:00:10"))  # 24
    history.add(SlotFinished(agent="ada"), "ada", time=at("13:01:00"))  # of 22, which it does not say
    history.add(
        SlotGranted(agent="bob", lease_seconds=30, request=identity(23)), "psmp_keeper", time=at("13:01:00")
    )  # 26
    history.add(SlotLeft(agent="cyd", request=identity(24)), "cyd", time=at("13:01:10"))
    history.add(SlotGranted(agent="ada", lease_seconds=30), "ada", time=at("13:02:00"))  # 28
    history.add(SlotFailed(agent="bob", fence=26, failure="oom"), "bob", time=at("13:03:00"))
    late = clash(3, "doc+web", subject="pandas", severity=Severity.LOW)
    history.add(declared("web", 1, 3), "bob", time=at("08:00:00", 19))
    history.add(detected("web", late, version=3), "psmp_checker", identity(30), time=at("08:00:00", 19))
    history.add(moved(Phase.IN_PROGRESS, Phase.BLOCKED), "psmp_keeper", time=at("08:00:00", 19))
    history.add(CommandRefused(command="slot.request", code=Code.PROJECT_BLOCKED, reason="no"), time=at("08:05:00", 19))
    return history


async def project(here: Place, *histories: History) -> None:
    end = 0
    for history in histories:
        end = (await history.store(here.log))[-1].position
    await here.follow(Projector(here.pool, here.log), end)


def lines(found: Analysis, part: str, *names: str) -> list[tuple[object, ...]]:
    return [
        tuple(round(v, 6) if isinstance(v := each[name], float) else v for name in names) for each in found.parts[part]
    ]


async def test_who_causes_which_share_is_as_reckoned_by_hand(here: Place) -> None:
    await project(here, told())
    found = await analyse(here.pool, Asked("acme"))
    # C-1: api 1/2, web 1/2. C-2: two sets, so cli 1/4 + 1/4, api 1/4, doc 1/4. C-3: doc 1/2, web 1/2.
    assert lines(found, "agents", "agent", "conflicts", "completed", "causes", "share") == [
        ("ada", 3, 0, 1.5, 0.5),
        ("bob", 2, 2, 1.0, round(1 / 3, 6)),
        ("cyd", 1, 1, 0.5, round(1 / 6, 6)),
    ]
    assert lines(found, "subjects", "kind", "ecosystem", "subject", "conflicts", "open") == [
        ("version", "pypi", "numpy", 2, 0),
        ("version", "pypi", "pandas", 1, 1),
    ]
    assert lines(found, "severities", "severity", "conflicts", "open") == [("critical", 2, 0), ("low", 1, 1)]
    assert lines(found, "days", "day", "conflicts", "critical") == [("2026-11-18", 2, 2), ("2026-11-19", 1, 0)]


async def test_how_conflicts_end_and_how_long_it_takes_is_as_reckoned_by_hand(here: Place) -> None:
    await project(here, told())
    found = await analyse(here.pool, Asked("acme", "rag"))
    assert lines(found, "resolved", "strategy", "decided_by", "conflicts", "median", "p90") == [
        (None, None, 2, 1200.0, 1680.0),
        ("amended", "agent", 1, 600.0, 600.0),
        ("change", "governor", 1, 1800.0, 1800.0),
    ]
    # 10:00 to 10:10, 11:00 to 11:31, and from 08:00 on to the last event, at 08:05 of the next day.
    assert lines(found, "blocked", "project", "times", "still", "seconds") == [("rag", 3, True, 600.0 + 1860 + 300)]


async def test_refusals_slots_and_waits_are_as_counted_by_hand(here: Place) -> None:
    await project(here, told())
    found = await analyse(here.pool, Asked("acme"))
    assert lines(found, "refusals", "code", "commands", "agents") == [
        ("NO_SLOT", 2, 2),
        ("NOT_OWNER", 1, 1),
        ("PROJECT_BLOCKED", 1, 1),
    ]
    assert lines(found, "slots", "agent", "slots", "seconds", "finished", "failed", "expired", "held") == [
        ("ada", 2, 60.0, 1, 0, 0, 1),
        ("bob", 1, 120.0, 0, 1, 0, 0),
    ]
    assert lines(found, "waits", "agent", "waits", "granted", "waiting", "median") == [
        ("bob", 1, 1, 0, 60.0),
        ("cyd", 1, 0, 0, 60.0),
    ]


async def test_a_range_of_time_cuts_what_lies_across_it(here: Place) -> None:
    await project(here, told())
    since, until = (datetime(2026, 11, 18, *clock, tzinfo=UTC) for clock in ((10, 5), (11, 10)))
    found = await analyse(here.pool, Asked("acme", None, since, until))
    assert lines(found, "agents", "agent", "causes") == [("ada", 0.5), ("cyd", 0.5)]
    assert lines(found, "resolved", "strategy", "conflicts") == [(None, 1), ("amended", 1)]
    assert lines(found, "blocked", "times", "seconds") == [(2, 300.0 + 600)]


async def test_nothing_behind_a_position_counts(here: Place) -> None:
    await project(here, told())
    found = await analyse(here.pool, Asked("acme", position=14))
    assert (found.position, found.moment) == (14, datetime(2026, 11, 18, 11, tzinfo=UTC))
    assert lines(found, "severities", "severity", "conflicts", "open") == [("critical", 2, 1)]
    assert lines(found, "resolved", "strategy", "conflicts") == [(None, 1), ("amended", 1)]
    assert lines(found, "blocked", "times", "still", "seconds") == [(2, True, 600.0)]
    later = await analyse(here.pool, Asked("acme", position=15))
    assert lines(later, "blocked", "seconds") == [(600.0 + 1200,)]


async def test_who_decided_is_told_apart(here: Place) -> None:
    history = told()
    askers: tuple[tuple[str, Strategy], ...] = (("psmp_resolver", "auto"), ("gov", "accept"), ("bob", "accept"))
    for number, (asker, strategy) in enumerate(askers, 2):
        first = history.head.sequence + 1
        name, clashing = f"R-{number}", clash(number + 2, "api+web")
        history.add(detected("web", clashing, version=3), "psmp_checker", time=at("09:00:00", 20))
        asked = ResolutionRequested(resolution=name, conflict=clashing.id, strategy=strategy, reason="so")
        history.add(asked, asker, time=at("09:00:00", 20))
        done = ResolutionApplied(
            resolution=name, conflict=clashing.id, strategy=strategy, reason="so", cleared=(clashing.id,)
        )
        history.add(done, "psmp_resolver", identity(first + 1), time=at(f"09:0{number}:00", 20))
    await project(here, history)
    found = await analyse(here.pool, Asked("acme", since=datetime(2026, 11, 20, tzinfo=UTC)))
    assert lines(found, "resolved", "strategy", "decided_by", "conflicts", "median")[1:] == [
        ("accept", "agent", 1, 240.0),
        ("accept", "governor", 1, 180.0),
        ("auto", "policy", 1, 120.0),
    ]


async def test_an_expired_slot_and_a_wait_under_way_are_counted(here: Place) -> None:
    await project(here, lifetime())
    found = await analyse(here.pool, Asked("acme"))
    assert ("bob", 2, 1, 1) in lines(found, "slots", "agent", "slots", "expired", "held")
    assert ("fay", 1, 1) in lines(found, "waits", "agent", "waits", "waiting")
    assert lines(found, "blocked", "times", "still") == [(2, True)]
    assert SlotExpired.KIND.endswith("expired")


async def test_where_there_is_nothing_every_part_is_empty(here: Place) -> None:
    found = await analyse(here.pool, Asked("nobody"))
    assert (found.position, found.moment) == (0, None)
    assert found.parts == {name: [] for name in PARTS}


@pytest.mark.parametrize("seed", range(6))
async def test_shares_add_up_whatever_the_log_says(here: Place, seed: int) -> None:
    chance = random.Random(seed)
    histories = []
    for name in ("one", "two"):
        history = History(ProjectKey("acme", name))
        history.add(ProjectCreated(name="x", targets=(Target(),), policy=Policy()))
        for artifact, owner in OWNERS.items():
            history.add(declared(artifact, 0), owner)
        for number in range(1, chance.randint(2, 15)):
            sets = {
                "+".join(sorted(chance.sample(sorted(OWNERS), chance.randint(1, 4))))
                for _ in range(chance.randint(1, 4))
            }
            made = clash(number, *sorted(sets), subject=chance.choice(("numpy", "pandas")))
            if chance.random() < 0.2:
                made = made.model_copy(update={"causes": ()})
            history.add(detected(chance.choice(sorted(OWNERS)), made))
        histories.append(history)
    await project(here, *histories)
    count = sum(len(history.records) - 5 for history in histories)
    found = await analyse(here.pool, Asked("acme"))
    for part in ("agents", "subjects", "severities"):
        assert sum(each["share"] for each in found.parts[part]) == pytest.approx(1, abs=1e-12)
    assert sum(each["causes"] for each in found.parts["agents"]) == pytest.approx(count, abs=1e-9)
    assert sum(each["conflicts"] for each in found.parts["subjects"]) == count
    each = await here.rows("SELECT sum(share), bool_or(agent = '') FROM psmp.conflict_cause GROUP BY project, conflict")
    assert len(each) == count
    assert all(float(share) == pytest.approx(1, abs=1e-12) and not nobody for share, nobody in each)


async def test_a_reader_may_ask(here: Place) -> None:
    await project(here, told())
    await here.pool.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET role = psmp_reader', current_database()); END $$"
    )
    await here.pool.expire_connections()
    assert (await analyse(here.pool, Asked(KEY.tenant))).parts["agents"]

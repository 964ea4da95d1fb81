"""A decision is decided again from what was before it; what comes out otherwise is found and shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import pytest

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import Damaged, Record
from psmp.log.view import View
from psmp.rules import retention
from psmp.rules.project import Project
from psmp.words import subjects
from psmp.words.commands import (
    AnswerResolution,
    CreateProject,
    RequestSlot,
    TransitionProject,
)
from psmp.words.envelope import Link, Provenance, Stamp, leaf_hash, open_event, seal_command, seal_event, written
from psmp.words.events import (
    AlertCleared,
    AlertRaised,
    CompatibilityStarted,
    ConflictDetected,
    Event,
    ProjectCreated,
    ProjectTransitioned,
    ResolutionFailed,
    ResolutionRequested,
    SlotRefused,
    WebhookTested,
)
from psmp.words.fidelity import Count
from psmp.words.ids import SYSTEM
from psmp.words.values import Phase, Policy, Severity
from psmp_checker import rules as checker
from psmp_intake.rules import slots, state
from psmp_keeper import rules as keeper
from psmp_replay.inputs import Inputs, Sent
from psmp_replay.replay import MOST_SHOWN, Judged, Replay
from psmp_resolver import rules as resolver
from psmp_watchdog.rules import agents, origin, recovery
from tests.golden import story, webhooks
from tests.histories import KEY, History, conflict, identity
from tests.recording import TRACE, Recording
from tests.unit.replay.stories import begun, clashing, last, needs, policy, proposed, replayed, whole


def test_what_all_services_decided_is_decided_the_same() -> None:
    world = whole()
    found = replayed(world)
    assert (found.sequence, found.deviations, found.why, found.damage) == (len(world.records), (), {}, "")
    assert set(found.services) == {"intake", "checker", "keeper", "resolver", "watchdog"}
    assert found.total == Count(same=len(world.records))
    assert found.total.fidelity == 100


def test_a_pruning_is_decided_again_until_what_it_was_decided_over_is_gone() -> None:
    history = History()
    history.add(ProjectCreated(name="RAG", targets=(), policy=Policy()), time="2026-11-01T00:00:00.000000Z")
    for origin_, to in pairwise(
        (Phase.INITIALIZED, Phase.PLANNING, Phase.IN_PROGRESS, Phase.COMPLETED, Phase.ARCHIVED)
    ):
        history.add(ProjectTransitioned(origin=origin_, to=to, reason="done"), time="2026-11-02T00:00:00.000000Z")
    run = retention.Run(identity(6), "records-office", datetime(2027, 3, 1, tzinfo=UTC))
    project = replay_of(history.records)
    event = retention.prune(project, 90, run)
    assert event is not None
    history.add(event, "operator", run.id, service="retention", time=written(run.present))

    def outcome(records: list[Record]) -> Judged:
        replay = Replay(KEY, Inputs())
        return [replay.take(record) for record in records][-1]

    assert outcome(history.records) == Judged("same")
    for left in range(5):
        found = outcome([*history.records[:left], history.records[-1]])
        assert found == Judged("gone", "what it was decided over is pruned")
    early = history.add(event.model_copy(update={"upto": 6, "days": 900}), "operator", run.id, service="retention")
    assert outcome(history.records[:-1]).outcome == "same"
    assert outcome([*history.records[:-1], early]).outcome == "different"


def test_what_becomes_of_webhooks_is_decided_again_and_one_ends_but_once() -> None:
    records = list(story.seventh())
    sent = {each.KIND: each for _, each in webhooks.COMMANDS}
    kinds = ("project.create", "webhook.add", "webhook.test", "webhook.change", "webhook.rotate", "", "webhook.remove")
    founding = CreateProject(name="What concerns the whole tenant")
    inputs = Inputs()
    for record, kind in zip(records, kinds, strict=True):
        envelope = open_event(record.body)
        if kind:
            command = sent.get(kind, founding)
            body = seal_command(webhooks.KEY, "ada", command, Stamp(envelope.causationid, envelope.time))
            inputs.hear(Sent(subjects.command(webhooks.KEY, "ada", kind), body))
    replay = Replay(webhooks.KEY, inputs)
    assert {replay.take(record) for record in records} == {Judged("same")}
    again = Replay(webhooks.KEY, inputs)
    ended = open_event(records[5].body)
    origin_ = Provenance(ended.source, ended.actor, ended.causationid, ended.correlationid)
    stamp = Stamp(ended.id, ended.time)
    twice = seal_event(webhooks.KEY, ended.data, Link(7, leaf_hash(records[5].body)), origin_, stamp)
    other = seal_event(webhooks.KEY, WebhookTested(webhook="ops"), Link(8, leaf_hash(twice)), origin_, stamp)
    more = replace(records[5], position=21, body=twice), replace(records[2], position=24, body=other)
    found = [again.take(record) for record in (*records[:6], *more)]
    assert [each.outcome for each in found][-3:] == ["same", "different", "different"]


def replay_of(records: list[Record]) -> Project | None:
    """The project after these."""
    view = View(KEY, PROJECT_FOLD)
    for record in records:
        view.advance(record)
    return view.state


def spoilt_text(decide: Callable[..., Any]) -> Callable[..., Any]:
    def spoilt(*said: Any) -> Event | None:
        event = decide(*said)
        return event.model_copy(update={"reason": f"{event.reason}."}) if event else None

    return spoilt


def clocked(decide: Callable[..., Any]) -> Callable[..., Any]:
    def spoilt(*said: Any) -> Event | None:
        event = decide(*said)
        return event.model_copy(update={"reason": f"{datetime.now(UTC)}"}) if event else None

    return spoilt


FAULTS: Final[dict[str, tuple[object, str, Callable[[Any], Any], str]]] = {
    "a text of the keeper's": (keeper, "transition", spoilt_text, "keeper"),
    "a clock read by the keeper": (keeper, "transition", clocked, "keeper"),
    "a grace of the watchdog's": (agents, "GRACE", lambda _: 3600.0, "watchdog"),
    "how long until a step": (recovery, "BETWEEN", lambda _: 10.0, "watchdog"),
    "a name of the watchdog's": (origin, "ACTOR", lambda _: "psmp_dog", "watchdog"),
    "a source of the checker's": (checker, "ACTOR", lambda _: "psmp_check", "checker"),
    "a text of intake's": (slots, "opened", lambda _: lambda _: "wait", "intake"),
    "what is refused": (state, "OPEN", lambda _: frozenset(), "intake"),
    "whom the resolver asks": (resolver, "must_agree", lambda _: lambda *_: (), "resolver"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_rule_that_was_changed_is_caught(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = proposed() if fault == "whom the resolver asks" else whole()
    if fault == "a text of intake's":
        assert world.ask("ada", TransitionProject(to=Phase.COMPLETED, reason="done"))
        assert not world.ask("ada", RequestSlot())
    assert replayed(world).total.different == 0
    where, name, spoil, service = FAULTS[fault]
    monkeypatch.setattr(where, name, spoil(getattr(where, name)))
    found = replayed(world)
    assert found.deviations
    assert {each.service for each in found.deviations} == {service}
    assert found.total.fidelity is not None
    assert found.total.fidelity < 100


def test_what_was_decided_otherwise_is_shown_with_both_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    world = clashing()
    monkeypatch.setattr(keeper, "transition", spoilt_text(keeper.transition))
    (found,) = replayed(world).deviations
    assert (found.sequence, found.kind, found.service) == (len(world.records), "project.transitioned", "keeper")
    assert found.reason == "decided otherwise"
    assert found.recorded.encode() == world.records[-1].body
    assert found.decided is not None
    assert len(found.decided) == len(found.recorded) + 1


def test_rules_that_fail_decide_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    world = clashing()

    def fail(_: object) -> None:
        raise KeyError("C-9")

    monkeypatch.setattr(keeper, "due", fail)
    assert last(world) == Judged("different", "the rules fail: KeyError('C-9')")


def test_of_many_deviations_the_first_are_shown_and_all_are_counted() -> None:
    world = begun()
    for _ in range(MOST_SHOWN + 2):
        world.say(SlotRefused(agent="bob", request=world.last.id, reason="I say so"), origin.provenance(world.last.id))
    found = replayed(world)
    assert len(found.deviations) == MOST_SHOWN
    assert found.services["watchdog"] == Count(different=MOST_SHOWN + 2)


MADE_UP: Final[dict[str, tuple[Event, str]]] = {
    "keeper": (ProjectTransitioned(origin=Phase.PLANNING, to=Phase.BLOCKED, reason="I say so"), "keeper"),
    "checker": (ConflictDetected(artifact="api", version=1, conflicts=(conflict(1, "api"),)), "checker"),
    "watchdog": (AlertCleared(alert="project-stalled", reason="I say so"), "watchdog"),
    "watchdog founding": (ProjectCreated(name="x", targets=(), policy=Policy()), "watchdog"),
}


@pytest.mark.parametrize("name", MADE_UP)
@pytest.mark.parametrize("follows", [True, False])
def test_what_nothing_called_for_is_different(name: str, *, follows: bool) -> None:
    world = begun()
    assert world.ask("ada", needs("api", ">=2"))
    world.rest(watch=False)
    event, service = MADE_UP[name]
    cause = world.last.id if follows else world.stamp().id
    world.say(event, Provenance(f"/psmp/{service}", f"psmp_{service}", cause, cause))
    assert last(world) == Judged("different", "there was nothing to be said")


def test_a_word_of_the_resolvers_that_follows_from_nothing_is_different() -> None:
    world = proposed()
    event = ResolutionFailed(resolution="R-1", conflict="C-1", reason="I say so")
    root = world.stamp().id
    world.say(event, Provenance("/psmp/resolver", "psmp_resolver", root, root))
    assert last(world).outcome == "different"


def test_a_word_of_the_resolvers_before_its_time_is_different() -> None:
    """It has failed, and pauses for a second."""
    world = clashing(policy(auto_resolve=True))
    while not world.state.resolutions.records["C-1"].failures:
        for name, attempt in world.state.resolutions.attempts.items():
            for agent in attempt.agents:
                world.ask(agent, AnswerResolution(resolution=name, answer="no"))
        assert world.resolve()
    trigger = world.last
    event = ResolutionRequested(resolution="R-2", conflict="C-1", strategy="retry", reason="I say so")
    world.say(event, Provenance("/psmp/resolver", "psmp_resolver", trigger.id, trigger.correlationid))
    assert last(world).outcome == "different"


def test_where_nothing_was_decided_again_there_is_no_fidelity() -> None:
    assert Count(recorded=3, gone=1).fidelity is None
    assert Count(same=3, different=1).fidelity == 75


def test_what_only_the_package_resolver_says_is_recorded() -> None:
    world = begun()
    assert world.ask("ada", needs("api", ">=2"))
    world.rest(watch=False)
    provenance = checker.provenance(world.last.id, world.last.correlationid, TRACE)
    world.say(CompatibilityStarted(sequence=5, index="https://index.example/simple"), provenance)
    assert last(world).outcome == "recorded"
    deep = conflict(1, "api").model_copy(update={"kind": "transitive"})
    world.say(ConflictDetected(artifact="api", version=1, conflicts=(deep,)), provenance)
    assert last(world).outcome == "recorded"


def test_measured_figures_of_the_deployment_are_recorded_and_its_founding_is_decided() -> None:
    world = Recording()
    replay = Replay(SYSTEM, world.inputs)
    records = systems(
        (origin.FOUNDING, world.stamp().id),
        (AlertRaised(alert="lag-checker", severity=Severity.HIGH, text="it is behind"), world.stamp().id),
        (AlertCleared(alert="lag-checker", reason="it has been well"), world.stamp().id),
    )
    assert [replay.take(record).outcome for record in records] == ["same", "recorded", "recorded"]


def systems(*said: tuple[Event, str]) -> list[Record]:
    """A log of the services' own project."""
    history = History(SYSTEM)
    for event, _ in said:
        history.add(event, "psmp_watchdog", service="watchdog")
    return history.records


def test_who_is_unknown_here_is_not_replayable() -> None:
    world = begun()
    provenance = Provenance("/psmp/oracle", "psmp_oracle", world.last.id, world.last.id)
    world.say(AlertRaised(alert="x-1", severity=Severity.LOW, text=written(world.now)), provenance)
    assert last(world) == Judged("gone", "/psmp/oracle is none of the deciders known here")


@pytest.mark.parametrize("spoil", [lambda _: b"{}", lambda body: body.replace(b'"sequence":4', b'"sequence":5')])
def test_a_damaged_log_is_decided_up_to_there(spoil: Callable[[bytes], bytes]) -> None:
    world = begun()
    replay = Replay(KEY, world.inputs)
    for record in world.records[:3]:
        replay.take(record)
    with pytest.raises(Damaged):
        replay.take(replace(world.records[3], body=spoil(world.records[3].body)))
    assert replay.report("it is damaged") == replay.report().model_copy(update={"damage": "it is damaged"})
    assert replay.report().sequence == 3

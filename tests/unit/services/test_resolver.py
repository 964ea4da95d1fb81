"""What the resolver decides, folded from what all services would have written."""

from datetime import datetime, timedelta
from typing import Any

from psmp.rules.resolutions import Attempt
from psmp.words.commands import (
    AmendArtifact,
    AnswerResolution,
    ChangeProject,
    ChangeTask,
    CreateTask,
    DeclareArtifact,
    PolicyChange,
    ResolveConflict,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.events import (
    AlertRaised,
    CompatibilityChecked,
    ConflictCleared,
    ConflictDetected,
    ProjectChanged,
    ProjectRecovering,
    ProjectTransitioned,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
)
from psmp.words.values import Change, Dependency, PathClaim, Phase, Policy, Severity, Suggestion
from psmp_resolver.rules import MOST_FAILURES, PAUSES, Anew, anew, given_up, is_asking, next_word, patience
from tests.histories import conflict as told
from tests.played import OWNER, Played


def needing(artifact: str, need: str, *, flexible: bool | None = None) -> DeclareArtifact:
    name, constraint = need[:6], need[6:]
    needs = (Dependency(name=name, constraint=constraint),)
    return DeclareArtifact(artifact=artifact, type="code", dependencies=needs, flexible=flexible)


def clashed(*, flexible: bool = False, **policy: Any) -> Played:
    """coder's ``api`` and ds's ``report`` have clashed on pandas."""
    game = Played(Policy(**policy))
    game.declare(
        [("coder", needing("api", "pandas>=2")), ("ds", needing("report", "pandas<2", flexible=flexible or None))]
    )
    assert game.state.phase is Phase.BLOCKED
    return game


def accept(number: int, game: Played, by: str = OWNER, conflict: str = "C-1") -> None:
    wish = ResolveConflict(
        conflict=conflict, strategy="accept", suggestion=number, reason="so be it", seen=game.state.sequence
    )
    game.said(by, wish)


def wish(strategy: str, **said: Any) -> ResolveConflict:
    return ResolveConflict(conflict="C-1", strategy=strategy, reason="so be it", **said)  # type: ignore[arg-type]


def change(artifact: str, agent: str, constraint: str, name: str = "pandas") -> Change:
    return Change(artifact=artifact, agent=agent, name=name, constraint=constraint)


def only(game: Played, kind: type[Any]) -> Any:  # noqa: ANN401 - one of that kind
    (found,) = game.events(kind)
    return found


class TestWishes:
    def test_an_accepted_suggestion_is_applied_and_the_project_goes_on(self) -> None:
        game = clashed()
        accept(1, game)
        assert game.state.phase is Phase.RESOLVING
        game.resolve()
        applied = only(game, ResolutionApplied)
        assert (applied.resolution, applied.cleared, applied.conflicts) == ("R-1", ("C-1",), ())
        assert [each.declaration.version for each in applied.amendments] == [2]
        assert (game.state.phase, dict(game.state.conflicts)) == (Phase.IN_PROGRESS, {})
        assert [(each.origin, each.to) for each in game.events(ProjectTransitioned)][-2:] == [
            (Phase.BLOCKED, Phase.RESOLVING),
            (Phase.RESOLVING, Phase.IN_PROGRESS),
        ]

    def test_a_wish_that_would_not_help_fails_and_the_project_stays_blocked(self) -> None:
        game = clashed()
        game.said(OWNER, wish("change", changes=(change("report", "ds", "<1"),)))
        game.resolve()
        failed = only(game, ResolutionFailed)
        assert failed.reason.startswith("C-1 would go on: Because ")
        assert game.state.phase is Phase.BLOCKED
        assert game.state.artifacts["report"].declaration.version == 1

    def test_a_wish_that_would_make_another_conflict_fails(self) -> None:
        game = Played()
        needs = (Dependency(name="pandas", constraint="<2"), Dependency(name="numpyy", constraint="<1"))
        both = DeclareArtifact(artifact="report", type="code", dependencies=needs)
        game.declare([("coder", needing("api", "pandas>=2")), ("eve", needing("job", "numpyy<1")), ("ds", both)])
        changes = (change("report", "ds", ">=2"), change("report", "ds", ">=1", "numpyy"))
        game.said(OWNER, wish("change", changes=changes))
        game.resolve()
        assert only(game, ResolutionFailed).reason.startswith("it would make a new conflict: ")

    def test_a_waiver_lets_the_conflict_stand_and_unblocks(self) -> None:
        game = clashed()
        game.said(OWNER, wish("waive", seconds=60))
        game.resolve()
        applied = only(game, ResolutionApplied)
        assert (applied.seconds, applied.cleared, applied.amendments) == (60, (), ())
        assert (game.state.phase, list(game.state.conflicts)) == (Phase.IN_PROGRESS, ["C-1"])

    def test_a_waiver_falls_when_others_clash_than_before(self) -> None:
        game = clashed()
        game.said(OWNER, wish("waive", seconds=60))
        game.resolve()
        game.said("eve", needing("job", "pandas==1.5"))
        assert game.state.blockers == ("C-1",)
        assert game.state.phase is Phase.BLOCKED

    def test_a_merge_leaves_the_path_to_one(self) -> None:
        game = Played()
        for agent, artifact in (("coder", "api"), ("ds", "report")):
            claim = PathClaim(path="app/main.py")
            game.said(agent, DeclareArtifact(artifact=artifact, type="code", paths=(claim,)))
        game.said(OWNER, wish("merge", into="api"))
        game.resolve()
        assert only(game, ResolutionApplied).cleared == ("C-1",)
        assert game.state.artifacts["report"].declaration.paths == ()
        assert game.state.artifacts["api"].declaration.version == 1

    def test_what_is_gone_meanwhile_fails_and_says_so(self) -> None:
        game = clashed()
        accept(1, game)
        game.said("ds", WithdrawArtifact(artifact="report", reason="not needed"))
        game.resolve()
        assert only(game, ResolutionFailed).reason == "C-1 is gone meanwhile"
        assert (game.state.phase, game.state.resolutions.attempts) == (Phase.IN_PROGRESS, {})

    def test_in_a_project_that_was_given_up_an_attempt_fails(self) -> None:
        game = clashed()
        accept(1, game)
        game.said(OWNER, TransitionProject(to=Phase.ARCHIVED, reason="given up"))
        game.resolve()
        assert only(game, ResolutionFailed).reason == "the project is ARCHIVED"

    def test_a_retry_asks_the_owner_of_what_would_change(self) -> None:
        game = clashed()
        game.said(OWNER, wish("retry"))
        game.resolve()
        asked = only(game, ResolutionProposed)
        assert asked.agents == tuple(each.agent for each in asked.changes)
        assert asked.text == game.state.conflicts["C-1"].suggestions[0].text

    def test_a_retry_by_who_owns_what_would_change_is_applied(self) -> None:
        game = clashed()
        game.said("ds", wish("retry"))
        game.resolve()
        applied = only(game, ResolutionApplied)
        assert {each.agent for each in applied.amendments} == {"ds"}, "first what nobody need be asked about"

    def test_a_retry_with_nothing_left_fails(self) -> None:
        game = clashed()
        game.said(OWNER, wish("retry"))
        bare = game.state.conflicts["C-1"].model_copy(update={"suggestions": ()})
        game.write(ConflictDetected(artifact="report", version=1, conflicts=(bare,)), "psmp_checker")
        game.resolve()
        assert only(game, ResolutionFailed).reason == "none of its 0 suggestions would do now"

    def test_what_is_amended_without_a_verdict_yet_is_not_changed(self) -> None:
        game = clashed()
        accept(1, game)
        attempt = game.state.resolutions.attempts["R-1"]
        owner = attempt.changes[0]
        game.ask(owner.agent, AmendArtifact(artifact=owner.artifact, summary="another"))
        word = next_word(game.state, datetime.fromisoformat(game.state.time))
        assert word is not None
        assert isinstance(word.event, ResolutionFailed)
        assert word.event.reason == f"{owner.artifact} awaits its verdict"


def proposed(game: Played) -> Attempt:
    """The one proposal that is open."""
    (attempt,) = game.state.resolutions.attempts.values()
    assert attempt.stage == "proposed"
    return attempt


class TestProposals:
    def game(self) -> tuple[Played, str]:
        """A proposal, and whom it asks."""
        game = clashed(auto_resolve=True)
        game.resolve()
        (agent,) = proposed(game).agents
        return game, agent

    def test_with_auto_resolve_the_owner_of_what_is_not_flexible_is_asked(self) -> None:
        game, agent = self.game()
        asked = only(game, ResolutionProposed)
        assert (asked.suggestion, asked.agents, asked.seconds) == (1, (agent,), 300)
        assert game.state.phase is Phase.RESOLVING

    def test_a_yes_applies_it(self) -> None:
        game, agent = self.game()
        game.said(agent, AnswerResolution(resolution="R-1", answer="yes"))
        game.resolve()
        assert only(game, ResolutionApplied).cleared == ("C-1",)
        assert game.state.phase is Phase.IN_PROGRESS

    def test_a_no_refuses_it_and_the_next_way_is_proposed_after_a_pause(self) -> None:
        game, agent = self.game()
        game.said(agent, AnswerResolution(resolution="R-1", answer="no", reason="I need it"))
        game.resolve(seconds=0)
        refused = only(game, ResolutionRefused)
        assert (refused.agent, refused.reason) == (agent, f"{agent} says no: I need it")
        assert game.state.phase is Phase.BLOCKED
        game.resolve(seconds=PAUSES[0])
        assert game.events(ResolutionProposed)[-1].suggestion == 2

    def test_an_amendment_that_resolves_is_applied(self) -> None:
        game, agent = self.game()
        artifact = proposed(game).changes[0].artifact
        mine = change(artifact, agent, "==2.1" if agent == "ds" else "==1.5")
        game.said(agent, AnswerResolution(resolution="R-1", answer="amend", changes=(mine,)))
        game.resolve()
        (amendment,) = only(game, ResolutionApplied).amendments
        assert amendment.declaration.dependencies[0].constraint == mine.constraint

    def test_an_amendment_that_does_not_resolve_fails(self) -> None:
        game, agent = self.game()
        artifact = proposed(game).changes[0].artifact
        kept = game.state.artifacts[artifact].declaration.dependencies[0].constraint
        mine = change(artifact, agent, kept)
        game.said(agent, AnswerResolution(resolution="R-1", answer="amend", changes=(mine,)))
        game.resolve(seconds=0)
        assert only(game, ResolutionFailed).reason == "it changes nothing"

    def test_when_one_amends_the_others_are_asked_about_what_it_is_now(self) -> None:
        game = Played(Policy(auto_resolve=True))
        game.declare(
            [
                ("ada", needing("a", "pandas>=3")),
                ("bob", needing("b", "pandas<2")),
                ("eve", needing("c", "pandas==1.0")),
            ]
        )
        suggestion = Suggestion(n=1, changes=(change("b", "bob", ">=3"), change("c", "eve", ">=3")), text="both")
        two = game.state.conflicts["C-1"].model_copy(update={"suggestions": (suggestion,)})
        game.write(ConflictDetected(artifact="c", version=1, conflicts=(two,)), "psmp_checker")
        game.resolve()
        assert proposed(game).agents == ("bob", "eve")
        game.said("bob", AnswerResolution(resolution="R-1", answer="amend", changes=(change("b", "bob", ">=3.1"),)))
        game.resolve()
        asked = game.events(ResolutionProposed)[-1]
        assert asked.agents == ("eve",)
        assert {each.artifact: each.constraint for each in asked.changes} == {"b": ">=3.1", "c": ">=3"}
        assert asked.text == "eve -> pandas >=3 in c; bob -> pandas >=3.1 in b"
        game.said("eve", AnswerResolution(resolution="R-1", answer="yes"))
        game.resolve()
        assert only(game, ResolutionApplied).cleared == ("C-1",)

    def test_the_others_are_waited_for(self) -> None:
        game, _ = self.game()
        assert next_word(game.state, datetime.fromisoformat(game.state.time) + timedelta(days=1)) is None

    def test_what_no_longer_helps_is_not_waited_for(self) -> None:
        game, agent = self.game()
        other = "report" if proposed(game).changes[0].artifact == "api" else "api"
        owner = game.state.artifacts[other].agent
        assert owner != agent
        away = Dependency(name="pandas", constraint="==0.1")
        game.said(owner, AmendArtifact(artifact=other, dependencies=(away,)))
        game.resolve(seconds=0)
        assert "R-1" not in game.state.resolutions.attempts

    def test_who_governs_may_decide_over_an_open_proposal(self) -> None:
        game, _ = self.game()
        accept(2, game)
        game.resolve()
        assert only(game, ResolutionFailed).reason == "R-2 has taken its place"
        assert only(game, ResolutionApplied).resolution == "R-2"


class TestTakenUp:
    def test_what_is_flexible_is_changed_without_asking(self) -> None:
        game = clashed(auto_resolve=True, flexible=True)
        game.resolve()
        assert [each.agent for each in only(game, ResolutionApplied).amendments] == ["ds"]
        assert game.events(ResolutionProposed) == []
        assert game.state.phase is Phase.IN_PROGRESS

    def test_without_the_policy_nothing_is_taken_up(self) -> None:
        game = clashed(flexible=True)
        game.resolve()
        assert game.events(ResolutionRequested) == []

    def test_what_is_waived_is_left_alone(self) -> None:
        game = clashed(auto_resolve=True)
        game.said(OWNER, wish("waive", seconds=60))
        game.resolve()
        assert [each.strategy for each in game.events(ResolutionRequested)] == ["waive"]

    def test_a_conflict_without_a_way_out_goes_to_a_person_at_once_and_once(self) -> None:
        game = clashed(auto_resolve=True)
        bare = game.state.conflicts["C-1"].model_copy(update={"suggestions": ()})
        game.write(ConflictDetected(artifact="report", version=1, conflicts=(bare,)), "psmp_checker")
        game.resolve()
        game.resolve()
        detected = [each for each in game.envelopes if isinstance(each.data, ConflictDetected)][-1]
        assert patience(game.state, detected, datetime.fromisoformat(game.state.time)) is None
        alert = only(game, AlertRaised)
        assert (alert.alert, alert.person, alert.conflict) == ("conflict-C-1", True, "C-1")
        assert "has no way out that can be taken without a person" in alert.text

    def failed(self, times: int) -> Played:
        game = clashed(auto_resolve=True)
        for _ in range(times):
            game.resolve()
            (agent,) = proposed(game).agents
            name = next(iter(game.state.resolutions.attempts))
            game.said(agent, AnswerResolution(resolution=name, answer="no"))
        return game

    def test_after_a_first_try_and_three_retries_a_person_is_called_and_the_message_is_given_up(self) -> None:
        game = self.failed(MOST_FAILURES)
        game.resolve()
        assert len(game.events(ResolutionRefused)) == MOST_FAILURES
        assert "4 attempts to resolve C-1 came to nothing" in only(game, AlertRaised).text
        refusals = [each for each in game.envelopes if isinstance(each.data, ResolutionRefused)]
        assert [bool(given_up(game.state, each)) for each in refusals] == [False, False, False, True]
        assert given_up(game.state, game.last) == ""

    def test_a_failure_is_waited_out(self) -> None:
        for failures, pause in enumerate((1.0, 2.0, 4.0), start=1):
            game = self.failed(failures)
            game.resolve(seconds=0)
            refusal = [each for each in game.envelopes if isinstance(each.data, ResolutionRefused)][-1]
            moment = datetime.fromisoformat(game.state.resolutions.records["C-1"].failed)
            assert next_word(game.state, moment + timedelta(seconds=pause - 0.001)) is None
            assert next_word(game.state, moment + timedelta(seconds=pause)) is not None
            assert patience(game.state, refusal, moment) == pause
            assert patience(game.state, refusal, moment - timedelta(hours=1)) == pause, "whatever a clock says"
            assert patience(game.state, game.envelopes[0], moment) is None

    def test_the_watchdog_may_have_it_tried_again(self) -> None:
        game = self.failed(MOST_FAILURES)
        game.resolve()
        game.write(ProjectRecovering(phase=Phase.BLOCKED, step="retry", reason="stuck"), "psmp_watchdog")
        game.resolve(anew=anew(game.last))
        again = game.events(ResolutionRequested)[-1]
        assert (again.strategy, again.resolution) == ("retry", "R-5")
        assert proposed(game).strategy == "retry"

    def test_a_retried_letter_begins_anew_and_is_given_up_only_when_all_has_failed_again(self) -> None:
        game = self.failed(MOST_FAILURES)
        game.resolve()
        letter = [each for each in game.envelopes if isinstance(each.data, ResolutionRefused)][-1]
        retried = anew(letter, retried=game.state.time)
        for number in range(1, MOST_FAILURES + 1):
            game.resolve(anew=retried)
            assert given_up(game.state, letter) == ""
            assert proposed(game).strategy == ("retry" if number == 1 else "auto")
            name, attempt = next(iter(game.state.resolutions.attempts.items()))
            game.said(attempt.agents[0], AnswerResolution(resolution=name, answer="no"))
        game.resolve(anew=retried)
        refusals = [each for each in game.envelopes if isinstance(each.data, ResolutionRefused)]
        assert len(refusals) == 2 * MOST_FAILURES
        assert (given_up(game.state, letter), bool(given_up(game.state, refusals[-1]))) == ("", True)
        assert next_word(game.state, datetime.fromisoformat(game.state.time), retried) is None, "it was retried once"

    def test_a_retried_letter_is_about_its_own_conflict_alone(self) -> None:
        game = self.failed(MOST_FAILURES)
        game.resolve()
        other = Anew(game.state.time, "C-2")
        assert next_word(game.state, datetime.fromisoformat(game.state.time), other) is None
        assert anew(game.envelopes[0], retried=game.state.time) is None
        assert anew(game.last) is None

    def test_what_a_solver_found_waits_until_it_has_seen_all_that_stands(self) -> None:
        game = clashed(auto_resolve=True, flexible=True)
        game.resolve()
        deep = told(2, "api", "report").model_copy(
            update={
                "kind": "transitive",
                "suggestions": (Suggestion(n=1, changes=(change("report", "ds", ">=2.2"),), text="newer"),),
            }
        )
        game.write(ConflictDetected(artifact="report", version=2, conflicts=(deep,)), "psmp_checker")
        game.settle()
        game.resolve()
        assert len(game.events(ResolutionApplied)) == 1, "the check has not ended"
        checked = CompatibilityChecked(sequence=game.state.changed, verdict="conflict", digest="0" * 64, index="i")
        game.write(checked, "psmp_checker")
        game.resolve()
        applied = game.events(ResolutionApplied)[-1]
        assert (applied.conflict, applied.cleared) == ("C-2", ())
        assert len(game.events(ResolutionApplied)) == 2, "it is the solver's to say what came of it"
        game.write(ConflictCleared(artifact="report", version=3, cleared=("C-2",)), "psmp_checker")
        game.settle()
        assert game.state.phase is Phase.IN_PROGRESS

    def test_light_conflicts_of_the_privileged_are_resolved_at_once(self) -> None:
        game = clashed(privileged=("ds",))
        light = game.state.conflicts["C-1"].model_copy(update={"severity": Severity.MEDIUM})
        game.write(ConflictDetected(artifact="report", version=1, conflicts=(light,)), "psmp_checker")
        game.resolve()
        assert [each.agent for each in only(game, ResolutionApplied).amendments] == ["ds"]

    def test_heavy_ones_are_not(self) -> None:
        game = clashed(privileged=("ds",))
        game.resolve()
        assert game.events(ResolutionRequested) == []

    def test_a_plan_that_waits_for_a_verdict_is_looked_at_again(self) -> None:
        game = clashed(auto_resolve=True)
        detected = next(each for each in game.envelopes if isinstance(each.data, ConflictDetected))
        for agent, artifact in (("coder", "api"), ("ds", "report")):
            game.ask(agent, AmendArtifact(artifact=artifact, summary="another"))
        now = datetime.fromisoformat(game.state.time)
        assert next_word(game.state, now) is None
        assert patience(game.state, detected, now) == 1.0


class TestAsking:
    def test_a_proposal_asks_until_it_is_answered(self) -> None:
        game = clashed(auto_resolve=True)
        game.resolve()
        asked = next(each for each in game.envelopes if isinstance(each.data, ResolutionProposed))
        assert is_asking(game.state, asked)
        game.said(proposed(game).agents[0], AnswerResolution(resolution="R-1", answer="yes"))
        game.resolve()
        assert not is_asking(game.state, asked)

    def test_resolvers_are_asked_while_the_conflict_blocks(self) -> None:
        game = clashed(resolvers=("fixer",))
        detected = next(each for each in game.envelopes if isinstance(each.data, ConflictDetected))
        assert is_asking(game.state, detected)
        moved = next(each for each in game.envelopes if isinstance(each.data, ProjectTransitioned))
        assert not is_asking(game.state, moved)
        accept(1, game, by="fixer")
        game.resolve()
        assert not is_asking(game.state, detected)

    def test_planned_work_is_said_as_it_was_last_until_it_is_taken_or_the_project_is_at_its_end(self) -> None:
        game = Played()
        game.said(OWNER, CreateTask(task="docs", title="Write the docs"))
        assert not is_asking(game.state, game.last)
        game.said(OWNER, ChangeTask(task="docs", agent="ada"))
        asked = game.last
        game.said(OWNER, CreateTask(task="logo", title="Draw a logo", agent="bob"))
        other = game.last
        assert [is_asking(game.state, each) for each in (asked, other)] == [True, True]
        game.said("ada", ChangeTask(task="docs", title="Write all the docs"))
        assert [is_asking(game.state, each) for each in (asked, game.last)] == [False, True]
        told = game.last
        game.said("ada", ChangeTask(task="docs", status="IN_PROGRESS"))
        assert [is_asking(game.state, each) for each in (told, game.last)] == [False, False]
        game.said(OWNER, TransitionProject(to=Phase.ARCHIVED, reason="given up"))
        assert not is_asking(game.state, other)

    def test_whoever_is_named_a_resolver_later_is_asked_too(self) -> None:
        game = clashed()
        detected = next(each for each in game.envelopes if isinstance(each.data, ConflictDetected))
        assert not is_asking(game.state, detected)
        game.said(OWNER, ChangeProject(policy=PolicyChange(resolvers=("fixer",)), reason="she knows"))
        changed = game.last
        assert is_asking(game.state, changed)
        game.said(OWNER, ChangeProject(policy=PolicyChange(resolvers=("eve",)), reason="rather she"))
        assert [is_asking(game.state, each) for each in (changed, game.last)] == [False, True]
        accept(1, game)
        game.resolve()
        assert not is_asking(game.state, next(each for each in game.envelopes if isinstance(each.data, ProjectChanged)))


def test_what_a_change_gives_into_its_hands_is_looked_at_again_after_its_pause() -> None:
    game = clashed()
    game.said(OWNER, ResolveConflict(conflict="C-1", strategy="retry", reason="once"))
    game.resolve()
    game.said(proposed(game).agents[0], AnswerResolution(resolution="R-1", answer="no"))
    game.resolve()
    game.said(OWNER, ChangeProject(policy=PolicyChange(auto_resolve=True), reason="do it"))
    changed = next(each for each in game.envelopes if isinstance(each.data, ProjectChanged))
    now = datetime.fromisoformat(game.state.time)
    assert next_word(game.state, now) is None
    assert 0 < (patience(game.state, changed, now) or 0) <= PAUSES[0]

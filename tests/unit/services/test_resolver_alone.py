"""What the resolver takes up by itself, how often, when it calls a person, and whom it asks."""

from datetime import datetime, timedelta

from psmp.words.commands import (
    AmendArtifact,
    AnswerResolution,
    ChangeProject,
    ChangeTask,
    CreateTask,
    PolicyChange,
    ResolveConflict,
    TransitionProject,
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
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
)
from psmp.words.values import Phase, Severity, Suggestion
from psmp_resolver.rules import MOST_FAILURES, PAUSES, Anew, anew, given_up, is_asking, next_word, patience
from tests.histories import conflict as told
from tests.played import OWNER, Played
from tests.unit.services.clashing import accept, change, clashed, only, proposed, wish


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

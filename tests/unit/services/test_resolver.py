"""What the resolver decides about wishes and proposals, folded from what all services would have written."""

from datetime import datetime, timedelta

from psmp.words.commands import AmendArtifact, AnswerResolution, DeclareArtifact, TransitionProject, WithdrawArtifact
from psmp.words.events import (
    ConflictDetected,
    ProjectTransitioned,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
)
from psmp.words.values import Dependency, PathClaim, Phase, Policy, Suggestion
from psmp_resolver.rules import PAUSES, next_word
from tests.played import OWNER, Played
from tests.unit.services.clashing import accept, change, clashed, needing, only, proposed, wish


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

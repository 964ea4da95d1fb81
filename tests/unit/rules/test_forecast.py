"""A forecast is what the checker then says, for every team and every way to clash."""

from hypothesis import given, settings

from psmp.rules.forecast import Forecast, forecast
from psmp.rules.status import describe
from psmp.words.answers import Status
from psmp.words.checks import Declaration
from psmp.words.commands import DeclareArtifact, WithdrawArtifact
from psmp.words.values import Conflict, Dependency, PathClaim
from tests import teams
from tests.histories import KEY
from tests.played import Played
from tests.teams import TARGETS, Team

often = settings(max_examples=60, deadline=None)


def status(game: Played) -> Status:
    return describe(KEY, game.state)


def said(command: DeclareArtifact) -> Declaration:
    return Declaration(
        artifact=command.artifact,
        dependencies=command.dependencies,
        paths=command.paths,
        requires_python=command.requires_python,
        environment=command.environment,
    )


def needing(*constraints: str, artifact: str = "web", paths: tuple[PathClaim, ...] = ()) -> DeclareArtifact:
    needs = tuple(Dependency(name="pandas", constraint=each) for each in constraints)
    return DeclareArtifact(artifact=artifact, type="code", dependencies=needs, paths=paths)


def nameless(conflicts: list[Conflict] | tuple[Conflict, ...]) -> dict[tuple[str, ...], Conflict]:
    return {each.identity: each.model_copy(update={"id": "C-1"}) for each in conflicts}


@often
@given(teams.teams())
def test_what_is_forecast_is_what_the_checker_then_says(team: Team) -> None:
    game = Played(targets=TARGETS)
    *before, (agent, last) = team
    game.declare(before)
    opened = {each.id for each in game.state.conflicts.values()}
    found = forecast(status(game), said(last), agent)
    game.declare([(agent, last)])
    own = [
        each for each in game.state.conflicts.values() if any(party.artifact == last.artifact for party in each.parties)
    ]
    assert nameless(found.conflicts) == nameless(own)
    assert set(found.joined) == {each.id for each in own} & opened
    assert found.verdict in (("conflict",) if own else ("compatible", "unknown"))


@often
@given(teams.teams())
def test_to_say_again_what_stands_forecasts_the_conflicts_that_are_open(team: Team) -> None:
    game = Played(targets=TARGETS)
    game.declare(team)
    agent, last = team[-1]
    found = forecast(status(game), said(last), agent)
    assert set(found.joined) == {each.id for each in found.conflicts}


def test_a_new_conflict_is_numbered_behind_those_that_are_open() -> None:
    game = Played()
    game.declare([("ada", needing(">=2", artifact="a")), ("bob", needing("<2", artifact="b"))])
    paths = (PathClaim(path="src/x.py"),)
    game.declare([("ada", needing(artifact="c", paths=paths))])
    found = forecast(status(game), said(needing("==1.5", artifact="d", paths=paths)), "eve")
    assert ([each.id for each in found.conflicts], found.joined) == (["C-1", "C-2"], ("C-1",))


def test_what_was_withdrawn_counts_no_more_and_what_fits_all_is_told() -> None:
    game = Played()
    game.declare([("ada", needing(">=2", artifact="a")), ("bob", needing(">=1.5", artifact="b"))])
    assert forecast(status(game), said(needing("<2", artifact="d")), "eve").verdict == "conflict"
    game.said("ada", WithdrawArtifact(artifact="a", reason="no"))
    found = forecast(status(game), said(needing("<2", artifact="d")), "eve")
    assert (found.verdict, list(found.witness or {})) == ("compatible", ["pandas"])


def test_what_cannot_be_read_is_said_with_its_place_and_judged_by_nobody() -> None:
    found = forecast(status(Played()), said(needing("=>2", paths=(PathClaim(path="../x"),))), "eve")
    assert (found.verdict, found.conflicts) == ("invalid", ())
    assert [error.split(":")[0].split(",")[0] for error in found.errors] == ["/dependencies/0/constraint", "/paths/0"]


def test_what_cannot_be_known_is_unknown_and_a_conflict_weighs_more() -> None:
    assert Forecast(unknown=("why",)).verdict == "unknown"
    game = Played()
    game.declare([("ada", needing(">=2", artifact="a")), ("bob", needing("<2", artifact="b"))])
    clash = tuple(game.state.conflicts.values())
    assert Forecast(conflicts=clash, unknown=("why",)).verdict == "conflict"

"""A project in which two have clashed, and what people say to that."""

from typing import Any

from psmp.rules.resolutions import Attempt
from psmp.words.commands import DeclareArtifact, ResolveConflict
from psmp.words.values import Change, Dependency, Phase, Policy
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


def proposed(game: Played) -> Attempt:
    """The one proposal that is open."""
    (attempt,) = game.state.resolutions.attempts.values()
    assert attempt.stage == "proposed"
    return attempt

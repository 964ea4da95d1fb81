"""A project played by the rules alone: intake, checker and keeper decide, nothing is late unless a test wants it so."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from psmp.compat.answer import answer
from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.rules.resolutions import FOLLOWS, ResolutionEvent, Stage
from psmp.words.checks import CheckSet, Declaration
from psmp.words.commands import Command, CreateProject, DeclareArtifact, TransitionProject
from psmp.words.envelope import EventEnvelope, open_event
from psmp.words.events import Event, WaiverExpired
from psmp.words.refusals import Refused
from psmp.words.values import Conflict, Phase, Policy, Target
from psmp_checker.docket import DOCKET_FOLD, Docket
from psmp_checker.rules import judge
from psmp_intake.rules import decide
from psmp_keeper.rules import due
from psmp_resolver.rules import ACTOR, Anew, next_word
from tests.histories import KEY, History

E = TypeVar("E")

OWNER = "owner"
"""Who makes the project, and so governs it."""


@dataclass
class Played:
    """One project's log and what the services know of it."""

    policy: Policy = field(default_factory=Policy)
    targets: tuple[Target, ...] = (Target(),)
    history: History = field(default_factory=History)
    project: View[Project | None] = field(default_factory=lambda: View(KEY, PROJECT_FOLD))
    docket: View[Docket] = field(default_factory=lambda: View(KEY, DOCKET_FOLD))

    def __post_init__(self) -> None:
        self.said(OWNER, CreateProject(name="played", targets=self.targets, policy=self.policy))
        self.said(OWNER, TransitionProject(to=Phase.PLANNING, reason="go"))

    @property
    def state(self) -> Project:
        assert self.project.state is not None
        return self.project.state

    def write(self, event: Event, actor: str, cause: str | None = None) -> None:
        if isinstance(event, ResolutionEvent) and not isinstance(event, WaiverExpired):
            attempt = self.state.resolutions.attempts.get(event.resolution)
            stage = Stage[attempt.stage.upper()] if attempt else Stage.NONE
            assert type(event) in FOLLOWS[stage], "nothing legal lives outside the table"
        record = self.history.add(event, actor, cause)
        self.project.advance(record)
        self.docket.advance(record)

    def ask(self, agent: str, command: Command) -> Event | Refused:
        """What intake makes of it; written down unless it is refused."""
        answer = decide(self.project.state, agent, command)
        if not isinstance(answer, Refused):
            self.write(answer, agent)
        return answer

    def said(self, agent: str, command: Command) -> None:
        """As ``ask``, of what must not be refused; then all catch up."""
        answer = self.ask(agent, command)
        assert not isinstance(answer, Refused), answer
        self.settle()

    def declare(self, declarations: Iterable[tuple[str, DeclareArtifact]]) -> None:
        for agent, command in declarations:
            self.said(agent, command)

    def resolve(self, seconds: float = 3600, anew: Anew | None = None) -> None:
        """The resolver says all that there is to say so many seconds after the last event; then all catch up."""
        now = datetime.fromisoformat(self.state.time) + timedelta(seconds=seconds)
        while (word := next_word(self.state, now, anew)) is not None:
            self.write(word.event, ACTOR)
            self.settle()

    @property
    def envelopes(self) -> list[EventEnvelope]:
        """Everything that was written."""
        return [open_event(record.body) for record in self.history.records]

    @property
    def last(self) -> EventEnvelope:
        """What was written last."""
        return self.envelopes[-1]

    def events(self, kind: type[E]) -> list[E]:
        """What was written of one kind."""
        return [each.data for each in self.envelopes if isinstance(each.data, kind)]

    def settle(self) -> None:
        """Checker and keeper say all that there is to say."""
        for case in sorted(self.docket.state.pending):
            verdict = judge(self.docket.state, case)
            if verdict is not None:
                self.write(verdict, "psmp_checker", case.partition("/")[0])
        while (event := due(self.state)) is not None:
            self.write(event, "psmp_keeper")

    @property
    def kinds(self) -> list[str]:
        """What was written so far."""
        return [record.kind for record in self.history.records]


def from_scratch(project: Project) -> dict[tuple[str, ...], Conflict]:
    """The conflicts that a check of everything finds, without any history."""
    live = [each for each in project.artifacts.values() if not each.withdrawn]
    asked = CheckSet(
        id="all",
        targets=project.targets,
        declarations=tuple(
            Declaration(
                artifact=each.declaration.artifact,
                agent=each.agent,
                dependencies=each.declaration.dependencies,
                paths=each.declaration.paths,
                requires_python=each.declaration.requires_python,
                environment=each.declaration.environment,
            )
            for each in live
        ),
    )
    return {each.identity: each for each in answer(asked, project.targets).conflicts}

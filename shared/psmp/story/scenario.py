"""A scenario file, as a value: what agents do, one step after the other, and what must come of it."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from psmp.words import strict
from psmp.words.commands import (
    AmendArtifact,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.ids import Id
from psmp.words.refusals import Code
from psmp.words.strict import Fault, Malformed
from psmp.words.values import LongText, Phase, Policy, Target, Text, Word

RAG_CHATBOT: Final = "rag-chatbot.json"
"""The scenario that comes with PSMP."""

MOST_STEPS: Final = 1000

Outcome = Literal["accepted", "conflict", "refused", "unknown"]
"""What can come of a step; ``unknown`` when no outcome came in time."""


class ScenarioFault(ValueError):
    """A scenario cannot be played as it stands; ``faults`` says where and why."""

    hint = "mend what is named; the story that comes with psmp, story/rag-chatbot.json, shows the format"

    def __init__(self, path: str, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{path}: " + "; ".join(map(str, faults)))
        self.path, self.faults = path, faults


class Resolve(Word):
    """Take the way out with this number of the oldest open conflict."""

    accept_suggestion: Annotated[int, Field(ge=1)]
    reason: LongText = ""


class Expect(Word):
    """What must come of a step; what is left out is not looked at. ``state`` is the project's afterwards."""

    verdict: Outcome | None = None
    code: Code | None = None
    subject: Text | None = None
    between: tuple[Id, ...] | None = None
    state: Phase | None = None


class Step(Word):
    """One agent does one thing.

    Invariant: exactly one of the actions is given.
    """

    agent: Id
    transition: TransitionProject | None = None
    declare: DeclareArtifact | None = None
    amend: AmendArtifact | None = None
    withdraw: WithdrawArtifact | None = None
    begin: RequestSlot | None = None
    finish: FinishSlot | None = None
    resolve: Resolve | None = None
    expect: Expect = Expect()
    needs: Literal["transitive"] | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        given = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"{' and '.join(given) or 'nothing'} is done here; a step does one of {', '.join(ACTIONS)}"
            )
        return self

    @property
    def action(self) -> "Action":
        """What is done."""
        given: list[Action] = [each for name in ACTIONS if (each := getattr(self, name)) is not None]
        return given[0]


Action = TransitionProject | DeclareArtifact | AmendArtifact | WithdrawArtifact | RequestSlot | FinishSlot | Resolve

ACTIONS: Final = ("transition", "declare", "amend", "withdraw", "begin", "finish", "resolve")


class Stage(Word):
    """The project that a story is about."""

    id: Id
    name: Text
    targets: Annotated[tuple[Target, ...], Field(min_length=1, max_length=20)] = (Target(),)
    policy: Policy = Policy()


class Scenario(Word):
    """A story."""

    title: Text
    about: LongText = ""
    project: Stage
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS)]

    @property
    def creator(self) -> str:
        """Who starts the project: whoever acts first in it."""
        return self.steps[0].agent


def load(path: Path | None = None) -> Scenario:
    """The scenario at ``path``, or the one that comes with PSMP; raises ``ScenarioFault``."""
    if path is None:
        return read(resources.files("psmp.story").joinpath(RAG_CHATBOT).read_bytes(), RAG_CHATBOT)
    try:
        with path.open("rb") as file:
            raw = file.read(strict.MAX_BYTES + 1)
    except OSError as error:
        raise ScenarioFault(str(path), (Fault("", error.strerror or str(error)),)) from None
    return read(raw, str(path))


def read(raw: bytes, name: str) -> Scenario:
    """The scenario that ``raw`` spells; raises ``ScenarioFault`` with the place of each fault."""
    try:
        strict.parse(raw)
        return Scenario.model_validate_json(raw)
    except Malformed as malformed:
        raise ScenarioFault(name, malformed.faults) from None
    except ValidationError as error:
        faults = (Fault(strict.pointer(each["loc"]), each["msg"]) for each in error.errors(include_url=False))
        raise ScenarioFault(name, tuple(faults)) from None

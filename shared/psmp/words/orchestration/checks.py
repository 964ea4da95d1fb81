"""What a review (BER) looks at, as data: the checks that a node declares, what each found, what it is judged on."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from psmp.words.ids import Id
from psmp.words.values import ArtifactType, ConflictId, Dependency, LongText, Short, Word

Verdict = Literal["PASS", "FAIL", "PENDING"]
Standing = Literal[
    "NO_OPEN_CONFLICT",
    "OUTPUTS_VALID",
    "SCOPE_KEPT",
    "LANE_KEPT",
    "NO_SIDE_CHANNEL",
    "TIME_WITHIN_LIMIT",
    "COST_WITHIN_LIMIT",
]
"""Checks that are made of every result, whether they are declared or not."""

CheckName = Standing | Literal["ARTIFACT_ACCEPTED", "TESTS_REPORTED", "HUMAN_REVIEW"]


class AcceptedCheck(Word):
    """At least one artifact was made, and all that were are accepted."""

    check: Literal["ARTIFACT_ACCEPTED"]


class ReportedCheck(Word):
    """At least so many tests are reported, and none of them failed."""

    check: Literal["TESTS_REPORTED"]
    least: Annotated[int, Field(ge=1)] = 1


class HumanCheck(Word):
    """A person of that role agrees, within so many seconds from when the result was there."""

    check: Literal["HUMAN_REVIEW"]
    role: Short
    seconds: Annotated[int, Field(ge=1, le=31_536_000)]


Check = Annotated[AcceptedCheck | ReportedCheck | HumanCheck, Discriminator("check")]


class Made(Word):
    """An artifact that a node declared, and whether the project has accepted it."""

    artifact: Id
    version: Annotated[int, Field(ge=1)]
    type: ArtifactType
    accepted: bool
    paths: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()


class ReportedTests(Word):
    """How many tests were reported as passed and failed."""

    passed: Annotated[int, Field(ge=0)]
    failed: Annotated[int, Field(ge=0)]


class PersonsWord(Word):
    """What a person said of a result."""

    by: Id
    role: Short
    agrees: bool
    reason: LongText = ""


class Evidence(Word):
    """What a result is judged on, gathered by the orchestrator and never told by the agent as its own review.

    ``used`` has the outputs that the agent used, each as node and output. ``waited_seconds`` is how long the result
    has been there; ``words`` are those of persons, one for each role. Costs are in millionths.
    """

    made: tuple[Made, ...] = ()
    conflicts: tuple[ConflictId, ...] = ()
    tools: tuple[Short, ...] = ()
    used: tuple[tuple[Id, str], ...] = ()
    seconds: Annotated[int, Field(ge=0)] = 0
    cost_micros: Annotated[int, Field(ge=0)] = 0
    tests: ReportedTests | None = None
    words: tuple[PersonsWord, ...] = ()
    waited_seconds: Annotated[int, Field(ge=0)] = 0


class Finding(Word):
    """What one check found; ``code`` is the model's, where it has one for that."""

    check: CheckName
    verdict: Verdict
    text: str = ""
    code: str | None = None


class Ber(Word):
    """The review of one result: PASS when all checks pass, FAIL when one fails, else PENDING."""

    verdict: Verdict
    findings: tuple[Finding, ...]

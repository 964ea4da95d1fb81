"""What reaches an agent, and no other, when it may start a node: its work, what it gets for it, and the token."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from psmp.words.ids import Id
from psmp.words.orchestration.facts import Attempt, CorrectionPack, Values
from psmp.words.orchestration.graph import Lane, MaegId, Ports, Scope, SubPacId
from psmp.words.values import LongText, Word

Token = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""A JSON Web Token: ``psmp.rules.orchestration.tokens``."""


class Dispatch(Word):
    """One attempt of one node, ready to begin: show ``token`` with the request for a slot, before ``expires``.

    ``inputs`` are all that the edges of the graph give to it, ``outputs`` the schemas of what it is to give.
    ``correction`` says what was wrong with the attempt before.
    """

    KIND: ClassVar = "dispatch"
    project: Id
    maeg: MaegId
    node: Id
    agent: Id
    sub_pac: SubPacId
    attempt: Attempt
    task: LongText = ""
    lane: Lane
    scope: Scope
    inputs: Values = {}
    outputs: Annotated[Ports, Field()] = {}
    correction: CorrectionPack | None = None
    token: Token
    expires: str

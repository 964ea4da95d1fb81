"""How far a check is, for whoever waits: said while it runs, and not an event."""

from typing import Annotated, Literal

from pydantic import Field

from psmp.words.values import Word

Doing = Literal["solving", "finding causes", "finding ways out"]
"""What the resolver is asked for."""


class CheckProgress(Word):
    """How far the resolver is with all that stood declared at event ``sequence``: question ``at`` of ``of``.

    ``place`` is the environment that is asked about, or for ways out the package; ``asked`` how many runs of the
    resolver were begun, ``seconds`` how long it takes already. ``ended`` is said last, however it ended.
    """

    sequence: Annotated[int, Field(ge=0)]
    doing: Doing
    at: Annotated[int, Field(ge=0)]
    of: Annotated[int, Field(ge=0)]
    place: str
    asked: Annotated[int, Field(ge=0)]
    seconds: Annotated[float, Field(ge=0)]
    ended: bool = False

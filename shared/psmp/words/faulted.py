"""Everything that is wrong with a document, as a refusal tells it."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from psmp.words.values import Word

MOST_FAULTS: Final = 200
"""So many faults of a graph are told at once."""


class FaultTold(Word):
    """One thing wrong with a graph: what, where (a JSON pointer), and for a cycle its nodes, the first again last."""

    code: Annotated[str, StringConstraints(max_length=100)]
    pointer: str
    problem: str
    cycle: Annotated[tuple[str, ...], Field(max_length=5001)] | None = None

"""Where in a document pydantic found its faults."""

from collections.abc import Iterator

from pydantic import ValidationError

from psmp.words import strict
from psmp.words.strict import Fault


def faults_of(error: ValidationError, document: object) -> Iterator[Fault]:
    """Every fault once; pydantic tells of some once for every shape that a value could have had.

    Nor is a list too short that lacks nothing but its faulty items.
    """
    told = error.errors(include_url=False, include_context=False, include_input=False)
    inner = {each["loc"][:depth] for each in told for depth in range(len(each["loc"]))}
    own = (each for each in told if each["type"] != "too_short" or each["loc"] not in inner)
    yield from dict.fromkeys(Fault(_place(each["loc"], each["type"], document), each["msg"]) for each in own)


def _place(loc: tuple[str | int, ...], kind: str, document: object) -> str:
    """Where in ``document`` a fault is, without what pydantic adds to a path that no reader of the document knows."""
    path: list[str | int] = []
    for number, part in enumerate(loc, 1):
        match document:
            case dict() if part in document:
                document = document[part]
            case list() if isinstance(part, int) and part < len(document):
                document = document[part]
            case _ if number < len(loc) or kind != "missing":
                continue
        path.append(part)
    return strict.pointer(tuple(path))

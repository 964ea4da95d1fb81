"""Cursors: where the next page begins, in a form that nobody needs to read and that is read again with care."""

import base64
import binascii
from typing import Annotated, Any, Final

from pydantic import StringConstraints, TypeAdapter, ValidationError
from pydantic_core import to_json

from psmp.words.answers import AlertPlace

Cursor = Annotated[str, StringConstraints(max_length=600, pattern=r"^[A-Za-z0-9_-]+$")]

NAME: Final = TypeAdapter(tuple[str])
SPAN: Final = TypeAdapter(tuple[int, str])
NUMBER: Final = TypeAdapter(tuple[int])
ALERT: Final = TypeAdapter(AlertPlace)


class BadCursor(ValueError):
    """It is none that we gave."""


def write(*place: object) -> str:
    """The cursor of what comes behind ``place``."""
    return base64.urlsafe_b64encode(to_json(place)).rstrip(b"=").decode()


def read(cursor: str, shape: "TypeAdapter[Any]") -> Any:  # noqa: ANN401 - as the shape says
    """The place that ``write`` wrote; raises ``BadCursor``."""
    try:
        return shape.validate_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValidationError):
        raise BadCursor(cursor) from None

"""One spelling for every JSON value, so that equal values have equal hashes."""

import json
from hashlib import sha256
from typing import Any


def canonical(value: Any) -> bytes:  # noqa: ANN401 - JSON is any of its types
    """UTF-8 without white space, keys sorted by code point, a whole number without a fraction, lists for tuples."""
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(value: Any) -> str:  # noqa: ANN401 - as above
    """SHA-256 of the one spelling, in hex."""
    return sha256(canonical(value)).hexdigest()


def _plain(value: object) -> object:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value

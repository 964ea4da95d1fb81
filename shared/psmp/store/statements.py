"""SQL is SQL: named statements from a ``.sql`` file beside the module that uses them."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

_NAME: Final = re.compile(r"^-- name: ([a-z_]+)$", re.MULTILINE)


def load(module: str) -> Mapping[str, str]:
    """The statements of the ``.sql`` file beside ``module`` (its ``__file__``), by the names in ``-- name:`` lines."""
    _, *parts = _NAME.split(Path(module).with_suffix(".sql").read_text(encoding="utf-8"))
    return MappingProxyType(dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True)))

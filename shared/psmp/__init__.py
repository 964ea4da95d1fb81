"""PSMP: the governance plane for projects that many AI agents build at once."""

from typing import Final

__version__: Final = "0.1.0"

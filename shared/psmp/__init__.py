"""PSMP: the governance plane for projects that many AI agents build at once."""

__version__ = "0.1.0"

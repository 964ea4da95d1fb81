"""The application with nothing behind it: its routes can be looked at, and not one of them can be answered."""

from typing import Any, cast

from fastapi import FastAPI

from psmp_gateway.app import build
from psmp_gateway.calls import Ports


def application() -> FastAPI:
    """The application, for its description alone."""
    return build(cast("Ports", cast("Any", None)))

"""The application with nothing behind it: its routes can be looked at, and not one of them can be answered."""

from typing import Any, Final, cast

from fastapi import FastAPI

from psmp_gateway.app import build
from psmp_gateway.calls import Ports
from psmp_gateway.table import Route, routes

_NONE: Final = cast("Ports", cast("Any", None))


def application() -> FastAPI:
    """The application, for its description alone."""
    return build(_NONE)


def table() -> tuple[Route, ...]:
    """Its routes."""
    return routes(_NONE)

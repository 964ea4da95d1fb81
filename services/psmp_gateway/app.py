"""The application: the table of routes as FastAPI serves it, and every error in one shape."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp

from psmp import __version__
from psmp.client.errors import PsmpError
from psmp.words.ids import ID_PATTERN
from psmp.words.strict import Fault
from psmp_gateway import document
from psmp_gateway.calls import Guard, Ports
from psmp_gateway.dashboard import add_dashboard
from psmp_gateway.framing import Framing
from psmp_gateway.mcp import METHODS, Models
from psmp_gateway.mcp import PATH as MCP
from psmp_gateway.offering import Offer, offered
from psmp_gateway.rules import problems
from psmp_gateway.rules.headers import Unusable
from psmp_gateway.rules.problems import Problem, problem
from psmp_gateway.shortcut import Shortcut
from psmp_gateway.table import PREFIX, SOCKET, routes
from psmp_gateway.trouble import Trouble, invalid, understood

_INTERNAL: Final = f"{PREFIX}/internal"
"""Below here nothing tells whom it is not for that there is anything, wrong methods included."""

LOG: Final = logging.getLogger("psmp_gateway")

_OF_STATUS: Final = {
    404: (problems.NOT_FOUND, "there is nothing at this address", "GET /api/v1/openapi.json tells what there is"),
    405: (problems.METHOD_NOT_ALLOWED, "there is nothing to be done here by this method", "see the header Allow"),
}


def build(ports: Ports, models: Models | None = None) -> FastAPI:
    """The application; ``models`` answers at ``/mcp``."""
    app = FastAPI(
        title="PSMP",
        version=__version__,
        description=document.ABOUT,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        redirect_slashes=False,
    )
    table = routes(ports)
    for route in table:
        if route.method == SOCKET:
            app.add_api_websocket_route(PREFIX + route.path, route.handler)
            continue
        guards = [] if route.permission is None else [Depends(Guard(route.permission, ports))]
        forms = offered(route)
        if forms:
            guards.append(Depends(Offer(*forms)))
        app.add_api_route(
            PREFIX + route.path,
            route.handler,
            methods=[route.method],
            dependencies=guards,
            response_model=None,
            operation_id=document.operation(route),
            include_in_schema=document.is_shown(route),
        )
    add_dashboard(app)
    app.openapi = lambda: document.openapi(app, table)  # type: ignore[method-assign]
    endpoint = models or Models(ports)
    app.router.routes.append(StarletteRoute(MCP, endpoint, methods=METHODS, include_in_schema=False))
    _tell_of_errors(app)
    app.add_middleware(Framing)
    return app


def gateway(ports: Ports, models: Models | None = None) -> ASGIApp:
    """The application, with a short cut for what is asked most."""
    return Shortcut(build(ports, models), ports, PREFIX, failed)


def failed(request: Request, error: Exception) -> Response:
    """The answer to a request that ended with this error."""
    return next(answer for kind, answer in _ANSWERS.items() if isinstance(error, kind))(request, error)


def _tell_of_errors(app: FastAPI) -> None:
    for kind, handler in _ANSWERS.items():
        app.add_exception_handler(kind, handler)


def _of_trouble(request: Request, error: Exception) -> Response:
    assert isinstance(error, Trouble)  # noqa: S101 - it is registered for these
    return _told(request, error.problem)


def _of_the_client(request: Request, error: Exception) -> Response:
    assert isinstance(error, PsmpError)  # noqa: S101 - as above
    return _told(request, understood(error, request.path_params.get("project") or request.query_params.get("project")))


def _of_a_header(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unusable)  # noqa: S101 - as above
    return _told(request, invalid(Fault(error.header, error.problem)).problem)


def _of_a_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    faults = [Fault(str(each["loc"][:2][-1])[:100], str(each["msg"])) for each in error.errors()]
    if any(each["type"] == "string_pattern_mismatch" for each in error.errors()):
        hint = f"ids are of the form {ID_PATTERN}; see the API's description"
        return _told(request, invalid(*faults, hint=hint).problem)
    return _told(request, invalid(*faults).problem)


def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    status = 404 if request.url.path.startswith(_INTERNAL) else error.status_code
    code, detail, hint = _OF_STATUS.get(status, (problems.INVALID, str(error.detail), ""))
    return _told(request, problem(code, detail, hint), **((error.headers or {}) if status == error.status_code else {}))


def _unforeseen(request: Request, error: Exception) -> Response:
    LOG.error("fault", exc_info=error)
    hint = "the gateway's log says more; a command may or may not have been done: ask for the state"
    return _told(request, problem(problems.FAULT, "the gateway met something that nobody foresaw", hint))


_ANSWERS: Final[Mapping[type[Exception], Callable[[Request, Exception], Response]]] = {
    Trouble: _of_trouble,
    PsmpError: _of_the_client,
    Unusable: _of_a_header,
    RequestValidationError: _of_a_parameter,
    HTTPException: _of_http,
    Exception: _unforeseen,
}
"""Who answers which error; the first that fits."""


def _told(request: Request, said: Problem, **more: Any) -> Response:
    told = said.model_copy(update={"instance": request.url.path[:1000]})
    headers: dict[str, str] = dict(more)
    if said.retry_seconds is not None:
        headers["Retry-After"] = str(said.retry_seconds)
    if said.code == problems.TOO_LARGE:
        headers["Connection"] = "close"  # what was not read would be taken for the next request
    if said.status == 401:  # noqa: PLR2004 - RFC 9110, 11.6.1
        headers["WWW-Authenticate"] = 'Bearer realm="psmp"'
    body = told.model_dump_json(exclude_none=True, exclude_defaults=False)
    return Response(body, said.status, headers, media_type="application/problem+json")

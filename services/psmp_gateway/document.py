"""The API described for machines (OpenAPI 3.1), from the table of routes and the models.

``python -m psmp_gateway.document`` writes ``docs/openapi.json``; a test fails when that has drifted.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from psmp.words.values import Word
from psmp_gateway.offering import offered
from psmp_gateway.rules.access import PERMISSIONS, Permission
from psmp_gateway.rules.problems import PROBLEMS, Problem

if TYPE_CHECKING:
    from psmp_gateway.table import Route

ABOUT: Final = """\
The governance plane over HTTP. Requests become commands on the same streams that NATS clients use, and questions to
the same keeper: nothing is decided here.

Writes take `Idempotency-Key` (the same key of the same agent is the same command for ever) and `Prefer`: `wait`,
`wait=5` (seconds) or `respond-async`. Declaring and amending answer at once unless `wait` is preferred, everything else
waits ten seconds. What has no outcome by then is answered with 202: it is stored and will be decided.

Errors have one shape, `application/problem+json` (RFC 9457), with a stable `code`; `GET /api/v1/problems` lists them.
"""

_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_STRING: Final = {"type": "string"}
_SCHEMA_OF: Final[dict[str, dict[str, str]]] = {"application/json": {}, "application/zip": {}}
_SCHEMAS: Final = "#/components/schemas/{model}"

Json = dict[str, Any]


def operation(route: "Route") -> str:
    """The name of an operation, for clients that are generated: ``artifacts_declare``."""
    return f"{route.about}_{route.handler.__name__}"


def is_shown(route: "Route") -> bool:
    """Whether it stands in the description: a WebSocket has no words there, and what is internal nobody learns."""
    return route.method != "WEBSOCKET" and route.permission is not Permission.INTERNAL


def openapi(app: FastAPI, table: "Sequence[Route]") -> Json:
    """The document; made once."""
    if app.openapi_schema:
        return app.openapi_schema
    made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    models = sorted(
        {model for route in table if is_shown(route) for model in _models(route)} | {Problem},
        key=lambda each: each.__name__,
    )
    _, schemas = models_json_schema([(each, "validation") for each in models], ref_template=_SCHEMAS)
    components = made.setdefault("components", {})
    ours = schemas["$defs"]
    components["schemas"] = {name: ours[name] for name in sorted(ours)}
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "psmp_..."}}
    for route in table:
        if is_shown(route):
            _describe(made["paths"][f"/api/v1{route.path}"][route.method.lower()], route)
    app.openapi_schema = made
    return made


def _models(route: "Route") -> Iterator[type[Word]]:
    yield from (each for each in route.says.values() if each is not None)
    if route.takes is not None:
        yield route.takes


def _describe(described: Json, route: "Route") -> None:
    about = (route.handler.__doc__ or "").strip()
    described["summary"] = about.partition("\n")[0].rstrip(".")
    described["description"] = "\n".join(line.strip() for line in about.splitlines())
    described["tags"] = [route.about]
    if route.permission is not None:
        described["security"] = [{"key": []}]
        roles = ", ".join(role for role, allowed in PERMISSIONS.items() if route.permission in allowed)
        described["x-psmp-permission"] = str(route.permission)
        described["description"] += f"\n\nFor keys with the role {roles}."
    if route.takes is not None:
        body = {"schema": {"$ref": _SCHEMAS.format(model=route.takes.__name__)}}
        described["requestBody"] = {
            "required": True,
            "content": dict.fromkeys(("application/json", *route.spelled), body),
        }
    parameters = [*described.get("parameters", []), *_headers(route)]
    if parameters:
        described["parameters"] = parameters
    described["responses"] = dict(sorted(_responses(route).items()))


def _headers(route: "Route") -> Iterator[Json]:
    key, text = {"type": "string", "pattern": "^[!-~]{1,255}$"}, {"type": "string"}
    if route.permission is not None:
        agent = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"}
        yield _header("Psmp-Agent", "In whose name: for admins alone; the key's own agent without it.", agent)
    if route.command:
        yield _header("Idempotency-Key", "Names the command: sent again, it counts once.", key)
        yield _header("Prefer", "`wait`, `wait=5` or `respond-async` (RFC 7240).", text)
    if route.matched:
        yield _header("If-Match", "Only if it is still what this ETag names, else 412.", text)
    if route.tagged:
        yield _header("If-None-Match", "304 if it is still what this ETag names.", text)
    if not route.says:
        place = {"type": "string", "pattern": "^[0-9]{1,15}$"}
        yield _header("Last-Event-ID", "Resume right behind this position.", place)


def _header(name: str, about: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "required": False, "description": about, "schema": schema}


def _responses(route: "Route") -> Json:
    found: Json = {}
    for status, model in route.says.items():
        found[str(status)] = {"description": (model.__doc__ or "").strip().partition("\n")[0] if model else "Done."}
        if model is not None:
            schema = {"schema": {"$ref": _SCHEMAS.format(model=model.__name__)}}
            found[str(status)]["content"] = {"application/json": schema}
    if not route.says:
        events = {"schema": {"type": "string", "contentMediaType": "text/event-stream"}}
        found["200"] = {"description": "Events, until the reader goes.", "content": {"text/event-stream": events}}
    for media_type in route.also:
        found["200"].setdefault("content", {})[media_type] = {"schema": _SCHEMA_OF.get(media_type, _STRING)}
    if route.tagged:
        found["304"] = {"description": "It is still what the ETag names."}
    statuses = sorted({status for status, _ in PROBLEMS.values()} - set(route.says))
    for status in statuses:
        if _can_be(route, status):
            found[str(status)] = {"description": "A problem.", "content": _PROBLEM}
    return found


def _can_be(route: "Route", status: int) -> bool:
    """Whether a route can be answered so."""
    if route.permission is None:
        return status in (405, 406, 422, 500) or (route.about == "session" and status in (401, 403, 404, 503))
    if status == 406:  # noqa: PLR2004 - not acceptable
        return bool(offered(route))
    if status in (409, 413, 415):
        return route.takes is not None
    return status != 412 or route.matched  # noqa: PLR2004 - precondition failed


def write() -> str:
    """The document as it stands in docs."""
    from psmp_gateway.blank import application  # noqa: PLC0415 - only here

    return json.dumps(application().openapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(write())

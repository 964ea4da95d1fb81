"""The dashboard: the files that its build made, read once, and served under ``/ui/`` with nothing from elsewhere."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from psmp_gateway.rules import problems
from psmp_gateway.rules.files import File, files, is_page
from psmp_gateway.trouble import trouble

PREFIX: Final = "/ui"
BUILT: Final = Path(__file__).with_name("built")
"""Where the build leaves its files; in a checkout they are made by ``make dashboard``."""

PAGE: Final = "index.html"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the page may do: run what was built, read the API of the same origin, and nothing else."""

_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Vary": "Accept-Encoding",
}


def add_dashboard(app: FastAPI, folder: Path = BUILT) -> None:
    """Serve what was built into ``folder``; anybody may read it, for it says nothing of any project."""
    shelf = _Shelf(folder)
    app.add_route("/", _to_the_page, methods=["GET"], include_in_schema=False)
    app.add_route(PREFIX, _to_the_page, methods=["GET"], include_in_schema=False)
    app.add_route(f"{PREFIX}/{{path:path}}", shelf.answer, methods=["GET"], include_in_schema=False)


async def _to_the_page(_: Request) -> Response:
    return RedirectResponse(f"{PREFIX}/", 307)


class _Shelf:
    def __init__(self, folder: Path) -> None:
        self._files = files(_contents(folder))

    async def answer(self, request: Request) -> Response:
        """A file, or the page for every address that the page itself reads."""
        path = request.path_params["path"]
        found = self._files.get(path or PAGE)
        if found is None and is_page(path):
            found = self._files.get(PAGE)
            if found is None:
                hint = "the wheel carries them; in a checkout `make dashboard` builds them, then start the gateway anew"
                raise trouble(problems.NOT_FOUND, "this gateway was started without the dashboard's files", hint)
        if found is None:
            raise trouble(problems.NOT_FOUND, f"the dashboard has no file {path[:200]}", f"begin at {PREFIX}/")
        return _answer(request, found)


def _answer(request: Request, found: File) -> Response:
    headers = {**_HEADERS, "Cache-Control": found.cache, "ETag": found.tag}
    if found.is_known(request.headers.get("If-None-Match")):
        return Response(status_code=304, headers=headers)
    coding, body = found.form(request.headers.get("Accept-Encoding"))
    if coding:
        headers["Content-Encoding"] = coding
    return Response(body, headers=headers, media_type=found.media_type)


def _contents(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}

"""The dashboard as it is served: its page for every address, under a policy that lets nothing in from elsewhere."""

import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from psmp.words.api_keys import Role
from psmp_gateway.dashboard import POLICY, add_dashboard
from psmp_gateway.framing import Framing
from psmp_gateway.rules.access import PERMISSIONS, Permission
from psmp_gateway.rules.files import ASKED_EACH_TIME, FOR_EVER
from psmp_gateway.trouble import Trouble

SOURCE = Path(__file__).parents[3] / "services/psmp_gateway/dashboard"
PAGE = b"<!doctype html><title>PSMP</title>"


class Answer:
    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, dict[str, str](), b""


async def get(app: FastAPI, path: str, **headers: str) -> Answer:
    answer = Answer()

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]  # type: ignore[assignment]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}  # type: ignore[attr-defined]
        else:
            answer.body += message.get("body", b"")  # type: ignore[operator]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    said = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": said,
    }
    await app({**scope, "http_version": "1.1", "scheme": "http", "server": ("x", 80)}, receive, send)  # type: ignore[arg-type]
    return answer


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "assets/a-1.js").write_bytes(b"long " * 100)
    (tmp_path / "assets/a-1.js.br").write_bytes(b"br")
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    add_dashboard(made, tmp_path)
    made.add_middleware(Framing)
    return made


@pytest.mark.parametrize("path", ["/", "/ui"])
async def test_the_bare_address_leads_to_the_page(app: FastAPI, path: str) -> None:
    answer = await get(app, path)
    assert (answer.status, answer.headers["location"]) == (307, "/ui/")


@pytest.mark.parametrize("path", ["/ui/", "/ui/projects/rag-chatbot/conflicts/C-1", "/ui/what-nobody-made"])
async def test_every_address_of_the_page_is_answered_with_it(app: FastAPI, path: str) -> None:
    answer = await get(app, path)
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (200, PAGE, ASKED_EACH_TIME)
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_who_has_the_page_is_not_sent_it_again(app: FastAPI) -> None:
    tag = (await get(app, "/ui/")).headers["etag"]
    answer = await get(app, "/ui/", If_None_Match=tag)
    assert (answer.status, answer.body) == (304, b"")


async def test_files_are_sent_compressed_and_kept_for_ever(app: FastAPI) -> None:
    answer = await get(app, "/ui/assets/a-1.js", Accept_Encoding="gzip, br")
    assert (answer.body, answer.headers["content-encoding"], answer.headers["vary"]) == (b"br", "br", "Accept-Encoding")
    assert answer.headers["cache-control"] == FOR_EVER
    plain = await get(app, "/ui/assets/a-1.js")
    assert plain.body == b"long " * 100
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("path", ["/ui/assets/gone-2.js", "/ui/assets/../../secret.txt", "/ui//etc/x.conf"])
async def test_a_file_that_is_not_there_is_not_the_page(app: FastAPI, path: str) -> None:
    with pytest.raises(Trouble, match="the dashboard has no file"):
        await get(app, path)


async def test_a_gateway_without_the_files_says_how_to_get_them(tmp_path: Path) -> None:
    app = FastAPI()
    add_dashboard(app, tmp_path / "never-built")
    with pytest.raises(Trouble) as stopped:
        await get(app, "/ui/")
    assert "make dashboard" in stopped.value.problem.hint


def test_the_policy_lets_nothing_in_that_is_not_ours() -> None:
    allowed = {source for each in POLICY.split("; ") for source in each.split()[1:]}
    assert allowed == {"'none'", "'self'", "'script'"}
    assert "default-src 'none'" in POLICY


def test_what_the_build_fetches_is_pinned_by_hash_and_names_no_place() -> None:
    packages = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
    fetched = {path: each for path, each in packages.items() if path}
    assert fetched
    assert all(each["integrity"].startswith("sha512-") and "resolved" not in each for each in fetched.values())
    assert "ignore-scripts=true" in (SOURCE / ".npmrc").read_text().splitlines()


def test_the_page_holds_no_script_and_no_style_of_its_own() -> None:
    page = (SOURCE / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script[^>]*>[^<]", page)


def test_the_page_tells_whoever_may_not_which_roles_may() -> None:
    text = (SOURCE / "src/api/roles.ts").read_text()
    told = {name: re.findall(r'"(\w+)"', roles) for name, roles in re.findall(r'"?([\w-]+)"?: \[(.*?)\],', text)}
    decided = {each: [role.value for role in Role if each in PERMISSIONS[role]] for each in Permission}
    internal = (Permission.READ, Permission.INTERNAL)
    assert {name: sorted(roles) for name, roles in told.items()} == {
        each.value: sorted(roles) for each, roles in decided.items() if each not in internal
    }

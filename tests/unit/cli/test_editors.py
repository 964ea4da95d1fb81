"""Editors' files: a line is added beside what is there, and nothing is overwritten."""

import json
from pathlib import Path

import pytest

from psmp.cli import editors
from psmp.cli.commands.init import init
from psmp.cli.editors import Unfit
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp_gateway.mcp import PATH as MCP

ENTRY = editors.server("psmp", "rag", "ada")
HOOK = editors.hook("psmp")


def test_a_server_is_added_beside_others_once() -> None:
    first = editors.with_server('{"mcpServers": {"x": {"command": "y"}}, "more": [1]}', ENTRY)
    assert first is not None
    assert json.loads(first) == {
        "mcpServers": {
            "x": {"command": "y"},
            "psmp": {"command": "psmp", "args": ["mcp", "--project", "rag", "--agent", "ada"]},
        },
        "more": [1],
    }
    assert editors.with_server(first, ENTRY) is None
    with pytest.raises(Unfit, match="another server psmp"):
        editors.with_server(first, editors.server("psmp", "other", None))


def test_a_hook_is_added_beside_others_once_and_the_shell_says_no_where_it_cannot_run() -> None:
    before = {"permissions": {}, "hooks": {"PreToolUse": [{"matcher": "Read", "hooks": []}], "Stop": []}}
    first = editors.with_hook(json.dumps(before), HOOK)
    assert first is not None
    added = json.loads(first)["hooks"]["PreToolUse"]
    assert added[0] == before["hooks"]["PreToolUse"][0]
    assert added[1]["hooks"][0]["command"] == "psmp hook claude-code || exit 2"
    assert editors.with_hook(first, HOOK) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"mcpServers": []}', '{"hooks": {"PreToolUse": {}}, "mcpServers": 1}'])
def test_a_file_of_another_shape_is_left_alone(text: str) -> None:
    with pytest.raises(Unfit):
        editors.with_server(text, ENTRY)


def test_the_lines_in_the_documentation_are_those_that_init_writes() -> None:
    page = (Path(__file__).parents[3] / "docs" / "mcp.md").read_text(encoding="utf-8")
    server, over_http, hook = (json.loads(block.partition("```")[0]) for block in page.split("```json\n")[1:])
    entry = editors.server("psmp", "rag-chatbot", "CoderAgent")
    assert json.dumps(server, indent=2) + "\n" == editors.with_server(None, entry)
    assert json.dumps(hook, indent=2) + "\n" == editors.with_hook("", HOOK)
    (entry,) = over_http["mcpServers"].values()
    assert entry["url"].endswith(MCP), "the gateway's address is where the gateway answers"


def test_init_writes_what_editors_need_and_keeps_a_psmp_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/psmp")
    init(tmp_path, project="rag")
    assert init(tmp_path, mcp=True, cursor=True, hook=True) is Exit.DONE
    for name in (".mcp.json", ".cursor/mcp.json"):
        said = json.loads((tmp_path / name).read_text())
        assert said == {"mcpServers": {"psmp": {"command": "psmp", "args": ["mcp", "--project", "rag"]}}}
    (entry,) = json.loads((tmp_path / ".claude/settings.json").read_text())["hooks"]["PreToolUse"]
    assert entry == HOOK
    assert (tmp_path / "psmp.toml").read_text().endswith('project = "rag"\n')
    init(tmp_path, mcp=True, cursor=True, hook=True)


def test_init_names_the_command_by_its_place_where_its_name_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    init(tmp_path, project="rag", agent="ada", mcp=True)
    said = json.loads((tmp_path / ".mcp.json").read_text())["mcpServers"]["psmp"]
    assert Path(said["command"]).is_absolute()
    assert said["args"] == ["mcp", "--project", "rag", "--agent", "ada"]


def test_init_that_cannot_write_an_editors_file_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text("mine")
    with pytest.raises(Complaint, match="not JSON"):
        init(tmp_path, project="rag", mcp=True)
    assert (tmp_path / ".mcp.json").read_text() == "mine"
    assert not (tmp_path / "psmp.toml").exists()
    (tmp_path / ".cursor").write_text("a file")
    with pytest.raises(Complaint, match="cursor"):
        init(tmp_path, project="rag", cursor=True)

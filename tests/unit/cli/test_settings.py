"""Where a command learns who speaks about which project: flag, environment, psmp.toml, a running stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from psmp.cli import running, settings
from psmp.cli.commands.init import init
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.settings import Defaults
from psmp.stack.whole import Whole
from psmp.wire.announced import dev_file


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PSMP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def addresses(pid: int, **others: str) -> running.Addresses:
    fields = {
        "url": "nats://a",
        "operator_url": "nats://o",
        "retention_url": "nats://r",
        "postgres_dsn": "postgresql://p",
        "api_url": "http://a",
        **others,
    }
    return running.Addresses(
        pid=pid,
        tenant="default",
        api_lacks="",
        dashboard="http://a/ui/",
        dashboard_lacks="",
        api_key="psmp_0",
        api_key_file=str(dev_file(os.environ).with_name("api-key")),
        nats_monitor=None,
        nats_version="2.15.1",
        postgres_version="18.6",
        services={},
        data=None,
        keys="",
        ready_after=1.0,
        **fields,
    )


def test_the_nearest_file_above_is_read(tmp_path: Path) -> None:
    (tmp_path / "psmp.toml").write_text('project = "rag"\nagent = "coder"\n')
    below = tmp_path / "src" / "deep"
    below.mkdir(parents=True)
    assert settings.defaults(below) == Defaults(project="rag", agent="coder")


def test_where_receipts_are_kept_is_said_as_seen_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "psmp.toml").write_text('receipts = "kept/mine"\n')
    assert settings.defaults(tmp_path) == Defaults(receipts=tmp_path / "kept" / "mine")


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "psmp.toml").write_text('project = "from-file"\n')
    assert settings.project_of(None) == "from-file"
    monkeypatch.setenv("PSMP_PROJECT", "from-environment")
    assert settings.project_of(None) == "from-environment"
    assert settings.project_of("from-flag") == "from-flag"


def test_no_project_anywhere_is_a_complaint_with_a_way_out() -> None:
    with pytest.raises(Complaint, match="which project") as caught:
        settings.project_of(None)
    assert caught.value.end is Exit.USAGE
    assert "psmp init" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "receipts = 3",
        'receipts = " "',
        'project = "rag',
        'url = "nats://elsewhere"',
        "project = 3",
        'agent = "a b"',
        'project = "-x"',
    ],
)
def test_a_file_that_says_anything_else_is_a_complaint(tmp_path: Path, text: str) -> None:
    (tmp_path / "psmp.toml").write_text(text)
    with pytest.raises(Complaint, match=r"psmp\.toml") as caught:
        settings.defaults()
    assert caught.value.end is Exit.USAGE


def test_init_writes_what_is_read_again(tmp_path: Path) -> None:
    assert init(tmp_path, project="rag", agent="coder", tenant="acme") is Exit.DONE
    assert settings.defaults(tmp_path) == Defaults("rag", "coder", "acme")


def test_init_names_the_project_after_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "My Project!"
    folder.mkdir()
    init(folder)
    assert settings.defaults(folder) == Defaults("My-Project")


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "psmp.toml").write_text("# mine")
    with pytest.raises(Complaint, match="exists already"):
        init(tmp_path, project="rag")
    assert (tmp_path / "psmp.toml").read_text() == "# mine"


def test_init_takes_no_id_that_no_subject_could_carry(tmp_path: Path) -> None:
    with pytest.raises(Complaint, match="is not an id"):
        init(tmp_path, project="a.b")
    assert not (tmp_path / "psmp.toml").exists()


def test_whoever_reads_has_a_name_that_a_subject_can_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, wanted in {"ada.lovelace": "ada-lovelace", "psmp": "reader", "-": "reader"}.items():
        monkeypatch.setenv("LOGNAME", name)
        assert settings.reader() == wanted


def test_a_running_stack_is_found_and_forgotten_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "state" / "psmp" / "dev.json"
    with running.announced(addresses(os.getpid())) as other:
        assert other is None
        assert path.stat().st_mode & 0o777 == 0o600
        assert settings.servers() == settings.Servers("nats://o", "postgresql://p")
        assert settings.servers("nats://mine").nats_url == "nats://mine"
    assert not path.exists()
    assert settings.servers() == settings.Servers(None, None)


def test_a_second_stack_leaves_the_first_one_announced(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as first:
        try:
            with running.announced(addresses(first.pid)), running.announced(addresses(os.getpid())) as other:
                assert other == first.pid
                assert json.loads((tmp_path / "state" / "psmp" / "dev.json").read_text())["pid"] == first.pid
        finally:
            first.kill()


def test_a_stack_that_died_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state" / "psmp" / "dev.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"pid": 999999999}')
    with running.announced(addresses(os.getpid())) as other:
        assert other is None
        assert json.loads(path.read_text())["pid"] == os.getpid()


def test_a_stack_asks_the_index_that_it_is_given_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(running.INDEX, "https://elsewhere.example/simple")

    def told(planned: Whole) -> set[str]:
        assert planned.plan.env is not None
        return {{**planned.plan.env, **service.env}[running.INDEX] for service in planned.plan.services}

    assert told(running.everything()) == {""}
    assert told(running.everything(index="https://index.example/simple")) == {"https://index.example/simple"}

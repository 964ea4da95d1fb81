"""Where the client goes: the caller's word, then the environment, then a running psmp dev."""

import json
from pathlib import Path

import pytest

from psmp.client.errors import Invalid
from psmp.client.place import check, locate
from psmp.wire.announced import dev_file
from psmp.wire.connection import Address


def dev(home: Path, **said: str) -> dict[str, str]:
    environment = {"XDG_STATE_HOME": str(home)}
    file = dev_file(environment)
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(said))
    return environment


def test_what_the_caller_says_comes_first() -> None:
    environment = {"PSMP_URL": "nats://other:1", "PSMP_AGENT": "other", "PSMP_TENANT": "other", "PSMP_CA": "other.pem"}
    place = locate(environment, url="nats://here:1", tenant="acme", agent="coder", credentials="a.creds", ca="ca.pem")
    assert (place.address.url, place.tenant, place.agent) == ("nats://here:1", "acme", "coder")
    assert (place.address.credentials, place.address.ca) == (Path("a.creds"), Path("ca.pem"))


def test_then_the_environment() -> None:
    environment = {"PSMP_URL": "tls://a:1", "PSMP_AGENT": "coder", "PSMP_TENANT": "acme", "PSMP_CREDENTIALS": "~/a"}
    place = locate(environment)
    assert (place.address.url, place.tenant, place.agent) == ("tls://a:1", "acme", "coder")
    assert place.address.credentials == Path.home() / "a"


def test_where_receipts_are_kept_is_the_callers_word_or_the_environments() -> None:
    environment = {"PSMP_URL": "tls://a:1", "PSMP_AGENT": "coder"}
    assert locate(environment).receipts is None
    environment["PSMP_RECEIPTS"] = "~/mine"
    assert locate(environment).receipts == Path.home() / "mine"
    assert locate(environment, receipts="other").receipts == Path("other")


def test_then_a_running_development_stack(tmp_path: Path) -> None:
    environment = dev(tmp_path, url="nats://127.0.0.1:9", tenant="acme", agent="me")
    place = locate(environment)
    assert (place.address.url, place.tenant, place.agent) == ("nats://127.0.0.1:9", "acme", "me")
    assert locate({**environment, "PSMP_AGENT": "coder"}).agent == "coder"


def test_a_development_stack_says_nothing_about_another_server(tmp_path: Path) -> None:
    environment = dev(tmp_path, url="nats://127.0.0.1:9", tenant="acme")
    assert locate(environment, url="nats://far:4222", agent="coder").tenant == "default"


def test_the_file_of_a_development_stack_is_below_home_unless_told_otherwise(tmp_path: Path) -> None:
    assert dev_file({"HOME": str(tmp_path)}) == tmp_path / ".local/state/psmp/dev.json"
    assert dev_file({"HOME": "x", "XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "psmp/dev.json"


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    environment = dev(tmp_path)
    dev_file(environment).write_text(text)
    with pytest.raises(Invalid, match="/url: no address"):
        locate(environment, agent="coder")


def test_without_an_agent_the_caller_is_told_how_to_name_one() -> None:
    with pytest.raises(Invalid, match="PSMP_AGENT"):
        locate({}, url="nats://here:1")


def test_ids_are_checked() -> None:
    with pytest.raises(Invalid, match="/tenant"):
        locate({}, url="nats://here:1", tenant="a.b", agent="coder")


def test_files_that_cannot_be_used_are_named_before_anything_is_tried(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    with pytest.raises(Invalid, match=r"/credentials: there is no file a\.creds; .*/ca: there is no file .*ca\.pem"):
        check(Address("nats://here:1", Path("a.creds"), authority))
    authority.touch()
    check(Address("nats://here:1", None, authority))

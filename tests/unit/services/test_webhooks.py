"""Where webhooks may go, who gets which, and what becomes of an attempt."""

import base64
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from psmp.wire.mended import MendedClient
from psmp.wire.webhooks import key_of, keys_of, secret_of
from psmp.words.answers import Problem, SecretQuestion, WebhookHealth, WebhookSecret
from psmp.words.events import WebhookAdded, WebhookEnded
from psmp.words.ids import ProjectKey
from psmp_webhooks.addresses import Forbidden, checked, is_open
from psmp_webhooks.condition import Condition
from psmp_webhooks.endpoints import Endpoint, Unusable, read
from psmp_webhooks.questions import Questions
from psmp_webhooks.registry import Registered, Registry, Terms
from psmp_webhooks.rules import SCHEDULE, Answered, Failed, Gone, Taken, Unanswered, ended, fate, provenance
from tests.golden import story
from tests.unit.services.history import project

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
KEY = ProjectKey("acme", "rag")


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_open(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.255", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.1.1"),  # noqa: S104
        *("169.254.169.254", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "100.64.0.1", "192.0.2.1", "198.18.0.1"),
        *("224.0.0.1", "224.0.1.1", "239.1.1.1", "ff02::1", "ff0e::1", "240.0.0.1", "255.255.255.255", "192.0.0.1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:1.1.1.1", "::127.0.0.1", "2001:db8::1", "2001::1"),
        *(
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::7f00:1",
            "2002:0101:0101::1",
            "2002:7f00:1::",
            "2002:0a00:0001::1",
            "100::1",
        ),
    ],
)
def test_addresses_that_are_none(address: str) -> None:
    assert not is_open(address)


def test_one_address_inside_is_enough_to_go_nowhere() -> None:
    assert checked("h", ["1.1.1.1", "1.0.0.1"], allow_private=False) == ("1.1.1.1", "1.0.0.1")
    with pytest.raises(Forbidden, match=r"h is 10\.0\.0\.1, no address of the open internet"):
        checked("h", ["1.1.1.1", "10.0.0.1"], allow_private=False)
    assert checked("h", ["10.0.0.1"], allow_private=True) == ("10.0.0.1",)
    with pytest.raises(Forbidden, match="h has no address"):
        checked("h", [], allow_private=True)


def test_only_2xx_is_success_and_410_is_for_good() -> None:
    assert fate(Answered(204), 1) == Taken()
    assert fate(Answered(410), 99) == Gone()
    assert fate(Answered(301), 1) == Failed("answered 301, a redirect, which is not followed", 1.0)
    assert fate(Answered(500), 1) == Failed("answered 500", 1.0)
    assert fate(Unanswered("no answer"), 1) == Failed("no answer", 1.0)


def test_a_failure_is_tried_again_by_schedule_and_then_given_up() -> None:
    found = [fate(Answered(500), tries) for tries in range(1, len(SCHEDULE) + 2)]
    assert [each.wait for each in found if isinstance(each, Failed)] == [*SCHEDULE, None]
    assert SCHEDULE[:3] == (1.0, 2.0, 4.0)


def test_the_wait_is_spread_and_a_receiver_may_ask_for_a_longer_one_within_bounds() -> None:
    assert fate(Answered(503), 2, spread=1.0) == Failed("answered 503", 2.2)
    assert fate(Answered(429, retry_after=60), 1) == Failed("answered 429", 60)
    assert fate(Answered(429, retry_after=1e9), 1) == Failed("answered 429", 7200)


def endpoint(**more: object) -> Endpoint:
    return Endpoint.model_validate({"name": "ops", "url": "https://hooks.example/psmp", "secret": SECRET, **more})


def test_an_endpoint_gets_what_it_wants_of_whom_it_wants() -> None:
    assert endpoint().wants(KEY, "alert.raised")
    assert not endpoint().wants(KEY, "conflict.detected")
    assert endpoint(kinds=["conflict.detected", "project.*"]).wants(KEY, "project.stalled")
    assert endpoint(tenants=["acme"]).wants(KEY, "alert.raised")
    assert not endpoint(tenants=["other"]).wants(KEY, "alert.raised")


def test_its_port_is_the_usual_one_unless_said() -> None:
    assert endpoint().port == 443
    assert endpoint(url="http://h/", allow_http=True).port == 80
    assert endpoint(url="https://h:8443/").port == 8443


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"url": "http://hooks.example/"}, "it is not https"),
        ({"url": "ftp://hooks.example/"}, "https://host/path"),
        ({"url": "https:///path"}, "https://host/path"),
        ({"url": "https://name:word@hooks.example/"}, "no name, password or fragment"),
        ({"url": "https://hooks.example/#part"}, "no name, password or fragment"),
        ({"url": "https://hooks.example:99999/"}, "url: "),
        ({"url": "https://hooks.example:0/"}, "no name, password or fragment"),
        ({"url": "https://hooks.example/a b"}, "write it in ASCII"),
        ({"url": "https://hooks.example/ü"}, "write it in ASCII"),
        ({"url": "https://hooks.example/\r\nHost: other"}, "write it in ASCII"),
        ({"secret": None}, "either secret or secret_file"),
        ({"secret_file": "/nowhere"}, "either secret or secret_file"),
        ({"secret": " "}, "secret: there is none"),
        ({"secret": "whsec_c2hvcnQ="}, "24 to 64 bytes"),
        ({"kinds": ["artifact.declared"]}, "pattern"),
        ({"kinds": []}, "at least 1"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_an_endpoint_that_cannot_be_used_says_why(more: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        endpoint(**more)


def test_a_file_has_as_many_endpoints_as_it_has(tmp_path: Path) -> None:
    file, secret = tmp_path / "webhooks.toml", tmp_path / "secret"
    secret.write_text(f"{SECRET}\n{SECRET}\n")
    file.write_text(
        f"""
        [[webhook]]
        name = "ops"
        url = "https://hooks.example/psmp"
        secret = "{SECRET}"

        [[webhook]]
        name = "dash"
        url = "http://127.0.0.1:8000/"
        secret_file = "{secret}"
        tenants = ["acme"]
        kinds = ["alert.*", "conflict.*"]
        allow_http = true
        allow_private = true
        """
    )
    ops, dash = read(file)
    assert (ops.name, dash.secrets, dash.tenants) == ("ops", (SECRET, SECRET), ("acme",))
    assert SECRET not in repr(ops)
    file.write_text("")
    assert read(file) == ()


def test_a_file_that_cannot_be_used_says_why_and_never_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "webhooks.toml"
    with pytest.raises(Unusable, match="No such file"):
        read(file)
    file.write_text("[[webhook]")
    with pytest.raises(Unusable, match="line 1"):
        read(file)
    one = f'[[webhook]]\nname = "ops"\nurl = "https://h/"\nsecret = "{SECRET}"\n'
    file.write_text(one + one)
    with pytest.raises(Unusable, match="two are called ops"):
        read(file)
    file.write_text(one.replace("https", "http"))
    with pytest.raises(Unusable, match=r"webhook\.0: .*not https") as told:
        read(file)
    assert SECRET not in str(told.value)


def test_how_posting_goes_is_told_by_what_came_of_it() -> None:
    condition = Condition()
    assert condition.told("ops") == WebhookHealth(webhook="ops")
    condition.note(7, Failed("answered 500", 1.0), "1")
    condition.note(9, Failed("answered 503", 1.0), "2")
    assert condition.told("ops") == WebhookHealth(webhook="ops", failing="1", trouble="answered 503", waiting=2)
    condition.note(9, Failed("answered 503", None), "3")
    told = condition.told("ops")
    assert (told.waiting, told.given_up, told.failing) == (1, 1, "1")
    condition.note(7, Taken(), "4")
    assert condition.told("ops") == WebhookHealth(webhook="ops", posted=1, delivered="4", given_up=1)
    condition.note(10, Failed("answered 500", 1.0), "4", once=True)
    told = condition.told("ops")
    assert (told.failing, told.waiting, told.given_up) == ("4", 0, 1)
    condition.note(10, Taken(), "5")
    condition.note(11, Failed("answered 500", 1.0), "5")
    condition.note(12, Gone(), "6")
    told = condition.told("ops")
    assert (told.failing, told.trouble, told.waiting) == ("5", "it wants nothing any more", 0)


def test_a_webhook_ends_once_and_only_as_it_was_when_it_was_posted_to() -> None:
    added = WebhookAdded(webhook="ops", url="https://hooks.example/", kinds=("alert.*",))
    state = project(added)
    event = ended(state, "ops", state.webhooks["ops"].sequence)
    assert isinstance(event, WebhookEnded)
    assert ended(project(added, event), "ops", state.webhooks["ops"].sequence) is None
    assert ended(state, "ops", 1) is None
    assert ended(state, "other", 1) is None
    assert ended(None, "ops", 1) is None
    assert provenance("e", "c", None).actor == "psmp_webhooks"


def registered(terms: Terms, since: int = 5, **more: object) -> Registered:
    webhook = project(WebhookAdded(webhook="ops", url="http://hooks.example:81/", kinds=("alert.*",))).webhooks["ops"]
    return Registered("acme", "ops", replace(webhook, **more), since, terms)  # type: ignore[arg-type]


def test_a_tenants_webhook_gets_what_happened_to_the_tenant_while_it_was_there() -> None:
    hook = registered(Terms())
    assert hook.wants(KEY, "alert.raised", 6)
    assert not hook.wants(KEY, "alert.raised", 5)
    assert not hook.wants(KEY, "conflict.detected", 6)
    assert not hook.wants(ProjectKey("other", "rag"), "alert.raised", 6)
    assert not registered(Terms(), ended="2026").wants(KEY, "alert.raised", 6)
    assert (hook.name, hook.port) == ("acme/ops", 81)


def test_without_tls_and_without_a_key_nothing_goes_out() -> None:
    assert "not https" in registered(Terms()).forbidden
    assert registered(Terms(allow_http=True)).forbidden == ""
    with pytest.raises(ValueError, match="no key"):
        registered(Terms()).signing(0.0)


def test_a_secret_is_of_one_webhook_of_one_tenant_by_one_command_under_one_key() -> None:
    about = (b"k" * 32, "acme", "ops", "c-1")
    others = [
        (b"o" * 32, *about[1:]),
        (about[0], "other", "ops", "c-1"),
        (*about[:2], "old", "c-1"),
        (*about[:3], "c-2"),
    ]
    found = {secret_of(*each) for each in (about, *others)}
    assert len(found) == len(others) + 1
    assert all(len(key_of(each)) == 32 for each in found)


def test_while_a_key_is_replaced_everything_is_signed_by_both() -> None:
    old, new = b"o" * 32, b"n" * 32
    text = "\n".join(base64.b64encode(each).decode() for each in (new, old))
    assert keys_of(text) == (new, old)
    first, second = registered(Terms(keys_of(text))).signing(0.0)
    assert (first, second) == (registered(Terms((new,))).signing(0.0)[0], registered(Terms((old,))).signing(0.0)[0])
    assert "nnnn" not in repr(Terms((new,)))


def known(keys: tuple[bytes, ...] = (b"k" * 32,), *, upto: int = 5) -> Registry:
    """What the first events of the golden log say: made by ada, tested, changed, given a new secret."""
    registry = Registry(MendedClient(), Terms(keys))
    for record in list(story.seventh())[1:upto]:
        registry._take(record.position, record.body)
    return registry


def test_a_registry_knows_what_the_log_says_and_from_where_on_a_webhook_hears() -> None:
    [hook] = known().of("default").values()
    first, *_ = story.seventh()
    assert (hook.stands.kinds, hook.since) == (("alert.*", "conflict.detected"), first.position + 3)
    assert known().of("other") == {}
    ended = known(upto=6).of("default")["ops"]
    assert not ended.hears(1000)
    assert known(upto=7).of("default") == {}


def test_a_webhook_that_begins_anew_is_told_nothing_of_what_happened_meanwhile() -> None:
    registry = known(upto=6)
    changed = next(record for record in story.seventh() if record.kind == "webhook.changed")
    registry._take(50, changed.body)
    assert (registry.of("default")["ops"].hears(49), registry.of("default")["ops"].hears(51)) == (False, True)


def test_a_secret_is_told_to_who_had_it_made_for_ten_minutes_and_no_older_one() -> None:
    registry = known()
    seed = registry.of("default")["ops"].stands.seed
    older = registry.of("default")["ops"].stands.older
    assert older is not None
    begun = datetime.fromisoformat(seed.time).timestamp()

    def told(agent: str, command: str, after: float = 1.0, *, tenant: str = "default", keys: bool = True) -> object:
        answering = registry if keys else known(())
        questions = Questions(MendedClient(), answering, lambda _: (), lambda: begun + after)
        return questions._secret(tenant, agent, SecretQuestion(webhook="ops", command_id=command))

    expected = secret_of(b"k" * 32, "default", "ops", seed.command)
    assert told("ada", seed.command, 599) == WebhookSecret(webhook="ops", secret=expected)
    for refused in (
        told("bob", seed.command),
        told("ada", older.command),
        told("ada", seed.command, 601),
        told("ada", seed.command, tenant="other"),
    ):
        assert isinstance(refused, Problem)
        assert refused.code == "UNKNOWN_WEBHOOK"
    without = told("ada", seed.command, keys=False)
    assert isinstance(without, Problem)
    assert without.code == "NO_KEY"

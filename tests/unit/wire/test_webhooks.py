"""Signatures of webhooks, beside the specification's own example and an independent implementation."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.client.webhooks import NotGenuine, verify
from psmp.wire.webhooks import key_of, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the one of the specification's libraries
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
NOW = 1_614_265_330
BODY = b'{"test": 2432232314}'
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_the_example_of_the_specifications_libraries_is_signed_so() -> None:
    assert sign(ID, NOW, BODY, [SECRET]) == {
        "webhook-id": ID,
        "webhook-timestamp": str(NOW),
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.binary(max_size=200), st.integers(0, 2**40), st.binary(min_size=24, max_size=64))
def test_what_is_signed_is_genuine(body: bytes, timestamp: int, key: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    assert verify(sign(ID, timestamp, body, [secret]), body, secret, timestamp) == ID
    mac = hmac.new(key, f"{ID}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    assert sign(ID, timestamp, body, [secret])["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"


def test_with_two_secrets_it_is_genuine_under_either() -> None:
    headers = sign(ID, NOW, BODY, [SECRET, OTHER])
    assert verify(headers, BODY, SECRET, NOW) == verify(headers, BODY, OTHER, NOW) == ID


def test_headers_are_found_in_any_case_and_other_versions_do_not_count() -> None:
    headers = {name.title(): value for name, value in sign(ID, NOW, BODY, [SECRET]).items()}
    assert verify(headers, BODY, SECRET, NOW) == ID
    headers["Webhook-Signature"] = headers["Webhook-Signature"].replace("v1,", "v2,")
    with pytest.raises(NotGenuine, match="no signature"):
        verify(headers, BODY, SECRET, NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_1_a_header_that_is_missing(name: str) -> None:
    headers = sign(ID, NOW, BODY, [SECRET])
    del headers[name]
    with pytest.raises(NotGenuine, match=f"there is no header {name}"):
        verify(headers, BODY, SECRET, NOW)


@pytest.mark.parametrize("now", [NOW - 301, NOW + 301])
def test_2_a_time_too_far_from_now(now: int) -> None:
    with pytest.raises(NotGenuine, match="too far from now"):
        verify(sign(ID, NOW, BODY, [SECRET]), BODY, SECRET, now)


@pytest.mark.parametrize("stamp", ["", "now", "-1", "\uff11", "1.5", "9" * 5000])
def test_2_a_time_that_is_none(stamp: str) -> None:
    with pytest.raises(NotGenuine, match="its time is"):
        verify({**sign(ID, NOW, BODY, [SECRET]), "webhook-timestamp": stamp}, BODY, SECRET, NOW)


@pytest.mark.parametrize("headers", [{"webhook-id": "msg_2"}, {"webhook-timestamp": str(NOW + 1)}, {}])
def test_3_anything_else_than_what_was_signed(headers: dict[str, str]) -> None:
    body = BODY if headers else BODY + b" "
    with pytest.raises(NotGenuine, match="no signature"):
        verify({**sign(ID, NOW, BODY, [SECRET]), **headers}, body, SECRET, NOW)


def test_3_another_secret() -> None:
    with pytest.raises(NotGenuine, match="no signature"):
        verify(sign(ID, NOW, BODY, [OTHER]), BODY, SECRET, NOW)


@pytest.mark.parametrize("secret", ["whsec_short", "whsec_!!", "whsec_" + base64.b64encode(b"x" * 65).decode()])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret"):
        key_of(secret)

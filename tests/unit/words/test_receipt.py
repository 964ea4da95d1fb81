"""A receipt is read as it is written, in one spelling alone."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.words.ids import ProjectKey
from psmp.words.receipt import NoReceipt, Receipt, packed, unpacked

LEAF = bytes(range(32)).hex()
RECEIPT = Receipt("psmp.example/acme/shop", 7, LEAF)
TEXT = """\
psmp receipt v1
psmp.example/acme/shop
7
AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
"""
NOTE = f"{TEXT}\n— psmp.example/receipts AAAAAAA=\n"

origins = st.builds(
    "{}/{}/{}".format, *[st.from_regex(r"[a-z0-9][a-zA-Z0-9]{0,20}", fullmatch=True).map(str.lower)] * 3
)
receipts = st.builds(
    Receipt, origins, st.integers(1, 10**18), st.binary(min_size=32, max_size=32).map(bytes.hex), st.just("")
)


def test_a_receipt_is_four_lines() -> None:
    assert RECEIPT.text == TEXT
    assert RECEIPT.key == ProjectKey("acme", "shop")


@given(receipts)
def test_what_is_written_is_what_is_read(receipt: Receipt) -> None:
    assert Receipt.read(receipt.text) == receipt


@given(receipts, receipts)
def test_two_receipts_have_two_texts(one: Receipt, other: Receipt) -> None:
    assert (one == other) == (one.text == other.text)


def test_a_note_keeps_its_signatures_and_is_carried_on_one_line_of_ascii() -> None:
    line = packed(NOTE)
    assert line.isascii()
    assert "\n" not in line
    assert (unpacked(line), unpacked(line).note) == (RECEIPT, NOTE)
    assert json.loads(line) == NOTE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        TEXT.replace("v1", "v2"),
        TEXT.replace("\n7\n", "\n07\n"),
        TEXT.replace("\n7\n", "\n0\n"),
        TEXT.replace("\n7\n", "\n-7\n"),
        TEXT.replace("\n7\n", "\n\u0667\n"),
        TEXT.replace("psmp.example/acme/shop", "psmp.example/anchor"),
        TEXT.replace("psmp.example/acme/shop", "psmp.example/acme/shop/more"),
        TEXT.replace("psmp.example/acme/shop", "psmp.example/acme/sh op"),
        TEXT.replace("Hh8=", "Hh9="),
        TEXT.replace("Hh8=", "Hh8"),
        TEXT.replace("AAEC", "AAE*"),
        f"{TEXT}more\n",
        TEXT.replace("psmp receipt v1\n", ""),
        f"\n{TEXT}",
    ],
)
def test_what_is_not_quite_a_receipt_is_none(text: str) -> None:
    with pytest.raises(NoReceipt):
        Receipt.read(text)


@pytest.mark.parametrize("line", ["", "{", "7", "null", json.dumps("hello"), NOTE, json.dumps([NOTE])])
def test_a_line_that_has_no_receipt_says_so(line: str) -> None:
    with pytest.raises(NoReceipt):
        unpacked(line)


def test_where_it_was_read_is_no_part_of_what_it_says() -> None:
    assert replace(RECEIPT, note=NOTE) == RECEIPT

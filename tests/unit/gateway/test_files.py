"""Files that are served: in the form that a reader takes, and not twice."""

import hashlib

import pytest

from psmp_gateway.rules.files import ASKED_EACH_TIME, FOR_EVER, files, is_page

FOUND = {
    "index.html": b"<!doctype html>",
    "assets/a-1.js": b"long " * 100,
    "assets/a-1.js.br": b"br",
    "assets/a-1.js.gz": b"gz",
    "assets/f-2.woff2": b"font",
    "odd": b"?",
}


def test_compressed_files_are_forms_of_others_and_none_themselves() -> None:
    assert set(files(FOUND)) == {"index.html", "assets/a-1.js", "assets/f-2.woff2", "odd"}


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, ""),
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("*;q=0", ""),
        ("br; q=0.000, *;q=0.1", "gzip"),
        ("BR", "br"),
        ("?", ""),
    ],
)
def test_the_shortest_form_is_sent_that_the_reader_takes(accepted: str | None, coding: str) -> None:
    assert files(FOUND)["assets/a-1.js"].form(accepted) == (
        coding,
        {"": b"long " * 100, "br": b"br", "gzip": b"gz"}[coding],
    )


def test_what_has_no_other_form_is_sent_as_it_is() -> None:
    assert files(FOUND)["assets/f-2.woff2"].form("br, gzip") == ("", b"font")


def test_only_what_has_its_hash_in_its_name_is_kept_for_ever() -> None:
    found = files(FOUND)
    assert found["assets/a-1.js"].cache == FOR_EVER
    assert found["index.html"].cache == ASKED_EACH_TIME


def test_a_file_is_sent_with_its_type() -> None:
    types = {path: each.media_type for path, each in files(FOUND).items()}
    assert types["assets/a-1.js"].startswith("text/javascript")
    assert (types["assets/f-2.woff2"], types["odd"]) == ("font/woff2", "application/octet-stream")


def test_who_has_a_file_is_not_sent_it_again() -> None:
    page = files(FOUND)["index.html"]
    assert page.tag == f'"{hashlib.sha256(FOUND["index.html"]).hexdigest()[:32]}"'
    assert page.is_known(page.tag)
    assert page.is_known(f'"other", W/{page.tag}')
    assert page.is_known("*")
    assert not page.is_known('"other"')
    assert not page.is_known(None)


def test_addresses_of_the_page_have_no_ending() -> None:
    assert is_page("projects/rag-chatbot/conflicts/C-1")
    assert is_page("")
    assert not is_page("assets/gone-1.js")

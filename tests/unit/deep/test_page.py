"""Pages of a package index are read in JSON and in HTML, and what is no page is a fault."""

import json

import pytest

from psmp.deep.page import admits, pythons

JSON = json.dumps(
    {
        "files": [
            {"filename": "a-1.0-py3-none-any.whl", "requires-python": ">=3.8,<3.11"},
            {"filename": "a-1.0-cp311-none-any.whl", "requires-python": None},
            {"filename": "a-2.0-py3-none-any.whl", "requires-python": ">=3.12"},
            {"filename": "a-1.0.tar.gz", "requires-python": ">=2"},
            {"filename": "nonsense.whl"},
            {},
        ]
    }
).encode()
HTML = b"""<!DOCTYPE html><html><body><h1>a</h1>
<a href="x" data-requires-python="&gt;=3.8,&lt;3.11"> a-1.0-py3-none-any.whl</a> size
<a href="y">a-2.0-py3-none-any.whl</a><br/><a href="z"></a>
</body></html>"""


def test_a_page_in_json() -> None:
    assert pythons(JSON, "1.0") == ("", ">=3.8,<3.11")
    assert pythons(JSON, "2") == (">=3.12",)
    assert pythons(JSON, "3") == ()


def test_a_page_in_html() -> None:
    assert pythons(HTML, "1.0") == (">=3.8,<3.11",)
    assert pythons(HTML, "2.0") == ("",)


@pytest.mark.parametrize("body", [b"{", b'{"files": 7}', b"{}", b"\xff\xfe"])
def test_what_is_no_page_is_a_fault(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        pythons(body, "1.0")


@pytest.mark.parametrize(
    ("said", "python", "fits"),
    [
        ([">=3.8,<3.11"], "3.11", False),
        ([">=3.8,<3.11"], "3.10", True),
        ([">=3.8,<3.11", ">=3.11"], "3.11", True),
        ([">=3.11.4"], "3.11", True),
        ([">=3.11.4"], "3.11.2", False),
        ([""], "3.11", True),
        (["three"], "3.11", True),
        ([], "3.11", False),
    ],
)
def test_which_python_is_admitted(said: list[str], python: str, *, fits: bool) -> None:
    assert admits(said, python) is fits

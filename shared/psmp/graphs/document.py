"""A file of YAML or JSON as a value of JSON, with the line and the column of every part of it."""

import json
from typing import Final

from psmp.graphs.parts import DEEP, TWICE, Document, Place, Wrong, document_of
from psmp.words.orchestration.packing import MOST_BYTES

_BOM: Final = b"\xef\xbb\xbf"


def is_json(name: str, raw: bytes) -> bool:
    """Whether a file is to be read as JSON: so it is called, or so it begins."""
    return name.endswith(".json") or raw.lstrip()[:1] == b"{"


def read_yaml(raw: bytes) -> Document:
    """What a file of YAML says."""
    text = _text(raw.removeprefix(_BOM))
    return text if isinstance(text, Document) else document_of(text)


def places_in_json(raw: bytes) -> Document:
    """Where the parts of a file of JSON are; its value is for ``psmp.words.strict`` to read, which takes less."""
    text = _text(raw)
    if isinstance(text, Document):
        return text
    try:
        json.JSONDecoder(parse_int=str).decode(text)
    except json.JSONDecodeError as error:
        return Document(wrong=[Wrong(Place(error.lineno, error.colno), "", f"not JSON: {error.msg}")])
    except RecursionError:
        return Document(wrong=[Wrong(Place(), "", DEEP)])
    found = document_of(text.replace("\t", " "))  # but for tabs, all JSON is YAML
    found.wrong = [each for each in found.wrong if each.problem == TWICE]
    return found


def _text(raw: bytes) -> str | Document:
    if len(raw) > MOST_BYTES:
        return Document(wrong=[Wrong(Place(), "", f"{len(raw)} bytes, at most {MOST_BYTES} are taken")])
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line, end = raw.count(b"\n", 0, error.start) + 1, raw.rfind(b"\n", 0, error.start)
        return Document(wrong=[Wrong(Place(line, error.start - end), "", "not UTF-8")])

"""YAML in the part of it that all readers read alike, with the place of everything.

Taken is one document, keys that are text, each once, no anchors, aliases, tags or merge keys, and no word that is text
to some readers and something else to others (``yes``, ``0o14``, ``12:30``). Nothing is copied, so nothing can grow.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isinf
from typing import Any, Final, NamedTuple

import yaml

from psmp.words.strict import MAX_DEPTH, MAX_INTEGER, pointer

TWICE: Final = "this key stands twice in one object"
DEEP: Final = f"nested deeper than {MAX_DEPTH}"
SHARED: Final = "anchors and aliases are not taken: write it out"
TAGGED: Final = "tags are not taken"
SECOND: Final = "a second document begins: one file is one graph"
NO_KEY: Final = "a key is text, on one line: quote it"
LARGE: Final = "this number is too large"
DOUBTFUL: Final = "some read this as text and others do not: quote it, or write it as JSON does"
EMPTY: Final = "there is nothing in it"

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""What finds the parts; the one in C, where there is one, takes a tenth of the time."""
_resolved: Final[Any] = yaml.resolver.Resolver().resolve
"""How YAML 1.1 reads a word."""
_TEXT: Final = "tag:yaml.org,2002:str"
_WORDS: Final[Mapping[str, bool | None]] = {"null": None, "true": True, "false": False}
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_OTHERS: Final = re.compile(r"0o[0-7]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
"""What YAML 1.2 reads as a number and YAML 1.1 may not."""

Path = tuple[str | int, ...]


class Place(NamedTuple):
    """Where something stands in a file; both count from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be taken, and where: in the file, and as a JSON pointer."""

    place: Place
    pointer: str
    problem: str


@dataclass(slots=True)
class Document:
    """What a file says. ``places`` are by JSON pointer; what is ``wrong`` is null in ``value``, or not in it."""

    value: Any = None
    places: dict[str, Place] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)

    def place(self, where: str) -> Place:
        """Where a part is; of one that is not there, where that is in which it should be."""
        while where and where not in self.places:
            where = where.rpartition("/")[0]
        return self.places.get(where, Place())


def document_of(text: str) -> Document:
    """What some YAML says, with everything that is wrong with it, up to where it cannot be read any further."""
    builder = _Builder()
    found = builder.document
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if not builder.take(event):
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        found.wrong.append(Wrong(_place(mark), "", f"not YAML: {error.problem or error.context}"))
    except yaml.reader.ReaderError as error:
        found.wrong.append(Wrong(Place(), "", f"not YAML: {error.reason}"))
    if not found.places and not found.wrong:
        found.wrong.append(Wrong(Place(), "", EMPTY))
    return found


@dataclass(slots=True)
class _Open:
    """A collection that has not ended; ``key`` is what the next value of a mapping is of, None before it is known."""

    into: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None

    def next(self) -> Path:
        """Where the next value stands."""
        return (*self.path, len(self.into) if self.key is None else self.key)

    def put(self, value: object) -> None:
        """The next value."""
        if isinstance(self.into, list):
            self.into.append(value)
        else:
            self.into[str(self.key)], self.key = value, None


class _Builder:
    """Makes a document of the events of YAML, one after another."""

    def __init__(self) -> None:
        self.document = Document()
        self._open: list[_Open] = []

    def take(self, event: Any) -> bool:  # noqa: ANN401 - the library has no types for its events
        """Take one event in; False where nothing is to be read any further."""
        match event:
            case yaml.DocumentStartEvent() if self.document.places:
                return self._say(event, (), SECOND)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
            case yaml.NodeEvent():
                top = self._open[-1] if self._open else None
                if top is not None and isinstance(top.into, dict) and top.key is None:
                    return self._key(top, event)
                return self._value(top, event)
        return True

    def _say(self, event: Any, path: Path, problem: str) -> bool:  # noqa: ANN401 - as above
        self.document.wrong.append(Wrong(_place(event.start_mark), pointer(path), problem))
        return False

    def _key(self, top: _Open, event: Any) -> bool:  # noqa: ANN401 - as above
        if not isinstance(event, yaml.ScalarEvent):
            return self._say(event, top.path, SHARED if isinstance(event, yaml.AliasEvent) else NO_KEY)
        top.key = event.value
        path = top.next()
        self._marked(event, path)
        before = len(self.document.wrong)
        if event.implicit[0] and not isinstance(self._plain(event, path), str):
            if len(self.document.wrong) == before:
                self._say(event, path, NO_KEY)
        elif top.key in top.into:
            self._say(event, path, TWICE)
        return True

    def _value(self, top: _Open | None, event: Any) -> bool:  # noqa: ANN401 - as above
        path = () if top is None else top.next()
        self.document.places.setdefault(pointer(path), _place(event.start_mark))
        self._marked(event, path)
        value: Any = None
        match event:
            case yaml.ScalarEvent():
                value = self._plain(event, path) if event.implicit[0] else event.value
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                if len(self._open) == MAX_DEPTH:
                    return self._say(event, path, DEEP)
                value = {} if isinstance(event, yaml.MappingStartEvent) else []
        if top is None:
            self.document.value = value
        else:
            top.put(value)
        if isinstance(value, dict | list):
            self._open.append(_Open(value, path))
        return True

    def _marked(self, event: Any, path: Path) -> None:  # noqa: ANN401 - as above
        """What is said of a node beside what it is."""
        if event.anchor is not None:
            self._say(event, path, SHARED)
        elif getattr(event, "tag", None) is not None:
            self._say(event, path, TAGGED)

    def _plain(self, event: Any, path: Path) -> str | float | bool | None:  # noqa: ANN401 - as above
        """What a word says that stands without quotes."""
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if _NUMBER.fullmatch(text):
            return self._number(event, text, path)
        if not text or _OTHERS.fullmatch(text) or _resolved(yaml.ScalarNode, text, (True, False)) != _TEXT:
            self._say(event, path, DOUBTFUL)
            return None
        return text

    def _number(self, event: Any, text: str, path: Path) -> float | None:  # noqa: ANN401 - as above
        if _INTEGER.fullmatch(text):
            value: float = int(text) if len(text) <= len(str(-MAX_INTEGER)) else MAX_INTEGER + 1
            large = abs(value) > MAX_INTEGER
        else:
            value = float(text)
            large = isinf(value)
        if large:
            self._say(event, path, LARGE)
        return None if large else value


def _place(mark: Any) -> Place:  # noqa: ANN401 - as above
    return Place() if mark is None else Place(mark.line + 1, mark.column + 1)

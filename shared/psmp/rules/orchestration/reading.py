"""Reading a graph from JSON, or from the values that JSON or YAML spell: what can be read of it, and every fault."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from psmp.rules.orchestration.canonical import digest
from psmp.rules.orchestration.shape import Shape
from psmp.words import strict
from psmp.words.orchestration.codes import Flaw, GraphFault
from psmp.words.orchestration.graph import Edge, Maeg, Node, Pac, SubPac
from psmp.words.orchestration.packing import MOST_BYTES, Unpackable, unpack
from psmp.words.places import faults_of

_NOTHING: Final = frozenset({"nodes", "names", "sub_pacs", "edges"})
_NODE: Final[TypeAdapter[Node]] = TypeAdapter(Node)
_EDGE: Final[TypeAdapter[Edge]] = TypeAdapter(Edge)
_SUB_PAC: Final = TypeAdapter(SubPac)
_PAC: Final = TypeAdapter(Pac)


@dataclass(frozen=True, slots=True)
class Draft:
    """As much of a graph as could be read, each part with its place in its list, and what was wrong with the rest.

    # Invariant: ``graph`` is there just when there are no ``faults``. ``names`` and ``pairs`` are of all nodes and
    # edges that name themselves or their ends, read or not. ``unread`` are the lists of which a part was not read, and
    # "names" where a node does not even name itself: what is not in them is not known to be missing.
    """

    graph: Maeg | None = None
    maeg: str | None = None
    pac: Pac | None = None
    nodes: Mapping[int, Node] = field(default_factory=dict)
    sub_pacs: Mapping[int, SubPac] = field(default_factory=dict)
    edges: Mapping[int, Edge] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    pairs: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    faults: tuple[GraphFault, ...] = ()


def read(raw: bytes) -> Draft:
    """What JSON says; more than 4 MiB, or what two readers could read differently, is not read at all."""
    try:
        document = strict.parse(raw, MOST_BYTES)
    except strict.Malformed as error:
        faults = tuple(GraphFault(Flaw.MALFORMED, each.pointer, each.problem) for each in error.faults)
        return Draft(unread=_NOTHING, faults=faults)
    return _draft(document, raw)


def draft(document: object) -> Draft:
    """What a document says that is made of the values of JSON, as a reader of YAML makes it."""
    return read(to_json(document))


def opened(packed: str) -> Draft:
    """What a packed document says."""
    try:
        raw = unpack(packed)
    except Unpackable as error:
        return Draft(unread=_NOTHING, faults=(GraphFault(Flaw.MALFORMED, "", str(error)),))
    return read(raw)


@lru_cache(maxsize=16)
def unpacked(packed: str) -> Shape:
    """The shape of a graph that was found to have no fault; raises ``ValueError`` for what is none."""
    graph = opened(packed).graph
    if graph is None:
        raise ValueError("no graph that can be run")
    return Shape.of(graph)


@lru_cache(maxsize=16)
def packed_digest(packed: str) -> str:
    """The hash of what a packed graph without faults says; it is reckoned once."""
    return graph_digest(unpacked(packed).graph)


def graph_digest(graph: Maeg) -> str:
    """The hash of what a graph says."""
    return digest(graph.model_dump(mode="json", by_alias=True))


def _draft(document: object, raw: bytes) -> Draft:
    try:
        graph = Maeg.model_validate_json(raw)
    except ValidationError as error:
        return _piecewise(document, error)
    return Draft(
        graph,
        graph.maeg,
        graph.pac,
        dict(enumerate(graph.nodes)),
        dict(enumerate(graph.sub_pacs)),
        dict(enumerate(graph.edges)),
        {number: each.node for number, each in enumerate(graph.nodes)},
        {number: (each.origin, each.to) for number, each in enumerate(graph.edges)},
    )


def _piecewise(document: object, error: ValidationError) -> Draft:
    faults = tuple(GraphFault(Flaw.MALFORMED, each.pointer, each.problem) for each in faults_of(error, document))
    if not isinstance(document, dict):
        return Draft(unread=_NOTHING, faults=faults)
    nodes = dict(_read(_NODE, document.get("nodes")))
    sub_pacs = dict(_read(_SUB_PAC, document.get("sub_pacs")))
    edges = dict(_read(_EDGE, document.get("edges")))
    named = {number: _texts(each, "node") for number, each in _items(document.get("nodes"))}
    ends = {number: _texts(each, "from", "to") for number, each in _items(document.get("edges"))}
    names = {number: each[0] for number, each in named.items() if each}
    parts = {"nodes": nodes, "sub_pacs": sub_pacs, "edges": edges}
    unread = {name for name, part in parts.items() if not _is_read(document.get(name), part)}
    unnamed = set() if _is_read(document.get("nodes"), names) else {"names"}
    return Draft(
        maeg=next(iter(_texts(document, "maeg") or ()), None),
        pac=dict(_read(_PAC, [document.get("pac")])).get(0),
        nodes=nodes,
        sub_pacs=sub_pacs,
        edges=edges,
        names=names,
        pairs={number: (each[0], each[1]) for number, each in ends.items() if each},
        unread=frozenset(unread | unnamed),
        faults=faults,
    )


def _items(value: object) -> Iterator[tuple[int, object]]:
    return enumerate(value if isinstance(value, list) else [])


def _is_read(value: object, part: Mapping[int, Any]) -> bool:
    return isinstance(value, list) and len(value) == len(part)


def _read(adapter: TypeAdapter[Any], value: object) -> Iterator[tuple[int, Any]]:
    for number, each in _items(value):
        try:
            yield number, adapter.validate_json(to_json(each))
        except ValidationError:
            continue


def _texts(value: object, *keys: str) -> tuple[str, ...]:
    """The texts under ``keys``; none where one of them is no text."""
    found = tuple(value.get(key) for key in keys) if isinstance(value, dict) else ()
    return tuple(each for each in found if isinstance(each, str)) if all(isinstance(e, str) for e in found) else ()

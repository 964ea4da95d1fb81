"""A graph in a file, judged offline as intake judges it, every fault with its line and column."""

from dataclasses import dataclass, replace

from pydantic_core import to_json

from psmp.graphs.document import is_json, places_in_json, read_yaml
from psmp.graphs.parts import Document, Place
from psmp.rules.orchestration.faults import faults
from psmp.rules.orchestration.flows import unproven
from psmp.rules.orchestration.reading import Draft, read
from psmp.words.orchestration.codes import Flaw, GraphFault


@dataclass(frozen=True, slots=True)
class Located:
    """A fault, and where it stands in the file."""

    place: Place
    fault: GraphFault


@dataclass(frozen=True, slots=True)
class Doubt:
    """A flow of which is not known whether what is given is taken; it may be submitted."""

    place: Place
    pointer: str
    problem: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a file. ``raw`` is the graph as JSON, as it is submitted where there are no ``faults``."""

    raw: bytes
    draft: Draft
    faults: tuple[Located, ...]
    doubts: tuple[Doubt, ...]


def judged(raw: bytes, name: str = "") -> Judged:
    """Everything that is wrong with a graph at once, in the order of the file."""
    document: Document | None = None
    if not is_json(name, raw):
        document = read_yaml(raw)
        raw = to_json(document.value)
    draft = read(raw)
    told = faults(draft)
    doubts = tuple(unproven(draft))
    if document is None:
        document = places_in_json(raw) if told or doubts else Document()
        if document.wrong and document.value is not None:  # keys stand twice: the rest of it is judged all the same
            draft = read(to_json(document.value))
            told, doubts = faults(draft), tuple(unproven(draft))
    return Judged(raw, draft, _located(document, told), tuple(Doubt(document.place(at), at, why) for at, why in doubts))


def _located(document: Document, told: tuple[GraphFault, ...]) -> tuple[Located, ...]:
    """The faults with their places; what only follows from that a part could not be read is not said."""
    wrong = [Located(each.place, GraphFault(Flaw.MALFORMED, each.pointer, each.problem)) for each in document.wrong]
    if any(not each.fault.pointer for each in wrong):  # it could not be read to its end: nothing is known to be missing
        return tuple(sorted(wrong, key=lambda each: each.place))
    known = {each.fault.pointer for each in wrong}
    rest = [Located(document.place(each.pointer), _named(each, document)) for each in told if each.pointer not in known]
    return tuple(sorted((*wrong, *rest), key=lambda each: each.place))


def _named(fault: GraphFault, document: Document) -> GraphFault:
    """With the name of what lacks: its place is only that in which it should be."""
    if fault.code is not Flaw.MALFORMED or not fault.pointer or fault.pointer in document.places:
        return fault
    return replace(fault, problem=f"{fault.pointer}: {fault.problem}")

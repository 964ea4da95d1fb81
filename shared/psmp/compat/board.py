"""The demands on one subject, and what they leave: for each group of scopes, in each environment."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from psmp.compat.ecosystem import Constraint, Span
from psmp.compat.environments import Environments
from psmp.compat.references import Sourced, version_of
from psmp.compat.requirement import PYTHON, Ask, Subject
from psmp.words.values import Scope


class Group(NamedTuple):
    """Scopes that are installed together; it says something of its own as soon as somebody asks in each of ``own``."""

    name: str
    scopes: frozenset[Scope]
    own: frozenset[Scope]


RUNTIME: Final = Group("runtime scope", frozenset({"runtime"}), frozenset({"runtime"}))
DEV: Final = Group("runtime and dev scopes", frozenset({"runtime", "dev"}), frozenset({"dev"}))
BUILD: Final = Group("build scope", frozenset({"build"}), frozenset({"build"}))
MIXED: Final = Group("runtime and build scopes", frozenset({"runtime", "build"}), frozenset({"runtime", "build"}))

GROUPS: Final = (RUNTIME, DEV, BUILD, MIXED)


class Layer(NamedTuple):
    """A group, with the demands that surely count; with ``possible`` also those that may count."""

    group: Group
    possible: bool = False


_PLAIN: Final = Layer(RUNTIME)


@dataclass(slots=True)
class Cell:
    """Environments (a bit mask) in which the same is asked, and what is left there.

    Invariant: all that is asked there admits all of ``span``. It admits nothing else unless the cell is ``stale``:
    taking a demand away can only admit more, so as long as something is left there is no need to know how much.
    """

    mask: int
    span: Span
    stale: bool = False


class Board:
    """The demands on ``subject``, changed in place.

    Invariant: ``held`` has each ask with how many requirements ask it; ``layers`` has those that say something.
    Invariant: the cells of a layer are disjoint and cover all environments; each ask counts in all of a cell or in
    none of it.
    Invariant: ``spelled`` is None or the witness of what is held; who spells it keeps it here.
    Invariant: when ``_plain`` is true the board is plain; it need not be looked at before a cell narrows.
    """

    __slots__ = ("_plain", "environments", "held", "layers", "sourced", "spelled", "subject")

    def __init__(self, subject: Subject, environments: Environments) -> None:
        self.subject, self.environments = subject, environments
        self.held: dict[Ask, int] = {}
        self.layers: dict[Layer, list[Cell]] = {}
        self.sourced = False
        self.spelled: str | None = None
        self._plain = False

    @classmethod
    def of(cls, subject: Subject, environments: Environments, asks: Iterable[Ask]) -> Self:
        """A board with all of ``asks`` on it. Raises ``InvalidConstraint``."""
        board = cls(subject, environments)
        for ask in asks:
            board.held[ask] = board.held.get(ask, 0) + 1
        board._rebuild()
        return board

    def add(self, ask: Ask) -> None:
        """One more requirement asks this. Raises ``InvalidConstraint``, and has changed nothing then."""
        if ask in self.held:
            self.held[ask] += 1
            return
        span, _ = self.span_of(ask), self.environments.where(ask.marker)
        self.held[ask], self.spelled = 1, None
        if ask.reference and not self.sourced:
            self._rebuild()
            return
        for layer, cells in self.layers.items():
            mask = self._mask(layer, ask)
            narrowed = list(_narrowed(cells, mask, span)) if mask else cells
            if narrowed != cells:
                self.layers[layer], self._plain = narrowed, False
        if ask.scope != "runtime" or ask.marker or _PLAIN not in self.layers:
            self._build_missing()

    def remove(self, ask: Ask) -> None:
        """One requirement asks this no more."""
        self.held[ask] -= 1
        if self.held[ask]:
            return
        del self.held[ask]
        self.spelled = None  # what was plain stays so: taking a demand away can only admit more
        if ask.reference and not any(each.reference for each in self.held):
            self._rebuild()
            return
        if len(self.layers) > 1 or not self.held:  # a single layer says something as long as anybody asks
            needed = frozenset(self._needed())
            self.layers = {layer: cells for layer, cells in self.layers.items() if layer in needed}
        for layer, cells in self.layers.items():
            mask = self._mask(layer, ask)
            for cell in cells:
                cell.stale = cell.stale or bool(cell.mask & mask)

    def cells(self, layer: Layer) -> Iterator[Cell]:
        """The cells of a layer; of those in which nothing or only pre-releases are left, that is certain."""
        for cell in self.layers.get(layer, ()):
            if cell.stale and (cell.span.is_empty or cell.span.only_prereleases):
                cell.span, cell.stale = self._left(layer, cell.mask), False
            yield cell

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to say of it, seen at a glance: one demand or many, alike everywhere, all met."""
        if not self._plain and len(self.layers) <= 1 and not self.sourced:
            self._plain = all(
                not cell.span.is_empty and not cell.span.only_prereleases  # stale or not: it can only be more
                for cells in self.layers.values()
                for cell in cells
            )
        return self._plain

    @property
    def failing(self) -> tuple[Group, ...]:
        """The groups for which nothing is left in some environment."""
        return tuple(
            group
            for group, possible in self.layers
            if not possible and any(cell.span.is_empty for cell in self.cells(Layer(group)))
        )

    def empty(self, group: Group, *, possible: bool = False) -> int:
        """The environments in which nothing is left for the group, as a bit mask."""
        layer = Layer(group, possible)
        if layer not in self.layers:
            layer = Layer(group)
        return sum(cell.mask for cell in self.cells(layer) if cell.span.is_empty)

    def only_prereleases(self, group: Group) -> bool:
        """Whether in some environment nothing but pre-releases is left for the group."""
        return any(cell.span.only_prereleases for cell in self.cells(Layer(group)))

    def counting(self, scopes: Collection[Scope], mask: int) -> list[Ask]:
        """What is asked in ``scopes`` and surely counts in some environment of ``mask``."""
        where = self.environments.where
        return [ask for ask in self.held if ask.scope in scopes and where(ask.marker).sure & mask]

    def constraints(self, scopes: Collection[Scope], mask: int) -> list[Constraint[Any]]:
        """The same, as constraints on versions."""
        parse = self.subject.algebra.parse
        return [parse(ask.constraint) for ask in self.counting(scopes, mask)]

    def span_of(self, ask: Ask) -> Span:
        """What an ask admits, compatible with that of every other ask on the board."""
        algebra = self.subject.algebra
        span: Any = algebra.parse(ask.constraint).span
        if ask.reference:
            version = version_of(ask.reference, self.subject.name) if algebra.name == "pypi" else None
            named = algebra.parse(f"=={version}").span if version else algebra.everything
            nothing = algebra.everything - algebra.everything
            return Sourced.of(nothing, [(ask.reference, span & named)])
        return Sourced(span) if self.sourced else span

    def spans_of(self, asks: Iterable[Ask]) -> Sequence[Span]:
        """What each of several asks admits."""
        if self.sourced:
            return [self.span_of(ask) for ask in asks]
        parse = self.subject.algebra.parse
        return [parse(ask.constraint).span for ask in asks]

    def base(self, place: int) -> str:
        """The constraint that the environment itself puts on the subject."""
        return self.environments.pythons[place] if self.subject.ecosystem == PYTHON else ""

    def _mask(self, layer: Layer, ask: Ask) -> int:
        if ask.scope not in layer.group.scopes:
            return 0
        where = self.environments.where(ask.marker)
        return where.possible if layer.possible else where.sure

    def _needed(self) -> Iterator[Layer]:
        scopes = {ask.scope for ask in self.held}
        wheres = ((ask.scope, self.environments.where(ask.marker)) for ask in self.held if ask.marker)
        unsure = {scope for scope, where in wheres if where.sure != where.possible}
        for group in GROUPS:
            if group.own <= scopes:
                yield Layer(group)
                if unsure & group.scopes:
                    yield Layer(group, possible=True)

    def _build_missing(self) -> None:
        self._plain = False
        for layer in self._needed():
            if layer not in self.layers:
                self.layers[layer] = self._built(layer)

    def _rebuild(self) -> None:
        self.sourced = any(ask.reference for ask in self.held)
        self.layers = {}
        self._build_missing()

    def _built(self, layer: Layer) -> list[Cell]:
        cells = self._bare()
        for ask in self.held:
            mask = self._mask(layer, ask)
            if mask:
                cells = list(_narrowed(cells, mask, self.span_of(ask)))
        return cells

    def _bare(self) -> list[Cell]:
        """The cells when nobody asks anything."""
        algebra, everywhere = self.subject.algebra, self.environments.everywhere
        if self.subject.ecosystem == PYTHON:
            return [Cell(1 << place, algebra.parse(self.base(place)).span) for place in range(everywhere.bit_length())]
        return [Cell(everywhere, Sourced(algebra.everything) if self.sourced else algebra.everything)]

    def _left(self, layer: Layer, mask: int) -> Span:
        """What is left in the environments of a cell, reckoned anew."""
        left = next(cell.span for cell in self._bare() if cell.mask & mask)
        for ask in self.held:
            if self._mask(layer, ask) & mask:
                left &= self.span_of(ask)
        return left


def _narrowed(cells: Iterable[Cell], mask: int, span: Span) -> Iterator[Cell]:
    """The cells when what is in ``mask`` admits ``span`` alone."""
    for cell in cells:
        inside, outside = cell.mask & mask, cell.mask & ~mask
        if not inside or span.covers(cell.span):
            if inside and outside:
                yield Cell(outside, cell.span, cell.stale)
                yield Cell(inside, cell.span, cell.stale)
            else:
                yield cell
            continue
        if outside:
            yield Cell(outside, cell.span, cell.stale)
        yield Cell(inside, cell.span & span, cell.stale)

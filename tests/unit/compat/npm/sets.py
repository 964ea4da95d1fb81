"""What the tests of npm ranges draw from."""

from hypothesis import settings
from hypothesis import strategies as st

from psmp.compat.ecosystem import Constraint
from psmp.compat.npm.ranges import Span, parse
from tests.unit.compat.npm.oracle import TAGS, UNIVERSE, Hyphen, Part, Range, Set, text_of

often = settings(max_examples=150, deadline=None)

_OPERATORS = ("", "=", "<", "<=", ">", ">=", "^", "~")
_whole = st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 1))
# Pre-releases meet only where they are of one release.
_tagged = st.builds(
    Part, st.sampled_from(_OPERATORS), st.sampled_from([(0, 0, 0), (1, 0, 0), (1, 1, 1)]), st.sampled_from(TAGS)
)
_partial = st.builds(lambda numbers, length: numbers[:length], _whole, st.integers(0, 2))
parts = st.one_of(_tagged, st.builds(Part, st.sampled_from(_OPERATORS), st.one_of(_whole, _partial)))
_ends = st.one_of(parts, parts).map(lambda part: Part("", part.numbers, part.tag))
sets: st.SearchStrategy[Set] = st.one_of(
    st.lists(parts, min_size=1, max_size=3).map(tuple), st.builds(Hyphen, _ends, _ends).map(lambda hyphen: (hyphen,))
)
ranges: st.SearchStrategy[Range] = st.lists(sets, min_size=1, max_size=3).map(tuple)
many = st.lists(ranges, min_size=1, max_size=4)


def constraint(wanted: Range) -> Constraint[Span]:
    return parse(text_of(wanted))


def span(wanted: Range) -> Span:
    return constraint(wanted).span


def mask(admitting: Span) -> int:
    """The versions of the oracle's universe that ``admitting`` admits, as a bit mask."""
    return sum(1 << place for place, v in enumerate(UNIVERSE) if admitting.contains(v.text))


def texts(admitted: int) -> list[str]:
    """The versions of a bit mask."""
    return [v.text for place, v in enumerate(UNIVERSE) if admitted >> place & 1]

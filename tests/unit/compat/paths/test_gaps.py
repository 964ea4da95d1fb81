"""A gap is where a passage between two bases would tell more, and what bridges it is said once and within bounds."""

import pytest

from psmp.compat.paths.claims import claims_of
from psmp.compat.paths.gaps import MOST_PASSAGES, Gap, bridged, gaps
from psmp.words.values import Passage, PathClaim

MINE = PathClaim(path="./app.py", base="new", ranges=((1, 2),))
GAP = Gap("app.py", "old", "new")


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (PathClaim(path="app.py", base="old", ranges=((5, 6),)), (GAP,)),
        (PathClaim(path="./app.py", base="old", ranges=((5, 6),)), (GAP,)),
        (PathClaim(path="b.py", base="old", ranges=((5, 6),)), ()),
        (PathClaim(path="app.py", base="new", ranges=((5, 6),)), ()),
        (PathClaim(path="app.py", ranges=((5, 6),)), ()),
        (PathClaim(path="app.py", base="old", ranges=()), ()),
        (PathClaim(path="app.py", base="old"), ()),
        (PathClaim(path="app.py", base="old", mode="read", ranges=((5, 6),)), ()),
        (PathClaim(path="app.py", base="old", mode="delete"), ()),
        (PathClaim(path="app.py", mode="create"), ()),
        (PathClaim(path="app.py", mode="create", ranges=((1, 1, "old"),)), (GAP._replace(created=True),)),
        (PathClaim(path="app.py", mode="create", ranges=((1, 1, "new"),)), ()),
        (
            PathClaim(path="app.py", base="old", ranges=((5, 6),), passages=(Passage(base="new", hunks=()),)),
            (),
        ),
    ],
)
def test_a_gap_is_where_a_passage_would_tell_more(other: PathClaim, found: tuple[Gap, ...]) -> None:
    assert gaps([MINE], claims_of("b", "B", 1, [other])) == found


@pytest.mark.parametrize(
    ("mine", "created"),
    [
        (PathClaim(path="app.py", base="new"), True),
        (PathClaim(path="app.py", base="new", mode="delete"), True),
        (PathClaim(path="app.py", base="new", mode="read"), False),
        (PathClaim(path="app.py", ranges=((1, 2),)), False),
        (MINE.model_copy(update={"passages": (Passage(base="old", hunks=()),)}), False),
    ],
)
def test_who_has_a_base_may_follow_on_what_was_created(mine: PathClaim, *, created: bool) -> None:
    creation = claims_of("b", "B", 1, [PathClaim(path="app.py", mode="create", ranges=((1, 1, "old"),))])
    assert gaps([mine], creation) == ((GAP._replace(created=True),) if created else ())


def test_a_passage_that_is_known_is_said_once_for_all_claims_of_that_base() -> None:
    more = MINE.model_copy(update={"ranges": ((9, 10),)})
    elsewhere = PathClaim(path="b.py", base="new", ranges=((1, 2),))
    hunks = ((3, 4, 2, "p", "q"),)
    first, *rest = bridged([MINE, more, elsewhere], {GAP: hunks})
    assert first == MINE.model_copy(update={"passages": (Passage(base="old", hunks=hunks),)})
    assert rest == [more, elsewhere]
    assert gaps([first], claims_of("b", "B", 1, [PathClaim(path="app.py", base="old", ranges=((5, 6),))])) == ()


def test_a_claim_carries_no_more_passages_than_it_may() -> None:
    known = {Gap("app.py", f"old{number:02}", "new"): () for number in range(MOST_PASSAGES + 3)}
    (claim,) = bridged([MINE], known)
    assert claim == PathClaim.model_validate(claim.model_dump())
    assert claim.passages is not None
    assert len(claim.passages) == MOST_PASSAGES

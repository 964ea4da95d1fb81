"""What the standing check says of heads: which records are missing where, who has them, what to type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.log.view import Head
from psmp.store.restore.standing import (
    MOST_TOLD,
    Facts,
    Kind,
    Missing,
    Pair,
    Promise,
    Regressed,
    Restore,
    Span,
    Standing,
    command,
    compare,
    merged,
    short,
)
from psmp.words.ids import ProjectKey

SHOP, WIKI = ProjectKey("acme", "shop"), ProjectKey("acme", "wiki")
LEAF, OTHER = "aa" * 32, "bb" * 32


def told(facts: Facts) -> list[str]:
    return list(compare(facts).told)


def test_what_is_the_same_on_both_sides_stands() -> None:
    head = Span(SHOP, 3, 3, 9, 9)
    facts = Facts(
        log=10,
        taken=9,
        heads={SHOP: Head(9, 3, LEAF)},
        pairs=[Pair(head, LEAF, LEAF)],
        acknowledged=9,
        promises={SHOP: Promise(3, 9, LEAF)},
        leaves={SHOP: LEAF},
    )
    found = compare(facts)
    assert (found.holds, found.remedy, found.told) == (True, None, ())


def test_what_the_ledger_has_behind_the_end_of_the_log_is_what_the_log_lacks() -> None:
    facts = Facts(log=500, taken=1000, held=[Span(SHOP, 501, 1000, 501, 1000)])
    assert told(facts) == [
        "the log lacks records 501 to 1000 of acme/shop (positions 501 to 1000): the ledger has them"
    ]
    assert compare(facts).remedy is Restore.LOG


def test_one_record_is_told_of_as_one() -> None:
    facts = Facts(log=4, taken=5, held=[Span(SHOP, 5, 5, 5, 5)])
    assert told(facts) == ["the log lacks record 5 of acme/shop (position 5): the ledger has it"]


def test_positions_that_nobody_can_put_a_name_to_are_missing_all_the_same() -> None:
    assert told(Facts(log=3, taken=7)) == ["the log lacks the records at positions 4 to 7: the ledger has them"]


def test_other_bytes_where_the_ledger_has_a_record_are_told_by_place() -> None:
    span = Span(SHOP, 4, 4, 8, 8)
    facts = Facts(log=9, taken=12, pairs=[Pair(span, LEAF, OTHER)])
    assert told(facts) == ["the log has other bytes than the ledger for record 4 of acme/shop (position 8)"]
    assert compare(facts).remedy is Restore.LOG


def test_what_the_broker_was_told_and_the_ledger_lacks_has_gone_from_the_ledger() -> None:
    facts = Facts(log=20, taken=10, acknowledged=20, tail=[Span(SHOP, 5, 9, 11, 20)])
    assert told(facts) == ["the ledger lacks records 5 to 9 of acme/shop (positions 11 to 20): the log has them"]
    assert compare(facts).remedy is Restore.LEDGER
    nameless = Facts(log=20, taken=10, acknowledged=30)
    assert told(nameless) == ["the ledger lacks the records at positions 11 to 20: the log has them"]


def test_that_the_ledger_lies_behind_is_no_loss() -> None:
    assert compare(Facts(log=20, taken=10, acknowledged=10)).holds
    assert compare(Facts(log=10, taken=10, acknowledged=20)).holds


def test_what_a_checkpoint_proves_is_missing_from_the_ledger_or_from_both() -> None:
    facts = Facts(
        log=9,
        heads={SHOP: Head(6, 6, LEAF)},
        promises={SHOP: Promise(9), WIKI: Promise(4)},
        ends={SHOP: 7, WIKI: 0},
    )
    assert told(facts) == [
        "log and ledger both lack records 8 to 9 of acme/shop, which checkpoint 9 proves: a newer backup has them",
        "log and ledger both lack records 1 to 4 of acme/wiki, which checkpoint 4 proves: a newer backup has them",
        "the ledger lacks record 7 of acme/shop: the log has it",
    ]
    assert compare(facts).remedy is Restore.BACKUP


def test_a_project_that_the_tail_names_is_not_named_twice() -> None:
    tail = [Span(SHOP, 3, 4, 3, 4)]
    facts = Facts(log=4, taken=2, acknowledged=4, tail=tail, promises={SHOP: Promise(4)}, ends={SHOP: 4})
    assert [str(each.span) for each in compare(facts).missing] == ["records 3 to 4 of acme/shop (positions 3 to 4)"]


def test_a_ledger_with_other_bytes_than_a_checkpoint_covers_is_found() -> None:
    heads = {SHOP: Head(9, 9, LEAF)}
    facts = Facts(log=9, heads=heads, promises={SHOP: Promise(8, 7, LEAF)}, leaves={SHOP: OTHER})
    assert told(facts) == ["the ledger has other bytes than checkpoint 8 proves for record 8 of acme/shop (position 7)"]
    assert compare(facts).remedy is Restore.LEDGER
    unknown = Facts(log=9, heads=heads, promises={SHOP: Promise(8)})
    assert compare(unknown).holds


def test_only_of_projects_that_a_checkpoint_proves_more_of_is_the_end_of_the_log_asked_for() -> None:
    heads = {SHOP: Head(5, 5, LEAF)}
    assert short(heads, {SHOP: Promise(5), WIKI: Promise(1)}) == [WIKI]
    assert short(heads, {SHOP: Promise(6)}) == [SHOP]


def test_many_sentences_are_counted_rather_than_told() -> None:
    missing = tuple(Missing(Kind.LOG_LACKS, Span(SHOP, each, each)) for each in range(1, MOST_TOLD + 3))
    assert len(Standing(missing).told) == MOST_TOLD + 1
    assert Standing(missing).told[-1] == "and 2 more like these"


@pytest.mark.parametrize(
    ("kind", "typed"), [(Kind.LOG_LACKS, "psmp restore log --yes"), (Kind.LEDGER_LACKS, "psmp restore ledger --yes")]
)
def test_whoever_is_refused_is_told_what_to_type(kind: Kind, typed: str) -> None:
    found = Standing((Missing(kind, Span(SHOP, 1, 2)),))
    assert Regressed(found, command(found)).hint == typed
    assert str(Regressed(found, "")) == found.told[0]


def test_what_cannot_be_restored_has_no_command() -> None:
    found = Standing((Missing(Kind.BOTH_LACK, Span(SHOP, 1, 2), 2),))
    assert "psmp restore" not in Regressed(found, command(found)).hint


@given(st.lists(st.tuples(st.sampled_from([SHOP, WIKI]), st.integers(1, 30)), unique=True))
def test_merging_spans_loses_no_record_and_adds_none(records: list[tuple[ProjectKey, int]]) -> None:
    spans = merged(Span(key, number, number, 10 * number, 10 * number) for key, number in records)
    again = [(span.key, number) for span in spans for number in range(span.first, span.last + 1)]
    assert sorted(again) == sorted(records)
    assert not any(one.key == other.key and one.last + 1 == other.first for one in spans for other in spans)

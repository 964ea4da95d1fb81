"""What may be restored from what, by what was found."""

from dataclasses import replace

from psmp.store.restore.diagnosis import Diagnosis
from psmp.store.restore.judge import Side
from psmp.store.restore.standing import Kind, Missing, Span, Standing
from psmp.store.restore.walk import Walked
from psmp.words.ids import ProjectKey

SHOP, WIKI = ProjectKey("acme", "shop"), ProjectKey("acme", "wiki")
LACKS = Standing((Missing(Kind.LOG_LACKS, Span(SHOP, 1, 2)),))


def diagnosis(
    standing: Standing = LACKS,
    walked: Walked | None = None,
    sides: dict[ProjectKey, Side] | None = None,
    faults: dict[ProjectKey, int] | None = None,
) -> Diagnosis:
    return Diagnosis(standing, walked or Walked(), sides or {}, faults or {})


def test_what_stands_needs_nothing() -> None:
    assert diagnosis(Standing()).nothing_to_do
    assert not replace(diagnosis(Standing()), unfinished=True).nothing_to_do
    assert not diagnosis(Standing(), Walked(lacking=[Span(SHOP, 1, 1)])).nothing_to_do


def test_a_log_is_written_from_a_ledger_that_nothing_speaks_against() -> None:
    walked = Walked(log=4, lacking=[Span(SHOP, 5, 6, 5, 6)])
    assert walked.is_tail
    assert walked.intact == 4
    for side in (Side.LEDGER, Side.BOTH, Side.UNKNOWN):
        assert diagnosis(walked=walked, sides={SHOP: side}).against_log("") == []


def test_no_log_is_written_from_a_ledger_that_a_checkpoint_contradicts() -> None:
    walked = Walked(log=4, lacking=[Span(SHOP, 5, 6, 5, 6)])
    for side, whose in ((Side.LOG, "the log's"), (Side.NEITHER, "neither side's")):
        (why,) = diagnosis(walked=walked, sides={SHOP: side}).against_log("ledger")
        assert whose in why


def test_no_log_is_written_from_a_broken_ledger_nor_where_both_lack_something() -> None:
    both = Standing((Missing(Kind.BOTH_LACK, Span(SHOP, 1, 2), 2),))
    assert len(diagnosis(both, faults={SHOP: 3}).against_log("ledger")) == 2


def test_nothing_is_written_into_a_log_that_lacks_nothing() -> None:
    lacks = Standing((Missing(Kind.LEDGER_LACKS, Span(SHOP, 5, 6)),))
    (why,) = diagnosis(lacks, Walked(log=6, ledger=4)).against_log("ledger")
    assert "psmp restore ledger" in why
    assert diagnosis(lacks, Walked(log=6, ledger=4)).against_ledger("") == []
    assert diagnosis(lacks, Walked(log=6, lacking=[Span(WIKI, 1, 1)]), {WIKI: Side.BOTH}).against_log("") == []


def test_where_both_have_bytes_a_checkpoint_decides_or_a_person() -> None:
    walked = Walked(log=9, differing=[Span(SHOP, 5, 6, 5, 6)])
    assert not walked.is_tail
    for side in (Side.BOTH, Side.UNKNOWN):
        found = diagnosis(walked=walked, sides={SHOP: side})
        assert "no checkpoint says which are right" in found.against_log("")[0]
        assert found.against_log("ledger") == []
        assert found.wrong_in_ledger("") == {}
        assert "no checkpoint says which are right" in found.against_ledger("")[0]
        assert found.wrong_in_ledger("log") == {SHOP: 5}
        assert found.against_ledger("log") == []
    assert diagnosis(walked=walked, sides={SHOP: Side.LEDGER}).against_log("") == []


def test_what_a_checkpoint_proves_wrong_in_the_ledger_goes_from_its_first_record_on() -> None:
    walked = Walked(
        log=9,
        differing=[Span(SHOP, 5, 6, 5, 6)],
        lacking=[Span(SHOP, 7, 8, 20, 21), Span(WIKI, 1, 1, 22, 22)],
        unsound=[Span(WIKI, 4, 4, 9, 9)],
    )
    found = diagnosis(walked=walked, sides={SHOP: Side.LOG, WIKI: Side.BOTH}, faults={SHOP: 3, WIKI: 4})
    assert found.wrong_in_ledger("") == {SHOP: 3}
    why = found.against_ledger("")
    assert any("psmp restore log comes first" in each for each in why)
    assert any("broken at record 4 of acme/wiki" in each for each in why)
